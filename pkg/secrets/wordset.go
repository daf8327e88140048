package secrets

import (
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

// wordSet tells whether a text has one of many words in it, in whatever case, at the cost of one look
// for each byte where none begins as a word does.
type wordSet struct {
	begins []uint64            // bits, by the hash of three bytes
	shift  uint8               // from a hash to a bit's number
	words  map[uint32][]string // by their first three bytes; of ASCII
	others []string            // shorter, or not of ASCII
}

const wordBegin = 3 // bytes

// newWordSet makes a set of words in small letters.
func newWordSet(words ...string) *wordSet {
	s := &wordSet{words: map[uint32][]string{}}
	log := max(10, bits.Len(uint(64*len(words))))
	s.begins, s.shift = make([]uint64, 1<<log/64), uint8(32-log)
	for _, w := range words {
		if strings.ToLower(w) != w {
			continue // no text in small letters has it
		}
		if len(w) < wordBegin || !isASCII(w) {
			s.others = append(s.others, w)
			continue
		}
		key := uint32(0)
		for i := range wordBegin {
			key = key>>8 | uint32(w[i]|0x20)<<16
		}
		s.words[key] = append(s.words[key], w)
		h := wordHash(key) >> s.shift
		s.begins[h/64] |= 1 << (h % 64)
	}
	return s
}

func wordHash(key uint32) uint32 { return key * 0x9E3779B1 }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// in reports whether one of the words is in a text, as strings.Contains tells of strings.ToLower(text).
func (s *wordSet) in(text string) bool {
	key, all := uint32(0), byte(0)
	for i := range len(text) {
		all |= text[i]
		key = key>>8 | uint32(text[i]|0x20)<<16
		if h := wordHash(key) >> s.shift; s.begins[h/64]&(1<<(h%64)) == 0 {
			continue
		}
		if from := i - (wordBegin - 1); slices.ContainsFunc(s.words[key], func(w string) bool { return hasPrefixFold(text[from:], w) }) {
			return true
		}
	}
	if all < utf8.RuneSelf && len(s.others) == 0 {
		return false
	}
	low := strings.ToLower(text)
	if slices.ContainsFunc(s.others, func(w string) bool { return strings.Contains(low, w) }) {
		return true
	}
	if all < utf8.RuneSelf {
		return false
	}
	for _, words := range s.words { // signs that become letters of ASCII, as the one for kelvins does
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(low, w) }) {
			return true
		}
	}
	return false
}

// hasPrefixFold reports whether a text begins with a prefix of small letters of ASCII, in whatever case.
func hasPrefixFold(text, prefix string) bool {
	if len(text) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if lowerASCII(text[i]) != prefix[i] {
			return false
		}
	}
	return true
}

func lowerASCII(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b | 0x20
	}
	return b
}
