package audit

import (
	"fmt"
	"slices"

	"github.com/imgaudit/imgaudit/pkg/checks"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/report"
	"github.com/imgaudit/imgaudit/pkg/score"
)

// scores scores each image by the findings of the report, the controls of the
// benchmark, and what the final view shows.
func (p *plan) scores(r *report.Report, judged *checks.Judgement, views []*layers.View) ([]report.Score, error) {
	all := []report.Score{}
	for i := range r.Images {
		in := score.Input{
			Findings:  score.OfImage(r.Findings, i),
			Benchmark: checks.BenchmarkName + " v" + checks.BenchmarkVersion,
			Facts:     map[score.Fact]score.Observation{},
			Missing:   p.missing(r.Coverage, i),
		}
		if v := r.Vulnerabilities[i]; !v.Assessed {
			in.NotAssessed = append(in.NotAssessed, "vulnerabilities: "+v.Reason)
		}
		for _, v := range checks.Controls(i, r.Findings, judged.Assessments, p.left) {
			c := score.Control{ID: v.ID, Title: v.Title, Result: string(v.Result), Evidence: v.Evidence}
			if v.Result != checks.Fail {
				c.Evidence = []string{v.Why}
			}
			in.Controls = append(in.Controls, c)
		}
		if views[i] != nil {
			in.Facts[score.Shell] = observed(judged.Equipment[i].Shells, "no shell, package manager or network client in the image")
			in.Facts[score.HostControl] = observed(judged.Equipment[i].Engines, "no client or socket of a container engine in the image")
		}
		result, err := score.Of(in, score.Options{})
		if err != nil {
			return nil, fmt.Errorf("scoring image %d: %w", i, err)
		}
		all = append(all, report.Score{Image: i, Result: result})
	}
	return all, nil
}

func observed(paths []string, none string) score.Observation {
	if len(paths) == 0 {
		return score.Observation{Evidence: []string{none}}
	}
	o := score.Observation{Present: true}
	for _, path := range paths {
		o.Evidence = append(o.Evidence, finding.EscapePath(path))
	}
	return o
}

// left says why findings of a category are not in the report.
func (p *plan) left(c finding.Category) string {
	if p.reports(c) {
		return ""
	}
	return "the scanner " + string(c) + " was not asked for"
}

// missing says what of an image was not looked at though a score speaks of it.
func (p *plan) missing(cover report.Coverage, image int) []string {
	var words []string
	for _, name := range []string{Secret, Hygiene, Config} {
		if !p.does(name) {
			words = append(words, "the scanner "+name+" was not asked for")
		}
	}
	for _, gap := range cover.Gaps {
		if gap.Image == nil || *gap.Image == image {
			text := gap.Reason
			if gap.Layer != nil {
				text = fmt.Sprintf("layer %d: %s", *gap.Layer, text)
			}
			words = append(words, text)
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}
