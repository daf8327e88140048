package secrets

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// holdLookup compares the two ways of looking up windows, and of looking for long words.
func holdLookup(t *testing.T, f *filter, text []byte) {
	t.Helper()
	if got, want := wordBlocks(text), wordBlocksGeneric(text); got != want {
		t.Errorf("%d blocks before a word in %.80q, want %d", got, text, want)
	}
	for len(text) >= blockSize+lookupBehind {
		size := min(lookupBytes, (len(text)-lookupBehind)&^(blockSize-1))
		var here, there [lookupBytes / blockSize]uint32
		got, want := here[:f.lookup(text, size, &here)], there[:f.lookupGeneric(text, size, &there)]
		if !slices.Equal(got, want) {
			t.Errorf("candidates of %.80q: %x, want %x", text[:size], got, want)
		}
		text = text[size:]
	}
}

func TestBothWaysOfLookingUpAgree(t *testing.T) {
	e, err := sharedEngine()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(21, 2))
	var all []byte
	for i := range e.filter.patterns {
		all = append(all, prose(r, r.IntN(90))...)
		all = append(all, spell(r, e.filter.patterns[i].run)...)
		for range r.IntN(90) {
			all = append(all, byte(r.Uint32()))
		}
	}
	for range 300 {
		from := r.IntN(len(all))
		holdLookup(t, e.filter, all[from:from+r.IntN(len(all)-from)])
	}
	var found [lookupBytes / blockSize]uint32
	if n := e.filter.lookup(all, lookupBytes, &found); n == 0 || n == len(found) {
		t.Errorf("%d of %d blocks have candidates", n, len(found))
	}
}

func FuzzLookup(f *testing.F) {
	f.Add([]byte("a key, a token, an AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA0 and an api\xff\xc3"))
	f.Fuzz(func(t *testing.T, content []byte) {
		e, err := sharedEngine()
		if err != nil {
			t.Fatal(err)
		}
		if len(content) <= 8<<10 {
			holdLookup(t, e.filter, content)
		}
	})
}
