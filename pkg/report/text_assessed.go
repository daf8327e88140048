package report

import (
	"cmp"
	"slices"
	"strings"
)

// noneKnown says that images were assessed and nothing is known to be wrong.
func (t *text) noneKnown() {
	if slices.ContainsFunc(t.r.Vulnerabilities, func(v Vulnerabilities) bool { return v.Assessed }) {
		t.heading("Vulnerabilities")
		if slices.ContainsFunc(t.r.Vulnerabilities, func(v Vulnerabilities) bool { return len(v.Remarks) > 0 }) {
			t.line("  ", "None known to the database.")
		} else {
			t.line("  ", t.paint(good, "✓ None known."))
		}
		t.databases()
	}
}

// databases says what was asked, and what was not reported.
func (t *text) databases() {
	var said []string
	say := func(text string) {
		if !slices.Contains(said, text) {
			said = append(said, text)
			t.words("  ", quiet, text)
		}
	}
	for _, v := range t.r.Vulnerabilities {
		if d := v.Database; d != nil {
			text := "By the database of " + cmp.Or(strings.SplitN(d.Built, "T", 2)[0], "an unknown date")
			if d.Newest != "" && d.Newest < d.Built { // both in UTC
				text += ", whose newest data are of " + strings.SplitN(d.Newest, "T", 2)[0]
			}
			if d.AgeDays != nil && *d.AgeDays > 0 {
				text += ", " + count(*d.AgeDays, "day") + " old"
			}
			if d.Old {
				text += ": what has become known since is not in it"
			}
			say(text + ".")
		}
		for _, r := range v.Remarks {
			say("! " + r)
		}
	}
	n := 0
	for _, v := range t.r.Vulnerabilities {
		n += v.Suppressed
	}
	if n > 0 {
		text := count(n, "more match/more matches") + " " + either(n, "is", "are") + " suppressed"
		if !t.opts.Verbose {
			text += "; -v lists them"
		}
		say(text + ".")
	}
}

// notAssessed says which images' vulnerabilities nobody looked at, and why.
func (t *text) notAssessed() {
	byReason := map[string][]int{}
	var reasons []string
	for _, v := range t.r.Vulnerabilities {
		if !v.Assessed {
			if byReason[v.Reason] == nil {
				reasons = append(reasons, v.Reason)
			}
			byReason[v.Reason] = append(byReason[v.Reason], v.Image)
		}
	}
	for _, reason := range reasons {
		what := "Vulnerabilities were not assessed"
		if len(byReason[reason]) < len(t.r.Images) {
			what = "Vulnerabilities of " + count(len(byReason[reason]), "image") + " were not assessed"
		}
		t.words("", medium, what+": "+reason+".")
	}
}
