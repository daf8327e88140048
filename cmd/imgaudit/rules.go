package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/finding"
)

func (p *program) rulesCommand() *cobra.Command {
	format := "text"
	cmd := &cobra.Command{
		Use:   "rules [ID]",
		Short: "List the rules, or explain one",
		Long:  "Rules lists every rule that a scan can report; with an id it explains that rule:\nwhat it looks for, why that matters, and what to do.\n",
		Example: `  imgaudit rules
  imgaudit rules image-setuid
  imgaudit rules -o json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return oneArgument("rule id", "image-setuid")(cmd, args)
			}
			return nil
		},
		ValidArgsFunction: completeRule,
		RunE: func(_ *cobra.Command, args []string) error {
			rules, err := audit.Rules()
			if err != nil {
				return err
			}
			if len(args) == 1 {
				return p.explainRule(rules, args[0], format)
			}
			if format == "json" {
				return printJSON(p.stdout, rules)
			}
			return p.listRules(rules)
		},
	}
	formatFlag(cmd, &format)
	return cmd
}

func (p *program) listRules(rules []finding.Rule) error {
	w := tabwriter.NewWriter(p.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "RULE\tCATEGORY\tSEVERITY\tTITLE")
	for _, r := range rules {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.ID, r.Category, r.Severity, r.Title)
	}
	return w.Flush()
}

func (p *program) explainRule(rules []finding.Rule, id, format string) error {
	i := slices.IndexFunc(rules, func(r finding.Rule) bool { return r.ID == id })
	if i < 0 {
		hint := "imgaudit rules lists them all"
		if near := nearRules(rules, id); len(near) > 0 {
			hint = "did you mean " + strings.Join(near, " or ") + "?"
		}
		return usagef(hint, "there is no rule %q", id)
	}
	r := rules[i]
	if format == "json" {
		return printJSON(p.stdout, r)
	}
	width := min(max(p.width(), 60), 100)
	if p.width() == 0 {
		width = 80
	}
	fmt.Fprintf(p.stdout, "%s\n%s\n\n", r.ID, strings.Join(wrap(r.Title, width), "\n"))
	fmt.Fprintf(p.stdout, "category    %s\nseverity    %s\nconfidence  %s\n", r.Category, r.Severity, r.Confidence)
	for _, l := range []struct {
		name string
		list []string
	}{{"cwe", r.CWE}, {"controls", r.Controls}, {"references", r.References}} {
		for i, v := range l.list {
			if i > 0 {
				l.name = ""
			}
			fmt.Fprintf(p.stdout, "%-10s  %s\n", l.name, v)
		}
	}
	for _, text := range []string{r.Description, r.Remediation} {
		if text != "" {
			fmt.Fprintf(p.stdout, "\n%s\n", strings.Join(wrap(text, width), "\n"))
		}
	}
	return nil
}

// nearRules are up to three rules whose ids have a part of what was asked for.
func nearRules(rules []finding.Rule, id string) []string {
	var near []string
	for _, r := range rules {
		if len(near) < 3 && len(id) > 2 && (strings.Contains(r.ID, id) || strings.Contains(id, r.ID)) {
			near = append(near, r.ID)
		}
	}
	return near
}

// wrap breaks text into lines of at most so many columns, between words.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

func completeRule(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	rules, err := audit.Rules()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var ids []string
	for _, r := range rules {
		ids = append(ids, r.ID+"\t"+r.Title)
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
