package bzip2

import (
	"bufio"
	"encoding/binary"
	"io"
	"math/bits"
)

// bitReader takes bits from the input, the highest of a byte first.
type bitReader struct {
	in   *bufio.Reader
	buf  []byte // what the input has buffered
	pos  int    // so much of it was taken
	held uint64 // bits that were taken and not used yet, the next one highest
	n    uint   // how many; what is held below them is what the input goes on with, or zero
	err  error  // of the input, behind buf
}

func (b *bitReader) reset(in *bufio.Reader) { *b = bitReader{in: in} }

// read takes up to 56 bits.
func (b *bitReader) read(k uint) (uint64, error) {
	if b.n < k {
		if err := b.fill(k); err != nil {
			return 0, err
		}
	}
	v := b.held >> (64 - k)
	b.skip(k)
	return v, nil
}

func (b *bitReader) skip(k uint) {
	b.held <<= k
	b.n -= k
}

// align drops what is left of a byte.
func (b *bitReader) align() { b.skip(b.n & 7) }

// unary takes ones up to a zero, and gives how many they were.
func (b *bitReader) unary() (total uint, err error) {
	for {
		if b.n == 0 {
			if err := b.fill(1); err != nil {
				return 0, err
			}
		}
		ones := uint(bits.LeadingZeros64(^b.held))
		if ones < b.n {
			b.skip(ones + 1)
			return total + ones, nil
		}
		total += b.n
		b.skip(b.n)
	}
}

// fill makes that as many bits are held as can be, and at least k, which is at most 56.
func (b *bitReader) fill(k uint) error {
	if len(b.buf)-b.pos < 8 {
		b.look(8)
	}
	if len(b.buf)-b.pos >= 8 {
		b.held |= binary.BigEndian.Uint64(b.buf[b.pos:]) >> b.n
		b.pos += int(63-b.n) >> 3
		b.n |= 56
		return nil
	}
	for ; b.n < 56 && b.pos < len(b.buf); b.pos++ {
		b.held |= uint64(b.buf[b.pos]) << (56 - b.n)
		b.n += 8
	}
	if b.n < k {
		return noEOF(b.err)
	}
	return nil
}

// look moves on in the input, so that buf has that many bytes more, if there are any.
func (b *bitReader) look(want int) {
	b.giveBack()
	if b.in.Buffered() < want && b.err == nil {
		_, b.err = b.in.Peek(want)
		if b.err == bufio.ErrBufferFull {
			b.err = nil
		}
	}
	b.buf, _ = b.in.Peek(b.in.Buffered())
}

// giveBack leaves the input behind the last byte of which bits were used.
func (b *bitReader) giveBack() {
	b.pos -= int(b.n >> 3)
	b.n &= 7
	_, _ = b.in.Discard(b.pos) // it was peeked
	b.buf, b.pos = nil, 0
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
