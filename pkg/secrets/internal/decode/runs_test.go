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
	runs := base64Runs{b, base64Set.Fours(b)}
	for _, r := range []struct {
		next  func(from int) (start, end int)
		chars *class
		n     int
	}{{func(int) (int, int) { return runs.next() }, &base64Chars, minBase64}, {func(from int) (int, int) { return nextHex(b, from) }, &hexChars, minHex}} {
		for from := 0; from >= 0; {
			start, end := r.next(from)
			wantStart, wantEnd := slowRun(r.chars, b, from, r.n)
			if start != wantStart || end != wantEnd {
				t.Fatalf("from %d in %q: %d to %d, want %d to %d", from, b, start, end, wantStart, wantEnd)
			}
			from = end
			if start >= 0 && r.n == minBase64 {
				holdWorth(t, b[start:end])
			}
		}
	}
}

// holdWorth compares what the cheap look at a run says with what its first characters decode to.
func holdWorth(t *testing.T, run []byte) {
	t.Helper()
	if got, want := base64Worth(run), worth(decodeBase64(nil, run[:min(len(run), 32)&^3])); got != want {
		t.Fatalf("%q is worth a look: %v, want %v", run, got, want)
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

// Of texts, of what is nearly one, of compressed and of wide text.
func TestTheFirstCharactersOfARunTellWhetherItIsWorthALook(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 1))
	worthy := 0
	for range 50_000 {
		b := make([]byte, 15+r.IntN(20))
		for i := range b {
			b[i] = "abc xyz\n"[r.IntN(8)]
		}
		switch r.IntN(5) {
		case 0:
			copy(b, "\x78\x9c")
			for i := range b[2:] {
				b[2+i] = byte(r.Uint32())
			}
		case 1:
			copy(b, "\x1f\x8b\x08")
			for i := range b[3:] {
				b[3+i] = byte(r.Uint32())
			}
		case 2:
			for i := 1 - r.IntN(2); i < len(b); i += 2 {
				b[i] = 0
				if r.IntN(2) == 0 { // as in text of other scripts
					b[max(0, i-1)] = byte(r.Uint32())
				}
			}
		case 3:
			copy(b[r.IntN(len(b)):], "äöü€")
		}
		for range r.IntN(3) {
			b[r.IntN(len(b))] = byte(r.Uint32())
		}
		run := []byte(std(string(b)))
		for run[len(run)-1] == '=' {
			run = run[:len(run)-1]
		}
		holdWorth(t, run)
		if base64Worth(run) {
			worthy++
		}
	}
	if worthy < 10_000 || worthy > 45_000 {
		t.Errorf("%d are worth a look", worthy)
	}
}

func FuzzRuns(f *testing.F) {
	f.Add([]byte("x " + alnum + " 00112233445566778899aabbccddeeff!"))
	f.Add([]byte("eJyFlzuOJDkMRP06xRjymKgD H4sIAAAAAAAAA8tIzcnJVyjPL8pJAQCFEUoNCwAAAA w6TDtsO8w6TDtsO8YWJj YQBiAGMAZABlAGYAZwBoAGkA"))
	f.Fuzz(func(t *testing.T, b []byte) { holdRuns(t, b) })
}
