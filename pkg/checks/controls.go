package checks

import (
	"fmt"
	"slices"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// Verdict is the answer of one control about one image.
type Verdict struct {
	Control
	Result   Result
	Why      string   // in words, for every result but a fail, which its evidence explains
	Evidence []string // ids of findings, for a fail
}

// Controls decides every control of the benchmark's sections 4 and 5 about one
// image, by the findings of a whole report and the assessments of its checks.
//
// A control fails if a finding of one of its rules is at least likely; where the
// benchmark speaks of containers, only if a container shows it. It passes only if all
// its rules had an answer. Where a rule was not asked for (see left), or there are but
// doubtful findings, it is not assessed.
//
// left says why findings of a category, or about a rule, are not in the report; nil
// if nothing was left out.
func Controls(image int, findings []finding.Finding, assessments []Assessment, left func(finding.Category) string) []Verdict {
	if left == nil {
		left = func(finding.Category) string { return "" }
	}
	d := decider{image: image, findings: findings, left: left, answers: map[string]Assessment{}, categories: map[string]finding.Category{}}
	for _, a := range assessments {
		if a.Image == image {
			d.answers[a.Rule] = a
		}
	}
	for _, r := range Rules() {
		d.categories[r.ID] = r.Category
	}
	var all []Verdict
	for _, c := range BenchmarkControls() {
		all = append(all, d.decide(c))
	}
	return all
}

type decider struct {
	image      int
	findings   []finding.Finding
	answers    map[string]Assessment
	categories map[string]finding.Category
	left       func(finding.Category) string
}

func (d *decider) decide(c Control) Verdict {
	v := Verdict{Control: c, Result: NotAssessed, Evidence: []string{}}
	if len(c.rules) == 0 {
		v.Why = "needs " + c.needs
		return v
	}
	doubtful := 0
	for i := range d.findings {
		f := &d.findings[i]
		if !slices.Contains(c.rules, f.Rule) && (c.category == "" || string(f.Category) != c.category) {
			continue
		}
		switch here, sure := d.counts(f, c.live); {
		case here && sure:
			v.Evidence = append(v.Evidence, f.ID)
		case here:
			doubtful++
		}
	}
	if len(v.Evidence) > 0 {
		v.Result = Fail
		return v
	}
	if doubtful > 0 {
		v.Why = fmt.Sprintf("%s of low confidence, which a person has to judge", plural(int64(doubtful), "finding"))
		return v
	}
	if v.Why = d.missing(c); v.Why == "" {
		v.Result, v.Why = Pass, c.passed
	}
	return v
}

// counts reports whether a finding is about the image, and whether it is likely.
func (d *decider) counts(f *finding.Finding, live bool) (here, sure bool) {
	for _, l := range f.Locations {
		if l.Image != d.image || live && (l.Fate == finding.Deleted || l.Fate == finding.Overwritten) {
			continue
		}
		here = true
		sure = sure || l.Confidence != finding.Unsure
	}
	return here, sure
}

// missing says what a pass lacks.
func (d *decider) missing(c Control) string {
	if c.category != "" {
		if why := d.left(finding.Category(c.category)); why != "" {
			return why
		}
	}
	for _, r := range c.rules {
		if why := d.left(d.categories[r]); why != "" {
			return why
		}
		a, ok := d.answers[r]
		switch {
		case !ok:
			return "the check " + r + " did not run"
		case a.Result == NotAssessed:
			return a.Why
		}
	}
	return ""
}
