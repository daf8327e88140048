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
	begins []uint64            // bits, by the hash of four bytes
	shift  uint8               // from a hash to a bit's number
	words  map[uint32][]string // by their first four bytes, or by theirs and what may follow; of ASCII
	others []string            // shorter, or not of ASCII
}

// newWordSet makes a set of words in small letters.
func newWordSet(words ...string) *wordSet {
	s := &wordSet{words: map[uint32][]string{}}
	for _, w := range words {
		switch {
		case strings.ToLower(w) != w: // no text in small letters has it
		case len(w) < 3 || !isASCII(w):
			s.others = append(s.others, w)
		case len(w) == 3:
			for b := range 256 {
				if key := wordBegin(w + string([]byte{byte(b)})); !slices.Contains(s.words[key], w) {
					s.words[key] = append(s.words[key], w)
				}
			}
		default:
			s.words[wordBegin(w)] = append(s.words[wordBegin(w)], w)
		}
	}
	log := max(10, bits.Len(uint(32*len(s.words))))
	s.begins, s.shift = make([]uint64, 1<<log/64), uint8(32-log)
	for key := range s.words {
		h := wordHash(key) >> s.shift
		s.begins[h/64] |= 1 << (h % 64)
	}
	return s
}

// wordBegin gives the first four bytes of a word, as if all letters were small.
func wordBegin(w string) (key uint32) {
	for i := range 4 {
		key = key>>8 | uint32(w[i]|0x20)<<24
	}
	return key
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
func (s *wordSet) in(text string) bool { return inWords(s, text) }

func inWords[T string | []byte](s *wordSet, text T) bool {
	key, all := uint32(0), byte(0)
	bits, shift := s.begins, s.shift&31
	for i := range len(text) {
		b := text[i]
		all |= b
		key = key>>8 | uint32(b|0x20)<<24
		if h := wordHash(key) >> shift; bits[h/64]&(1<<(h%64)) != 0 && begins(s, key, text, i-3) {
			return true
		}
	}
	key = key>>8 | 0x20<<24 // a word of three bytes may stand at the end
	if h := wordHash(key) >> shift; bits[h/64]&(1<<(h%64)) != 0 && begins(s, key, text, len(text)-3) {
		return true
	}
	if all < utf8.RuneSelf && len(s.others) == 0 {
		return false
	}
	low := strings.ToLower(string(text))
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

// begins reports whether one of the words that begin as a key says stands at a place.
func begins[T string | []byte](s *wordSet, key uint32, text T, at int) bool {
	for _, w := range s.words[key] {
		if hasPrefixFold(text[at:], w) {
			return true
		}
	}
	return false
}

// hasPrefixFold reports whether a text begins with a prefix of small letters of ASCII, in whatever case.
func hasPrefixFold[T string | []byte](text T, prefix string) bool {
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
