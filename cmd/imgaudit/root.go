package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// run does what the arguments say and gives the exit status.
func (p *program) run(ctx context.Context) int {
	root := p.rootCommand()
	root.SetArgs(p.args)
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	err := root.ExecuteContext(ctx)
	if err != nil && errors.Is(context.Cause(ctx), errInterrupted) {
		err = errInterrupted
	}
	if err != nil {
		p.complain(err)
	}
	return statusOf(err)
}

// complain writes an error as one line that cannot harm a terminal.
func (p *program) complain(err error) {
	text := strings.TrimRight(err.Error(), "\n")
	text = strings.ReplaceAll(text, "\n", " ")
	fmt.Fprintf(p.stderr, "imgaudit: %s\n", finding.EscapeText(text))
}

func (p *program) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "imgaudit",
		Short: "Say what is baked into container images",
		Long: `imgaudit reads a container image from anywhere, without a daemon and without the
internet, and says which secrets are baked into its layers, its configuration and
its history (also those that a later layer deleted), and what else should not ship.

Start with:
  imgaudit demo
  imgaudit pull-and-scan alpine:3.22
  docker save app:1 | imgaudit scan -

Every flag can also be given as an environment variable (--fail-on as IMGAUDIT_FAIL_ON)
and in a file of settings: --config FILE, or imgaudit/config.yaml in the user's
configuration directory. A .imgaudit.yaml in the current directory may tighten what
is asked for (fail-on, incomplete, scanners), never loosen it.
`,
		SilenceErrors: true,
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2,
		Args:                       noArguments,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("see "+cmd.CommandPath()+" --help", "%v", err)
	})
	root.AddCommand(
		p.scanCommand(), p.pullAndScanCommand(), p.layersCommand(), p.extractCommand(), p.sbomCommand(), p.vulnCommand(), p.vexCommand(),
		p.dbCommand(), p.rulesCommand(), p.demoCommand(), p.versionCommand(),
	)
	root.SetHelpTemplate(strings.TrimRight(root.HelpTemplate(), "\n") + exitTable + "\n")
	return root
}

// noArguments refuses what stands where a verb should.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if !cmd.HasParent() {
		hint := "see imgaudit --help"
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			hint = "did you mean " + strings.Join(near, " or ") + "?"
		} else if looksLikeTarget(args[0]) {
			hint = "to scan it: imgaudit scan " + args[0]
		}
		return usagef(hint, "unknown command %q", args[0])
	}
	return usagef("see "+cmd.CommandPath()+" --help", "%s takes no arguments, but got %q", cmd.CommandPath(), args[0])
}

// oneArgument asks for exactly one argument with a name.
func oneArgument(name, example string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		hint := "for example: " + cmd.CommandPath() + " " + example
		switch {
		case len(args) == 0:
			return usagef(hint, "%s needs a %s", cmd.CommandPath(), name)
		case len(args) > 1:
			return usagef(hint, "%s takes one %s, but got %q too; flags that are meant as arguments stand behind --", cmd.CommandPath(), name, args[1])
		}
		return nil
	}
}

func looksLikeTarget(s string) bool { return strings.ContainsAny(s, ":/.") || s == "-" }
