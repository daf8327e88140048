package score

import (
	"cmp"
	"slices"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// Grades are the letters, best first, with the points above which each begins.
// The limits are those of Docker Scout's local health score, and like there the
// limit itself belongs to the lower grade.
func Grades() []GradeLimit {
	return []GradeLimit{{"A", 900}, {"B", 700}, {"C", 500}, {"D", 300}, {"E", 100}, {"F", -1}}
}

// GradeLimit is a grade and the points that an image must have more of.
type GradeLimit struct {
	Grade string `json:"grade"`
	Above Tenths `json:"above"`
}

// CapRule bars better grades while there is a finding of that severity and
// confidence, or worse and surer. Findings of low confidence, and those that do
// harm in a running container alone and are deleted, bar nothing.
type CapRule struct {
	Category   finding.Category   `json:"category,omitempty"` // empty is any
	Severity   finding.Severity   `json:"severity"`
	Confidence finding.Confidence `json:"confidence"`
	Grade      string             `json:"grade"`
	Why        string             `json:"why"`
}

// Caps are the rules that bar grades; the lowest grade that one names is the best
// that is possible.
func Caps() []CapRule {
	return []CapRule{
		{"", finding.Critical, finding.Sure, "F", "a critical finding of high confidence"},
		{"", finding.Critical, finding.Likely, "E", "a critical finding"},
		{finding.Secret, finding.Medium, finding.Likely, "D", "a secret that whoever pulls the image can read, deleted or not"},
		{"", finding.High, finding.Likely, "C", "a finding of high severity"},
		{"", finding.Medium, finding.Likely, "B", "a finding of medium severity"},
	}
}

const (
	missingGrade  = "C" // the best grade of an image that was not looked at whole
	controlWeight = 10  // what a failed control takes off, in tenths
)

// grade fills in the penalty, the points, the cap and the grade.
func grade(r *Result, found []weighed, controls []Control, missing []string) {
	r.GradeReasons = reasons(found, controls)
	for _, reason := range r.GradeReasons {
		r.Penalty += reason.Penalty
	}
	r.Points = max(1000-r.Penalty, 0)
	for _, limit := range Grades() {
		if r.Points > limit.Above {
			r.Grade = limit.Grade
			break
		}
	}
	if r.GradeCap = capOf(found, missing); r.GradeCap != nil {
		r.Grade = max(r.Grade, r.GradeCap.Grade) // the later letter is the worse
	}
}

// VulnerabilityRule stands for all vulnerabilities in the reasons of a grade. Each is a rule by itself
// in its finding, and hundreds of them would else drown everything.
const VulnerabilityRule = "vulnerability"

// reasons gives the penalty of each rule and of each failed control, most first.
func reasons(found []weighed, controls []Control) []GradeReason {
	out := []GradeReason{}
	byRule := map[string][]weighed{}
	for _, w := range found {
		rule := w.Rule
		if w.Category == finding.Vulnerability {
			rule = VulnerabilityRule
		}
		byRule[rule] = append(byRule[rule], w)
	}
	for rule, of := range byRule {
		out = append(out, GradeReason{Rule: rule, Penalty: penalty(of), Evidence: ids(of)})
	}
	for _, c := range controls {
		if c.Result == Fail {
			out = append(out, GradeReason{Control: c.ID, Penalty: controlWeight, Evidence: tidy(c.Evidence)})
		}
	}
	slices.SortFunc(out, func(a, b GradeReason) int {
		return cmp.Or(-cmp.Compare(a.Penalty, b.Penalty), cmp.Compare(a.Rule, b.Rule),
			compareNumbers(a.Control, b.Control), cmp.Compare(a.Control, b.Control))
	})
	return out
}

// penalty adds up the findings of one rule: the heaviest whole, the next half of
// its weight, then a quarter and so on, each at least 0.1. So a rule that fires
// a hundred times does not drown all others, and yet each time counts. One more
// finding, or a heavier one, never makes the sum smaller: in the sorted list every
// place then holds as much as before or more, and there is one place more.
func penalty(of []weighed) Tenths {
	weights := make([]Tenths, 0, len(of))
	for _, w := range of {
		weights = append(weights, w.weight)
	}
	slices.Sort(weights)
	slices.Reverse(weights)
	var sum Tenths
	for i, w := range weights {
		sum += max(w>>min(i, 62), 1)
	}
	return sum
}

// capOf gives the lowest cap and all that it is due to.
func capOf(found []weighed, missing []string) *GradeCap {
	var c *GradeCap
	lower := func(grade, reason string) bool {
		if c == nil || grade > c.Grade {
			c = &GradeCap{Grade: grade, Reason: reason, Evidence: []string{}}
		}
		return grade == c.Grade
	}
	for _, rule := range Caps() {
		for _, w := range found {
			if rule.fits(w) && lower(rule.Grade, rule.Why) {
				c.Evidence = append(c.Evidence, w.ID)
			}
		}
	}
	if len(missing) > 0 && lower(missingGrade, "not all of the image was looked at") {
		c.Evidence = append(c.Evidence, missing...)
	}
	if c != nil {
		c.Evidence = tidy(c.Evidence)
	}
	return c
}

func (r CapRule) fits(w weighed) bool {
	confidence := w.Confidence.Rank()
	if confidence == 0 {
		confidence = finding.Likely.Rank() // as in weigh
	}
	return w.counts && (r.Category == "" || r.Category == w.Category) &&
		known(w.Severity).Rank() >= r.Severity.Rank() && confidence >= r.Confidence.Rank()
}
