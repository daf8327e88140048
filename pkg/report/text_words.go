package report

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// size gives bytes in decimal units, as registries count them.
func size(n int64) string {
	if n < 0 {
		return "?"
	}
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	f := float64(n)
	for _, unit := range []string{"kB", "MB", "GB", "TB"} {
		f /= 1000
		if f < 999.95 || unit == "TB" {
			return fmt.Sprintf("%.1f %s", f, unit)
		}
	}
	return ""
}

// count gives a number with commas, and its noun. A noun that is no plural with
// an s brings its own after a slash.
func count[N int | int64](n N, noun string) string {
	one, many, ok := strings.Cut(noun, "/")
	if !ok {
		many = one + "s"
	}
	if n == 1 {
		return "1 " + one
	}
	return number10(int64(n)) + " " + many
}

func number10(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// list names up to most items and counts the rest: "a, b and 3 more".
func list(items []string, most int) string {
	switch n := len(items); {
	case n == 0:
		return ""
	case n == 1:
		return items[0]
	case n > most:
		return strings.Join(items[:most], ", ") + " and " + number10(int64(n-most)) + " more"
	default:
		return strings.Join(items[:n-1], ", ") + " and " + items[n-1]
	}
}

var (
	runArgs  = regexp.MustCompile(`^RUN \|[0-9]+ .*?/bin/sh -c `)
	runShell = regexp.MustCompile(`^RUN (?:/bin/(?:ba)?sh -c|/bin/bash -o pipefail -c) `)
)

// short gives an instruction without what the builder put around it.
func short(instruction *string) string {
	if instruction == nil {
		return ""
	}
	s := strings.TrimSuffix(*instruction, " # buildkit")
	s = runArgs.ReplaceAllString(s, "RUN ")
	return runShell.ReplaceAllString(s, "RUN ")
}

// shortDigest gives a digest in the length in which people compare them.
func shortDigest(d string) string {
	algorithm, hash, ok := strings.Cut(d, ":")
	if !ok || len(hash) <= 12 {
		return d
	}
	return algorithm + ":" + hash[:12]
}

// shownCommit is how many digits of a commit are shown; Git itself shows no more.
const shownCommit = 12

// placeName gives a place in words: what stands inside the configuration and the
// history has no file.
func placeName(l finding.Location) string {
	name := l.Path
	if inside, ok := strings.CutPrefix(name, "config!/"); ok && l.Layer == nil {
		kind, rest, _ := strings.Cut(inside, "/")
		name = strings.TrimSpace("configuration: " + kind + " " + rest)
	} else if step, ok := strings.CutPrefix(name, "history!/"); ok && l.Layer == nil {
		name = "build history: step " + step
	} else if place, ok := strings.CutPrefix(name, "provenance!/"); ok && l.Layer == nil {
		name = "build provenance: " + place
	}
	if l.Git != nil && len(l.Git.Commit) > shownCommit {
		name = strings.Replace(name, l.Git.Commit, l.Git.Commit[:shownCommit], 1)
	}
	if l.Line > 0 {
		name += ":" + strconv.Itoa(l.Line)
	}
	return name
}
