package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/report"
)

// DefaultDatabaseAge is the age from which on a report warns of a database, unless
// [Options.DatabaseAge] says otherwise: Grype's own limit.
const DefaultDatabaseAge = 5 * 24 * time.Hour

// assessment is what became of the vulnerabilities of one image.
type assessment struct {
	finding.Matching
	why string // why there is none; empty if there is one
}

// assess matches the packages of each image. An image whose packages are not known, or could
// not be matched, is not assessed; the latter is a gap.
func (p *plan) assess(ctx context.Context, result *Result, subject func(*layers.Image) finding.Subject) ([]assessment, error) {
	all := make([]assessment, len(result.Images))
	for i, image := range result.Images {
		a := &all[i]
		switch {
		case !p.does(Vulnerability):
			a.why = p.unmatched()
			continue
		case result.SBOM[i].Document == nil:
			a.why = "the packages of the image are not known"
			continue
		}
		var err error
		a.Matching, err = p.Vulnerabilities.Match(ctx, result.SBOM[i], subject(image))
		switch {
		case err == nil:
		case errors.Is(err, context.DeadlineExceeded):
			a.why = "the time limit was reached before the packages were matched"
			image.Gaps = append(image.Gaps, layers.Remark{Reason: layers.ReasonDeadline, Detail: a.why})
		case ctx.Err() != nil:
			return nil, err
		default:
			a.why = err.Error()
			image.Gaps = append(image.Gaps, layers.Remark{Reason: layers.ReasonScannerFailed, Detail: a.why})
		}
	}
	return all, nil
}

// unmatched says why nothing is matched at all.
func (p *plan) unmatched() string {
	switch {
	case len(p.Scanners) > 0 && !slices.Contains(p.Scanners, Vulnerability):
		return "the scanner vulnerability was not asked for"
	case p.NoDatabase != "":
		return p.NoDatabase
	}
	return "there is no vulnerability database"
}

// subject names an image as statements about it do.
func subject(image *layers.Image) finding.Subject {
	var s finding.Subject
	if image.Reference != "" {
		s.Names = append(s.Names, image.Reference)
	}
	for _, digest := range []string{image.ManifestDigest, image.ID} {
		if digest != "" {
			s.Digests = append(s.Digests, digest)
		}
	}
	for _, d := range image.Beside {
		s.Statements = append(s.Statements, d.Raw)
	}
	return s
}

// matched gives the findings of matches, and what was taken away from them.
func matched(result *Result, all []assessment) (found []finding.Finding, silenced []report.Suppression) {
	for i := range all {
		w := newWhereabouts(result, i)
		for _, m := range all[i].Matches {
			found = append(found, w.finding(m))
		}
		for _, s := range all[i].Silenced {
			f := w.finding(s.Match)
			for _, l := range f.Locations {
				silenced = append(silenced, report.Suppression{
					Finding: f.ID, Rule: f.Rule, Path: l.Path, By: s.By, Reason: finding.EscapeText(s.Reason), Package: packageName(s.Detail.Package),
				})
			}
		}
	}
	slices.SortStableFunc(silenced, func(a, b report.Suppression) int {
		return cmp.Or(cmp.Compare(a.Package, b.Package), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Path, b.Path), cmp.Compare(a.By, b.By))
	})
	return found, slices.Compact(silenced)
}

// whereabouts knows where the packages of one image are.
type whereabouts struct {
	index    int
	layers   layersOf
	view     *layers.View
	packages map[string]finding.Package
	hidden   map[string]finding.Hidden
}

func newWhereabouts(result *Result, i int) whereabouts {
	w := whereabouts{index: i, layers: layersOf{image: result.Images[i]}, view: result.Views[i], packages: map[string]finding.Package{}, hidden: map[string]finding.Hidden{}}
	if i < len(result.SBOM) {
		w.layers.said = result.SBOM[i].Layers
		for _, p := range result.SBOM[i].Packages {
			w.packages[p.ID] = p
		}
		for _, h := range result.SBOM[i].Hidden {
			w.hidden[h.ID] = h
		}
	}
	return w
}

// finding makes a finding of a match. Each place of the package is a location.
func (w whereabouts) finding(m finding.Match) finding.Finding {
	d := m.Detail
	name := packageName(d.Package)
	f := finding.Finding{
		ID: finding.MatchID(d.ID, d.Package), Rule: finding.EscapeText(d.ID), AlsoMatched: slices.Clone(d.Aliases),
		Category: finding.Vulnerability, Severity: m.Severity, Confidence: m.Confidence,
		Title: finding.EscapeText(d.ID) + " in " + name, Description: m.Description,
		CWE: m.CWE, References: m.References, Vulnerability: &d,
	}
	paths := m.Paths
	if len(paths) == 0 {
		paths = []string{""}
	}
	for _, path := range paths {
		l := finding.Location{Image: w.index, Path: finding.EscapePath(path), Fate: finding.Present, Confidence: m.Confidence}
		if h, ok := w.hidden[m.PackageID]; ok && d.Package.Hidden {
			w.lost(&l, h)
		} else {
			w.present(&l, m.PackageID, path)
		}
		f.Locations = append(f.Locations, l)
	}
	f.Settle()
	f.Remediation = remedy(f)
	return f
}

// present fills in where a package of the final image is: in the layer that brought it, which
// for one of a distribution is rarely the layer that wrote the package database last.
func (w whereabouts) present(l *finding.Location, id, path string) {
	layer := -1
	if p, ok := w.packages[id]; ok {
		layer = p.Layer
	}
	if w.view != nil {
		if ref, ok := w.view.Lookup(path); ok {
			if w.view.Outcome(ref).Fate == finding.Unknown {
				l.Fate = finding.Unknown
			}
			if layer < 0 {
				layer = ref.Layer
			}
		}
	}
	w.at(l, layer)
}

// lost fills in what became of a package that no final file shows.
func (w whereabouts) lost(l *finding.Location, h finding.Hidden) {
	w.at(l, h.Layer)
	l.Fate, l.FateBy = h.Fate, h.FateBy
	if in, _ := w.layers.layer(h.FateLayer); in != nil {
		l.FateLayer, l.FateInstruction = &h.FateLayer, in.Instruction
	}
}

// at fills in what is known of a layer.
func (w whereabouts) at(l *finding.Location, layer int) {
	if in, base := w.layers.layer(layer); in != nil {
		l.Layer, l.DiffID, l.Instruction, l.Base = &layer, in.DiffID, in.Instruction, base
	}
}

func packageName(p finding.VulnerablePackage) string {
	return finding.EscapeText(strings.TrimSpace(p.Name + " " + p.Version))
}

// remedy says in one sentence what to do first.
func remedy(f finding.Finding) string {
	d := f.Vulnerability
	name := finding.EscapeText(d.Package.Name)
	upgrade := finding.EscapeText(d.Fix.Upgrade)
	if upgrade == "" && d.Fix.State == finding.Fixed {
		upgrade = finding.EscapeText(strings.Join(d.Fix.Versions, " or "))
	}
	own := slices.IndexFunc(f.Locations, func(l finding.Location) bool { return !l.Base })
	switch {
	case f.Visible && upgrade != "" && d.Package.Type == "go-module" && d.Package.Name == "stdlib":
		return "Build the program with Go " + upgrade + " or later."
	case !f.Visible:
		return "Build " + name + " out of the image: no final file shows it, but " + inLayers(f.Locations) + " still holds it."
	case upgrade != "" && own < 0:
		return "Rebuild on a newer base image that has " + name + " " + upgrade + ", or upgrade it in an instruction of your own."
	case upgrade != "" && f.Locations[own].Instruction != nil && f.Locations[own].Layer != nil:
		return fmt.Sprintf("Upgrade %s to %s in the instruction of layer %d.", name, upgrade, *f.Locations[own].Layer)
	case upgrade != "":
		return "Upgrade " + name + " to " + upgrade + "."
	case own < 0 && len(f.Locations) > 0:
		return "No version without the flaw is known: remove " + name + " if nothing needs it, or use a base image without it."
	}
	return "No version without the flaw is known: remove " + name + " if nothing needs it."
}

func inLayers(places []finding.Location) string {
	var layers []int
	for _, l := range places {
		if l.Layer != nil && !slices.Contains(layers, *l.Layer) {
			layers = append(layers, *l.Layer)
		}
	}
	switch len(layers) {
	case 0:
		return "a lower layer"
	case 1:
		return fmt.Sprintf("layer %d", layers[0])
	}
	return fmt.Sprintf("layer %d and %d more", layers[0], len(layers)-1)
}

// vulnerabilities sums up for each image what was matched and what is reported of it.
func (p *plan) vulnerabilities(all []assessment, r *report.Report) []report.Vulnerabilities {
	out := []report.Vulnerabilities{}
	for i, a := range all {
		v := report.Vulnerabilities{Image: i, Assessed: a.why == "", Reason: finding.EscapeText(a.why), BySeverity: map[finding.Severity]int{}, Remarks: []string{}}
		if v.Assessed {
			v.Database = p.database(a.Database)
			v.Remarks = append(v.Remarks, a.Remarks...)
			count(&v, r.Findings)
			v.Suppressed = a.distinct() - v.Matches
		}
		out = append(out, v)
	}
	return out
}

// distinct counts flaws in packages, those that were taken away too.
func (a assessment) distinct() int {
	ids := map[string]bool{}
	for _, m := range a.Matches {
		ids[finding.MatchID(m.Detail.ID, m.Detail.Package)] = true
	}
	for _, s := range a.Silenced {
		ids[finding.MatchID(s.Detail.ID, s.Detail.Package)] = true
	}
	return len(ids)
}

// count counts what the report has.
func count(v *report.Vulnerabilities, found []finding.Finding) {
	for _, f := range found {
		if f.Vulnerability == nil || !slices.ContainsFunc(f.Locations, func(l finding.Location) bool { return l.Image == v.Image }) {
			continue
		}
		v.Matches++
		v.BySeverity[f.Severity]++
		if f.Vulnerability.Fix.State == finding.Fixed {
			v.Fixable++
		}
		if !f.Visible {
			v.Hidden++
		}
		if f.Vulnerability.KEV != nil {
			v.KnownExploited++
		}
	}
}

func (p *plan) database(d finding.Database) *report.Database {
	out := &report.Database{Schema: d.Schema, Checksum: d.Checksum, Source: finding.EscapeText(d.Source)}
	if d.Built.IsZero() {
		return out
	}
	out.Built = d.Built.UTC().Format(time.RFC3339)
	since := d.Built
	if !d.Newest.IsZero() {
		out.Newest = d.Newest.UTC().Format(time.RFC3339)
		if d.Newest.Before(since) { // built lately from old records
			since = d.Newest
		}
	}
	age := max(p.now().Sub(since), 0)
	days := int(age / (24 * time.Hour))
	out.AgeDays, out.Old = &days, age > cmp.Or(p.DatabaseAge, DefaultDatabaseAge)
	return out
}

// oldDatabase is the note of the ledger on a database that is past its age.
func oldDatabase(all []report.Vulnerabilities) []report.LedgerLine {
	for _, v := range all {
		if d := v.Database; d != nil && d.Old {
			what, since := "the vulnerability database was built on", d.Built
			if d.Newest != "" && d.Newest < d.Built { // both in UTC
				what, since = "the newest data of the vulnerability database are of", d.Newest
			}
			return []report.LedgerLine{{
				Reason: "old-database", Detail: fmt.Sprintf("%s %s, %d days ago", what, since[:len(time.DateOnly)], *d.AgeDays),
				Examples: []string{},
			}}
		}
	}
	return nil
}
