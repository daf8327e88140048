// Package bytemask tells which bytes of a content are of a set, 64 of them at once, and where runs of such bytes are.
package bytemask

// Block is how many bytes a mask of a [Reader] stands for.
const Block = 64

// Set is a set of bytes.
type Set struct {
	in     [256]uint8   // 1 for those that are
	halves [2][16]uint8 // kinds of bytes, one for each bit, by the lower and by the upper half of the bytes
	few    bool         // they are of ASCII and of six kinds at most, so that there can be [Set.Fours]
}

// NewSet makes a set of the bytes of a string. It panics if these, by their upper half, have more than eight
// different lower halves.
func NewSet(of string) *Set {
	s := &Set{few: true}
	for i := range len(of) {
		s.in[of[i]] = 1
		s.few = s.few && of[i] < 0x80
	}
	kinds := map[uint16]uint8{} // a bit, by which lower halves the bytes have
	for upper := range 16 {
		var lower uint16
		for half := range 16 {
			lower |= uint16(s.in[upper<<4|half]) << half
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
	none := uint8(1) << len(kinds)
	for upper, kind := range s.halves[1] {
		if kind == 0 {
			s.halves[1][upper] = none
		}
	}
	s.few = s.few && len(kinds) <= 6
	return s
}

// Reader gives the masks of a content, of which it keeps a few. It is to be asked for blocks that grow.
type Reader struct {
	set     *Set
	content []byte
	unit    unit
	first   int // of the blocks whose masks are kept
	after   int // the one behind them
	masks   [32]uint64
}

// unit is how many bytes a bit of a mask stands for, as a power of two.
type unit uint8

const (
	each   unit = iota
	fours  unit = 2
	eights unit = 3
)

// Reader makes a reader of a content.
func (s *Set) Reader(content []byte) Reader { return Reader{set: s, content: content} }

// From gives the masks from a block on, as many as are kept; none if the block lies behind the content. The lowest bit is that
// of the block's first byte; those beyond the content are not set.
func (r *Reader) From(block int) []uint64 {
	if block*Block<<r.unit >= len(r.content) {
		return nil
	}
	if block >= r.after {
		r.read(block)
	}
	return r.masks[block-r.first : r.after-r.first]
}

// mask gives the mask of a block that lies in the content, if only with its first bytes.
func (r *Reader) mask(block int) uint64 {
	if block >= r.after {
		r.read(block)
	}
	return r.masks[block-r.first]
}

// read keeps the masks from a block on.
func (r *Reader) read(block int) {
	size := Block << r.unit
	content := r.content[block*size:]
	n := min(len(content)/size, len(r.masks))
	r.fill(content, r.masks[:n])
	r.first, r.after = block, block+n
	if rest := content[n*size:]; n < len(r.masks) && len(rest) > 0 {
		var last [Block << eights]byte
		copy(last[:], rest)
		r.fill(last[:size], r.masks[n:n+1])
		r.masks[n] &= 1<<(len(rest)>>r.unit) - 1
		r.after++
	}
}

// fill gives the masks of whole blocks.
func (r *Reader) fill(content []byte, masks []uint64) {
	switch {
	case len(masks) == 0:
	case r.unit == fours:
		r.set.fours(content, masks)
	case r.unit == eights:
		wide(content, masks)
	default:
		r.set.blocks(content, masks)
	}
}

// blocksGeneric gives the masks of whole blocks.
func (s *Set) blocksGeneric(content []byte, masks []uint64) {
	for i := range masks {
		masks[i] = s.mask((*[Block]byte)(content[i*Block:]))
	}
}

func (s *Set) mask(b *[Block]byte) (m uint64) {
	for i := 0; i < Block; i += 8 {
		c := (*[8]byte)(b[i:])
		m |= uint64(s.in[c[0]]|s.in[c[1]]<<1|s.in[c[2]]<<2|s.in[c[3]]<<3|s.in[c[4]]<<4|s.in[c[5]]<<5|s.in[c[6]]<<6|s.in[c[7]]<<7) << i
	}
	return m
}
