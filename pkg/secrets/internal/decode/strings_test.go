package decode

import (
	"math/rand/v2"
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

func TestTheStringAroundAPlaceIsFoundWhereverItsQuotesAre(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 1))
	found := 0
	for n := range 20_000 {
		b := make([]byte, 1+r.IntN(80))
		if n%200 == 0 {
			b = make([]byte, 2*maxText+r.IntN(100))
		}
		for i := range b {
			b[i] = "x\xa2"[r.IntN(2)]
			if r.IntN(1+len(b)/6) == 0 {
				b[i] = "\"\"\\\n"[r.IntN(4)]
			}
		}
		at := r.IntN(len(b))
		from := r.IntN(at + 1)
		open, shut := stringAround(b, at, from)
		if o, s := slowStringAround(b, at, from); open != o || shut != s {
			t.Fatalf("around %d from %d in %.100q: %d to %d, want %d to %d", at, from, b, open, shut, o, s)
		}
		if open < shut {
			found++
		}
	}
	if found < 1000 {
		t.Errorf("only %d strings", found)
	}
}
