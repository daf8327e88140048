package secrets

import (
	"math/rand/v2"
	"testing"
)

func TestLongRunsAreSeenWhateverTheirBytes(t *testing.T) {
	var word byteSet
	word.addRange('0', '9')
	word.addRange('a', 'f')
	anything := allBytes()
	r := rand.New(rand.NewPCG(21, 3))
	for _, length := range []int{shortestSpan, 32, 46, 47, 48, 62, 63, longestSpan} {
		long := pattern{before: anything, after: anything}
		for range length {
			long.run = append(long.run, word)
		}
		if length%2 == 0 { // one byte stands at one place alone
			var only byteSet
			only.add('b')
			long.run[length/3] = only
		}
		// Not a word, and so nothing for spans.
		blanks := pattern{before: anything, after: anything, run: keywordRun("a keyword of more than thirty-one characters")}
		f := newFilter([]pattern{long, blanks}, byteFrequency())
		if n := len(f.spans.words); n != 1 {
			t.Fatalf("%d runs of %d bytes are looked for as long words", n, length)
		}
		for range 200 {
			var content []byte
			for len(content) < 400 {
				content = append(content, prose(r, r.IntN(40))...)
				for range r.IntN(length + 20) {
					content = append(content, spell(r, long.run[:1])...)
				}
				if r.IntN(2) == 0 {
					content = append(content, spell(r, long.run)...)
				}
				if r.IntN(4) == 0 {
					content = append(content, spell(r, blanks.run)...)
				}
			}
			holdFilter(t, f, content, 2*r.IntN(1+len(content)/2))
		}
	}
}
