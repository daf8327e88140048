package report

import (
	"fmt"
	"slices"
	"strings"
)

const maxLedgerLines = 12

// ledger says what was not read, loudly, and what was not opened, briefly.
func (t *text) ledger() {
	c := t.r.Coverage
	if len(c.Gaps) > 0 || !c.Complete {
		t.heading(t.paint(bad, "Not read"))
		t.words("  ", plain, "Whatever these parts hold was not examined. A finding that is missing above may be in here.")
		for i, g := range c.Gaps {
			if i == maxLedgerLines && len(c.Gaps) > maxLedgerLines+1 && !t.opts.Verbose {
				t.line("  ", t.paint(quiet, "and "+count(len(c.Gaps)-i, "more gap")+"; -v shows them all"))
				break
			}
			t.ledgerLine(t.paint(bad, "  ! "), g)
		}
	}
	if len(c.Notes) > 0 || len(t.r.Suppressed) > 0 || len(t.r.SBOM) > 0 {
		t.heading("Notes")
	}
	for i, n := range c.Notes {
		if i == maxLedgerLines && len(c.Notes) > maxLedgerLines+1 && !t.opts.Verbose {
			t.line("  ", t.paint(quiet, "and "+count(len(c.Notes)-i, "more note")+"; -v shows them all"))
			break
		}
		t.ledgerLine("  · ", n)
	}
	t.suppressed()
	for _, s := range t.r.SBOM {
		t.packages(s)
	}
}

func (t *text) ledgerLine(head string, l LedgerLine) {
	var where string
	switch {
	case l.Image != nil && len(t.r.Images) > 1:
		where = t.imageLabel(*l.Image) + ", "
	}
	if l.Layer != nil {
		where += "layer " + index(l.Layer)
	}
	if where = strings.TrimSuffix(where, ", "); where != "" {
		where += ": "
	}
	text := where + l.Reason
	if l.Detail != "" {
		text += ", " + l.Detail
	}
	var much []string
	if l.Files > 0 {
		much = append(much, count(l.Files, "file"))
	}
	if l.Bytes > 0 {
		much = append(much, size(l.Bytes))
	}
	if len(much) > 0 {
		text += " (" + strings.Join(much, ", ") + ")"
	}
	t.words(head, plain, text)
	most := 2
	if t.opts.Verbose {
		most = len(l.Examples)
	}
	for i, e := range l.Examples {
		if i == most {
			break
		}
		t.line("      ", t.paint(quiet, middle(e, t.width-6)))
	}
}

// suppressed counts what was silenced, by what silenced it.
func (t *text) suppressed() {
	if len(t.r.Suppressed) == 0 {
		return
	}
	counts := map[string]int{}
	var by []string
	for _, s := range t.r.Suppressed {
		if counts[s.By] == 0 {
			by = append(by, s.By)
		}
		counts[s.By]++
	}
	slices.Sort(by)
	for i, b := range by {
		by[i] = fmt.Sprintf("%s by %s", number10(int64(counts[b])), b)
	}
	t.words("  · ", plain, count(len(t.r.Suppressed), "place")+" suppressed: "+list(by, 5))
	if t.opts.Verbose {
		for _, s := range t.r.Suppressed {
			t.words("      ", quiet, strings.Join(strings.Fields(s.Finding+" "+s.Rule+" "+s.Package+" "+s.Path+" ("+s.By+") "+s.Reason), " "))
		}
	}
}
