package main

import (
	"strings"

	"github.com/spf13/cobra"
)

func (p *program) pullAndScanCommand() *cobra.Command {
	s := &settings{incomplete: incompleteFail}
	cmd := &cobra.Command{
		Use:   "pull-and-scan REF",
		Short: "Scan an image of a registry",
		Long: `Pull-and-scan reads an image out of a registry, layer by layer, without a daemon and
without a copy on disk, and reports as scan does. Credentials come from Docker's own
configuration and its helpers, or from --username with --password-stdin.
`,
		Example: `  imgaudit pull-and-scan alpine:3.22
  imgaudit pull-and-scan registry.example.com/team/app@sha256:… --fail-on high
  imgaudit pull-and-scan app:1 --all-platforms -o json=report.json`,
		Args: oneArgument("image reference", "alpine:3.22"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ref, err := registryReference(args[0])
			if err != nil {
				return err
			}
			return p.scan(cmd, s, ref)
		},
	}
	s.allFlags(cmd)
	return cmd
}

// registryReference refuses targets that are in no registry.
func registryReference(ref string) (string, error) {
	ref = strings.TrimPrefix(ref, "registry:")
	for _, scheme := range targetSchemes() {
		if scheme != "registry:" && strings.HasPrefix(ref, scheme) {
			return "", usagef("use imgaudit scan "+ref, "%q is not in a registry", ref)
		}
	}
	if ref == "-" || strings.HasPrefix(ref, "/") || strings.HasPrefix(ref, "./") || strings.HasPrefix(ref, "../") {
		return "", usagef("use imgaudit scan "+ref, "%q is not in a registry", ref)
	}
	return "registry:" + ref, nil
}
