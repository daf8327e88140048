package licence

import (
	"strings"
	"testing"
)

func TestALicenceIsDeniedThatCannotBeKeptWithoutADeniedOne(t *testing.T) {
	for _, c := range []struct {
		deny     string
		licences string // of a package, with a bar in between
		by       string
	}{
		{"GPL-3.0-only", "GPL-3.0-only", "GPL-3.0-only"},
		{"GPL-3.0-only", "MIT", ""},
		{"GPL-3.0*", "GPL-3.0-or-later", "GPL-3.0*"},
		{"GPL-3.0*", "LGPL-3.0-only", ""},
		{"*GPL-3.0*", "LGPL-3.0-only", "*GPL-3.0*"},
		{"GPL-3.0", "GPL-3.0-only", "GPL-3.0"},
		{"GPL-3.0", "GPL-3.0-or-later", ""},
		{"gpl-2.0-or-later", "GPL-2.0+", "gpl-2.0-or-later"},
		{"GPL-3.0-only", "MIT OR GPL-3.0-only", ""},
		{"GPL-3.0-only", "MIT AND GPL-3.0-only", "GPL-3.0-only"},
		{"GPL-3.0-only,MIT", "MIT OR GPL-3.0-only", "MIT"},
		{"GPL-3.0-only", "MIT AND (Apache-2.0 OR GPL-3.0-only)", ""},
		{"GPL-3.0-only", "MIT OR Apache-2.0 AND GPL-3.0-only", ""},
		{"GPL-3.0-only", "(MIT OR Apache-2.0) AND GPL-3.0-only", "GPL-3.0-only"},
		{"GPL-2.0-only", "GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only"},
		{"* WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0", "* WITH Classpath-exception-2.0"},
		{"Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0", ""},
		{"GPL-3.0-only", "mit or gpl-3.0-only", ""},
		{"GPL-3.0-only", "MIT|GPL-3.0-only", "GPL-3.0-only"},
		{"NONE", "", "NONE"},
		{"MIT", "", ""},
		{"public*", "public domain, more or less", "public*"},
		{"MIT", "MIT AND", ""},
		{"MIT", "((MIT)", ""},
		{"MIT", strings.Repeat("(", 1000) + "MIT" + strings.Repeat(")", 1000), ""},
	} {
		d, err := Deny(strings.Split(c.deny, ","))
		if err != nil {
			t.Fatal(err)
		}
		var licences []string
		if c.licences != "" {
			licences = strings.Split(c.licences, "|")
		}
		if by, denied := d.Any(licences); by != c.by || denied != (c.by != "") {
			t.Errorf("deny %s, licence %.60s: denied %v by %q, want %q", c.deny, c.licences, denied, by, c.by)
		}
	}
}

func TestWhatIsNoIDIsRefused(t *testing.T) {
	for _, p := range []string{"", " ", "GPL[", "a/b"} {
		if _, err := Deny([]string{p}); err == nil {
			t.Errorf("%q is taken", p)
		}
	}
}

func FuzzAny(f *testing.F) {
	f.Add("MIT AND (GPL-3.0+ OR X WITH Y)", "GPL*")
	f.Add("((", "*")
	f.Fuzz(func(t *testing.T, expression, pattern string) {
		d, err := Deny([]string{pattern})
		if err != nil {
			return
		}
		if by, denied := d.Any([]string{expression}); denied && by != strings.TrimSpace(pattern) {
			t.Errorf("denied by %q", by)
		}
		all := Denied{"*"}
		if _, denied := all.Any([]string{expression}); !denied {
			t.Errorf("%q is not denied by all", expression)
		}
	})
}
