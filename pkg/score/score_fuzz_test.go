package score

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// FuzzOf makes images out of bytes, makes each worse in one way, and holds both
// scores against the package's promises.
func FuzzOf(f *testing.F) {
	f.Add([]byte{}, uint16(0))
	f.Add([]byte("a secret, a user and a few tools"), uint16(7))
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 250, 251, 252, 253, 254, 255, 77, 42, 13}, uint16(513))
	f.Add(bytes.Repeat([]byte{3, 200, 17}, 60), uint16(4096))
	f.Fuzz(func(t *testing.T, data []byte, change uint16) {
		if len(data) > 400 {
			return
		}
		in := made(data)
		holds(t, in, change)
	})
}

// TestOfKeepsItsPromisesOnManyImages is the fuzz target without a fuzzer.
func TestOfKeepsItsPromisesOnManyImages(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 1500 {
		data := make([]byte, random.IntN(120))
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		holds(t, made(data), uint16(random.Uint32()))
	}
}

// holds makes the image worse in one way, and compares.
func holds(t *testing.T, in Input, change uint16) {
	t.Helper()
	worse, heavier := worsen(in, change)
	for _, opts := range []Options{{}, {AIVSS: V08, Mitigation: Partly}} {
		before, after := checked(t, in, opts), checked(t, worse, opts)
		if broken := notWorse(before, after); broken != "" {
			t.Fatalf("%s\nbefore %+v\nafter  %+v", broken, in, worse)
		}
		if heavier && after.Penalty <= before.Penalty {
			t.Fatalf("the penalty stays %s\nbefore %+v\nafter  %+v", after.Penalty, in, worse)
		}
	}
}

// made reads an input out of bytes: three for each of its parts.
func made(data []byte) Input {
	in := Input{Facts: map[Fact]Observation{}, Answers: map[string]Answer{}}
	for part := range slices.Chunk(data, 3) {
		if len(part) < 3 {
			break
		}
		kind, a, b := part[0], part[1], part[2]
		switch kind % 8 {
		case 0, 1, 2, 3:
			in.Findings = append(in.Findings, madeFinding(a, b))
		case 4, 5:
			about := ControlFacts()[int(a)%len(ControlFacts())]
			in.Controls = append(in.Controls, Control{ID: about.Control, Result: []string{Pass, Fail, NotAssessed}[b%3], Evidence: []string{fmt.Sprint("f", b%5)}})
		case 6:
			in.Facts[facts()[int(a)%len(facts())]] = Observation{Present: b%2 == 0, Evidence: []string{"seen"}}
		case 7:
			// Version 0.5 and 0.8 share these names.
			name := []string{"nonDeterminism", "selfModification"}[a%2]
			in.Answers[name] = Answer{Level: Level(b % 3)}
			if b > 250 {
				in.Suppressed = append(in.Suppressed, fmt.Sprint("f", a%20))
			}
			if b > 253 {
				in.Missing = append(in.Missing, "a layer")
			}
		}
	}
	return in
}

func madeFinding(a, b byte) finding.Finding {
	rules := []string{"aws", "jwt", "image-user-root", "image-setuid", "image-dotenv", "image-build-tools", "image-no-healthcheck", "tar-path-escape", "image-package-cache", "new"}
	categories := []finding.Category{finding.Secret, finding.Hygiene, finding.Config, finding.Vulnerability, finding.Integrity}
	return finding.Finding{
		ID: fmt.Sprint("f", a%20), Rule: rules[int(a)%len(rules)], Category: categories[int(b)%len(categories)],
		Severity: finding.Severities()[int(b/5)%5], Confidence: finding.Confidences()[int(b/25)%3], Visible: b >= 75 && b%2 == 0,
	}
}

// worsen gives the input with one thing worse, and whether its penalty has to be larger.
func worsen(in Input, change uint16) (worse Input, heavier bool) {
	worse = in
	a, b := byte(change>>8), byte(change)
	weighs := func(f finding.Finding) bool {
		return f.Severity != finding.Info && !slices.Contains(in.Suppressed, f.ID)
	}
	switch {
	case change%7 == 1 && len(in.Controls) > 0:
		worse.Controls = slices.Clone(in.Controls)
		i := int(a) % len(worse.Controls)
		id := worse.Controls[i].ID
		heavier = !slices.ContainsFunc(in.Controls, func(c Control) bool { return c.ID == id && c.Result == Fail })
		worse.Controls[i].Result = Fail
	case change%7 == 2:
		worse.Facts = map[Fact]Observation{}
		for fact, o := range in.Facts {
			worse.Facts[fact] = o
		}
		worse.Facts[facts()[int(a)%len(facts())]] = Observation{Present: true}
	case change%7 == 3 && len(in.Findings) > 0:
		worse.Findings = slices.Clone(in.Findings)
		f := &worse.Findings[int(a)%len(worse.Findings)]
		switch b % 3 {
		case 0:
			f.Visible = true
		case 1:
			f.Confidence = finding.Confidences()[max(slices.Index(finding.Confidences(), f.Confidence)-1, 0)]
		default:
			f.Severity = finding.Severities()[max(slices.Index(finding.Severities(), f.Severity)-1, 0)]
		}
	case change%7 == 4:
		worse.Missing = append(slices.Clone(in.Missing), "another layer")
	case change%7 == 5 && len(in.Suppressed) > 0:
		worse.Suppressed = in.Suppressed[1:]
	default:
		f := madeFinding(a, b)
		worse.Findings = append(slices.Clone(in.Findings), f)
		heavier = weighs(f)
	}
	return worse, heavier
}

// checked scores the input, and holds the result against all promises about one result.
func checked(t *testing.T, in Input, opts Options) Result {
	t.Helper()
	kept := Input{Findings: slices.Clone(in.Findings), Controls: slices.Clone(in.Controls)}
	r, err := Of(in, opts)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(kept.Findings, slices.Clone(in.Findings)) || !reflect.DeepEqual(kept.Controls, slices.Clone(in.Controls)) {
		t.Fatal("the input is changed")
	}
	for name, v := range map[string]Tenths{"CVSS": r.CVSS.Score, "AARS": r.AARS.Sum, "AIVSS": r.AIVSS.Score} {
		if v < 0 || v > 100 {
			t.Fatalf("%s is %s", name, v)
		}
	}
	if r.AARS.Low > r.AARS.Sum || r.AARS.Sum > r.AARS.High || r.AIVSS.Low > r.AIVSS.Score || r.AIVSS.Score > r.AIVSS.High {
		t.Fatalf("out of its range: %+v %+v", r.AARS, r.AIVSS)
	}
	if r.Points < 0 || r.Points > 1000 || r.Penalty < 0 || len(r.Grade) != 1 || r.Grade < "A" || r.Grade > "F" {
		t.Fatalf("%s with %s points, penalty %s", r.Grade, r.Points, r.Penalty)
	}
	if p := r.CIS.Percent; (p == nil) != (r.CIS.Passed+r.CIS.Failed == 0) || p != nil && (*p < 0 || *p > 1000) {
		t.Fatalf("%+v", r.CIS)
	}
	first, err := json.Marshal(r)
	if err != nil || bytes.Contains(first, []byte(`"evidence":null`)) || bytes.Contains(first, []byte(`s":null`)) {
		t.Fatalf("%s %v", first, err)
	}
	var back Result
	if err := json.Unmarshal(first, &back); err != nil || !reflect.DeepEqual(back, r) {
		t.Fatalf("%+v is read as %+v, %v", r, back, err)
	}
	shuffled := in
	shuffled.Findings, shuffled.Controls = slices.Clone(in.Findings), slices.Clone(in.Controls)
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(in.Findings), func(i, j int) {
		shuffled.Findings[i], shuffled.Findings[j] = shuffled.Findings[j], shuffled.Findings[i]
	})
	random.Shuffle(len(in.Controls), func(i, j int) {
		shuffled.Controls[i], shuffled.Controls[j] = shuffled.Controls[j], shuffled.Controls[i]
	})
	other, err := Of(shuffled, opts)
	if err != nil {
		t.Fatal(err)
	}
	if second, _ := json.Marshal(other); !bytes.Equal(first, second) {
		t.Fatalf("the order of the input shows:\n%s\n%s", first, second)
	}
	return r
}

// notWorse says which figure of an image got better though the image got worse.
func notWorse(before, after Result) string {
	for _, c := range []struct {
		name          string
		before, after int64 // more is worse
	}{
		{"grade", int64(before.Grade[0]), int64(after.Grade[0])},
		{"points", -int64(before.Points), -int64(after.Points)},
		{"penalty", int64(before.Penalty), int64(after.Penalty)},
		{"cap", capOrder(before), capOrder(after)},
		{"CVSS", int64(before.CVSS.Score), int64(after.CVSS.Score)},
		{"AARS", int64(before.AARS.Sum), int64(after.AARS.Sum)},
		{"low end of AARS", int64(before.AARS.Low), int64(after.AARS.Low)},
		{"high end of AARS", int64(before.AARS.High), int64(after.AARS.High)},
		{"AIVSS", int64(before.AIVSS.Score), int64(after.AIVSS.Score)},
		{"low end of AIVSS", int64(before.AIVSS.Low), int64(after.AIVSS.Low)},
		{"high end of AIVSS", int64(before.AIVSS.High), int64(after.AIVSS.High)},
		{"tool access", order(before.AARS.ToolAccess), order(after.AARS.ToolAccess)},
		{"data exposure", order(before.AARS.DataExposure), order(after.AARS.DataExposure)},
		{"availability", order(before.AARS.Availability), order(after.AARS.Availability)},
	} {
		if c.after < c.before {
			return fmt.Sprintf("%s: from %d to %d", c.name, c.before, c.after)
		}
	}
	if a, b := before.CIS.Percent, after.CIS.Percent; a != nil && (b == nil || *b > *a) {
		return "the percentage of controls got better"
	}
	return ""
}

func capOrder(r Result) int64 {
	if r.GradeCap == nil {
		return 0
	}
	return int64(r.GradeCap.Grade[0])
}

// order orders what is known of an indicator. Unknown is no better and no worse than
// 0: a control that no longer passes takes the knowledge away that there is nothing.
func order(i Indicator) int64 {
	if i.Value == nil {
		return 0
	}
	return int64(*i.Value)
}
