package inflate

import (
	"bufio"
	"encoding/binary"
	"io"
)

// fastInput is how many bytes of input one turn of the fast loop may look at.
const fastInput = 24

// codes decodes a block of Huffman codes until it ends, which makes the next step
// atBlock, or the buffer is full.
func (r *Reader) codes() error {
	for r.step == inCodes && r.w < outBytes-maxMatch-8 {
		in, err := r.in.Peek(max(r.in.Buffered(), fastInput+8))
		if len(in) < fastInput+8 {
			if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
				return err
			}
			return r.carefulCodes()
		}
		n, err := r.fastCodes(in)
		if _, derr := r.in.Discard(n); derr != nil {
			return derr
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fastCodes decodes while both buffers have slack, and gives how many bytes of the
// input it took. Bits that are held then are less than a byte.
func (r *Reader) fastCodes(in []byte) (taken int, _ error) {
	var (
		lit    = &r.lit
		dist   = &r.dist
		out    = &r.out
		held   = r.held
		nheld  = r.nheld
		w      = r.w
		pos    = 0
		end    = len(in) - fastInput
		failed = false
	)
loop:
	for pos < end && w < outBytes-maxMatch-8 {
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
					failed = true
					break loop
				}
				held >>= e & 63
				nheld -= uint(e & 63)
				r.step = atBlock
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
				failed = true
				break loop
			}
			held >>= distRoot
			nheld -= distRoot
			e = dist[(uint64(e>>16)+held&(1<<(e&63)-1))&(distSize-1)]
			if e&flagOther != 0 {
				failed = true
				break loop
			}
		}
		back := int(e>>16) + int(held&(1<<(e&63)-1)>>(e>>8&31))
		held >>= e & 63
		nheld -= uint(e & 63)
		if back > w {
			failed = true
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
	// Whole bytes that are held go back to the input.
	pos -= int(nheld >> 3)
	nheld &= 7
	r.held, r.nheld, r.w = held&(1<<nheld-1), nheld, w
	if failed {
		return pos, r.corrupt()
	}
	return pos, nil
}

func copy8(out *[outBytes + slackBytes]byte, to, from int) {
	to, from = to&(outBytes-1), from&(outBytes-1)
	binary.LittleEndian.PutUint64(out[to:to+8], binary.LittleEndian.Uint64(out[from:from+8]))
}

func copy16(out *[outBytes + slackBytes]byte, to, from int) {
	to, from = to&(outBytes-1), from&(outBytes-1)
	a, b := binary.LittleEndian.Uint64(out[from:from+8]), binary.LittleEndian.Uint64(out[from+8:from+16])
	binary.LittleEndian.PutUint64(out[to:to+8], a)
	binary.LittleEndian.PutUint64(out[to+8:to+16], b)
}

// carefulCodes decodes near the end of the input, where what comes behind the stream
// must not be read: it takes a byte only when the code needs it.
func (r *Reader) carefulCodes() error {
	for r.w < outBytes-maxMatch-8 {
		e, err := r.symbol(r.lit[:], litRoot)
		if err != nil {
			return err
		}
		switch {
		case int32(e) < 0:
			r.take(uint(e & 63))
			r.out[r.w] = byte(e >> 16)
			r.w++
			continue
		case e&flagEnd != 0 && e&flagOther != 0:
			r.take(uint(e & 63))
			r.step = atBlock
			return nil
		}
		length, err := r.value(e)
		if err != nil {
			return err
		}
		if e, err = r.symbol(r.dist[:], distRoot); err != nil {
			return err
		}
		back, err := r.value(e)
		if err != nil {
			return err
		}
		if back > r.w {
			return r.corrupt()
		}
		for range length {
			r.out[r.w] = r.out[r.w-back]
			r.w++
		}
	}
	return nil
}

// symbol finds the entry of the next code. Its own bits are held but not taken yet;
// those that led to a second table are.
func (r *Reader) symbol(table []uint32, root uint) (uint32, error) {
	for {
		e, used := table[r.held&(1<<root-1)], uint(0)
		if e&noCodeMask == flagOther|flagSub && r.nheld >= root {
			e, used = table[uint64(e>>16)+r.held>>root&(1<<(e&63)-1)], root
		}
		if kind := e & noCodeMask; kind != noCode && kind != flagOther|flagSub && used+codeBits(e) <= r.nheld {
			r.take(used)
			return e, nil
		}
		if r.nheld >= maxCodeBits {
			return 0, r.corrupt()
		}
		if err := r.need(r.nheld + 1); err != nil {
			return 0, err
		}
	}
}

// noCodeMask singles out what tells an entry that is no code.
const noCodeMask = flagLiteral | flagOther | flagSub | flagEnd

// codeBits is how many bits the code of an entry has, without extra bits.
func codeBits(e uint32) uint {
	if int32(e) < 0 || e&flagOther != 0 {
		return uint(e & 63)
	}
	return uint(e >> 8 & 31)
}

// value takes the code and the extra bits of a length or distance.
func (r *Reader) value(e uint32) (int, error) {
	n := uint(e & 63)
	if err := r.need(n); err != nil {
		return 0, err
	}
	extra := r.take(n) >> (e >> 8 & 31)
	return int(e>>16) + int(extra), nil
}
