package gitobj

import (
	"errors"
	"fmt"
)

var errDelta = errors.New("applying the delta: it is malformed")

// deltaSizes reads how large a delta's base is and what it makes of it
// (gitformat-pack(5), "Deltified representation").
func deltaSizes(delta []byte) (base, result int64, rest []byte, _ error) {
	var sizes [2]uint64
	for i := range sizes {
		v, used := littleVarint(delta)
		if used == 0 || v > 1<<62 {
			return 0, 0, nil, errDelta
		}
		sizes[i], delta = v, delta[used:]
	}
	return int64(sizes[0]), int64(sizes[1]), delta, nil
}

// applyDelta appends what the instructions make of the base to out[:0]. It is an error if that
// has not the given size.
func applyDelta(out, base, instructions []byte, size int64) ([]byte, error) {
	out = out[:0]
	for len(instructions) > 0 {
		op := instructions[0]
		instructions = instructions[1:]
		switch {
		case op&0x80 != 0:
			from, n, used, ok := copyRange(op, instructions)
			if !ok || from+n > int64(len(base)) || int64(len(out))+n > size {
				return out, errDelta
			}
			instructions = instructions[used:]
			out = append(out, base[from:from+n]...)
		case op != 0:
			n := int(op)
			if n > len(instructions) || int64(len(out)+n) > size {
				return out, errDelta
			}
			out = append(out, instructions[:n]...)
			instructions = instructions[n:]
		default: // reserved
			return out, errDelta
		}
	}
	if int64(len(out)) != size {
		return out, fmt.Errorf("%w: it makes %d bytes, not %d", errDelta, len(out), size)
	}
	return out, nil
}

// copyRange reads which part of the base a copy instruction means. The low seven
// bits of the instruction tell which bytes of offset and size follow; a size of
// zero means 64 KiB.
func copyRange(op byte, text []byte) (from, n int64, used int, ok bool) {
	for bit := range 7 {
		if op&(1<<bit) == 0 {
			continue
		}
		if used == len(text) {
			return 0, 0, 0, false
		}
		b := int64(text[used])
		used++
		if bit < 4 {
			from |= b << (8 * bit)
		} else {
			n |= b << (8 * (bit - 4))
		}
	}
	if n == 0 {
		n = 64 << 10
	}
	return from, n, used, true
}

// littleVarint reads a number of seven bits a byte, the lowest first. used is 0 if
// there is none.
func littleVarint(text []byte) (v uint64, used int) {
	for shift := 0; used < len(text) && shift < 63; shift += 7 {
		b := text[used]
		used++
		v |= uint64(b&0x7f) << shift
		if b&0x80 == 0 {
			return v, used
		}
	}
	return 0, 0
}

// offsetVarint reads a number in the way of offsets in packs: the highest bits
// first, and one added for each further byte. used is 0 if there is none.
func offsetVarint(text []byte) (v uint64, used int) {
	for used < len(text) && used < 9 {
		b := text[used]
		used++
		v = v<<7 | uint64(b&0x7f)
		if b&0x80 == 0 {
			return v, used
		}
		v++
	}
	return 0, 0
}
