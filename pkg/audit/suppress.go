package audit

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/report"
	"github.com/imgaudit/imgaudit/pkg/suppress"
)

// suppress takes away what is not to be reported.
func (p *plan) suppress(found []finding.Finding) suppress.Result {
	opts := p.Suppress
	opts.Now = p.now()
	if set := p.Secrets.Rules; set != nil {
		opts.Rules = slices.Clone(opts.Rules)
		for _, a := range set.Allowed {
			opts.Rules = append(opts.Rules, suppress.Rule{
				Rule: a.Rule, PathLike: a.Path, Reason: "an allow-list names the path", From: filepath.Base(set.Name),
			})
		}
	}
	return suppress.Apply(found, opts)
}

func suppressions(silenced []suppress.Entry) []report.Suppression {
	out := []report.Suppression{}
	for _, e := range silenced {
		out = append(out, report.Suppression{Finding: e.ID, Rule: e.Rule, Path: e.Path, By: e.By, Reason: finding.EscapeText(e.Reason)})
	}
	return out
}

// expired says which rules would have suppressed something and do no more.
func expired(rules []suppress.Rule) []report.LedgerLine {
	if len(rules) == 0 {
		return nil
	}
	line := report.LedgerLine{
		Reason: "suppression-expired", Examples: []string{},
		Detail: fmt.Sprintf("%d of the rules that suppress have expired; what they were for is reported", len(rules)),
	}
	for _, r := range rules[:min(len(rules), 5)] {
		line.Examples = append(line.Examples, r.From)
	}
	return []report.LedgerLine{line}
}

// values are those of secrets that are to be redacted although they are not reported.
func values(fs []finding.Finding) []finding.Value {
	var out []finding.Value
	for _, f := range fs {
		if f.Secret != nil {
			out = append(out, f.Secret.Value)
		}
	}
	return out
}
