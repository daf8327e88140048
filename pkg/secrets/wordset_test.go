package secrets

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestAWordSetTellsWhatContainsTells(t *testing.T) {
	r := rand.New(rand.NewPCG(*flagSeed, 31))
	pick := func(alphabet []rune, n int) string {
		out := make([]rune, n)
		for i := range out {
			out[i] = alphabet[r.IntN(len(alphabet))]
		}
		return string(out)
	}
	found := 0
	for range 300 {
		var words []string
		for range 1 + r.IntN(60) {
			words = append(words, pick([]rune("abk_-@[`{.é"), 1+r.IntN(6)))
		}
		if r.IntN(2) == 0 {
			words = slices.DeleteFunc(words, func(w string) bool { return len(w) < 3 })
		}
		set := newWordSet(words...)
		for range 50 {
			text := pick([]rune("abkABK_-@[`{.;é\u212aİ"), r.IntN(12))
			low := strings.ToLower(text)
			want := slices.ContainsFunc(words, func(w string) bool { return strings.Contains(low, w) })
			if want {
				found++
			}
			if got := set.in(text); got != want {
				t.Fatalf("%q in %q: %v, want %v", words, text, got, want)
			}
		}
	}
	if found < 1000 {
		t.Errorf("only %d texts had a word", found)
	}
}
