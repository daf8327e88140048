package bytemask

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

const letters = "abcdefghij"

// slowRun finds the next run of units one after the other.
func slowRun(content []byte, unit int, is func([]byte) bool, from, least int) (start, end int) {
	for start = from; start < len(content)/unit; start = end + 1 {
		for end = start; end < len(content)/unit && is(content[end*unit:(end+1)*unit]); end++ {
		}
		if end-start >= least {
			return start, end
		}
	}
	return -1, -1
}

func ofLetters(four []byte) bool { return len(bytes.Trim(four, letters)) == 0 }

func likeWide(eight []byte) bool {
	zeros := func(at, step int) (n int) {
		for i := at; i < 8; i += step {
			if eight[i] == 0 {
				n++
			}
		}
		return n
	}
	all := zeros(0, 1)
	if all == 4 {
		return zeros(0, 2) == 4 || zeros(1, 2) == 4
	}
	return all == 6 && slices.ContainsFunc([]int{0, 1, 2, 3}, func(at int) bool { return zeros(at, 4) == 0 })
}

func holdRuns(t *testing.T, s *Set, content []byte) {
	t.Helper()
	for _, kind := range []struct {
		name        string
		runs        Runs
		unit, least int
		is          func([]byte) bool
		fill        func([]byte, []uint64)
	}{
		{"fours", s.Fours(content), 4, 4, ofLetters, s.foursGeneric},
		{"eights", Wide(content), 8, 3, likeWide, wideGeneric},
	} {
		for from := 0; from >= 0; {
			start, end := kind.runs.Next()
			wantStart, wantEnd := slowRun(content, kind.unit, kind.is, from, kind.least)
			if start != wantStart || end != wantEnd {
				t.Fatalf("%s from %d on in %q: %d to %d, want %d to %d", kind.name, from, content, start, end, wantStart, wantEnd)
			}
			from = end
		}
		generic := make([]uint64, len(content)/(64*kind.unit))
		kind.fill(content, generic)
		for i, m := range generic {
			if got := kind.runs.masks.mask(i); i >= kind.runs.masks.first && got != m {
				t.Fatalf("mask %d of %s of %q: %x, generic %x", i, kind.name, content, got, m)
			}
		}
	}
}

func TestRunsAreFoundWhereverTheyLie(t *testing.T) {
	s := NewSet(letters)
	r := rand.New(rand.NewPCG(5, 2))
	for range 3000 {
		var content []byte
		for range r.IntN(30) {
			piece := bytes.Repeat([]byte([]string{"a", "j", "-", "\xe1", "\x00", "a\x00", "\x00j", "b\x00\x00\x00", "\x00\x00\x00b"}[r.IntN(9)]), r.IntN(20)*(1+r.IntN(2)*r.IntN(20)))
			content = append(content, piece...)
		}
		holdRuns(t, s, content)
	}
}

func TestFoursOfASetWithMoreThanASCIIAreRefused(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("they were not")
		}
	}()
	NewSet(vowels).Fours(nil)
}

func FuzzRuns(f *testing.F) {
	f.Add([]byte("abcdefghijabcdefghij, w\x00i\x00d\x00e\x00 \x00t\x00e\x00x\x00t\x00 \x00\x00\x00w\x00\x00\x00i\x00\x00\x00d\x00\x00\x00e"))
	s := NewSet(letters)
	f.Fuzz(func(t *testing.T, content []byte) { holdRuns(t, s, content) })
}
