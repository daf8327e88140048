package main

import (
	"github.com/spf13/cobra"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/report"
	"github.com/imgaudit/imgaudit/pkg/sbom"
)

func targetSchemes() []string {
	return []string{"registry:", "oci-dir:", "oci-archive:", "docker-archive:", "docker:", "podman:", "dir:"}
}

// completeTarget offers the schemes, and files.
func completeTarget(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return targetSchemes(), cobra.ShellCompDirectiveNoSpace
}

// completeFlags offers the values of flags that have a closed list of them.
func completeFlags(cmd *cobra.Command) {
	var severities []string
	for _, s := range finding.Severities() {
		severities = append(severities, string(s))
	}
	for flag, values := range map[string][]string{
		"output":     report.Formats(),
		"fail-on":    severities,
		"incomplete": {string(incompleteFail), string(incompleteWarn)},
		"scanners":   scannerNames(),
		"scope":      sbom.Scopes(),
		"platform":   {"linux/amd64", "linux/arm64", "linux/arm/v7"},
	} {
		if cmd.Flags().Lookup(flag) == nil {
			continue
		}
		// It fails only for a flag that is not there.
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
}
