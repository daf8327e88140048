package suppress

import (
	"slices"
	"time"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// Options say what silences. The zero value silences nothing.
type Options struct {
	Rules    []Rule
	Baseline *Known
	Since    *Known    // vulnerabilities that it has are silenced, wherever they are
	Comments bool      // honour the comments beside secrets that allow them
	Now      time.Time // what the expiry of rules is judged by
}

// Entry is one place that was silenced, or all places of a finding that has none.
type Entry struct {
	ID, Rule string // of the finding
	Path     string // of the place
	By       string // what silenced it
	Reason   string
}

// Result is what is left, and what is not.
type Result struct {
	Findings []finding.Finding // settled; in the order they had
	Silenced []Entry
	Gone     []finding.Finding // of which no place is left, as they were
	Expired  []Rule            // that would have silenced something
}

// Apply takes away what is silenced.
func Apply(found []finding.Finding, opts Options) Result {
	var out Result
	var rules []matcher
	for _, r := range opts.Rules {
		rules = append(rules, compile(r))
	}
	expired := map[int]bool{}
	silences := func(f *finding.Finding, l *finding.Location) (Entry, bool) {
		e := Entry{ID: f.ID, Rule: f.Rule, Path: l.Path}
		if b := opts.Baseline; b != nil && b.places[[2]string{f.ID, l.Path}] {
			e.By, e.Reason = "baseline "+b.from, "known before"
			return e, true
		}
		if b := opts.Since; b != nil && f.Category == finding.Vulnerability && b.ids[f.ID] {
			e.By, e.Reason = "--since "+b.from, "known then"
			return e, true
		}
		for i := range rules {
			m := &rules[i]
			if !m.finding(f) || !m.place(l) {
				continue
			}
			if m.expired(opts.Now) {
				expired[i] = true
				continue
			}
			e.By, e.Reason = m.From, m.Reason
			return e, true
		}
		if opts.Comments && l.Allowed != "" {
			e.By, e.Reason = "comment", l.Allowed
			return e, true
		}
		return e, false
	}
	for _, f := range found {
		whole := f
		kept := slices.DeleteFunc(slices.Clone(f.Locations), func(l finding.Location) bool {
			e, ok := silences(&whole, &l)
			if ok {
				out.Silenced = append(out.Silenced, e)
			}
			return ok
		})
		if len(f.Locations) == 0 {
			if e, ok := silences(&whole, &finding.Location{}); ok {
				out.Silenced = append(out.Silenced, e)
				out.Gone = append(out.Gone, f)
				continue
			}
		}
		switch len(kept) {
		case len(f.Locations):
		case 0:
			out.Gone = append(out.Gone, f)
			continue
		default:
			f.Locations, f.Visible = kept, false
			f.Settle()
		}
		out.Findings = append(out.Findings, f)
	}
	for i := range rules {
		if expired[i] {
			out.Expired = append(out.Expired, rules[i].Rule)
		}
	}
	return out
}
