package decode

import (
	"math/rand/v2"
	"testing"
)

// slowRun finds the next run one byte after the other.
func slowRun(c *class, b []byte, from, n int) (start, end int) {
	for start = from; start < len(b); start = end + 1 {
		for end = start; end < len(b) && c[b[end]]; end++ {
		}
		if end-start >= n {
			return start, end
		}
	}
	return -1, -1
}

func holdRuns(t *testing.T, b []byte) {
	t.Helper()
	for _, r := range []runs{base64Runs, hexRuns} {
		for from := 0; from >= 0; {
			start, end := r.next(b, from)
			wantStart, wantEnd := slowRun(r.chars, b, from, r.n)
			if start != wantStart || end != wantEnd {
				t.Fatalf("from %d in %q: %d to %d, want %d to %d", from, b, start, end, wantStart, wantEnd)
			}
			from = end
		}
	}
}

func TestRunsAreFoundWhereverTheyLie(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for range 20_000 {
		var b []byte
		for range r.IntN(6) {
			chars := []string{"0123456789abcdefABCDEF", alnum + "+/-_", "\x00\x2a,.:@[`{\x7f\x80\xab\xff g"}[r.IntN(3)]
			for range r.IntN(45) {
				b = append(b, chars[r.IntN(len(chars))])
			}
		}
		holdRuns(t, b)
	}
}

func FuzzRuns(f *testing.F) {
	f.Add([]byte("x " + alnum + " 00112233445566778899aabbccddeeff!"))
	f.Fuzz(func(t *testing.T, b []byte) { holdRuns(t, b) })
}
