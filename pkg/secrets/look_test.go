package secrets

import (
	"regexp/syntax"
	"strings"
	"testing"
)

func TestHowFarALookReads(t *testing.T) {
	for _, test := range []struct {
		expr  string
		back  bool
		text  string
		pos   int
		limit int
		ok    bool
		read  int
	}{
		{expr: `[a-z]{3}`, text: "ab-", ok: false, read: 2, limit: 99},
		{expr: `[a-z]{3}`, text: "abcd", ok: true, read: 3, limit: 99},
		// Whatever comes, it goes on: to the limit or the end of the text.
		{expr: `[\s\S]{3,}`, text: strings.Repeat("x", 100), pos: 10, limit: 50, ok: true, read: 50},
		{expr: `[\s\S]{3,}`, text: strings.Repeat("x", 100), pos: 10, limit: 500, ok: true, read: 90},
		{expr: `[\s\S]{3,}`, text: strings.Repeat("x", 12), pos: 10, limit: 500, ok: false, read: 2},
		{expr: `[\s\S]{3,}`, back: true, text: strings.Repeat("x", 100), pos: 90, limit: 500, ok: true, read: 90},
		{expr: `[\s\S]{3,}?key`, text: "xxxxxkey" + strings.Repeat("x", 92), limit: 500, ok: true, read: 100},
		{expr: `[\s\S]{3,}?key`, text: strings.Repeat("x", 100), limit: 500, ok: false, read: 100},
		{expr: `[^z]{3,}`, text: strings.Repeat("x", 40) + "z", limit: 500, ok: true, read: 40},
	} {
		re, err := syntax.Parse(test.expr, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		for _, binary := range []bool{false, true} {
			s := lookState{look: newLook(re, test.back)}
			ok, read := s.run(&text{bytes: []byte(test.text), binary: binary}, test.pos, test.limit, true)
			if ok != test.ok || read != test.read {
				t.Errorf("%s in %.20q from %d: %v after %d bytes, want %v after %d", test.expr, test.text, test.pos, ok, read, test.ok, test.read)
			}
		}
	}
}

func TestALookTakesWhatIsNotPrintableInABinaryForALineEnd(t *testing.T) {
	re, err := syntax.Parse(`[a-z]+\n`, syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	s := lookState{look: newLook(re, false)}
	for _, test := range []struct {
		text   string
		binary bool
		ok     bool
	}{{"abc\x00", true, true}, {"abc\xff", true, true}, {"abc\n", true, true}, {"abc ", true, false}, {"abc\x00", false, false}, {"abc\n", false, true}} {
		if ok, _ := s.run(&text{bytes: []byte(test.text), binary: test.binary}, 0, 99, true); ok != test.ok {
			t.Errorf("%q, binary %v: %v", test.text, test.binary, ok)
		}
	}
}
