package main

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const envPrefix = "IMGAUDIT_"

// fromEnvironment gives flags that are not on the command line the values of
// their variables. A variable that is nearly the name of a flag is wrong: a gate
// that nobody set because of a spelling mistake would hold for ever.
func (p *program) fromEnvironment(cmd *cobra.Command) error {
	known := knownFlags(cmd.Root())
	for _, variable := range slices.Sorted(slices.Values(p.env)) {
		name, value, ok := strings.Cut(variable, "=")
		if !ok || value == "" || !strings.HasPrefix(name, envPrefix) {
			continue
		}
		flag := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, envPrefix)), "_", "-")
		if !slices.Contains(known, flag) {
			if near := nearest(known, flag); near != "" {
				return usagef("did you mean "+variableOf(near)+"?", "%s: there is no flag --%s", name, flag)
			}
			continue
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

// sourceDate is the time in SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/),
// which makes reports that depend on the date the same on every day; zero if it is not set.
func (p *program) sourceDate() (time.Time, error) {
	const name = "SOURCE_DATE_EPOCH="
	for _, variable := range p.env {
		value, ok := strings.CutPrefix(variable, name)
		if !ok || value == "" {
			continue
		}
		seconds, err := strconv.ParseInt(value, 10, 40)
		if err != nil || seconds < 0 {
			return time.Time{}, usagef("it counts the seconds since 1970", "%s%q is no time", name, value)
		}
		return time.Unix(seconds, 0).UTC(), nil
	}
	return time.Time{}, nil
}

func variableOf(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// split gives the values of a variable: flags that can be repeated take several
// with commas between.
func split(f *pflag.Flag, value string) []string {
	if f.Value.Type() == "stringArray" {
		return strings.Split(value, ",")
	}
	return []string{value}
}

// knownFlags are the flags of all verbs.
func knownFlags(root *cobra.Command) []string {
	var names []string
	var visit func(*cobra.Command)
	visit = func(parent *cobra.Command) {
		for _, cmd := range parent.Commands() {
			cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
				if f.Name != "help" && !slices.Contains(names, f.Name) {
					names = append(names, f.Name)
				}
			})
			visit(cmd)
		}
	}
	visit(root)
	return names
}

// nearest gives the flag that is at most two letters away, or nothing. Hyphens
// do not count.
func nearest(known []string, name string) string {
	bare := func(s string) string { return strings.ReplaceAll(s, "-", "") }
	best, at := "", 3
	for _, k := range known {
		if d := distance(bare(k), bare(name)); d < at && d < len(k)/2 {
			best, at = k, d
		}
	}
	return best
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// plain takes away what pflag says about the command line that was not used.
func plain(err error) string {
	text := err.Error()
	if _, after, ok := strings.Cut(text, "flag: "); ok {
		return after
	}
	return text
}
