package score

import (
	"slices"
	"strings"
	"testing"
)

func TestAIVSS05GivesThePublishedScores(t *testing.T) {
	for name, c := range map[string]struct {
		cvss, aars, want Tenths
		vector, band     string
	}{
		"tool misuse":                          {94, 85, 87, "(CVSS:9.4/AARS:8.5)", "High"},
		"access control violation":             {87, 70, 76, "(CVSS:8.7/AARS:7.0)", "High"},
		"cascading failures":                   {71, 75, 71, "(CVSS:7.1/AARS:7.5)", "High"},
		"orchestration":                        {83, 65, 72, "(CVSS:8.3/AARS:6.5)", "High"},
		"identity impersonation":               {74, 55, 63, "(CVSS:7.4/AARS:5.5)", "Medium"},
		"memory and context":                   {58, 60, 57, "(CVSS:5.8/AARS:6.0)", "Medium"},
		"critical systems":                     {69, 50, 58, "(CVSS:6.9/AARS:5.0)", "Medium"},
		"supply chain":                         {93, 10, 50, "(CVSS:9.3/AARS:1.0)", "Medium"},
		"untraceability":                       {53, 45, 48, "(CVSS:5.3/AARS:4.5)", "Medium"},
		"goal manipulation":                    {21, 40, 30, "(CVSS:2.1/AARS:4.0)", "Low"},
		"appendix A, tool misuse":              {94, 75, 82, "(CVSS:9.4/AARS:7.5)", "High"},
		"appendix A, supply chain":             {93, 20, 55, "(CVSS:9.3/AARS:2.0)", "Medium"},
		"the sum that tool misuse lists":       {94, 70, 80, "(CVSS:9.4/AARS:7.0)", "High"},
		"the sum that access control lists":    {87, 65, 74, "(CVSS:8.7/AARS:6.5)", "High"},
		"the sum that cascading lists":         {71, 70, 68, "(CVSS:7.1/AARS:7.0)", "Medium"},
		"the sum that orchestration lists":     {83, 60, 69, "(CVSS:8.3/AARS:6.0)", "Medium"},
		"the sum that identity lists":          {74, 50, 60, "(CVSS:7.4/AARS:5.0)", "Medium"},
		"the sum that memory lists":            {58, 55, 55, "(CVSS:5.8/AARS:5.5)", "Medium"},
		"the sum that untraceability lists":    {53, 40, 45, "(CVSS:5.3/AARS:4.0)", "Medium"},
		"a tie at 4.85 goes up":                {50, 50, 49, "(CVSS:5.0/AARS:5.0)", "Medium"},
		"both full":                            {100, 100, 97, "(CVSS:10.0/AARS:10.0)", "Critical"},
		"nothing":                              {0, 0, 0, "(CVSS:0.0/AARS:0.0)", "None"},
		"no weakness in an agent of all risks": {0, 100, 49, "(CVSS:0.0/AARS:10.0)", "Medium"},
	} {
		t.Run(name, func(t *testing.T) {
			got, vector, err := AIVSS(c.cvss, c.aars, Options{})
			if err != nil || got != c.want || vector != c.vector || Band(got) != c.band {
				t.Errorf("got %s %s %s %v, want %s %s %s", got, vector, Band(got), err, c.want, c.vector, c.band)
			}
		})
	}
}

func TestAIVSS05MultipliesByThreat(t *testing.T) {
	for name, c := range map[string]struct {
		cvss, aars Tenths
		threat     Threat
		want       Tenths
		band       string
	}{
		"a tie at 8.95, which floats put below, is critical": {94, 85, Attacked, 90, "Critical"},
		"a tie at 6.95 is high":                              {64, 75, Attacked, 70, "High"},
		"both full and attacked":                             {100, 100, Attacked, 100, "Critical"},
		"nobody reported an attack":                          {94, 85, Unreported, 81, "High"},
		"the default is a proof of concept":                  {94, 85, "", 87, "High"},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := AIVSS(c.cvss, c.aars, Options{Threat: c.threat})
			if err != nil || got != c.want || Band(got) != c.band {
				t.Errorf("got %s %s %v, want %s %s", got, Band(got), err, c.want, c.band)
			}
		})
	}
}

func TestAIVSS08GivesThePublishedScores(t *testing.T) {
	for name, c := range map[string]struct {
		cvss, sum, want Tenths
		vector          string
	}{
		"tool misuse":            {94, 90, 99, "(CVSS:9.4/AARS:0.5238)"},
		"access control":         {87, 80, 97, "(CVSS:8.7/AARS:1.0088)"},
		"cascading failures":     {71, 80, 94, "(CVSS:7.1/AARS:2.2504)"},
		"orchestration":          {94, 95, 100, "(CVSS:9.4/AARS:0.5529)"},
		"identity impersonation": {74, 75, 93, "(CVSS:7.4/AARS:1.8915)"},
		"memory and context":     {58, 75, 89, "(CVSS:5.8/AARS:3.0555)"},
		"critical systems":       {69, 75, 92, "(CVSS:6.9/AARS:2.25525)"},
		"supply chain":           {93, 65, 97, "(CVSS:9.3/AARS:0.44135)"},
		"untraceability":         {53, 65, 83, "(CVSS:5.3/AARS:2.96335)"},
		"goal manipulation":      {21, 65, 71, "(CVSS:2.1/AARS:4.98095)"},
		"nothing":                {0, 0, 0, "(CVSS:0.0/AARS:0.0)"},
	} {
		t.Run(name, func(t *testing.T) {
			got, vector, err := AIVSS(c.cvss, c.sum, Options{AIVSS: V08})
			if err != nil || got != c.want || vector != c.vector {
				t.Errorf("got %s %s %v, want %s %s", got, vector, err, c.want, c.vector)
			}
		})
	}
}

func TestAIVSS08MultipliesByThreatAndMitigation(t *testing.T) {
	for name, c := range map[string]struct {
		cvss, sum, want Tenths
		opts            Options
	}{
		"attacked: 9.4 + 0.54":                            {94, 90, 99, Options{Threat: Attacked}},
		"unreported: 5.0 + 2.5":                           {50, 100, 75, Options{Threat: Unreported}},
		"partly mitigated: 9.9238 × 0.83 = 8.236754":      {94, 90, 82, Options{Mitigation: Partly}},
		"strongly mitigated: 9.9238 × 0.67 = 6.648946":    {94, 90, 66, Options{Mitigation: Strongly}},
		"a tie goes up: 5.0 × 0.83 = 4.15":                {50, 0, 42, Options{Mitigation: Partly}},
		"just below the tie: 4.9 × 0.67 = 3.283":          {49, 0, 33, Options{Mitigation: Strongly}},
		"a tie of the sum goes up: 5.0 + 0.05×5.0 = 5.25": {50, 5, 53, Options{Threat: Attacked}},
	} {
		t.Run(name, func(t *testing.T) {
			c.opts.AIVSS = V08
			if got, _, err := AIVSS(c.cvss, c.sum, c.opts); err != nil || got != c.want {
				t.Errorf("got %s %v, want %s", got, err, c.want)
			}
		})
	}
}

// The factors of version 0.5, section 4.2, in its order, with the total it prints.
// In seven of ten the total is not the sum. A sum here is a sum.
func TestAARSAddsUpWhatVersion05ListsNotWhatItPrints(t *testing.T) {
	order := []string{
		"autonomyOfAction", "toolUse", "memoryUse", "dynamicIdentity", "multiAgentInteractions",
		"nonDeterminism", "selfModification", "goalDrivenPlanning", "contextualAwareness", "opacityAndReflexivity",
	}
	if got := Factors(V05); !slices.Equal(got, order) {
		t.Fatalf("the factors are %s", got)
	}
	for name, c := range map[string]struct {
		halves       []Level
		sum, printed Tenths
	}{
		"tool misuse":                   {[]Level{2, 2, 1, 1, 0, 2, 0, 2, 2, 2}, 70, 85},
		"access control violation":      {[]Level{2, 1, 2, 2, 1, 1, 0, 1, 1, 2}, 65, 70},
		"cascading failures":            {[]Level{2, 1, 1, 1, 2, 2, 1, 1, 1, 2}, 70, 75},
		"orchestration":                 {[]Level{2, 1, 1, 2, 2, 0, 0, 2, 0, 2}, 60, 65},
		"identity impersonation":        {[]Level{1, 1, 0, 2, 1, 1, 0, 1, 2, 1}, 50, 55},
		"memory and context":            {[]Level{2, 1, 2, 1, 0, 1, 0, 1, 2, 1}, 55, 60},
		"critical systems, as printed":  {[]Level{2, 2, 0, 1, 0, 1, 0, 2, 1, 1}, 50, 50},
		"supply chain, as printed":      {[]Level{1, 1, 0, 0, 0, 0, 0, 0, 0, 0}, 10, 10},
		"untraceability":                {[]Level{1, 0, 1, 1, 2, 1, 0, 0, 0, 2}, 40, 45},
		"goal manipulation, as printed": {[]Level{1, 1, 0, 0, 0, 2, 0, 2, 2, 0}, 40, 40},
		"appendix A, as printed":        {[]Level{2, 2, 1, 2, 0, 1, 0, 2, 2, 1}, 65, 65},
	} {
		t.Run(name, func(t *testing.T) {
			answers := map[string]Answer{}
			for i, level := range c.halves {
				answers[order[i]] = Answer{Level: level, Evidence: []string{"section 4.2"}}
			}
			r, err := Of(Input{Answers: answers}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			a := r.AARS
			if a.Sum != c.sum || a.Low != c.sum || a.High != c.sum || a.Assessed != 10 || a.Of != 10 {
				t.Errorf("got %s, %s to %s, %d of %d; want %s", a.Sum, a.Low, a.High, a.Assessed, a.Of, c.sum)
			}
			if printed := strings.HasSuffix(name, "as printed"); printed != (c.sum == c.printed) {
				t.Errorf("%s is printed as %s", c.sum, c.printed)
			}
			if r.AIVSS.Low != r.AIVSS.Score || r.AIVSS.High != r.AIVSS.Score {
				t.Errorf("all is known, and yet the score is between %s and %s", r.AIVSS.Low, r.AIVSS.High)
			}
		})
	}
}

func TestAIVSSSaysWhatItDoesNotKnow(t *testing.T) {
	for name, c := range map[string]struct {
		cvss, sum Tenths
		opts      Options
		want      string
	}{
		"a version that is none here":    {50, 50, Options{AIVSS: "0.9"}, `unknown version "0.9"`},
		"a threat that is none":          {50, 50, Options{Threat: "loud"}, `unknown threat "loud"`},
		"a mitigation that is none":      {50, 50, Options{AIVSS: V08, Mitigation: "prayer"}, `unknown mitigation "prayer"`},
		"mitigation where there is none": {50, 50, Options{Mitigation: Partly}, "version 0.5 of AIVSS has none"},
		"a CVSS score above ten":         {101, 50, Options{}, "not between 0 and 10"},
		"a sum of factors below zero":    {50, -1, Options{}, "not between 0 and 10"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := AIVSS(c.cvss, c.sum, c.opts); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func FuzzAIVSS(f *testing.F) {
	f.Add(uint8(50), uint8(50), uint8(0))
	f.Add(uint8(94), uint8(85), uint8(4))
	f.Fuzz(func(t *testing.T, cvss, sum, which uint8) {
		c, s := Tenths(cvss%101), Tenths(sum%101)
		all := []Options{
			{}, {Threat: Attacked}, {Threat: Unreported}, {AIVSS: V08}, {AIVSS: V08, Threat: Attacked},
			{AIVSS: V08, Threat: Unreported, Mitigation: Partly}, {AIVSS: V08, Mitigation: Strongly},
		}
		opts := all[int(which)%len(all)]
		got, _, err := AIVSS(c, s, opts)
		if err != nil || got < 0 || got > 100 {
			t.Fatalf("%s, %s: %s %v", c, s, got, err)
		}
		if c < 100 {
			if more, _, _ := AIVSS(c+1, s, opts); more < got {
				t.Fatalf("a worse CVSS than %s makes %s of %s", c, more, got)
			}
		}
		if s < 100 {
			if more, _, _ := AIVSS(c, s+1, opts); more < got {
				t.Fatalf("a worse sum than %s makes %s of %s", s, more, got)
			}
		}
	})
}
