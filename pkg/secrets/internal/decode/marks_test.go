package decode

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// slowNext looks for a mark alone; a percent sign is none without a digit behind it.
func slowNext(b, mark []byte, from int) int {
	for {
		i := bytes.Index(b[from:], mark)
		if i < 0 {
			return -1
		}
		if at := from + i; mark[0] != '%' || at+1 < len(b) && hexChars[b[at+1]] {
			return at
		}
		from += i + 1
	}
}

func TestMarksAreFoundWhereverTheyStand(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	pieces := append(markTexts[:], []byte("\\"), []byte("&"), []byte("0f"), []byte("ux"), []byte("quot;"), []byte("\xa5\xdc"))
	for range 2000 {
		var b []byte
		for range r.IntN(60) {
			b = append(b, pieces[r.IntN(len(pieces))]...)
			b = append(b, bytes.Repeat([]byte("-"), r.IntN(3)*r.IntN(40))...)
		}
		var m marks
		m.find(b)
		for i := range m {
			for from := 0; from >= 0; {
				got, want := m[i].next(b, from), slowNext(b, markTexts[i], from)
				if got != want {
					t.Fatalf("the next %q in %q from %d on: %d, want %d", markTexts[i], b, from, got, want)
				}
				if from = got; got >= 0 {
					from += 1 + r.IntN(2)*r.IntN(9)
				}
				if from > len(b) {
					break
				}
			}
		}
	}
}

func TestMoreMarksThanAreKeptAreFound(t *testing.T) {
	b := bytes.Repeat([]byte("%41 "), mostPlaces+100)
	var m marks
	m.find(b)
	n := 0
	for at := m[percentMark].next(b, 0); at >= 0; at = m[percentMark].next(b, at+1) {
		n++
	}
	if n != mostPlaces+100 {
		t.Errorf("%d marks", n)
	}
}
