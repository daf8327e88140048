package secrets

import (
	"bytes"
	"math"
	mathbits "math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// mostLine is how much of a line, on each side of a match, allow-lists see.
const mostLine = 4 << 10

// judging is what the engine knows of a rule to judge its matches by.
type judging struct {
	groups  int // of the expression
	doubt   func(secret string) bool
	allowed []*allowList
	spoken  bool // what stands around a match tells whether it is a secret
}

// accept finds the secret in a match as gitleaks does, and keeps the match
// unless it has too little entropy or an allow-list names it. The match lies in a part of the text, from
// one place in it to another; the part begins at base.
func (m *machine) accept(r int, part []byte, base, from, to int) {
	rule, judging := &m.e.rules[r], &m.e.judging[r]
	for from < to && part[from] == '\n' {
		from++
	}
	for to > from && part[to-1] == '\n' {
		to--
	}
	whole := string(part[from:to])
	start, end := base+from, base+to
	x := match{rule: r, start: start, end: end, secretStart: start, secret: whole}
	if judging.groups > 0 {
		groups, ok := m.exact[r].groups(whole)
		if !ok {
			groups = rule.expr.compiled().FindStringSubmatchIndex(whole)
		}
		if len(groups) > 0 && rule.group > judging.groups {
			return
		}
		if g := pickGroup(groups, rule.group); g > 0 {
			x.secret, x.secretStart = "", start
			if groups[2*g] >= 0 {
				x.secret, x.secretStart = whole[groups[2*g]:groups[2*g+1]], start+groups[2*g]
			}
		}
	}
	if rule.entropy != 0 && entropy(x.secret) <= rule.entropy {
		return
	}
	if judging.doubt != nil && judging.doubt(x.secret) {
		x.confidence = finding.Unsure
	}
	if rule.own != nil {
		if x.confidence = rule.own(x.secret, whole); x.confidence == "" {
			return
		}
	}
	var line []byte
	for _, a := range judging.allowed {
		if a.RegexTarget == "line" && line == nil {
			line = m.line(start, x.end)
		}
		if m.allowed(a, x.secret, whole, line) {
			return
		}
	}
	if 2*len(x.secret) < len(whole) { // else it may as well hold the match
		x.secret = strings.Clone(x.secret)
	}
	if judging.spoken {
		x.around = m.around(x)
	}
	m.out = append(m.out, x)
}

// pickGroup gives the group that holds a secret: the one that the rule names, or the first that is not
// empty. Without groups, and where all are empty, it gives 0.
func pickGroup(groups []int, named int) int {
	if named > 0 && len(groups) > 0 {
		return named
	}
	for g := 1; g < len(groups)/2; g++ {
		if groups[2*g+1] > groups[2*g] {
			return g
		}
	}
	return 0
}

// line gives the lines that a match stands on, or what is near of them.
func (m *machine) line(start, end int) []byte {
	lo, hi := max(0, start-mostLine), min(len(m.text.bytes), end+mostLine)
	b := m.text.bytes[lo:hi]
	if m.text.binary {
		b = appendPrintable(nil, b)
	}
	start, end = start-lo, end-lo
	lo, hi = 0, len(b)
	if i := bytes.LastIndexByte(b[lo:start], '\n'); i >= 0 {
		lo += i
	}
	if i := bytes.IndexByte(b[end:hi], '\n'); i >= 0 {
		hi = end + i
	}
	return b[lo:hi]
}

// entropy is Shannon's, in bits for each byte, over runes as gitleaks counts.
func entropy(s string) float64 {
	if s == "" {
		return 0
	}
	var counts [utf8.RuneSelf]uint32
	low, high := uint64(0), uint64(0) // which were counted
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf {
			return entropyOfRunes(s)
		}
		counts[c]++
		bit, upper := uint64(1)<<(c&63), -uint64(c>>6)
		low, high = low|bit&^upper, high|bit&upper
	}
	each := 1 / float64(len(s))
	bits := 0.0
	var known [16]float64 // most counts are small and come again and again
	for i, word := range [2]uint64{low, high} {
		for ; word != 0; word &= word - 1 {
			n := counts[i<<6|mathbits.TrailingZeros64(word)]
			if n < uint32(len(known)) && known[n] != 0 {
				bits -= known[n]
				continue
			}
			f := float64(n) * each
			t := f * math.Log2(f)
			if bits -= t; n < uint32(len(known)) {
				known[n] = t
			}
		}
	}
	return bits
}

func entropyOfRunes(s string) float64 {
	var ascii [128]int
	long := map[rune]int{}
	for _, r := range s {
		if r < 128 {
			ascii[r]++
		} else {
			long[r]++
		}
	}
	each := 1 / float64(len(s))
	bits := 0.0
	add := func(n int) {
		if n > 0 {
			f := float64(n) * each
			bits -= f * math.Log2(f)
		}
	}
	for _, n := range ascii {
		add(n)
	}
	counts := make([]int, 0, len(long))
	for _, n := range long {
		counts = append(counts, n)
	}
	slices.Sort(counts)
	for _, n := range counts {
		add(n)
	}
	return bits
}
