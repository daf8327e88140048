package score

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// join makes one control of those with one id, the worse result deciding, and
// sorts them by number.
func join(controls []Control) []Control {
	sorted := slices.Clone(controls)
	slices.SortStableFunc(sorted, func(a, b Control) int {
		return cmp.Or(compareNumbers(a.ID, b.ID), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Title, b.Title))
	})
	var out []Control
	for _, c := range sorted {
		last := len(out) - 1
		switch {
		case last < 0 || out[last].ID != c.ID:
			c.Evidence = tidy(c.Evidence)
			out = append(out, c)
		case resultRank(c.Result) == resultRank(out[last].Result):
			out[last].Evidence = tidy(slices.Concat(out[last].Evidence, c.Evidence))
		case resultRank(c.Result) > resultRank(out[last].Result):
			out[last].Result, out[last].Evidence = c.Result, tidy(c.Evidence)
		}
	}
	return out
}

// resultRank orders results, worst highest; 0 is no result.
func resultRank(result string) int {
	return slices.Index([]string{NotAssessed, Pass, Fail}, result) + 1
}

// compareNumbers orders "4.2" before "4.10".
func compareNumbers(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "."), strings.Split(b, "."), func(x, y string) int {
		m, errX := strconv.Atoi(x)
		n, errY := strconv.Atoi(y)
		if errX != nil || errY != nil {
			return cmp.Compare(x, y)
		}
		return cmp.Compare(m, n)
	})
}

// cis counts controls, each once: the benchmark has no score of its own, and
// 100 × passed / (passed + failed) is what its assessor computes.
func cis(benchmark string, controls []Control) CIS {
	c := CIS{Benchmark: cmp.Or(benchmark, DefaultBenchmark), Controls: []ControlResult{}}
	for _, control := range controls {
		switch control.Result {
		case Pass:
			c.Passed++
		case Fail:
			c.Failed++
		default:
			c.NotAssessed++
		}
		c.Controls = append(c.Controls, ControlResult(control))
	}
	if assessed := c.Passed + c.Failed; assessed > 0 {
		percent := Tenths(halfUp(int64(c.Passed)*1000, int64(assessed)))
		c.Percent = &percent
	}
	return c
}
