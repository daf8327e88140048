// Package bytemask tells which bytes of a content are of a set, 64 of them at once.
package bytemask

import "encoding/binary"

// Block is how many bytes a mask stands for.
const Block = 64

// Set is a set of bytes.
type Set struct {
	outside func(word uint64) uint64
	halves  [2][16]uint8 // kinds of bytes, one for each bit, by the lower and by the upper half of the bytes
}

const highs = 0x8080808080808080

// NewSet makes a set of a function that sets the highest bit of each of eight bytes that is not in the set. It panics
// if the bytes of the set, by their upper half, have more than eight different lower halves.
func NewSet(outside func(word uint64) uint64) *Set {
	s := &Set{outside: outside}
	kinds := map[uint16]uint8{} // a bit, by which lower halves the bytes have
	for upper := range 16 {
		var lower uint16
		for half := range 16 {
			if outside(uint64(upper<<4|half))&0x80 == 0 {
				lower |= 1 << half
			}
		}
		if lower == 0 {
			continue
		}
		kind, known := kinds[lower]
		if !known {
			kind = 1 << len(kinds)
			kinds[lower] = kind
		}
		if kind == 0 {
			panic("bytemask: a set with more than eight kinds of bytes")
		}
		s.halves[1][upper] = kind
		for half := range 16 {
			if lower>>half&1 != 0 {
				s.halves[0][half] |= kind
			}
		}
	}
	return s
}

// Masks gives a mask for each [Block] of a content, the last of which may be shorter: the lowest bit is that of the first
// byte. It fills the masks given as far as the content goes and they reach, and tells how many it filled.
func (s *Set) Masks(content []byte, masks []uint64) int {
	n := min(len(content)/Block, len(masks))
	s.blocks(content[:n*Block], masks[:n])
	rest := content[n*Block:]
	if n == len(masks) || len(rest) == 0 {
		return n
	}
	var last [Block]byte
	copy(last[:], rest)
	masks[n] = s.mask(&last) & (1<<len(rest) - 1)
	return n + 1
}

// blocksGeneric gives the masks of whole blocks.
func (s *Set) blocksGeneric(content []byte, masks []uint64) {
	for i := range masks {
		masks[i] = s.mask((*[Block]byte)(content[i*Block:]))
	}
}

func (s *Set) mask(b *[Block]byte) (m uint64) {
	for i := 0; i < Block; i += 8 {
		outside := s.outside(binary.LittleEndian.Uint64(b[i:])) & highs
		m |= (outside ^ highs) >> 7 * 0x0102040810204080 >> 56 << i // the lowest bits of eight bytes, side by side
	}
	return m
}
