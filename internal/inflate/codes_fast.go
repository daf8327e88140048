package inflate

import "encoding/binary"

// fastState is where the fast loop stands.
type fastState struct {
	pos, end int // in the input: the next byte, and from where on no turn may begin
	w, full  int // likewise in the output
	base     int // where matches may reach back to
	held     uint64
	nheld    uint64
	outcome  outcome
}

// outcome is why the fast loop ended.
type outcome int

const (
	blockGoesOn outcome = iota // one of the buffers has too little slack
	blockEnded
	blockCorrupt
)

// runGeneric is the fast loop for processors of any kind.
func (r *Reader) runGeneric(s *fastState, in []byte) {
	var (
		lit     = &r.lit
		dist    = &r.dist
		out     = r.out
		held    = s.held
		nheld   = uint(s.nheld)
		w       = s.w
		pos     = s.pos
		outcome = blockGoesOn
	)
loop:
	for pos < s.end && w < s.full {
		// Bits above nheld are what the next bytes hold, or nothing: they may be
		// written again. See "Variant 4" in Fabian Giesen's "Reading bits in far
		// too many ways".
		held |= binary.LittleEndian.Uint64(in[pos:]) << (nheld & 63)
		pos += int((63 - nheld) >> 3)
		nheld |= 56
		e := lit[held&(1<<litRoot-1)]
		if int32(e) < 0 {
			held >>= e & 63
			nheld -= uint(e & 63)
			out[w&(outBytes-1)] = byte(e >> 16)
			w++
			e = lit[held&(1<<litRoot-1)]
			if int32(e) < 0 {
				held >>= e & 63
				nheld -= uint(e & 63)
				out[w&(outBytes-1)] = byte(e >> 16)
				w++
				e = lit[held&(1<<litRoot-1)]
				if int32(e) < 0 {
					held >>= e & 63
					nheld -= uint(e & 63)
					out[w&(outBytes-1)] = byte(e >> 16)
					w++
					continue
				}
			}
			held |= binary.LittleEndian.Uint64(in[pos:]) << (nheld & 63)
			pos += int((63 - nheld) >> 3)
			nheld |= 56
		}
		if e&flagOther != 0 {
			if e&flagSub != 0 {
				held >>= litRoot
				nheld -= litRoot
				e = lit[(uint64(e>>16)+held&(1<<(e&63)-1))&(litSize-1)]
				if int32(e) < 0 {
					held >>= e & 63
					nheld -= uint(e & 63)
					out[w&(outBytes-1)] = byte(e >> 16)
					w++
					continue
				}
			}
			if e&flagOther != 0 {
				if e&flagEnd == 0 {
					outcome = blockCorrupt
					break loop
				}
				held >>= e & 63
				nheld -= uint(e & 63)
				outcome = blockEnded
				break loop
			}
		}
		// 48 bits at most are taken from here on.
		length := int(e>>16) + int(held&(1<<(e&63)-1)>>(e>>8&31))
		held >>= e & 63
		nheld -= uint(e & 63)
		e = dist[held&(1<<distRoot-1)]
		if e&flagOther != 0 {
			if e&flagSub == 0 {
				outcome = blockCorrupt
				break loop
			}
			held >>= distRoot
			nheld -= distRoot
			e = dist[(uint64(e>>16)+held&(1<<(e&63)-1))&(distSize-1)]
			if e&flagOther != 0 {
				outcome = blockCorrupt
				break loop
			}
		}
		back := int(e>>16) + int(held&(1<<(e&63)-1)>>(e>>8&31))
		held >>= e & 63
		nheld -= uint(e & 63)
		if back > w-s.base {
			outcome = blockCorrupt
			break loop
		}
		// Copies write up to 15 bytes more than they must: there is slack behind the
		// buffer, and what comes next is written over them.
		from, to := w-back, w
		w += length
		switch {
		case back >= 16:
			for {
				copy16(out, to, from)
				to += 16
				from += 16
				if to >= w {
					break
				}
			}
		case back >= 8:
			for {
				copy8(out, to, from)
				to += 8
				from += 8
				if to >= w {
					break
				}
			}
		case back == 1:
			v := uint64(out[from&(outBytes-1)]) * 0x0101010101010101
			for {
				binary.LittleEndian.PutUint64(out[to&(outBytes-1):to&(outBytes-1)+8], v)
				to += 8
				if to >= w {
					break
				}
			}
		default:
			for {
				copy8(out, to, from)
				to += back
				from += back
				if to >= w {
					break
				}
			}
		}
	}
	s.held, s.nheld, s.w, s.pos, s.outcome = held, uint64(nheld), w, pos, outcome
}

func copy8(out *Buffer, to, from int) {
	to, from = to&(outBytes-1), from&(outBytes-1)
	binary.LittleEndian.PutUint64(out[to:to+8], binary.LittleEndian.Uint64(out[from:from+8]))
}

func copy16(out *Buffer, to, from int) {
	to, from = to&(outBytes-1), from&(outBytes-1)
	a, b := binary.LittleEndian.Uint64(out[from:from+8]), binary.LittleEndian.Uint64(out[from+8:from+16])
	binary.LittleEndian.PutUint64(out[to:to+8], a)
	binary.LittleEndian.PutUint64(out[to+8:to+16], b)
}
