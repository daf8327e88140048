package score

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

func TestFactorsWithoutEvidenceAreNilAndWidenTheRange(t *testing.T) {
	there := func(fs ...Fact) map[Fact]Observation {
		seen := map[Fact]Observation{}
		for _, f := range fs {
			seen[f] = Observation{Present: true, Evidence: []string{"saw " + string(f)}}
		}
		return seen
	}
	for name, c := range map[string]struct {
		in             Input
		sum, low, high Tenths
		values         string // of toolUse, dynamicIdentity, selfModification
		assessed       int
	}{
		"nothing known":                     {Input{}, 50, 0, 100, "- - -", 0},
		"nothing there proves nothing":      {Input{Facts: map[Fact]Observation{HostControl: {}, Shell: {}, RunsAsRoot: {}}}, 50, 0, 100, "- - -", 0},
		"a shell":                           {Input{Facts: there(Shell)}, 50, 5, 100, "0.5+ - -", 1},
		"a client of a container engine":    {Input{Facts: there(HostControl)}, 55, 10, 100, "1.0 - -", 1},
		"user 0":                            {Input{Facts: there(RunsAsRoot)}, 50, 10, 100, "- 0.5+ 0.5+", 2},
		"user 0 with build tools":           {Input{Facts: there(RunsAsRoot, BuildTools)}, 55, 20, 100, "0.5+ 0.5+ 1.0", 3},
		"user 0 with control of the host":   {Input{Facts: there(RunsAsRoot, HostControl)}, 60, 25, 100, "1.0 1.0 0.5+", 3},
		"files that everyone may write":     {Input{Facts: there(WorldWritable)}, 50, 5, 100, "- - 0.5+", 1},
		"an answer is exact":                {Input{Answers: map[string]Answer{"toolUse": {Level: None}}}, 45, 0, 90, "0.0 - -", 1},
		"what is there wins over an answer": {Input{Facts: there(Shell), Answers: map[string]Answer{"toolUse": {Level: None}}}, 50, 5, 100, "0.5+ - -", 1},
		"an answer that evidence supports":  {Input{Facts: there(Shell), Answers: map[string]Answer{"toolUse": {Level: Partial}}}, 50, 5, 95, "0.5 - -", 1},
		"findings and controls tell facts": {Input{
			Findings: []finding.Finding{defect("r", "image-user-root", finding.Config, finding.Medium)},
			Controls: controls("5.32 fail"),
		}, 60, 25, 100, "1.0 1.0 0.5+", 3},
	} {
		t.Run(name, func(t *testing.T) {
			r := mustOf(t, c.in)
			a := r.AARS
			var values []string
			for _, f := range []Factor{a.Factors[1], a.Factors[3], a.Factors[6]} {
				v := "-"
				if f.Value != nil {
					v = f.Value.String()
				}
				if f.AtLeast {
					v += "+"
				}
				values = append(values, v)
			}
			if a.Sum != c.sum || a.Low != c.low || a.High != c.high || a.Assessed != c.assessed || a.Of != 10 || strings.Join(values, " ") != c.values {
				t.Errorf("got %s, %s to %s, %s, %d assessed", a.Sum, a.Low, a.High, values, a.Assessed)
			}
			if want := "(CVSS:" + r.CVSS.Score.String() + "/AARS:" + a.Sum.String() + ")"; r.AIVSS.Vector != want {
				t.Errorf("the vector is %s, not %s", r.AIVSS.Vector, want)
			}
		})
	}
}

func TestFactorsNameTheirEvidence(t *testing.T) {
	r := mustOf(t, Input{
		Findings: []finding.Finding{
			defect("b", "image-build-tools", finding.Hygiene, finding.Low),
			defect("r", "image-user-root", finding.Config, finding.Medium),
		},
		Facts:   map[Fact]Observation{Shell: {Present: true, Evidence: []string{"usr/bin/bash"}}},
		Answers: map[string]Answer{"memoryUse": {Level: Full, Evidence: []string{"stated by the operator"}}},
	})
	for name, want := range map[string][]string{
		"toolUse": {"b", "usr/bin/bash"}, "dynamicIdentity": {"r"}, "selfModification": {"b", "r"},
		"memoryUse": {"stated by the operator"}, "autonomyOfAction": {},
	} {
		i := slices.Index(Factors(V05), name)
		if got := r.AARS.Factors[i].Evidence; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if want := []string{"b", "r", "stated by the operator", "usr/bin/bash"}; !slices.Equal(r.AIVSS.Evidence, want) {
		t.Errorf("AIVSS names %q", r.AIVSS.Evidence)
	}
}

func TestIndicators(t *testing.T) {
	secret := defect("s", "jwt", finding.Secret, finding.High)
	unsure := secret
	unsure.Confidence = finding.Unsure
	type want struct {
		value    string // "" for nil
		evidence []string
	}
	for name, c := range map[string]struct {
		in                  Input
		tools, data, health want
	}{
		"nothing was looked at": {Input{}, want{}, want{}, want{}},
		"looked at, and nothing there": {
			Input{Controls: controls("4.1 pass", "4.8 pass", "4.10 pass", "4.6 pass")},
			want{"0.0", []string{"control 4.1: pass", "control 4.8: pass"}}, want{"0.0", []string{"control 4.10: pass"}}, want{"0.0", []string{"control 4.6: pass"}},
		},
		"a secret":                   {Input{Findings: []finding.Finding{secret}}, want{}, want{"1.0", []string{"s"}}, want{}},
		"a secret of low confidence": {Input{Findings: []finding.Finding{unsure}, Controls: controls("4.10 pass")}, want{}, want{"0.5", []string{"s"}}, want{}},
		"a repository":               {Input{Findings: []finding.Finding{defect("g", "image-git-dir", finding.Hygiene, finding.Medium)}}, want{}, want{"0.5", []string{"g"}}, want{}},
		"user 0 and no health check": {
			Input{
				Findings: []finding.Finding{defect("r", "image-user-root", finding.Config, finding.Medium), defect("h", "image-no-healthcheck", finding.Config, finding.Low)},
				Controls: []Control{{ID: "4.1", Result: Fail, Evidence: []string{"r"}}, {ID: "4.6", Result: Fail, Evidence: []string{"h"}}},
			},
			want{"0.5", []string{"r"}}, want{}, want{"0.5", []string{"h"}},
		},
		"the socket is mounted and nothing is limited": {
			Input{Controls: []Control{{ID: "5.32", Result: Fail, Evidence: []string{"compose.yaml"}}, {ID: "5.11", Result: Fail}, {ID: "4.6", Result: Fail}}},
			want{"1.0", []string{"compose.yaml"}}, want{}, want{"1.0", []string{"control 4.6: fail", "control 5.11: fail"}},
		},
		"a control that can fail on other things shows nothing": {Input{Controls: controls("4.1 fail", "4.8 fail")}, want{}, want{}, want{}},
		"a program that is deleted": {
			Input{Findings: []finding.Finding{{ID: "d", Rule: "image-setuid", Category: finding.Hygiene, Severity: finding.Medium, Confidence: finding.Sure}}}, want{}, want{}, want{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := mustOf(t, c.in).AARS
			for group, pair := range map[string]struct {
				got  Indicator
				want want
			}{"tool access": {a.ToolAccess, c.tools}, "data exposure": {a.DataExposure, c.data}, "availability": {a.Availability, c.health}} {
				value := ""
				if pair.got.Value != nil {
					value = pair.got.Value.String()
				}
				if value != pair.want.value || !slices.Equal(pair.got.Evidence, pair.want.evidence) {
					t.Errorf("%s: %q by %q, want %q by %q", group, value, pair.got.Evidence, pair.want.value, pair.want.evidence)
				}
			}
		})
	}
}

func TestVersion08HasItsOwnFactors(t *testing.T) {
	r, err := Of(Input{
		Findings: []finding.Finding{defect("s", "aws", finding.Secret, finding.Critical)},
		Answers:  map[string]Answer{"language": {Level: Full}},
	}, Options{AIVSS: V08})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(Factors(V08), "language") || slices.Contains(Factors(V08), "goalDrivenPlanning") || len(Factors(V08)) != 10 {
		t.Errorf("the factors are %s", Factors(V08))
	}
	// 9.3 + 0.7 × 0.55 × 0.97 = 9.67345
	if r.AIVSS.Version != "0.8" || r.AARS.Version != "0.8" || r.AARS.Sum != 55 || r.AIVSS.Vector != "(CVSS:9.3/AARS:0.37345)" || r.AIVSS.Score != 97 {
		t.Errorf("%+v, %s", r.AIVSS, r.AARS.Sum)
	}
	if _, err := Of(Input{Answers: map[string]Answer{"language": {}}}, Options{}); err == nil {
		t.Error("version 0.5 takes a factor of 0.8")
	}
}

func TestOfSaysWhatIsWrongWithItsInput(t *testing.T) {
	for name, c := range map[string]struct {
		in   Input
		opts Options
		want string
	}{
		"a fact that is none":    {Input{Facts: map[Fact]Observation{"haunted": {}}}, Options{}, `unknown fact "haunted"`},
		"a factor that is none":  {Input{Answers: map[string]Answer{"mood": {}}}, Options{}, `unknown factor "mood"`},
		"a level that is none":   {Input{Answers: map[string]Answer{"toolUse": {Level: 3}}}, Options{}, "factor toolUse: unknown level 3"},
		"a result that is none":  {Input{Controls: controls("4.1 maybe")}, Options{}, `control "4.1": unknown result "maybe"`},
		"a version that is none": {Input{}, Options{AIVSS: "7"}, `unknown version "7"`},
	} {
		t.Run(name, func(t *testing.T) {
			if r, err := Of(c.in, c.opts); err == nil || !strings.Contains(err.Error(), c.want) || !reflect.DeepEqual(r, Result{}) {
				t.Errorf("%v", err)
			}
		})
	}
}
