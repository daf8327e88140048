package bytemask

import "math/bits"

// Runs finds runs of bytes in a content, in units of some bytes each. It is to be asked for places that grow.
type Runs struct{ masks Reader }

// Fours finds runs of four bytes each, at places that four divides, that are all of a set of ASCII.
// It panics if the set has others, or more than six kinds of bytes, as [NewSet] tells them.
func (s *Set) Fours(content []byte) Runs {
	if !s.few {
		panic("bytemask: fours of a set with too many kinds of bytes")
	}
	return Runs{Reader{set: s, content: content, unit: fours}}
}

// Wide finds runs of eight bytes each, at places that eight divides, whose zeros lie as in text in UTF-16 or UTF-32,
// of ASCII, in either order of bytes.
func Wide(content []byte) Runs { return Runs{Reader{content: content, unit: eights}} }

// Next gives the first run of at least so many units, which are two to four, from one on that no run goes over; -1 if there
// is none. The run goes on as far as it does.
func (r *Runs) Next(from, least int) (start, end int) {
	start, end = from, len(r.masks.content)>>r.masks.unit
	behind := ^uint64(0) << (from % 64)
	for block := from / 64; block*64 < end; block++ {
		m := r.masks.Mask(block) & behind
		behind = ^uint64(0)
		at := block * 64
		more := bits.TrailingZeros64(^m)
		if more == 64 {
			continue
		}
		if at+more-start >= least {
			return start, at + more
		}
		long := m & (m >> 1)
		if long &= long >> (least - 2); long != 0 {
			first := bits.TrailingZeros64(long)
			if n := bits.TrailingZeros64(^(m >> first)); first+n < 64 {
				return at + first, at + first + n
			}
		}
		start = at + 64 - bits.LeadingZeros64(^m)
	}
	if end-start >= least {
		return start, end
	}
	return -1, -1
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
