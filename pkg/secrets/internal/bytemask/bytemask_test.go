package bytemask

import (
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
	r, at := s.Reader(content), 0
	for masks := r.From(0); len(masks) > 0; masks = r.From(at) {
		if at += len(masks); at > len(want) || !slices.Equal(masks, want[at-len(masks):at]) {
			t.Fatalf("%d masks up to block %d of %q: %x, want %x", len(masks), at, content, masks, want)
		}
	}
	if at != len(want) {
		t.Fatalf("%d masks of %q, want %d", at, content, len(want))
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

func TestBytesThatDifferAreMarked(t *testing.T) {
	for _, c := range []byte{0, 1, '"', 0x7f, 0x80, 0xff} {
		for b := range 256 {
			for at := range 8 {
				word := uint64(c)*0x0101010101010101&^(0xff<<(8*at)) | uint64(b)<<(8*at)
				want := uint64(0)
				if byte(b) != c {
					want = 0x80 << (8 * at)
				}
				if got := Differ(word, c) & 0x8080808080808080; got != want {
					t.Fatalf("%#016x beside %#x: %#016x, want %#016x", word, c, got, want)
				}
			}
		}
	}
}
