package bytemask

import "math/bits"

// Runs finds runs of bytes in a content, in units of some bytes each.
type Runs struct {
	masks  Reader
	short  uint64 // all bits if three units make a run, none if it takes four
	block  int    // that is looked at
	mask   uint64 // of it
	behind uint64 // of the one behind it
	starts uint64 // of runs in it that were not given yet
}

// Fours finds runs of at least four times four bytes, at places that four divides, that are all of a set of ASCII.
// It panics if the set has others, or more than six kinds of bytes, as [NewSet] tells them.
func (s *Set) Fours(content []byte) Runs {
	if !s.few {
		panic("bytemask: fours of a set with too many kinds of bytes")
	}
	return Runs{masks: Reader{set: s, content: content, unit: fours}, block: -2}
}

// Wide finds runs of at least three times eight bytes, at places that eight divides, whose zeros lie as in text in UTF-16 or
// UTF-32, of ASCII, in either order of bytes.
func Wide(content []byte) Runs {
	return Runs{masks: Reader{content: content, unit: eights}, short: ^uint64(0), block: -2}
}

// Next gives the next run as far as it goes; -1 if there is none.
func (r *Runs) Next() (start, end int) {
	for r.starts == 0 {
		if !r.advance() {
			return -1, -1
		}
	}
	first := bits.TrailingZeros64(r.starts)
	r.starts &= r.starts - 1
	start = r.block*64 + first
	end = start + bits.TrailingZeros64(^(r.mask >> first))
	for end == (r.block+1)*64 && r.advance() {
		end += bits.TrailingZeros64(^r.mask)
	}
	return start, end
}

// advance looks at the next block; false if there is none.
func (r *Runs) advance() bool {
	size := Block << r.masks.unit
	before := r.mask >> 63
	r.block++
	r.mask, r.behind = r.behind, 0
	if (r.block+1)*size < len(r.masks.content) {
		r.behind = r.masks.mask(r.block + 1)
	}
	m, b := r.mask, r.behind
	r.starts = m & (m>>1 | b<<63) & (m>>2 | b<<62) & (m>>3 | b<<61 | r.short) &^ (m<<1 | before)
	return r.block*size < len(r.masks.content)
}

// foursGeneric gives the masks of whole blocks of fours.
func (s *Set) foursGeneric(content []byte, masks []uint64) {
	for i := range masks {
		masks[i] = 0
		for k := range 4 {
			m := s.mask((*[Block]byte)(content[(4*i+k)*Block:]))
			m &= m >> 1
			m &= m >> 2
			masks[i] |= everyFourth(m) << (16 * k)
		}
	}
}

// everyFourth moves the lowest bit of each four of a mask together.
func everyFourth(m uint64) (together uint64) {
	for i := range 16 {
		together |= m >> (4 * i) & 1 << i
	}
	return together
}

// zeros is the set of the zero byte.
var zeros = NewSet("\x00")

// wideZeros are the masks of eight bytes whose zeros lie as in wide text: one of each two bytes, or three of four.
var wideZeros = [256]uint8{0x55: 1, 0xaa: 1, 0x77: 1, 0xee: 1, 0xdd: 1, 0xbb: 1}

// wideGeneric gives the masks of whole blocks of eights.
func wideGeneric(content []byte, masks []uint64) {
	for i := range masks {
		masks[i] = 0
		for k := range 8 {
			m := zeros.mask((*[Block]byte)(content[(8*i+k)*Block:]))
			for eight := range 8 {
				masks[i] |= uint64(wideZeros[m>>(8*eight)&0xff]) << (8*k + eight)
			}
		}
	}
}
