package decode

import (
	"math/rand/v2"
	"testing"
	"unicode/utf8"
)

// slowReadable looks at one character after the other.
func slowReadable(b []byte) bool {
	left := len(b) / 20
	for i := 0; i < len(b) && left >= 0; {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && n == 1 && len(b)-i >= utf8.UTFMax:
			left -= 2
		case r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f:
			left--
		}
		i += n
	}
	return left >= 0
}

func TestTextIsReadableButForAFewBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 9))
	readables := 0
	for range 50_000 {
		b := make([]byte, r.IntN(150))
		for i := range b {
			b[i] = byte(' ' + r.IntN(95))
			if r.IntN(8) == 0 {
				b[i] = "\n\r\t"[r.IntN(3)]
			}
		}
		for range r.IntN(12) {
			if at := r.IntN(len(b) + 1); at < len(b) {
				copy(b[at:], []string{"\x00", "\x7f", "\x1f", "\xe4", "ä", "€", "😀"}[r.IntN(7)])
			}
		}
		got, want := readable(b), slowReadable(b)
		if got != want {
			t.Fatalf("%q is readable: %v, want %v", b, got, want)
		}
		if got {
			readables++
		}
	}
	if readables < 5000 || readables > 45_000 {
		t.Errorf("%d are readable", readables)
	}
}
