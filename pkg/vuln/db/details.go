package db

import (
	"fmt"
	"slices"
	"strings"

	v6 "github.com/anchore/grype/grype/db/v6"

	"github.com/imgaudit/imgaudit/pkg/vuln/internal/osv"
)

// severities are the database's own word, if there is one, and the scores, the newest kind
// first.
func (c *converter) severities(r *osv.Record) []v6.Severity {
	list := slices.Clone(r.Severity)
	for _, a := range r.Affected {
		for _, s := range a.Severity {
			if !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	var words, scores []v6.Severity
	add := func(w string) {
		if w, ok := osv.Word(w); ok && len(words) == 0 {
			words = append(words, v6.Severity{Scheme: v6.SeveritySchemeCHMLN, Value: w, Rank: 1})
		}
	}
	for _, s := range list {
		switch version, vector, ok := s.CVSS(); {
		case ok:
			scores = append(scores, v6.Severity{Scheme: v6.SeveritySchemeCVSS, Value: v6.CVSSSeverity{Vector: vector, Version: version}})
		case strings.HasPrefix(s.Type, "CVSS"):
			c.left.add("scores that cannot be read", fmt.Sprintf("%s: %s %.100q", r.ID, s.Type, s.Score))
		default:
			add(s.Score)
		}
	}
	add(r.Rating)
	slices.SortStableFunc(scores, func(a, b v6.Severity) int {
		return strings.Compare(b.Value.(v6.CVSSSeverity).Version, a.Value.(v6.CVSSSeverity).Version)
	})
	return append(words, scores...)
}

// weaknesses are the CWEs of the record's CVEs.
func (c *converter) weaknesses(r *osv.Record) []any {
	var out []any
	for _, cve := range append([]string{r.ID}, aliasesOf(r)...) {
		if cve = strings.ToUpper(cve); !osv.IsCVE(cve) {
			continue
		}
		for _, cwe := range r.CWEs {
			if key := cve + " " + cwe; strings.HasPrefix(cwe, "CWE-") && !c.cwes[key] {
				c.cwes[key] = true
				out = append(out, v6.CWEHandle{CVE: cve, CWE: cwe, Source: originOf(r.ID), Type: "Secondary"})
			}
		}
	}
	return out
}

// references puts the record's own page and advisories first: the first is what Grype
// shows as the source of the data.
func references(r *osv.Record) []v6.Reference {
	var out []v6.Reference
	add := func(url, kind string) {
		same := func(x v6.Reference) bool { return x.URL == url }
		if url == "" || slices.ContainsFunc(out, same) {
			return
		}
		ref := v6.Reference{URL: url}
		if kind != "" {
			ref.Tags = []string{strings.ToLower(kind)}
		}
		if kind == "ADVISORY" {
			ref.ID = r.ID
		}
		out = append(out, ref)
	}
	add(r.URL, "ADVISORY")
	for _, ref := range r.References {
		if ref.Type == "ADVISORY" {
			add(ref.URL, ref.Type)
		}
	}
	for _, ref := range r.References {
		add(ref.URL, ref.Type)
	}
	return out
}
