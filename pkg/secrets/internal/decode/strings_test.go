package decode

import (
	"math/rand/v2"
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
