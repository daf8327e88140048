package bytemask

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// vowels are letters, one of them with the highest bit as well.
const vowels = "aeiou\xe1"

func slowMasks(content []byte) []uint64 {
	masks := make([]uint64, (len(content)+Block-1)/Block)
	for i, c := range content {
		if slices.Contains([]byte(vowels), c) {
			masks[i/Block] |= 1 << (i % Block)
		}
	}
	return masks
}

func holdMasks(t *testing.T, s *Set, content []byte) {
	t.Helper()
	want := slowMasks(content)
	r, places := s.Reader(content), s.Reader(content)
	next := 0
	for i, m := range want {
		if got := r.Mask(i); got != m {
			t.Fatalf("mask %d of %q: %x, want %x", i, content, got, m)
		}
		for ; m != 0; m &= m - 1 {
			at := i*Block + bits.TrailingZeros64(m)
			if got := places.Next(next); got != at {
				t.Fatalf("the first in %q from %d on: %d, want %d", content, next, got, at)
			}
			next = at + 1
		}
	}
	if got := places.Next(next); got != -1 {
		t.Fatalf("behind the last in %q: %d", content, got)
	}
	generic := make([]uint64, len(content)/Block)
	if s.blocksGeneric(content, generic); !slices.Equal(generic, want[:len(generic)]) {
		t.Fatalf("generic masks %x of %q, want %x", generic, content, want)
	}
}

func TestTheBytesOfASetAreFoundWhereverTheyLie(t *testing.T) {
	s := NewSet(vowels)
	r := rand.New(rand.NewPCG(4, 2))
	for range 500 {
		content := make([]byte, r.IntN(300)+r.IntN(2)*r.IntN(3*64*Block))
		for i := range content {
			content[i] = byte(r.Uint32())
			if r.IntN(2) == 0 {
				content[i] = vowels[r.IntN(len(vowels))]
			}
		}
		holdMasks(t, s, content)
	}
}

func TestASetOfTooManyKindsOfBytesIsRefused(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("it was not")
		}
	}()
	NewSet("\x00\x11\x22\x33\x44\x55\x66\x77\x88") // each of two equal halves
}

func FuzzMasks(f *testing.F) {
	f.Add([]byte("vowels and the \xe1 in a content that is longer than a block, but not by a whole one"))
	s := NewSet(vowels)
	f.Fuzz(func(t *testing.T, content []byte) { holdMasks(t, s, content) })
}
