package lzma

// Probabilities are of 11 bits, that of a bit being 0, and move by a 32nd of what is
// missing each time.
const (
	probBits  = 11
	moveBits  = 5
	firstProb = 1 << (probBits - 1)

	// topRange is below what the range is shifted.
	topRange = 1 << 24

	literalProbs = 0x300 // for each context of a literal
	minMatch     = 2
	maxMatch     = minMatch + 8 + 8 + 256 - 1

	maxInput = 64 << 10 // bytes that are decoded in one go: as many as a chunk of LZMA2 has

	// maxSymbol is how many bytes of input one symbol takes at most, and a few more: 22
	// bits at the least probability, 26 without one, and one shift of the range.
	maxSymbol = 32
)

// lengths is the model of a match's length: 8 lengths by position, 8 more by position, and
// 256 of which none is likely.
type lengths struct {
	choice [2]uint16
	low    [16 << 3]uint16
	mid    [16 << 3]uint16
	high   [256]uint16
}

// model has all probabilities but those of literals. Sizes are powers of two, so that a mask
// proves that an index is inside.
type model struct {
	match    [256]uint16 // by state and position
	rep      [16]uint16  // by state, as the next three
	rep0     [16]uint16
	rep1     [16]uint16
	rep2     [16]uint16
	rep0Long [256]uint16 // by state and position
	slot     [4 << 6]uint16
	special  [128]uint16 // the low bits of distances of few bits
	align    [16]uint16  // those of distances of many bits
	length   lengths
	repeated lengths
}

// untrained is the model at the start.
var untrained = func() (m model) {
	fill(m.match[:])
	fill(m.rep[:])
	fill(m.rep0[:])
	fill(m.rep1[:])
	fill(m.rep2[:])
	fill(m.rep0Long[:])
	fill(m.slot[:])
	fill(m.special[:])
	fill(m.align[:])
	for _, l := range []*lengths{&m.length, &m.repeated} {
		fill(l.choice[:])
		fill(l.low[:])
		fill(l.mid[:])
		fill(l.high[:])
	}
	return m
}()

func fill(probs []uint16) {
	for i := range probs {
		probs[i] = firstProb
	}
}

// properties are the three numbers of a stream that its first byte holds.
type properties struct{ lc, lp, pb uint8 }

func parseProperties(b byte) (p properties, ok bool) {
	if b >= 9*5*5 {
		return p, false
	}
	return properties{lc: b % 9, lp: b / 9 % 5, pb: b / 45}, true
}
