// Package rows tells what rows of bytes content must have in it for a regular expression to match. Whether
// it has them is found out a hundred times faster than whether the expression matches.
package rows

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// Row is a row of bytes, of each of which only is known what it may be. An empty row says nothing.
type Row []set

// maxRow is how many bytes a row has at most.
const maxRow = 64

// set is a set of bytes.
type set [4]uint64

func (s set) has(b byte) bool { return s[b>>6]>>(b&63)&1 != 0 }
func (s *set) add(b byte)     { s[b>>6] |= 1 << (b & 63) }

func (s set) size() (n int) {
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// Bits is how much the row tells: that it is somewhere in n bytes of noise has the probability n/2^Bits.
func (r Row) Bits() (sum float64) {
	for _, s := range r {
		sum += 8 - math.Log2(float64(s.size()))
	}
	return sum
}

// String gives the row as a regular expression without spaces, which Of makes the same row of.
func (r Row) String() string {
	var text strings.Builder
	for i := 0; i < len(r); {
		n := 1
		for i+n < len(r) && r[i+n] == r[i] {
			n++
		}
		text.WriteString(r[i].String())
		if n > 1 {
			fmt.Fprintf(&text, "{%d}", n)
		}
		i += n
	}
	return text.String()
}

func (s set) String() string {
	var ranges []string
	for b := 0; b < 256; b++ {
		first := b
		for b < 256 && s.has(byte(b)) {
			b++
		}
		switch {
		case b > first+1:
			ranges = append(ranges, quoted(first)+"-"+quoted(b-1))
		case b > first:
			ranges = append(ranges, quoted(first))
		}
	}
	if s.size() == 1 {
		return ranges[0]
	}
	return "[" + strings.Join(ranges, "") + "]"
}

func quoted(b int) string {
	if '0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z' {
		return string(rune(b))
	}
	return fmt.Sprintf(`\x%02x`, b)
}
