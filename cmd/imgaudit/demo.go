package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/imgaudit/imgaudit/internal/sample"
)

func (p *program) demoCommand() *cobra.Command {
	s := &settings{incomplete: incompleteFail}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Scan a made-up image with planted secrets",
		Long: `Demo needs nothing: it makes a sample image of several layers with random secrets
in it, some of them deleted again, serves it from a registry of its own on the loopback
interface, and pulls and scans it as pull-and-scan would. Nothing leaves this machine.

All flags of the report work. The status is 0 even though secrets are found, unless
--fail-on asks for more.
`,
		Example: "  imgaudit demo\n  imgaudit demo -o json=demo.json --fail-on high",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			registry, err := sample.Serve(cmd.Context())
			if err != nil {
				return fmt.Errorf("starting the demo's registry: %w", err)
			}
			defer registry.Close()
			s.shown = "TARGET"         // this one is gone when the report is read
			s.platform = "linux/amd64" // that is what it is, wherever it is looked at
			return p.scan(cmd, s, "registry:"+registry.Reference)
		},
	}
	cmd.Flags().SortFlags = false
	s.reportFlags(cmd.Flags())
	s.commonFlags(cmd.Flags())
	completeFlags(cmd)
	return cmd
}
