package lzma

import (
	"encoding/binary"
	"errors"
)

var (
	errMarker  = errors.New("end marker") // a stream is over, and says so
	errCorrupt = errors.New("the LZMA data are damaged")
)

// decoder decodes LZMA: what was decoded last, the model, and the state between two calls.
type decoder struct {
	window
	model
	literals []uint16

	lc             uint8
	lpMask, pbMask int

	rng, code              uint32
	state                  uint32
	rep0, rep1, rep2, rep3 uint32
	pending                int // bytes of the last match that had no room
}

// setup makes the model that of a stream at its start.
func (d *decoder) setup(p properties) {
	n := literalProbs << (p.lc + p.lp)
	if cap(d.literals) < n {
		d.literals = make([]uint16, n)
	}
	d.literals = d.literals[:n]
	d.lc, d.lpMask, d.pbMask = p.lc, 1<<p.lp-1, 1<<p.pb-1
	d.restart()
}

// restart forgets what the model has learned.
func (d *decoder) restart() {
	d.model = untrained
	fill(d.literals)
	d.state, d.rep0, d.rep1, d.rep2, d.rep3, d.pending = 0, 0, 0, 0, 0, 0
}

// begin reads the first five bytes of range-coded data.
func (d *decoder) begin(head []byte) bool {
	d.rng, d.code = 1<<32-1, binary.BigEndian.Uint32(head[1:])
	return head[0] == 0
}

// normalised shifts the range once more, if it is time, and gives where the input
// stands then. Encoders flush so that the code is zero at the end.
func (d *decoder) normalised(in *input, pos int) int {
	if d.rng < topRange {
		d.rng <<= 8
		d.code = d.code<<8 | uint32(in[pos])
		pos++
	}
	return pos
}

// run decodes until the window is written up to limit, or the input is read beyond stop,
// and gives where the input stands. The input goes on for maxSymbol bytes behind stop. The error
// is errMarker or errCorrupt; what was decoded before it stands in the window.
func (d *decoder) run(in *input, pos, stop, limit int) (int, error) {
	for {
		d.copyPending(limit)
		if d.pending > 0 {
			return pos, nil
		}
		var err error
		if pos, err = d.fast(in, pos, stop, limit); err != nil {
			return pos, err
		}
		if d.pending == 0 {
			return d.symbols(in, pos, stop, limit)
		}
	}
}

// copyPending copies what is left of the last match, as far as there is room.
func (d *decoder) copyPending(limit int) {
	if d.pending > 0 {
		n := min(d.pending, limit-d.w)
		d.copy(int(d.rep0)+1, n)
		d.pending -= n
	}
}

// symbols does what run does, when nothing is pending, up to the last symbol and on any machine.
func (d *decoder) symbols(in *input, pos, stop, limit int) (int, error) {
	var (
		m      = &d.model
		buf    = d.buf
		w      = d.w
		prev   = d.last()
		rng    = d.rng
		code   = d.code
		state  = d.state
		rep0   = d.rep0
		pbMask = d.pbMask
		err    error
	)
loop:
	for w < limit && pos <= stop {
		ps := uint32(w & pbMask)
		if rng < topRange {
			rng <<= 8
			code = code<<8 | uint32(in[pos])
			pos++
		}
		p := &m.match[(state<<4+ps)&255]
		bound := (rng >> probBits) * uint32(*p)
		if code < bound { // a literal
			rng = bound
			*p += (1<<probBits - *p) >> moveBits
			at := (w&d.lpMask)<<d.lc + int(prev)>>(8-d.lc)
			probs := (*[literalProbs]uint16)(d.literals[at*literalProbs:])
			if state < 7 {
				prev, pos, rng, code = literal(probs, in, pos, rng, code)
				state -= min(state, 3)
			} else {
				from := w - int(rep0) - 1
				if from < 0 {
					from += len(buf)
				}
				prev, pos, rng, code = otherLiteral(probs, buf[from], in, pos, rng, code)
				if state < 10 {
					state -= 3
				} else {
					state -= 6
				}
			}
			buf[w] = prev
			w++
			continue
		}
		rng -= bound
		code -= bound
		*p -= *p >> moveBits

		if rng < topRange {
			rng <<= 8
			code = code<<8 | uint32(in[pos])
			pos++
		}
		p = &m.rep[state&15]
		bound = (rng >> probBits) * uint32(*p)
		var l *lengths
		simple := code < bound
		if simple {
			rng = bound
			*p += (1<<probBits - *p) >> moveBits
			l = &m.length
		} else {
			rng -= bound
			code -= bound
			*p -= *p >> moveBits
			if !d.full && w == 0 {
				err = errCorrupt
				break loop
			}
			l = &m.repeated
			if rng < topRange {
				rng <<= 8
				code = code<<8 | uint32(in[pos])
				pos++
			}
			p = &m.rep0[state&15]
			bound = (rng >> probBits) * uint32(*p)
			if code < bound {
				rng = bound
				*p += (1<<probBits - *p) >> moveBits
				if rng < topRange {
					rng <<= 8
					code = code<<8 | uint32(in[pos])
					pos++
				}
				p = &m.rep0Long[(state<<4+ps)&255]
				bound = (rng >> probBits) * uint32(*p)
				if code < bound { // one byte
					rng = bound
					*p += (1<<probBits - *p) >> moveBits
					if state < 7 {
						state = 9
					} else {
						state = 11
					}
					from := w - int(rep0) - 1
					if from < 0 {
						from += len(buf)
					}
					prev = buf[from]
					buf[w] = prev
					w++
					continue
				}
				rng -= bound
				code -= bound
				*p -= *p >> moveBits
			} else {
				rng -= bound
				code -= bound
				*p -= *p >> moveBits
				if rng < topRange {
					rng <<= 8
					code = code<<8 | uint32(in[pos])
					pos++
				}
				p = &m.rep1[state&15]
				bound = (rng >> probBits) * uint32(*p)
				if code < bound {
					rng = bound
					*p += (1<<probBits - *p) >> moveBits
					rep0, d.rep1 = d.rep1, rep0
				} else {
					rng -= bound
					code -= bound
					*p -= *p >> moveBits
					if rng < topRange {
						rng <<= 8
						code = code<<8 | uint32(in[pos])
						pos++
					}
					var zero uint32
					p = &m.rep2[state&15]
					*p, zero, rng, code = bit(*p, rng, code)
					if zero != 0 {
						rep0, d.rep1, d.rep2 = d.rep2, rep0, d.rep1
					} else {
						rep0, d.rep1, d.rep2, d.rep3 = d.rep3, rep0, d.rep1, d.rep2
					}
				}
			}
		}

		var n int
		n, pos, rng, code = l.match(ps, in, pos, rng, code)
		if simple {
			d.rep3, d.rep2, d.rep1 = d.rep2, d.rep1, rep0
			if state < 7 {
				state = 7
			} else {
				state = 10
			}
			rep0, pos, rng, code = m.distance(n, in, pos, rng, code)
			if rep0 == 1<<32-1 {
				err = errMarker
				break loop
			}
		} else if state < 7 {
			state = 8
		} else {
			state = 11
		}

		// The copy.
		back := int(rep0) + 1
		if n > limit-w {
			d.pending = n - (limit - w)
			n = limit - w
		}
		if back > w || w+n+slackBytes > len(buf) {
			d.w = w
			if !d.holds(back) {
				err = errCorrupt
				break loop
			}
			d.copy(back, n)
			w = d.w
			prev = d.last()
			continue
		}
		from, to := w-back, w
		w += n
		switch {
		case back >= 16:
			for to < w {
				a, b := binary.LittleEndian.Uint64(buf[from:]), binary.LittleEndian.Uint64(buf[from+8:])
				binary.LittleEndian.PutUint64(buf[to:], a)
				binary.LittleEndian.PutUint64(buf[to+8:], b)
				from += 16
				to += 16
			}
		case back >= 8:
			for to < w {
				binary.LittleEndian.PutUint64(buf[to:], binary.LittleEndian.Uint64(buf[from:]))
				from += 8
				to += 8
			}
		case back == 1:
			v := uint64(prev) * 0x0101010101010101
			for to < w {
				binary.LittleEndian.PutUint64(buf[to:], v)
				to += 8
			}
		default:
			for to < w {
				binary.LittleEndian.PutUint64(buf[to:], binary.LittleEndian.Uint64(buf[from:]))
				from += back
				to += back
			}
		}
		prev = buf[w-1]
	}
	d.w, d.rng, d.code, d.state, d.rep0 = w, rng, code, state, rep0
	return pos, err
}
