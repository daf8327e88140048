package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/score"
)

const maxScoreReasons = 6

// scores says the grade of each image, the figures behind it, and what moved them.
func (t *text) scores() {
	titles := map[string]string{}
	for _, f := range t.r.Findings {
		titles[f.ID] = f.Title
	}
	for _, s := range t.r.Score {
		title := "Score"
		if len(t.r.Images) > 1 {
			title += " of " + t.imageLabel(s.Image)
		}
		t.heading(middle(title, t.width-2))
		t.score(s.Result, titles)
	}
}

func (t *text) score(s score.Result, titles map[string]string) {
	t.line("  ", t.paint(strong, "Grade  "), t.paint(gradeMood(s.Grade), s.Grade), "  ", t.paint(quiet, s.Points.String()+" of 100 points"))
	if c := s.GradeCap; c != nil {
		t.words("         ", plain, fmt.Sprintf("At best %s: %s", c.Grade, c.Reason))
	}
	for _, what := range s.NotAssessed {
		what, _, _ = strings.Cut(what, ": ") // why is told above
		t.line("         ", t.paint(medium, "Not assessed: "+what))
	}
	t.blank()
	t.figure("CVSS", s.CVSS.Score.String(), score.Band(s.CVSS.Score)+" · v4.0, the worst finding")
	if how, impact, ok := strings.Cut(s.CVSS.Vector, "/VC:"); ok { // two lines: the whole is too long for a narrow page
		t.line("                   ", t.paint(quiet, how))
		t.line("                   ", t.paint(quiet, "/VC:"+impact))
	}
	t.figure("AARS", s.AARS.Sum.String(), fmt.Sprintf("%d of %d factors assessed · from %s to %s", s.AARS.Assessed, s.AARS.Of, s.AARS.Low, s.AARS.High))
	t.figure("AIVSS", s.AIVSS.Score.String(), fmt.Sprintf("%s · v%s, from %s to %s with what is not known", s.AIVSS.Band, s.AIVSS.Version, s.AIVSS.Low, s.AIVSS.High))
	percent := "–"
	if s.CIS.Percent != nil {
		percent = s.CIS.Percent.String() + " %"
	}
	t.figure("CIS", percent, fmt.Sprintf("%d passed, %d failed, %d not assessed", s.CIS.Passed, s.CIS.Failed, s.CIS.NotAssessed))
	t.moved(s, titles)
}

// figure writes one figure with its name and what it means.
func (t *text) figure(name, value, meaning string) {
	t.words("  "+pad(name, 7, false)+pad(value, 8, true)+"  ", plain, meaning)
}

// moved says what took points off, most first.
func (t *text) moved(s score.Result, titles map[string]string) {
	if len(s.GradeReasons) == 0 {
		return
	}
	t.blank()
	t.line("  ", t.paint(strong, "What took points off"))
	controls := map[string]string{}
	for _, c := range s.CIS.Controls {
		controls[c.ID] = c.Title
	}
	for i, r := range s.GradeReasons {
		if i == maxScoreReasons && !t.opts.Verbose {
			var rest score.Tenths
			for _, r := range s.GradeReasons[i:] {
				rest += r.Penalty
			}
			t.line("  ", pad(rest.String(), 6, true), "  ", t.paint(quiet, count(len(s.GradeReasons)-i, "more reason")+"; -v shows them all"))
			return
		}
		what := "CIS " + r.Control + " failed: " + controls[r.Control]
		if r.Rule != "" {
			what = named(r, titles)
		}
		t.line("  ", pad(r.Penalty.String(), 6, true), "  ", end(what, t.width-10))
	}
}

// named gives the titles of a reason's findings, few of them.
func named(r score.GradeReason, titles map[string]string) string {
	var all []string
	for _, id := range r.Evidence {
		if title := titles[id]; title != "" {
			all = append(all, title)
		}
	}
	slices.Sort(all)
	distinct := slices.Compact(slices.Clone(all))
	switch {
	case len(distinct) == 0:
		return r.Rule
	case len(distinct) == 1 && len(all) > 1:
		return fmt.Sprintf("%s (%d times)", distinct[0], len(all))
	}
	return list(distinct, 2)
}

func gradeMood(grade string) mood {
	switch grade {
	case "A", "B":
		return good
	case "C":
		return medium
	}
	return critical
}
