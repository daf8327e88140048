package grypeconfig

import (
	"strings"
	"testing"
)

func TestRulesAreReadWithTheirLines(t *testing.T) {
	rules, err := Read(strings.NewReader(`
check-for-app-update: false
ignore:
  - vulnerability: CVE-2024-1
    include-aliases: true
    reason: not reachable
  - fix-state: wont-fix
    package: {name: "lib.*", version: 1.2.3, type: deb, location: "/usr/**"}
`))
	if err != nil || len(rules) != 2 {
		t.Fatalf("%+v, %v", rules, err)
	}
	if r := rules[0]; r.Vulnerability != "CVE-2024-1" || !r.IncludeAliases || r.Reason != "not reachable" || r.Line != 4 {
		t.Errorf("%+v", r)
	}
	if r := rules[1]; r.FixState != "wont-fix" || r.Package != (Package{Name: "lib.*", Version: "1.2.3", Type: "deb", Location: "/usr/**"}) || r.Line != 7 {
		t.Errorf("%+v", r)
	}
}

func TestAFileWithoutRulesHasNone(t *testing.T) {
	for _, text := range []string{"", "db: {auto-update: false}\n", "ignore: []\n"} {
		if rules, err := Read(strings.NewReader(text)); err != nil || len(rules) != 0 {
			t.Errorf("%q: %v, %v", text, rules, err)
		}
	}
}

func TestRulesThatAreNotUnderstoodAreErrors(t *testing.T) {
	for text, want := range map[string]string{
		"ignore: [{flaw: CVE-2024-1}]":          "flaw",
		"ignore: [CVE-2024-1]":                  "keys and values",
		"ignore: [{package: {name: \"lib(\"}}]": "lib(",
		"ignore: [{reason: because}]":           "names nothing",
		"ignore: {vulnerability: CVE-2024-1}":   "line 1",
		"\t":                                    "cannot start any token",
		strings.Repeat("#", maxBytes+1):         "more than",
	} {
		if _, err := Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("ignore:\n  - vulnerability: CVE-2024-1\n    package: {name: x, location: '**'}\n")
	f.Add("ignore: [&a {fix-state: x}, *a]")
	f.Add("ignore: [{reason: [}]")
	f.Fuzz(func(t *testing.T, text string) {
		rules, err := Read(strings.NewReader(text))
		if err != nil && rules != nil {
			t.Error("rules and an error")
		}
	})
}
