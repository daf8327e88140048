package inflate

import (
	"bufio"
	"io"
)

// fastInput is how many bytes of input one turn of the fast loop may look at.
const fastInput = 24

// codes decodes a block of Huffman codes until it ends, which makes the next step
// atBlock, or the buffer is full.
func (r *Reader) codes() error {
	for r.step == inCodes && r.w < fullAt {
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
	s := fastState{end: len(in) - fastInput, base: r.base, w: r.w, full: fullAt, held: r.held, nheld: uint64(r.nheld)}
	r.run(&s, in)
	// Whole bytes that are held go back to the input.
	s.pos -= int(s.nheld >> 3)
	s.nheld &= 7
	r.held, r.nheld, r.w = s.held&(1<<s.nheld-1), uint(s.nheld), s.w
	switch s.outcome {
	case blockEnded:
		r.step = atBlock
	case blockCorrupt:
		return s.pos, r.corrupt()
	}
	return s.pos, nil
}

// carefulCodes decodes near the end of the input, where what comes behind the stream
// must not be read: it takes a byte only when the code needs it.
func (r *Reader) carefulCodes() error {
	for r.w < fullAt {
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
		if back > r.w-r.base {
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
