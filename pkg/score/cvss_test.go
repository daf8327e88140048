package score

import (
	"slices"
	"testing"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// Rows of FIRST's examples with which its calculator agrees, of go-cvss's own tests,
// and the base vectors of AIVSS 0.5, section 4.2.
func TestCVSSBaseGivesThePublishedScores(t *testing.T) {
	const (
		local  = "AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
		asked  = "AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
		bleed  = "AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N"
		hard   = "AV:N/AC:H/AT:P/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:P"
		open   = "AV:N/AC:L/AT:N/PR:N/UI:N/"
		all    = open + "VC:H/VI:H/VA:H/SC:H/SI:H/SA:H"
		plenty = "AV:L/AC:L/AT:N/PR:L/UI:P/VC:N/VI:H/VA:H/SC:N/SI:L/SA:L"
	)
	for vector, want := range map[string]Tenths{
		local: 73, asked: 77, asked + "/E:U": 52,
		bleed: 83, bleed + "/CR:H/IR:L/AR:L/MAV:N/MAC:H/MVC:H/MVI:L/MVA:L": 81,
		"AV:L/AC:L/AT:N/PR:N/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N": 46,
		"AV:N/AC:L/AT:N/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N": 51,
		open + "VC:N/VI:N/VA:N/SC:L/SI:L/SA:N":                   69,
		all + "/E:A":                                             100,
		open + "VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:A":               93,
		hard:                                    82,
		hard + "/MAC:L/MAT:N/MVC:N/MVI:N/MVA:L": 55,
		all:                                     100,
		open + "VC:N/VI:N/VA:N/SC:N/SI:N/SA:N":  0,
		open + "VC:H/VI:H/VA:H/SC:N/SI:N/SA:N":  93,
		open + "VC:N/VI:N/VA:N/SC:H/SI:H/SA:H":  79,
		all + "/E:U":                            91,
		all + "/MVI:L/MSA:S":                    98,
		"AV:P/AC:H/AT:P/PR:H/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N": 10,
		plenty: 52,
		plenty + "/E:P/CR:H/IR:M/AR:H/MAV:A/MAT:P/MPR:N/MVI:H/MVA:N/MSI:H/MSA:N": 47,

		"AV:N/AC:L/AT:N/PR:N/UI:A/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H": 94,
		"AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N": 87,
		"AV:N/AC:H/AT:N/PR:L/UI:N/VC:N/VI:N/VA:H/SC:N/SI:H/SA:H": 71,
		"AV:A/AC:L/AT:N/PR:H/UI:N/VC:L/VI:H/VA:L/SC:N/SI:H/SA:H": 83,
		"AV:N/AC:H/AT:N/PR:N/UI:A/VC:H/VI:H/VA:N/SC:N/SI:N/SA:N": 74,
		"AV:A/AC:H/AT:N/PR:H/UI:N/VC:L/VI:H/VA:L/SC:N/SI:N/SA:N": 58,
		"AV:A/AC:L/AT:N/PR:H/UI:N/VC:N/VI:H/VA:H/SC:N/SI:N/SA:N": 69,
		"AV:N/AC:L/AT:N/PR:L/UI:N/VC:N/VI:L/VA:N/SC:N/SI:N/SA:N": 53,
		"AV:N/AC:H/AT:N/PR:N/UI:A/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N": 21,
		"AV:A/AC:L/AT:N/PR:L/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H": 94, // AIVSS 0.8, orchestration
	} {
		if got, err := CVSSBase("CVSS:4.0/" + vector); err != nil || got != want {
			t.Errorf("%s: got %s %v, want %s", vector, got, err, want)
		}
	}
	for _, wrong := range []string{"", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:4.0/AV:N", all, "CVSS:4.0/" + all + "/XX:Y"} {
		if got, err := CVSSBase(wrong); err == nil {
			t.Errorf("%q scores %s", wrong, got)
		}
	}
}

func TestEveryKindHasAVectorOrIsNoWeakness(t *testing.T) {
	kinds := Kinds()
	for _, k := range kinds {
		if k.Name == "" || k.Why == "" {
			t.Errorf("%+v does not explain itself", k)
		}
		if k.Vector == "" {
			if k.Name != "waste" && k.Name != "remark" {
				t.Errorf("%s has no vector", k.Name)
			}
			continue
		}
		if score, err := CVSSBase("CVSS:4.0/" + k.Vector); err != nil || score == 0 {
			t.Errorf("%s: %s %v", k.Name, score, err)
		}
		if k.Fact != "" && !slices.Contains(facts(), k.Fact) {
			t.Errorf("%s shows %q, which is no fact", k.Name, k.Fact)
		}
	}
	last := kinds[len(kinds)-1]
	if !last.fits(&finding.Finding{}) || !last.fits(&finding.Finding{Severity: finding.Info}) {
		t.Error("the last kind does not fit everything")
	}
}

func TestTheKindOfAFindingIsTheFirstThatFits(t *testing.T) {
	for name, c := range map[string]struct {
		f    finding.Finding
		want string
	}{
		"a critical secret":                 {finding.Finding{Rule: "x", Category: finding.Secret, Severity: finding.Critical}, "secret that opens infrastructure"},
		"a rule that is named":              {finding.Finding{Rule: "image-setuid", Category: finding.Hygiene, Severity: finding.High}, "way to more rights"},
		"a rule that is not, by severity":   {finding.Finding{Rule: "image-new", Category: finding.Config, Severity: finding.Medium}, "of severity medium"},
		"an unknown severity counts as low": {finding.Finding{Rule: "image-new", Category: finding.Config, Severity: "dire"}, "of severity low"},
		"a vulnerability":                   {finding.Finding{Rule: "CVE", Category: finding.Vulnerability, Severity: finding.High}, "vulnerability of severity high"},
		"a way out of the root":             {finding.Finding{Rule: "tar-link-escape", Category: finding.Integrity, Severity: finding.High}, "way out of the unpacker's root"},
		"a remark":                          {finding.Finding{Rule: "image-new", Category: finding.Hygiene, Severity: finding.Info}, "remark"},
		"a remark on the tar":               {finding.Finding{Rule: "tar-aufs-metadata", Category: finding.Integrity, Severity: finding.Info}, "remark"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := kindOf(Kinds(), &c.f).Name; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheImageHasTheCVSSOfItsWorstFinding(t *testing.T) {
	root := defect("root", "image-user-root", finding.Config, finding.Medium)
	key := defect("key", "slack-bot-token", finding.Secret, finding.High)
	other := defect("other", "jwt", finding.Secret, finding.High)
	unsure := defect("unsure", "aws-key", finding.Secret, finding.Critical)
	unsure.Confidence = finding.Unsure
	gone := defect("gone", "image-setuid", finding.Hygiene, finding.Medium)
	gone.Visible = false
	for name, c := range map[string]struct {
		found []finding.Finding
		score Tenths
		ids   []string
	}{
		"nothing":                              {nil, 0, []string{}},
		"the worst of two":                     {[]finding.Finding{root, key}, 87, []string{"key"}},
		"both of two that are the worst":       {[]finding.Finding{other, root, key}, 87, []string{"key", "other"}},
		"a finding of low confidence":          {[]finding.Finding{unsure, root}, 52, []string{"root"}},
		"a program that a later layer deleted": {[]finding.Finding{gone}, 0, []string{}},
		"waste":                                {[]finding.Finding{defect("w", "image-package-cache", finding.Hygiene, finding.Low)}, 0, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := mustOf(t, Input{Findings: c.found}).CVSS
			if got.Score != c.score || !slices.Equal(got.Findings, c.ids) || (got.Vector == "") != (c.score == 0) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// defect makes a finding that is sure and at work.
func defect(id, rule string, c finding.Category, s finding.Severity) finding.Finding {
	return finding.Finding{ID: id, Rule: rule, Category: c, Severity: s, Confidence: finding.Sure, Visible: true}
}

func mustOf(t testing.TB, in Input) Result {
	t.Helper()
	r, err := Of(in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
