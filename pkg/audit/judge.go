package audit

import (
	"fmt"
	"slices"

	"github.com/imgaudit/imgaudit/pkg/checks"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/report"
)

// see gives the images that were walked, and what their layers show together.
func (p *plan) see(target string, walked *layers.Walked) (*Result, error) {
	result := &Result{Images: walked.Images}
	for _, image := range walked.Images {
		result.Views = append(result.Views, layers.NewView(image.Layers))
	}
	if len(walked.Images) == 0 && len(walked.Unnamed) > 0 {
		result.Images = []*layers.Image{unnamed(target, walked.Unnamed)}
		result.Views = []*layers.View{nil}
	}
	if len(result.Images) == 0 {
		return nil, fmt.Errorf("%s holds no image", finding.EscapeText(target))
	}
	if err := nothingSeen(result.Images); err != nil {
		return nil, err
	}
	return result, nil
}

// judge makes the verdicts out of the facts.
func (p *plan) judge(result *Result, walked *layers.Walked, seen *checks.Seen, assessed []assessment) error {
	var found []finding.Finding
	judged := seen.Judge(checks.Options{Now: p.now(), Owner: owners(result.SBOM), Bills: result.SBOM})
	matches, settled := matched(result, assessed)
	found, result.Hidden = p.findings(result.Images, result.Views, slices.Concat(judged.Findings, matches))
	silenced := p.suppress(found)
	found = silenced.Findings
	result.Hidden = append(result.Hidden, values(silenced.Gone)...)
	cover := coverage(result.Images, result.Views)
	cover.Notes = append(cover.Notes, expired(silenced.Expired)...)
	cover.Notes = append(cover.Notes, dropped(walked.Dropped)...)
	result.Report = p.report(result.Images, found, cover)
	result.Report.Suppressed = append(suppressions(silenced.Silenced), settled...)
	result.Report.SBOM = summaries(result.Images, result.SBOM, p.denied)
	result.Report.Vulnerabilities = p.vulnerabilities(assessed, result.Report)
	result.Report.Coverage.Notes = append(result.Report.Coverage.Notes, oldDatabase(result.Report.Vulnerabilities)...)
	var err error
	result.Report.Score, err = p.scores(result.Report, judged, result.Views)
	return err
}

// unnamed makes an image of the layers of a stream that ended before its manifest.
// Their order in the image is not known, so there is no view of it: the fate of
// all that is found in them is unknown.
func unnamed(target string, found []*layers.Facts) *layers.Image {
	image := &layers.Image{Reference: target, Source: "stdin"}
	for i, facts := range found {
		image.Layers = append(image.Layers, layers.Layer{
			Index: i, Key: facts.Digest, Size: facts.StoredBytes, DiffID: facts.DiffID, Facts: facts,
		})
	}
	return image
}

// findings gives what the scanners that were asked for have found, settled and
// sorted, and the secrets that were seen but not asked for.
func (p *plan) findings(images []*layers.Image, views []*layers.View, judged []finding.Finding) (found []finding.Finding, hidden []finding.Value) {
	secret, leftOut := p.secrets.Judge(images, views)
	if p.does(Secret) {
		for i, image := range images {
			image.Notes = layers.AddRemarks(image.Notes, leftOut[i]...)
		}
	}
	all := slices.Concat(secret, judged)
	for _, f := range all {
		switch {
		case p.reports(f.Category):
			found = append(found, f)
		case f.Secret != nil:
			hidden = append(hidden, f.Secret.Value)
		}
	}
	found = merge(found)
	finding.Sort(found)
	return found, hidden
}

func (p *plan) reports(c finding.Category) bool {
	return c == finding.Integrity || p.does(string(c))
}

// merge makes one finding of those with one id, which several images have.
func merge(found []finding.Finding) []finding.Finding {
	type key struct {
		id    string
		value finding.Value // ids of weak secrets stand for a place, not for a value
	}
	merged := make([]finding.Finding, 0, len(found))
	at := map[key]int{}
	for _, f := range found {
		k := key{id: f.ID}
		if f.Secret != nil {
			k.value = f.Secret.Value
		}
		if i, ok := at[k]; ok {
			m := &merged[i]
			m.Locations = append(m.Locations, f.Locations...)
			m.AlsoMatched = append(m.AlsoMatched, f.AlsoMatched...)
			if f.Severity.Rank() > m.Severity.Rank() {
				m.Severity = f.Severity
			}
			continue
		}
		at[k] = len(merged)
		merged = append(merged, f)
	}
	for i := range merged {
		merged[i].Settle()
	}
	return merged
}

// nothingSeen gives an error if neither a configuration nor a byte of a layer of
// any image could be read.
func nothingSeen(images []*layers.Image) error {
	var first error
	for _, image := range images {
		if image.Config != nil || len(image.Layers) == 0 && len(image.Gaps) == 0 {
			return nil
		}
		gaps := slices.Clone(image.Gaps)
		for _, l := range image.Layers {
			if l.Facts != nil && (l.Facts.Bytes > 0 || l.Facts.Complete()) {
				return nil
			}
			gaps = append(gaps, layerGaps(l)...)
		}
		if first == nil && len(gaps) > 0 {
			first = fmt.Errorf("nothing of %s could be read: %s: %s", image.Reference, gaps[0].Reason, gaps[0].Detail)
		}
	}
	return first
}

func (p *plan) report(images []*layers.Image, found []finding.Finding, cover report.Coverage) *report.Report {
	r := &report.Report{
		Schema:          report.SchemaID,
		Tool:            report.Tool{Name: "imgaudit", Version: p.Version, Rules: ruleSets(p.secrets), Loaded: slices.Clone(p.Loaded)},
		Images:          []report.Image{},
		Findings:        found,
		Coverage:        cover,
		SBOM:            []report.SBOM{},
		Vulnerabilities: []report.Vulnerabilities{},
		Score:           []report.Score{},
	}
	if r.Tool.Loaded == nil {
		r.Tool.Loaded = []string{}
	}
	if r.Findings == nil {
		r.Findings = []finding.Finding{}
	}
	for _, image := range images {
		r.Images = append(r.Images, describe(image))
	}
	return r
}
