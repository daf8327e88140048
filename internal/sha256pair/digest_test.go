package sha256pair

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash"
	"math/rand/v2"
	"testing"
)

// stream is a digest, and crypto/sha256's of the same bytes.
type stream struct {
	*Digest
	want hash.Hash
	rest []byte // of the content
}

func newStream(content []byte) *stream {
	return &stream{Digest: New(), want: sha256.New(), rest: content}
}

func (s *stream) next(n int) []byte {
	p := s.rest[:min(n, len(s.rest))]
	s.rest = s.rest[len(p):]
	s.want.Write(p)
	return p
}

func (s *stream) check(t *testing.T, name string) {
	t.Helper()
	if got, want := s.Sum(nil), s.want.Sum(nil); !bytes.Equal(got, want) {
		t.Fatalf("%s: %x instead of %x", name, got, want)
	}
}

func random(seed uint64, n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(seed)})
	r.Read(b)
	return b
}

func TestPairsAreWhatCryptoSHA256Says(t *testing.T) {
	a, b := random(1, 3*mostTested), random(2, 3*mostTested)
	for _, c := range []struct {
		name       string
		begunA     int
		begunB     int
		sizeA      int
		sizeB      int
		thenPaired int
	}{
		{"both empty", 0, 0, 0, 0, 0},
		{"one empty", 0, 0, 0, 4096, 64},
		{"one chunk each", 0, 0, 64, 64, 0},
		{"the first longer", 0, 0, 256, 64, 128},
		{"the second longer", 0, 0, 64, 256, 128},
		{"chunks begun before", 1, 63, 4096, 4096, 4096},
		{"a begun chunk that stays begun", 10, 0, 20, 4096, 300},
		{"more than goes at once", 0, 0, mostTested, mostTested - 1, 1000},
		{"as much as goes at once", 0, 0, 64 << 10, 64 << 10, 64 << 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, y := newStream(a), newStream(b)
			x.Write(x.next(c.begunA))
			y.Write(y.next(c.begunB))
			for _, size := range [][2]int{{c.sizeA, c.sizeB}, {c.thenPaired, c.thenPaired}, {1, 0}, {200, 300}} {
				Write(x.Digest, x.next(size[0]), y.Digest, y.next(size[1]))
				x.check(t, fmt.Sprintf("the first after %v", size))
				y.check(t, fmt.Sprintf("the second after %v", size))
			}
		})
	}
}

const mostTested = 150 << 10

func TestPairsOfAllShortLengths(t *testing.T) {
	a, b := random(3, 400), random(4, 400)
	for n := range 200 {
		for _, m := range []int{0, 1, 63, 64, 65, 128, n, 199 - n} {
			x, y := newStream(a), newStream(b)
			Write(x.Digest, x.next(n), y.Digest, y.next(m))
			Write(y.Digest, y.next(n), x.Digest, x.next(m))
			x.check(t, fmt.Sprintf("%d and %d bytes, the first", n, m))
			y.check(t, fmt.Sprintf("%d and %d bytes, the second", n, m))
		}
	}
}

// FuzzPairs writes two contents in the pieces that cuts says, alone and together.
func FuzzPairs(f *testing.F) {
	f.Add([]byte("one"), []byte("another"), []byte{1, 2, 3})
	f.Add(random(5, 5000), random(6, 3000), []byte{0, 64, 128, 255, 255, 2, 200, 100})
	f.Fuzz(func(t *testing.T, a, b, cuts []byte) {
		x, y := newStream(a), newStream(b)
		for len(cuts) >= 3 {
			p, q := x.next(4*int(cuts[1])+int(cuts[0]>>4)), y.next(4*int(cuts[2])+int(cuts[0]>>4))
			switch cuts[0] % 4 {
			case 0:
				x.Write(p)
				y.Write(q)
			case 1:
				Write(y.Digest, q, x.Digest, p)
			default:
				Write(x.Digest, p, y.Digest, q)
			}
			cuts = cuts[3:]
		}
		Write(x.Digest, x.next(len(a)), y.Digest, y.next(len(b)))
		x.check(t, "the first")
		y.check(t, "the second")
	})
}

func BenchmarkTwoStreams(b *testing.B) {
	p, q := random(1, 256<<10), random(2, 256<<10)
	b.Run("crypto/sha256 one after the other", func(b *testing.B) {
		x, y := sha256.New(), sha256.New()
		b.SetBytes(int64(len(p) + len(q)))
		for b.Loop() {
			x.Write(p)
			y.Write(q)
		}
	})
	b.Run("paired", func(b *testing.B) {
		x, y := New(), New()
		b.SetBytes(int64(len(p) + len(q)))
		for b.Loop() {
			Write(x, p, y, q)
		}
	})
}
