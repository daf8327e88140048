package score

import (
	"slices"
	"testing"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

func TestCISCountsWhatWasAssessed(t *testing.T) {
	for name, c := range map[string]struct {
		controls []Control
		want     string // percent
		counts   [3]int
	}{
		"nothing":                         {nil, "none", [3]int{}},
		"nothing assessed":                {controls("5.1 not-assessed"), "none", [3]int{0, 0, 1}},
		"all passed":                      {controls("4.1 pass", "4.6 pass"), "100.0", [3]int{2, 0, 0}},
		"all failed":                      {controls("4.1 fail"), "0.0", [3]int{0, 1, 0}},
		"one of three":                    {controls("4.1 pass", "4.2 fail", "4.3 fail", "4.4 not-assessed"), "33.3", [3]int{1, 2, 1}},
		"two of three go up":              {controls("4.1 pass", "4.2 pass", "4.3 fail"), "66.7", [3]int{2, 1, 0}},
		"a tie goes up: 1 of 16 is 6.25":  {controls("1 pass", "2 fail", "3 fail", "4 fail", "5 fail", "6 fail", "7 fail", "8 fail", "9 fail", "10 fail", "11 fail", "12 fail", "13 fail", "14 fail", "15 fail", "16 fail"), "6.3", [3]int{1, 15, 0}},
		"the worse of two results counts": {controls("4.1 pass", "4.1 fail", "4.1 not-assessed", "4.2 not-assessed", "4.2 pass"), "50.0", [3]int{1, 1, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			got := mustOf(t, Input{Controls: c.controls}).CIS
			percent := "none"
			if got.Percent != nil {
				percent = got.Percent.String()
			}
			if percent != c.want || [3]int{got.Passed, got.Failed, got.NotAssessed} != c.counts || len(got.Controls) != c.counts[0]+c.counts[1]+c.counts[2] {
				t.Errorf("%s, %+v", percent, got)
			}
		})
	}
}

func TestCISListsControlsByNumber(t *testing.T) {
	got := mustOf(t, Input{Benchmark: "another", Controls: []Control{
		{ID: "5.1", Result: NotAssessed, Evidence: []string{"why not"}}, {ID: "4.10", Result: Pass},
		{ID: "4.2", Title: "two", Result: Fail, Evidence: []string{"b", "a"}}, {ID: "4.2", Result: Fail, Evidence: []string{"c", "a"}},
	}}).CIS
	want := []ControlResult{
		{"4.2", "two", Fail, []string{"a", "b", "c"}}, {"4.10", "", Pass, []string{}}, {"5.1", "", NotAssessed, []string{"why not"}},
	}
	if got.Benchmark != "another" || !slices.EqualFunc(got.Controls, want, func(a, b ControlResult) bool {
		return a.ID == b.ID && a.Result == b.Result && slices.Equal(a.Evidence, b.Evidence)
	}) {
		t.Errorf("%+v", got)
	}
	if got := mustOf(t, Input{}).CIS.Benchmark; got != "CIS Docker Benchmark v1.7.0" {
		t.Errorf("the benchmark is %q", got)
	}
}

func TestOfImageKeepsThePlacesInOneImage(t *testing.T) {
	all := []finding.Finding{
		{ID: "both", Confidence: finding.Sure, Visible: true, AlsoMatched: []string{"z", "a"}, Locations: []finding.Location{
			{Image: 0, Path: "a", Fate: finding.Present, Confidence: finding.Sure}, {Image: 1, Path: "b", Fate: finding.Deleted, Confidence: finding.Likely},
		}},
		{ID: "first", Locations: []finding.Location{{Image: 0}}},
	}
	got := OfImage(all, 1)
	if len(got) != 1 || got[0].ID != "both" || got[0].Visible || got[0].Confidence != finding.Likely || len(got[0].Locations) != 1 {
		t.Errorf("%+v", got)
	}
	if len(all[0].Locations) != 2 || !all[0].Visible || all[0].AlsoMatched[0] != "z" {
		t.Errorf("the input is changed: %+v", all[0])
	}
	if len(OfImage(all, 0)) != 2 || OfImage(all, 2) != nil {
		t.Error("another image has other findings")
	}
}
