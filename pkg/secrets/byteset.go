package secrets

import (
	"iter"
	"math"
	"math/bits"
	"regexp/syntax"
)

// byteSet is a set of byte values.
type byteSet [4]uint64

func (s *byteSet) add(b byte)      { s[b>>6] |= 1 << (b & 63) }
func (s *byteSet) has(b byte) bool { return s[b>>6]&(1<<(b&63)) != 0 }

func (s *byteSet) addRange(lo, hi byte) {
	for b := int(lo); b <= int(hi); b++ {
		s.add(byte(b))
	}
}

func (s *byteSet) union(o *byteSet) byteSet {
	return byteSet{s[0] | o[0], s[1] | o[1], s[2] | o[2], s[3] | o[3]}
}

func (s *byteSet) size() int {
	return bits.OnesCount64(s[0]) + bits.OnesCount64(s[1]) + bits.OnesCount64(s[2]) + bits.OnesCount64(s[3])
}

// wordLike reports whether all members are ASCII from '0' on: letters, digits and the
// underscore, but not the blanks and most of the signs that stand between words.
func (s *byteSet) wordLike() bool { return s[2]|s[3] == 0 && s[0]&(1<<'0'-1) == 0 }

// words reports whether all members may stand in a word.
func (s *byteSet) words() bool {
	for b := range s.all() {
		if !syntax.IsWordChar(rune(b)) {
			return false
		}
	}
	return true
}

// all gives the members in ascending order.
func (s *byteSet) all() iter.Seq[byte] {
	return func(yield func(byte) bool) {
		for i, word := range s {
			for ; word != 0; word &= word - 1 {
				if !yield(byte(i<<6 + bits.TrailingZeros64(word))) {
					return
				}
			}
		}
	}
}

func allBytes() byteSet { return byteSet{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)} }

// frequency is how often bytes are, by a count over 330 MB of Python and Go
// sources, Debian's documentation and executables, and how often letters are behind letters.
type frequency struct {
	alone [256]float64
	after [256][256]float32 // the chance of the second byte, given the first
}

// chance gives the probability that a byte is in the set.
func (f *frequency) chance(s *byteSet) float64 {
	p := 0.0
	for i, word := range s {
		for ; word != 0; word &= word - 1 {
			p += f.alone[i<<6+bits.TrailingZeros64(word)]
		}
	}
	return min(p, 1)
}

// mostPairs is how many pairs of bytes are looked at one by one.
const mostPairs = 1000

// inRow gives the probability that bytes in a row are of these sets.
func (f *frequency) inRow(sets []byteSet) float64 {
	var lists [2][256]byte
	var chances [2][256]float32 // of what leads to a byte of the list
	from, here := lists[0][:0], chances[0][:]
	for b := range sets[0].all() {
		here[len(from)] = float32(f.alone[b])
		from = append(from, b)
	}
	for n, set := range sets[1:] {
		to, next := lists[(n+1)%2][:0], chances[(n+1)%2][:]
		for b := range set.all() {
			to = append(to, b)
		}
		clear(next[:len(to)])
		if len(from)*len(to) > mostPairs { // as if nothing depended on anything
			sum := float32(0)
			for _, q := range here[:len(from)] {
				sum += q
			}
			for j, b := range to {
				next[j] = sum * float32(f.alone[b])
			}
		} else {
			for i, a := range from {
				row, q := &f.after[a], here[i]
				for j, b := range to {
					next[j] += q * row[b]
				}
			}
		}
		from, here = to, next
	}
	sum := float32(0)
	for _, q := range here[:len(from)] {
		sum += q
	}
	return min(float64(sum), 1)
}

// byteFrequency unpacks the table below.
func byteFrequency() *frequency {
	// Each number is -8*log2 of the byte's share.
	bits := [256]byte{
		24, 53, 58, 63, 61, 63, 66, 69, 63, 56, 47, 71, 70, 69, 68, 59,
		65, 74, 74, 76, 75, 76, 79, 78, 71, 78, 79, 80, 78, 80, 80, 70,
		33, 76, 54, 76, 59, 76, 80, 67, 64, 65, 76, 78, 56, 63, 55, 65,
		52, 53, 57, 59, 60, 59, 59, 61, 59, 61, 63, 76, 72, 68, 73, 79,
		70, 58, 68, 65, 61, 54, 70, 69, 49, 60, 76, 68, 58, 67, 60, 68,
		65, 81, 62, 60, 61, 70, 73, 75, 77, 78, 76, 73, 65, 71, 81, 62,
		71, 46, 58, 56, 53, 39, 57, 58, 60, 47, 70, 61, 50, 57, 46, 49,
		55, 79, 45, 45, 43, 52, 62, 70, 61, 63, 76, 70, 70, 68, 82, 82,
		68, 74, 82, 68, 69, 68, 80, 83, 76, 56, 84, 59, 78, 66, 83, 82,
		73, 81, 83, 82, 80, 82, 84, 82, 76, 84, 84, 84, 81, 84, 86, 84,
		77, 85, 85, 85, 83, 80, 79, 85, 79, 85, 81, 80, 82, 85, 85, 85,
		79, 85, 85, 85, 82, 83, 80, 82, 73, 82, 79, 81, 80, 81, 79, 80,
		67, 75, 80, 67, 77, 82, 79, 74, 79, 80, 84, 84, 69, 83, 82, 84,
		73, 79, 79, 84, 79, 84, 84, 82, 73, 83, 75, 82, 83, 80, 82, 81,
		76, 83, 81, 82, 82, 82, 83, 80, 64, 73, 83, 77, 80, 83, 82, 79,
		69, 82, 81, 80, 82, 83, 78, 80, 76, 81, 79, 78, 76, 77, 70, 48,
	}
	var f frequency
	for b, n := range bits {
		f.alone[b] = math.Exp2(-float64(n) / 8)
	}
	// Of what stands behind a letter or a digit, most is of its kind.
	const stays = 0.8
	var share [256]float32
	for n := range share {
		share[n] = float32(stays * math.Exp2(-float64(n)/16))
	}
	for a := range f.after {
		for b := range f.after[a] {
			x, y := bigramClass(byte(a)), bigramClass(byte(b))
			switch {
			case a == b && (x == bigramClasses-1 || a == 'A'): // rulers, indents, zeros, also in base64
				f.after[a][b] = 0.3
			case x < 52 && y < 52:
				f.after[a][b] = share[bigrams[x*bigramClasses+y]]
			case x == 52 && y == 52:
				f.after[a][b] = stays / 10
			default:
				f.after[a][b] = float32(f.alone[b])
			}
		}
	}
	return &f
}
