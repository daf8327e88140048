package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/report"
)

func (p *program) versionCommand() *cobra.Command {
	format := "text"
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version of the program and of its rules",
		Long:  "Version prints the version of the program, of Go, of its rules and of the report's contract.\n",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.printVersion(format)
		},
	}
	formatFlag(cmd, &format)
	return cmd
}

func (p *program) printVersion(format string) error {
	rules, err := audit.RuleSets()
	if err != nil {
		return err
	}
	v := struct {
		Name    string   `json:"name"`
		Version string   `json:"version"`
		Commit  string   `json:"commit"`
		Go      string   `json:"go"`
		System  string   `json:"system"`
		Rules   []string `json:"rules"`
		Report  string   `json:"report"`
	}{"imgaudit", version(), commit(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH, rules, report.SchemaID}
	if format == "json" {
		return printJSON(p.stdout, v)
	}
	fmt.Fprintf(p.stdout, "imgaudit %s\n", v.Version)
	if v.Commit != "" {
		fmt.Fprintf(p.stdout, "commit   %s\n", v.Commit)
	}
	fmt.Fprintf(p.stdout, "go       %s %s\n", v.Go, v.System)
	for _, r := range v.Rules {
		fmt.Fprintf(p.stdout, "rules    %s\n", r)
	}
	_, err = fmt.Fprintf(p.stdout, "report   %s\n", v.Report)
	return err
}

// version is the version of the module that the program was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// commit is the revision of the source, with a mark if it had been changed.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	revision, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = " (changed)"
		}
	}
	if revision == "" {
		return ""
	}
	return revision + dirty
}

func printJSON(w interface{ Write([]byte) (int, error) }, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// formatFlag is -o of the verbs that print text or JSON to standard output alone.
func formatFlag(cmd *cobra.Command, format *string) {
	cmd.Flags().VarP((*textOrJSON)(format), "output", "o", "`FORMAT`: text or json")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
}

type textOrJSON string

func (v *textOrJSON) Set(s string) error {
	if s != "text" && s != "json" {
		return fmt.Errorf("%q is neither text nor json", s)
	}
	*v = textOrJSON(s)
	return nil
}

func (v *textOrJSON) Type() string   { return "format" }
func (v *textOrJSON) String() string { return string(*v) }
