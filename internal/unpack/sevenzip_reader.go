package unpack

import (
	"unicode/utf16"
)

// maxThings bounds the folders, coders, streams and files of a header, all together: each takes far more
// memory than it has bytes there. It is enough for 100,000 files.
const maxThings = 1 << 19

// szReader reads a header. What lies beyond its end makes it bad, and so do more things than may be.
type szReader struct {
	b    []byte
	left int // things that may yet be counted
	bad  bool
}

func (r *szReader) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	b := r.b[0]
	r.b = r.b[1:]
	return b
}

func (r *szReader) bytes(n int) []byte {
	if n > len(r.b) {
		r.bad = true
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

// number reads an integer: the leading ones of the first byte count the bytes behind it.
func (r *szReader) number() uint64 {
	first := r.byte()
	n := uint64(0)
	for i := range 8 {
		mask := byte(0x80) >> i
		if first&mask == 0 {
			return n | uint64(first&(mask-1))<<(8*i)
		}
		n |= uint64(r.byte()) << (8 * i)
	}
	return n
}

// count reads how many things there are.
func (r *szReader) count() int {
	n := r.upTo(r.left)
	r.left -= n
	return n
}

// size reads how many bytes follow.
func (r *szReader) size() int { return r.upTo(len(r.b)) }

// index reads a number that stands for one of so many things.
func (r *szReader) index(of int) int {
	n := r.number()
	if n >= uint64(of) {
		r.bad = true
		return 0
	}
	return int(n)
}

func (r *szReader) upTo(most int) int {
	n := r.number()
	if n > uint64(most) {
		r.bad = true
		return 0
	}
	return int(n)
}

func (r *szReader) bits(n int) []bool {
	raw := r.bytes((n + 7) / 8)
	if raw == nil {
		return nil
	}
	out := make([]bool, n)
	for i := range out {
		out[i] = raw[i/8]&(0x80>>(i%8)) != 0
	}
	return out
}

// digests passes over CRCs of a number of streams, and says which of these have one.
func (r *szReader) digests(n int) []bool {
	defined := make([]bool, n)
	for i := range defined {
		defined[i] = true
	}
	if r.byte() == 0 {
		defined = r.bits(n)
	}
	for _, d := range defined {
		if d && r.bytes(4) == nil {
			break
		}
	}
	return defined
}

func (r *szReader) name() string {
	var units []uint16
	for !r.bad {
		low, high := r.byte(), r.byte()
		if low == 0 && high == 0 {
			break
		}
		units = append(units, uint16(low)|uint16(high)<<8)
	}
	return string(utf16.Decode(units))
}
