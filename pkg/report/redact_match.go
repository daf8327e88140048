package report

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// prefixBytes is how much of a long pattern the filter looks at.
const prefixBytes = 4

// filterBits is the size of the filter for each pattern: it lets one of 64 other texts pass.
const filterBits = 64

// matcher finds patterns in text: a filter on the hash of the first bytes, then
// a binary search among the sorted patterns. Its memory is that of the patterns,
// and no choice of patterns and text makes it slower than a search for each byte.
type matcher struct {
	patterns []pattern // sorted by text, each text once
	inner    []int32   // the longest other pattern that each pattern begins with, or -1
	filter   []uint64
	bits     int // of the filter's index
	prefix   int // bytes that the filter looks at
	longest  int
}

func newMatcher(patterns []pattern, prefix int) matcher {
	m := matcher{prefix: prefix}
	if len(patterns) == 0 {
		return m
	}
	// Of equal texts the first in this order names the match, whatever the order of findings was.
	slices.SortFunc(patterns, func(a, b pattern) int {
		return cmp.Or(cmp.Compare(a.text, b.text), cmp.Compare(b2i(a.piece), b2i(b.piece)), cmp.Compare(b2i(a.base64), b2i(b.base64)),
			cmp.Compare(a.mark, b.mark))
	})
	m.patterns = slices.CompactFunc(patterns, func(a, b pattern) bool { return a.text == b.text })
	m.bits = max(bits.Len(uint(len(m.patterns)*filterBits)), 8)
	m.filter = make([]uint64, 1<<m.bits/64)
	m.inner = make([]int32, len(m.patterns))
	for i, p := range m.patterns {
		h := m.hash(p.text)
		m.filter[h/64] |= 1 << (h % 64)
		m.longest = max(m.longest, len(p.text))
		m.inner[i] = m.begins(int32(i-1), p.text)
	}
	return m
}

// each calls yield at every position where patterns begin, with the longest one
// first, and then with shorter ones until yield takes one.
func (m *matcher) each(s string, yield func(at int, p *pattern) bool) {
	if len(m.patterns) == 0 {
		return
	}
	for i := 0; i+m.prefix <= len(s); i++ {
		if !m.mayBegin(s[i:]) {
			continue
		}
		for p := m.longestAt(s[i:]); p >= 0 && !yield(i, &m.patterns[p]); {
			p = m.inner[p]
		}
	}
}

// longestAt finds the longest pattern that s begins with, or -1.
func (m *matcher) longestAt(s string) int32 {
	after, equal := m.search(s)
	if equal {
		return int32(after)
	}
	// The pattern before s in the order begins with every pattern that s begins
	// with: those sort before both.
	return m.begins(int32(after-1), s)
}

// begins follows pattern i to the longest pattern that s begins with, or -1.
// Whatever i begins with agrees with s as far as i does.
func (m *matcher) begins(i int32, s string) int32 {
	if i < 0 {
		return i
	}
	agreed := commonPrefix(m.patterns[i].text, s)
	for i >= 0 && len(m.patterns[i].text) > agreed {
		i = m.inner[i]
	}
	return i
}

func commonPrefix(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// mayGrow reports whether s is the beginning of a longer pattern.
func (m *matcher) mayGrow(s string) bool {
	if len(m.patterns) == 0 || len(s) >= m.prefix && !m.mayBegin(s) {
		return false
	}
	i, equal := m.search(s)
	if equal {
		i++
	}
	return i < len(m.patterns) && strings.HasPrefix(m.patterns[i].text, s)
}

func (m *matcher) search(s string) (int, bool) {
	return slices.BinarySearchFunc(m.patterns, s, func(p pattern, s string) int { return cmp.Compare(p.text, s) })
}

// mayBegin asks the filter whether a pattern may begin s.
func (m *matcher) mayBegin(s string) bool {
	h := m.hash(s)
	return m.filter[h/64]&(1<<(h%64)) != 0
}

// hash looks at the first bytes of s, which has at least as many as the prefix.
func (m *matcher) hash(s string) uint32 {
	if m.prefix == 1 {
		return uint32(s[0])
	}
	x := uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
	return x * 2654435761 >> (32 - m.bits)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
