package score

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// Six images, each worse than the one before it.
func TestSixImagesHaveTheGradesFromAToF(t *testing.T) {
	deleted := defect("token", "slack-bot-token", finding.Secret, finding.High)
	deleted.Visible = false
	likely := defect("cloud", "gcp-api-key", finding.Secret, finding.Critical)
	likely.Confidence = finding.Likely
	images := []struct {
		name, grade string
		in          Input
	}{
		{"distroless, with nothing but one program", "A", Input{
			Controls: controls("4.1 pass", "4.3 pass", "4.6 fail", "4.8 pass", "4.10 pass"),
			Findings: []finding.Finding{defect("h", "image-no-healthcheck", finding.Config, finding.Low)},
		}},
		{"a process of user 0 without a health check", "B", Input{
			Controls: controls("4.1 fail", "4.3 pass", "4.6 fail", "4.8 pass", "4.10 pass"),
			Findings: []finding.Finding{
				defect("h", "image-no-healthcheck", finding.Config, finding.Low),
				defect("u", "image-user-root", finding.Config, finding.Medium),
			},
		}},
		{"the same with build tools and an account without a password", "C", Input{
			Controls: controls("4.1 fail", "4.3 fail", "4.6 fail", "4.8 pass", "4.10 pass"),
			Findings: []finding.Finding{
				defect("h", "image-no-healthcheck", finding.Config, finding.Low),
				defect("u", "image-user-root", finding.Config, finding.Medium),
				defect("b", "image-build-tools", finding.Hygiene, finding.Low),
				defect("p", "image-empty-password", finding.Config, finding.High),
			},
		}},
		{"a secret that a later layer deleted, and else the first image", "D", Input{
			Controls: controls("4.1 pass", "4.3 pass", "4.6 fail", "4.8 pass", "4.10 fail"),
			Findings: []finding.Finding{defect("h", "image-no-healthcheck", finding.Config, finding.Low), deleted},
		}},
		{"what is likely the key of a cloud", "E", Input{
			Controls: controls("4.1 pass", "4.3 pass", "4.6 fail", "4.8 pass", "4.10 fail"),
			Findings: []finding.Finding{defect("h", "image-no-healthcheck", finding.Config, finding.Low), deleted, likely},
		}},
		{"what is surely the key of a cloud", "F", Input{
			Controls: controls("4.1 pass", "4.3 pass", "4.6 fail", "4.8 pass", "4.10 fail"),
			Findings: []finding.Finding{defect("cloud", "gcp-api-key", finding.Secret, finding.Critical)},
		}},
	}
	for _, image := range images {
		if r := mustOf(t, image.in); r.Grade != image.grade {
			t.Errorf("%s: %s with %s points, want %s", image.name, r.Grade, r.Points, image.grade)
		}
	}
}

func TestEachSeededDefectMakesTheScoreWorse(t *testing.T) {
	in := Input{Controls: controls("4.1 pass", "4.6 pass", "4.10 pass", "5.28 pass")}
	before := mustOf(t, in)
	if before.Grade != "A" || before.Points != 1000 || before.Penalty != 0 || before.GradeCap != nil || before.AIVSS.Low != 0 {
		t.Fatalf("an image without fault: %+v", before)
	}
	for i, f := range []finding.Finding{
		defect("cache", "image-package-cache", finding.Hygiene, finding.Low),
		defect("tools", "image-build-tools", finding.Hygiene, finding.Low),
		defect("health", "image-no-healthcheck", finding.Config, finding.Low),
		defect("setuid", "image-setuid", finding.Hygiene, finding.Medium),
		defect("root", "image-user-root", finding.Config, finding.Medium),
		defect("env", "image-dotenv", finding.Hygiene, finding.Medium),
		defect("weak", "generic-api-key", finding.Secret, finding.Medium),
		defect("token", "slack-bot-token", finding.Secret, finding.High),
		defect("token 2", "slack-bot-token", finding.Secret, finding.High),
		defect("cloud", "aws", finding.Secret, finding.Critical),
		defect("cloud 2", "github-pat", finding.Secret, finding.Critical),
		defect("no points left", "npm", finding.Secret, finding.Critical),
	} {
		in.Findings = append(in.Findings, f)
		after := mustOf(t, in)
		if after.Penalty <= before.Penalty || after.Points >= before.Points && before.Points > 0 || after.Grade < before.Grade {
			t.Errorf("%d, %s: from %s %s to %s %s", i, f.ID, before.Grade, before.Penalty, after.Grade, after.Penalty)
		}
		if worse := notWorse(before, after); worse != "" {
			t.Errorf("%s: %s", f.ID, worse)
		}
		before = after
	}
}

func TestTheWeightOfAFinding(t *testing.T) {
	with := func(change func(*finding.Finding)) []finding.Finding {
		f := defect("f", "image-setuid", finding.Hygiene, finding.High)
		change(&f)
		return []finding.Finding{f}
	}
	for name, c := range map[string]struct {
		in      Input
		penalty Tenths
		grade   string
	}{
		"sure and at work":                            {Input{Findings: with(func(*finding.Finding) {})}, 200, "C"},
		"likely":                                      {Input{Findings: with(func(f *finding.Finding) { f.Confidence = finding.Likely })}, 150, "C"},
		"unsure bars nothing":                         {Input{Findings: with(func(f *finding.Finding) { f.Confidence = finding.Unsure })}, 50, "A"},
		"a confidence that is none":                   {Input{Findings: with(func(f *finding.Finding) { f.Confidence = "" })}, 150, "C"},
		"a severity that is none":                     {Input{Findings: with(func(f *finding.Finding) { f.Severity = "dire" })}, 20, "A"},
		"a remark":                                    {Input{Findings: with(func(f *finding.Finding) { f.Severity = finding.Info })}, 0, "A"},
		"a program that is deleted":                   {Input{Findings: with(func(f *finding.Finding) { f.Visible = false })}, 50, "A"},
		"a secret that is deleted":                    {Input{Findings: with(func(f *finding.Finding) { f.Visible, f.Category, f.Rule = false, finding.Secret, "jwt" })}, 200, "D"},
		"never less than 0.1":                         {Input{Findings: with(func(f *finding.Finding) { f.Visible, f.Severity, f.Confidence = false, finding.Low, finding.Unsure })}, 1, "A"},
		"suppressed":                                  {Input{Findings: with(func(*finding.Finding) {}), Suppressed: []string{"f"}}, 0, "A"},
		"another is suppressed":                       {Input{Findings: with(func(*finding.Finding) {}), Suppressed: []string{"g"}}, 200, "C"},
		"ten of one rule: 20, 10, 5, …, 0.1":          {Input{Findings: slices.Repeat(with(func(*finding.Finding) {}), 10)}, 200 + 100 + 50 + 25 + 12 + 6 + 3 + 1 + 1 + 1, "C"},
		"a failed control":                            {Input{Controls: controls("4.9 fail")}, 10, "A"},
		"controls that passed, or were not assessed":  {Input{Controls: controls("4.9 pass", "5.1 not-assessed")}, 0, "A"},
		"an image that could not be read":             {Input{Missing: []string{"layer 2"}}, 0, "C"},
		"an image that could not be read, and a flaw": {Input{Missing: []string{"layer 2"}, Findings: with(func(f *finding.Finding) { f.Severity = finding.Medium })}, 80, "C"},
	} {
		t.Run(name, func(t *testing.T) {
			r := mustOf(t, c.in)
			if r.Penalty != c.penalty || r.Points != 1000-c.penalty || r.Grade != c.grade {
				t.Errorf("penalty %s, %s points, %s; want %s, %s", r.Penalty, r.Points, r.Grade, c.penalty, c.grade)
			}
		})
	}
}

func TestTheLimitOfAGradeBelongsToTheLowerOne(t *testing.T) {
	// Failed controls take 1.0 each and bar nothing.
	for failed, want := range map[int]string{
		0: "A", 9: "A", 10: "B", 11: "B", 29: "B", 30: "C", 49: "C", 50: "D", 69: "D", 70: "E", 89: "E", 90: "F", 100: "F", 120: "F",
	} {
		var in Input
		for i := range failed {
			in.Controls = append(in.Controls, Control{ID: fmt.Sprint("9.", i), Result: Fail})
		}
		r := mustOf(t, in)
		if r.Grade != want || r.Penalty != Tenths(failed*10) || r.Points != max(1000-Tenths(failed*10), 0) {
			t.Errorf("%s with %s points, want %s", r.Grade, r.Points, want)
		}
	}
}

func TestTheGradeNamesWhatMovedIt(t *testing.T) {
	secret := defect("s", "jwt", finding.Secret, finding.Medium)
	r := mustOf(t, Input{
		Findings: []finding.Finding{
			defect("r", "image-user-root", finding.Config, finding.Medium), secret, defect("s2", "jwt", finding.Secret, finding.Medium),
			defect("i", "image-usual-devices", finding.Hygiene, finding.Info),
		},
		Controls: []Control{{ID: "4.10", Result: Fail, Evidence: []string{"s2", "s"}}, {ID: "4.9", Result: Fail}},
	})
	got, err := json.Marshal(struct {
		C *GradeCap
		R []GradeReason
	}{r.GradeCap, r.GradeReasons})
	want := `{"C":{"grade":"D","reason":"a secret that whoever pulls the image can read, deleted or not","evidence":["s","s2"]},` +
		`"R":[{"rule":"jwt","penalty":12.0,"evidence":["s","s2"]},{"rule":"image-user-root","penalty":8.0,"evidence":["r"]},` +
		`{"control":"4.9","penalty":1.0,"evidence":[]},{"control":"4.10","penalty":1.0,"evidence":["s","s2"]}]}`
	if err != nil || string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestThePublishedRulesAreTheDocumentedOnes(t *testing.T) {
	for i, limit := range Grades() {
		if want := string(rune('A' + i)); limit.Grade != want || i > 0 && limit.Above >= Grades()[i-1].Above {
			t.Errorf("grade %d is %+v", i, limit)
		}
	}
	for i, c := range Caps() {
		if i > 0 && c.Grade > Caps()[i-1].Grade {
			t.Errorf("the caps are not in order: %+v", c)
		}
		if c.Confidence == finding.Unsure || c.Why == "" {
			t.Errorf("%+v", c)
		}
	}
	last := Tenths(-1)
	for _, s := range slices.Backward(finding.Severities()) {
		if Weights()[s] <= last {
			t.Errorf("%s weighs %s", s, Weights()[s])
		}
		last = Weights()[s]
	}
}

// controls reads "4.1 pass".
func controls(results ...string) []Control {
	var out []Control
	for _, r := range results {
		id, result, _ := strings.Cut(r, " ")
		out = append(out, Control{ID: id, Result: result})
	}
	return out
}
