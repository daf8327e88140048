package bytemask

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// noVowel is of letters alone, with and without the highest bit.
func noVowel(v uint64) uint64 {
	var out uint64
	for i := range 8 {
		switch byte(v >> (8 * i)) {
		case 'a', 'e', 'i', 'o', 'u', 'a' | 0x80:
		default:
			out |= 0x80 << (8 * i)
		}
	}
	return out
}

func slowMasks(content []byte) []uint64 {
	masks := make([]uint64, (len(content)+Block-1)/Block)
	for i, c := range content {
		if slices.Contains([]byte("aeiou\xe1"), c) {
			masks[i/Block] |= 1 << (i % Block)
		}
	}
	return masks
}

func holdMasks(t *testing.T, s *Set, content []byte) {
	t.Helper()
	want := slowMasks(content)
	got := make([]uint64, len(want)+1)
	if n := s.Masks(content, got); n != len(want) || !slices.Equal(got[:n], want) {
		t.Fatalf("%d masks %x of %q, want %x", n, got[:n], content, want)
	}
	whole := len(content) / Block
	s.blocksGeneric(content, got[:whole])
	if !slices.Equal(got[:whole], want[:whole]) {
		t.Fatalf("generic masks %x of %q, want %x", got[:whole], content, want[:whole])
	}
}

func TestAMaskTellsWhichBytesAreOfTheSet(t *testing.T) {
	s := NewSet(noVowel)
	r := rand.New(rand.NewPCG(4, 2))
	for range 5000 {
		content := make([]byte, r.IntN(300))
		for i := range content {
			content[i] = byte(r.Uint32())
			if r.IntN(2) == 0 {
				content[i] = "aeiou\xe1"[r.IntN(6)]
			}
		}
		holdMasks(t, s, content)
	}
}

func TestMoreContentThanMasksIsLeft(t *testing.T) {
	masks := []uint64{1, 2, 3}
	if n := NewSet(noVowel).Masks(make([]byte, 5*Block), masks[:2]); n != 2 || !slices.Equal(masks, []uint64{0, 0, 3}) {
		t.Errorf("%d masks, %x", n, masks)
	}
}

func TestASetOfTooManyKindsOfBytesIsRefused(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("it was not")
		}
	}()
	NewSet(func(v uint64) uint64 { return ^(1 << (7 + v>>4 - v&15)) }) // of two equal halves
}

func FuzzMasks(f *testing.F) {
	f.Add([]byte("vowels and the \xe1 in a content that is longer than a block, but not by a whole one"))
	s := NewSet(noVowel)
	f.Fuzz(func(t *testing.T, content []byte) { holdMasks(t, s, content) })
}
