package audit

import (
	"context"
	"errors"

	"github.com/imgaudit/imgaudit/pkg/checks"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/report"
)

// Document is a bill of materials that was read from a file.
type Document struct {
	Name    string // of the file
	Bytes   int64
	Bill    finding.Bill
	Subject finding.Subject // what it is of, as it says itself

	Err error // why it could not be read: then it is a gap of the report
}

// MatchBills matches bills of materials that are there already against the database of the
// options. Each is an image of the report, without layers: what a bill does not say is
// not known, and there is no score. Passed over are files that were met and are none; they
// become notes.
func MatchBills(ctx context.Context, documents []Document, passedOver []string, opts Options) (*Result, error) {
	if opts.Vulnerabilities == nil {
		return nil, errors.New("matching bills of materials: there is no vulnerability database")
	}
	opts.Scanners = []string{Vulnerability}
	p, err := newPlan(opts)
	if err != nil {
		return nil, err
	}
	if opts.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, opts.Timeout)
		defer cancel()
	}
	result := &Result{}
	subjects := map[*layers.Image]finding.Subject{}
	walked := &layers.Walked{}
	var gaps []report.LedgerLine
	for _, d := range documents {
		if d.Err != nil {
			gaps = append(gaps, report.LedgerLine{Reason: "damaged-sbom", Detail: finding.EscapeText(d.Err.Error()), Files: 1, Examples: []string{finding.EscapePath(d.Name)}})
			continue
		}
		image := &layers.Image{Reference: d.Name, Source: "sbom"}
		for _, digest := range d.Subject.Digests {
			image.ManifestDigest = digest
			break
		}
		subjects[image] = d.Subject
		result.Images = append(result.Images, image)
		result.Views = append(result.Views, nil)
		result.SBOM = append(result.SBOM, d.Bill)
	}
	assessed, err := p.assess(ctx, result, func(image *layers.Image) finding.Subject { return subjects[image] })
	if err != nil {
		return nil, err
	}
	if err := p.judge(result, walked, checks.See(result.Images, result.Views), assessed); err != nil {
		return nil, err
	}
	c := &result.Report.Coverage
	for _, d := range documents {
		c.Scanned.Files++
		c.Scanned.Bytes += d.Bytes
	}
	if len(gaps) > 0 {
		c.Gaps, c.Complete = append(c.Gaps, gaps...), false
	}
	for _, name := range passedOver {
		c.Notes = append(c.Notes, report.LedgerLine{Reason: "no-sbom", Detail: "a file that is no bill of materials was passed over", Files: 1, Examples: []string{finding.EscapePath(name)}})
	}
	// A score speaks of files and a configuration that nobody has seen.
	result.Report.Score = []report.Score{}
	return result, nil
}

// Subjects name the images of a result as statements about them do.
func (r *Result) Subjects() []finding.Subject {
	var all []finding.Subject
	for _, image := range r.Images {
		all = append(all, subject(image))
	}
	return all
}
