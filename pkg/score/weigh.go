package score

import (
	"slices"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// Weights are what a finding of a severity takes off the points when it is sure
// and at work. A later finding of the same rule takes half of the one before,
// never less than 0.1.
func Weights() map[finding.Severity]Tenths {
	return map[finding.Severity]Tenths{
		finding.Critical: 400, finding.High: 200, finding.Medium: 80, finding.Low: 20, finding.Info: 0,
	}
}

// weighed is a finding with its weight.
type weighed struct {
	*finding.Finding
	kind   *Kind
	weight Tenths // above 0, since others are left out
	counts bool   // it moves CVSS and the cap: not of low confidence, and at work
}

// weigh gives the findings that weigh anything, in the order of reports.
func weigh(all []finding.Finding, suppressed []string) []weighed {
	silent := make(map[string]bool, len(suppressed))
	for _, id := range suppressed {
		silent[id] = true
	}
	sorted := slices.Clone(all)
	finding.Sort(sorted)
	kinds, weights := Kinds(), Weights()
	var out []weighed
	for i := range sorted {
		f := &sorted[i]
		weight := weights[known(f.Severity)]
		if weight == 0 || silent[f.ID] {
			continue
		}
		w := weighed{Finding: f, kind: kindOf(kinds, f), counts: true}
		switch f.Confidence {
		case finding.Sure:
		case finding.Unsure:
			weight /= 4
			w.counts = false
		default:
			weight = weight * 3 / 4
		}
		if w.kind.Running && !f.Visible {
			weight /= 4
			w.counts = false
		}
		w.weight = max(weight, 1)
		out = append(out, w)
	}
	return out
}

// ids collects ids, each once, sorted and never nil.
func ids(of []weighed) []string {
	out := []string{}
	for _, w := range of {
		out = append(out, w.ID)
	}
	return tidy(out)
}

// tidy sorts words, each once, and makes no list an empty one. It keeps the caller's list as it is.
func tidy(words []string) []string {
	out := append([]string{}, words...)
	slices.Sort(out)
	return slices.Compact(out)
}
