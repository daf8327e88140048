package decode

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// slowStringAround goes one byte after the other.
func slowStringAround(b []byte, at, from int) (open, shut int) {
	for open = at; ; open-- {
		if open <= from || at-open > maxText || b[open-1] == '\n' {
			return at, at
		}
		if b[open-1] == '"' && !escaped(b, open-1) {
			break
		}
	}
	for shut = at; shut < len(b) && shut-at <= maxText && b[shut] != '\n'; shut++ {
		switch b[shut] {
		case '\\':
			shut++
		case '"':
			return open, shut
		}
	}
	return at, at
}

// holdString compares both ways, and tells whether there is a string.
func holdString(t *testing.T, b []byte, at, from int) bool {
	t.Helper()
	open, shut := stringAround(b, at, from)
	if o, s := slowStringAround(b, at, from); open != o || shut != s {
		t.Fatalf("around %d from %d in %.100q: %d to %d, want %d to %d", at, from, b, open, shut, o, s)
	}
	return open < shut
}

func TestTheStringAroundAPlaceIsFoundWhereverItsQuotesAre(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 1))
	found := 0
	for range 20_000 {
		b := make([]byte, 1+r.IntN(80))
		for i := range b {
			b[i] = "x\xa2"[r.IntN(2)]
			if r.IntN(1+len(b)/6) == 0 {
				b[i] = "\"\"\\\n"[r.IntN(4)]
			}
		}
		at := r.IntN(len(b))
		if holdString(t, b, at, r.IntN(at+1)) {
			found++
		}
	}
	if found < 1000 {
		t.Errorf("only %d strings", found)
	}
}

// slowStrings finds the strings with a mark one after the other, each as far as it goes.
func slowStrings(b, mark []byte) (all []Part) {
	for from := 0; ; {
		at := slowNext(b, mark, from)
		if at < 0 {
			return all
		}
		at += len(mark) - 2
		open, shut := slowStringAround(b, at, from)
		from = max(at+2, shut)
		if shut-open >= minString && isValue(b, open-1) {
			all = append(all, Part{Start: open, End: shut, Content: unescape(nil, b[open:shut])})
		}
	}
}

func holdStrings(t *testing.T, b []byte) (found int) {
	t.Helper()
	var m marks
	m.find(b)
	for _, mark := range []int{newlineMark, jsonMark} {
		var got []Part
		f := &finder{left: maxDecoded, visit: func(p Part) {
			if p.Encoding == "string" {
				got = append(got, Part{Start: p.Start, End: p.End, Content: bytes.Clone(p.Content)})
			}
		}}
		f.strings(b, &m[mark], nil, 1)
		want := slices.DeleteFunc(slowStrings(b, markTexts[mark]), func(p Part) bool { return !readable(p.Content) })
		if !slices.EqualFunc(got, want, func(a, b Part) bool {
			return a.Start == b.Start && a.End == b.End && bytes.Equal(a.Content, b.Content)
		}) {
			t.Fatalf("in %q: %+v, want %+v", b, got, want)
		}
		found += len(got)
	}
	return found
}

func TestStringsAreFoundWhateverStandsAroundThem(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 1))
	pieces := []string{`"`, `"`, `: "`, `="`, `\n`, `\n`, `\`, `\"`, `"{\"`, `{\"`, "\n", " ", "some words", "more of them"}
	found := 0
	for range 20_000 {
		var b []byte
		for range r.IntN(40) {
			b = append(b, pieces[r.IntN(len(pieces))]...)
		}
		found += holdStrings(t, b)
	}
	if found < 2000 {
		t.Errorf("only %d strings", found)
	}
}

func FuzzStrings(f *testing.F) {
	f.Add([]byte(`x = "a string of \n lines", y: "{\"JSON\": \"in a\\n string\"}"` + "\n" + `"no \\n value", z="no end\n`))
	f.Fuzz(func(t *testing.T, b []byte) { holdStrings(t, b) })
}

func TestTheLongestStringIsFoundAndNoLongerOne(t *testing.T) {
	for before := maxText - 3; before < maxText+3; before++ {
		for after := maxText - 3; after < maxText+3; after++ {
			b := []byte(`"` + strings.Repeat("x", before+after) + `"`)
			if found := holdString(t, b, 1+before, 0); found != (before <= maxText && after <= maxText) {
				t.Errorf("%d bytes before a place and %d after it: %v", before, after, found)
			}
		}
	}
}
