package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const envPrefix = "IMGAUDIT_"

// fromEnvironment gives flags that are not on the command line the values of
// their variables. A variable that no verb knows is wrong: a gate that nobody
// set because of a spelling mistake would hold for ever.
func (p *program) fromEnvironment(cmd *cobra.Command) error {
	for _, variable := range slices.Sorted(slices.Values(p.env)) {
		name, value, ok := strings.Cut(variable, "=")
		if !ok || value == "" || !strings.HasPrefix(name, envPrefix) {
			continue
		}
		flag := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, envPrefix)), "_", "-")
		if !knownFlag(cmd.Root(), flag) {
			return usagef("variables are named after flags, such as IMGAUDIT_FAIL_ON", "%s: there is no flag --%s", name, flag)
		}
		f := cmd.Flags().Lookup(flag)
		if f == nil || f.Changed {
			continue
		}
		for _, v := range split(f, value) {
			if err := cmd.Flags().Set(flag, v); err != nil {
				return usagef("", "%s: %v", name, plain(err))
			}
		}
	}
	return nil
}

// split gives the values of a variable: flags that can be repeated take several
// with commas between.
func split(f *pflag.Flag, value string) []string {
	if f.Value.Type() == "stringArray" {
		return strings.Split(value, ",")
	}
	return []string{value}
}

// knownFlag reports whether any verb has a flag.
func knownFlag(root *cobra.Command, name string) bool {
	return slices.ContainsFunc(root.Commands(), func(cmd *cobra.Command) bool {
		return cmd.LocalFlags().Lookup(name) != nil
	}) && name != "help"
}

// plain takes away what pflag says about the command line that was not used.
func plain(err error) string {
	text := err.Error()
	if _, after, ok := strings.Cut(text, "flag: "); ok {
		return after
	}
	return text
}
