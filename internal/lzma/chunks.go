package lzma

import (
	"bufio"
	"encoding/binary"
	"io"
)

const errChunk = CorruptError("a chunk of LZMA2")

// dictionaryBytes is the size of a window that a byte stands for.
func dictionaryBytes(b byte) (int64, bool) {
	switch {
	case b > 40:
		return 0, false
	case b == 40:
		return 1<<32 - 1, true
	}
	return int64(2|b&1) << (b/2 + 11), true
}

// chunks decodes LZMA2: chunks that are stored or compressed, and begin anew or go on.
type chunks struct {
	decoder
	in    *bufio.Reader
	limit int64
	taken int64 // bytes of input, up to the end of this chunk

	needClear, needModel, needState bool // what the next chunk must begin anew

	left   int   // bytes that are still to come out of the chunk
	stored bool  // they lie there as they are
	cut    error // why the input of the chunk is not whole
	pos    int
	stop   int // where the input of the chunk ends
	chunk  input
}

func (c *chunks) begin(in *bufio.Reader, dictionary int64) error {
	if dictionary > c.limit {
		return ErrLimit
	}
	c.in, c.taken, c.left, c.cut = in, 0, 0, nil
	c.needClear, c.needModel, c.needState = true, true, true
	c.reset(dictionary)
	return nil
}

func (c *chunks) more() ([]byte, error) {
	for c.left == 0 {
		if err := c.header(); err != nil {
			return nil, err
		}
	}
	c.room()
	start := c.w
	limit := c.w + min(c.left, len(c.buf)-c.w, pieceBytes)
	var err error
	if c.stored {
		var n int
		n, err = io.ReadFull(c.in, c.buf[start:limit])
		c.w += n
		err = noEOF(err)
	} else if c.pos, err = c.run(&c.chunk, c.pos, c.stop, limit); err != nil {
		err = errChunk
	} else if c.w < limit && c.cut == nil {
		err = errChunk // its input ended too soon
	} else if c.w < limit {
		err = c.cut
	}
	c.left -= c.w - start
	if c.left == 0 && err == nil && !c.stored {
		c.pos = c.normalised(&c.chunk, c.pos)
		if c.pos != c.stop || c.code != 0 || c.pending > 0 {
			err = errChunk
		}
	}
	return c.buf[start:c.w], err
}

// header reads the header of the next chunk. It gives io.EOF at the end.
func (c *chunks) header() error {
	control, err := c.in.ReadByte()
	if err != nil {
		return noEOF(err)
	}
	c.taken++
	switch {
	case control == 0:
		return io.EOF
	case control == 1 || control >= 0xe0:
		c.clear()
		c.needClear, c.needModel = false, c.needModel || control == 1
	case c.needClear:
		return errChunk
	}
	var h [5]byte
	if control < 0x80 {
		if control > 2 {
			return errChunk
		}
		if _, err := io.ReadFull(c.in, h[:2]); err != nil {
			return noEOF(err)
		}
		c.stored, c.left = true, int(binary.BigEndian.Uint16(h[:]))+1
		c.taken += 2 + int64(c.left)
		return nil
	}
	n := 4
	if control >= 0xc0 {
		n = 5
	}
	if _, err := io.ReadFull(c.in, h[:n]); err != nil {
		return noEOF(err)
	}
	switch {
	case control >= 0xc0:
		p, ok := parseProperties(h[4])
		if !ok || p.lc+p.lp > 4 {
			return errChunk
		}
		c.setup(p)
		c.needModel, c.needState = false, false
	case c.needModel:
		return errChunk
	case control >= 0xa0:
		c.restart()
		c.needState = false
	case c.needState:
		return errChunk
	}
	c.taken += int64(n)
	c.stored, c.left = false, int(control&0x1f)<<16+int(binary.BigEndian.Uint16(h[:]))+1
	return c.fill(int(binary.BigEndian.Uint16(h[2:])) + 1)
}

// fill reads the input of a compressed chunk. Of one that is cut off, that is decoded
// which does not need what is missing.
func (c *chunks) fill(n int) error {
	c.taken += int64(n)
	got, err := io.ReadFull(c.in, c.chunk[:n])
	clear(c.chunk[got : got+maxSymbol])
	c.pos, c.stop = 5, got
	if err != nil {
		c.cut, c.stop = noEOF(err), got-maxSymbol
		if c.stop < c.pos {
			return c.cut
		}
	}
	if got < 5 || !c.decoder.begin(c.chunk[:5]) {
		return errChunk
	}
	return nil
}
