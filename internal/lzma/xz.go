package lzma

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"hash/maphash"
	"io"
	"strings"
)

const (
	xzMagic = "\xfd7zXZ\x00"

	xzHeaderBytes = 12 // of a stream; its footer has as many
	maxFilters    = 4

	errXZHeader = CorruptError("a header of xz")
	errXZIndex  = CorruptError("the index of xz")
	errXZSum    = CorruptError("wrong checksum")
	errXZSize   = CorruptError("wrong size")
)

// xzFile decodes the streams of an xz file.
type xzFile struct {
	chunks
	in   *bufio.Reader
	step xzStep
	some bool // one stream was read

	flags [2]byte // of the stream
	check check

	blocks int64
	sizes  maphash.Hash // of those of all blocks, as the index should have them
	header int64        // bytes of the block's header
	packed int64        // what the header says of the block; -1 if it does not
	size   int64
	out    int64
	filter filterChain
}

type xzStep uint8

const (
	atStream xzStep = iota
	atBlock
	inBlock
	atPadding // between and behind streams
)

func (x *xzFile) restart(in *bufio.Reader) {
	x.in, x.step, x.some = in, atStream, false
	if cap(x.buf) > keptWindow {
		x.buf = nil
	}
}

func (x *xzFile) more() ([]byte, error) {
	for {
		var err error
		switch x.step {
		case atStream:
			err = x.stream()
		case atBlock:
			err = x.block()
		case inBlock:
			piece, err := x.content()
			if len(piece) > 0 || err != nil {
				return piece, err
			}
		case atPadding:
			err = x.padding()
		}
		if err != nil {
			return nil, err
		}
	}
}

// stream reads the header of a stream.
func (x *xzFile) stream() error {
	var h [xzHeaderBytes]byte
	if n, err := io.ReadFull(x.in, h[:]); err != nil {
		if n < len(xzMagic) && string(h[:n]) != xzMagic[:n] {
			return ErrFormat
		}
		return noEOF(err)
	}
	if string(h[:6]) != xzMagic {
		return ErrFormat
	}
	if crc32.ChecksumIEEE(h[6:8]) != binary.LittleEndian.Uint32(h[8:]) {
		return errXZHeader
	}
	if h[6] != 0 {
		return UnsupportedError("flags of an xz stream")
	}
	x.flags = [2]byte(h[6:8])
	if err := x.check.begin(h[7]); err != nil {
		return err
	}
	x.blocks, x.some, x.step = 0, true, atBlock
	x.sizes.Reset()
	return nil
}

// block reads the header of a block, or else the index and what follows it.
func (x *xzFile) block() error {
	first, err := x.in.ReadByte()
	if err != nil {
		return noEOF(err)
	}
	if first == 0 {
		return x.index()
	}
	var buf [1024]byte
	x.header = 4 * (int64(first) + 1)
	h := buf[:x.header]
	h[0] = first
	if _, err := io.ReadFull(x.in, h[1:]); err != nil {
		return noEOF(err)
	}
	n := len(h) - 4
	if crc32.ChecksumIEEE(h[:n]) != binary.LittleEndian.Uint32(h[n:]) {
		return errXZHeader
	}
	r := fields{b: h[2:n]}
	flags := h[1]
	if flags&0x3c != 0 {
		return UnsupportedError("flags of an xz block")
	}
	x.packed, x.size, x.out = -1, -1, 0
	if flags&0x40 != 0 {
		x.packed = r.number()
	}
	if flags&0x80 != 0 {
		x.size = r.number()
	}
	x.filter.reset()
	for i := range int(flags&3) + 1 {
		id := r.number()
		props := r.take(r.number())
		switch {
		case r.bad:
			return errXZHeader
		case i < int(flags&3):
			if err := x.filter.add(id, props); err != nil {
				return err
			}
		case id != 0x21:
			return UnsupportedError("a filter of an xz block")
		case len(props) != 1:
			return errXZHeader
		default:
			dictionary, ok := dictionaryBytes(props[0])
			if !ok {
				return errXZHeader
			}
			if err := x.begin(x.in, dictionary); err != nil {
				return err
			}
		}
	}
	for _, b := range r.b {
		if b != 0 {
			return errXZHeader
		}
	}
	x.check.reset()
	x.step = inBlock
	return nil
}

// content gives the next piece of a block, and ends it.
func (x *xzFile) content() ([]byte, error) {
	piece, err := x.filter.more(&x.chunks)
	x.out += int64(len(piece))
	x.check.add(piece)
	if err == nil && (x.size >= 0 && x.out > x.size || x.packed >= 0 && x.taken > x.packed) {
		err = errXZSize
	}
	if err == io.EOF {
		err = x.blockEnd()
	}
	return piece, err
}

func (x *xzFile) blockEnd() error {
	if x.size >= 0 && x.out != x.size || x.packed >= 0 && x.taken != x.packed {
		return errXZSize
	}
	if err := x.zeros(-x.taken & 3); err != nil {
		return err
	}
	var sum [sha256.Size]byte
	if _, err := io.ReadFull(x.in, sum[:x.check.bytes]); err != nil {
		return noEOF(err)
	}
	if string(sum[:x.check.bytes]) != string(x.check.sum()) {
		return errXZSum
	}
	x.blocks++
	writeSizes(&x.sizes, x.header+x.taken+int64(x.check.bytes), x.out)
	x.step = atBlock
	return nil
}

func writeSizes(h *maphash.Hash, packed, size int64) {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:], uint64(packed))
	binary.LittleEndian.PutUint64(b[8:], uint64(size))
	_, _ = h.Write(b[:])
}

// index reads the index behind its first byte, and the footer.
func (x *xzFile) index() error {
	in := &summedBytes{in: x.in, sum: crc32.Update(0, crc32.IEEETable, []byte{0}), n: 1}
	if in.number() != x.blocks {
		return in.or(errXZIndex)
	}
	var sizes maphash.Hash
	sizes.SetSeed(x.sizes.Seed())
	for range x.blocks {
		packed := in.number()
		writeSizes(&sizes, packed, in.number())
		if in.err != nil {
			return in.err
		}
	}
	if sizes.Sum64() != x.sizes.Sum64() {
		return errXZIndex
	}
	for in.err == nil && in.n%4 != 0 {
		if in.byte() != 0 {
			return in.or(errXZIndex)
		}
	}
	if in.err != nil {
		return in.err
	}
	var f [4 + xzHeaderBytes]byte
	if _, err := io.ReadFull(x.in, f[:]); err != nil {
		return noEOF(err)
	}
	le := binary.LittleEndian
	switch {
	case le.Uint32(f[:]) != in.sum:
		return errXZSum
	case crc32.ChecksumIEEE(f[8:14]) != le.Uint32(f[4:]), [2]byte(f[12:]) != x.flags, string(f[14:]) != "YZ",
		4*(int64(le.Uint32(f[8:]))+1) != in.n+4:
		return CorruptError("the footer of xz")
	}
	x.step = atPadding
	return nil
}

// padding reads zeros up to the next stream or the end.
func (x *xzFile) padding() error {
	for n := 0; ; n++ {
		b, err := x.in.Peek(1)
		if len(b) == 0 || b[0] != 0 {
			if n%4 != 0 {
				return CorruptError("the padding of xz")
			}
			if len(b) == 0 {
				return err
			}
			if next, _ := x.in.Peek(len(xzMagic)); !strings.HasPrefix(xzMagic, string(next)) {
				return io.EOF // what follows is no part of the file
			}
			x.step = atStream
			return nil
		}
		_, _ = x.in.Discard(1)
	}
}

func (x *xzFile) zeros(n int64) error {
	for range n {
		b, err := x.in.ReadByte()
		if err != nil {
			return noEOF(err)
		}
		if b != 0 {
			return CorruptError("the padding of xz")
		}
	}
	return nil
}

// maxNumber is how many bytes a number has at most.
const maxNumber = 9

// fields reads a header of a block.
type fields struct {
	b   []byte
	bad bool
}

func (f *fields) number() int64 {
	var n int64
	for i, b := range f.b {
		n |= int64(b&0x7f) << (7 * i)
		if b&0x80 == 0 {
			f.b = f.b[i+1:]
			f.bad = f.bad || b == 0 && i > 0
			return n
		}
		if i == maxNumber-1 {
			break
		}
	}
	f.bad = true
	return 0
}

func (f *fields) take(n int64) []byte {
	if f.bad || n > int64(len(f.b)) {
		f.bad = true
		return nil
	}
	b := f.b[:n]
	f.b = f.b[n:]
	return b
}

// summedBytes reads an index. The first error stays.
type summedBytes struct {
	in  *bufio.Reader
	sum uint32
	n   int64
	err error
}

func (s *summedBytes) byte() byte {
	if s.err != nil {
		return 0
	}
	b, err := s.in.ReadByte()
	if err != nil {
		s.err = noEOF(err)
		return 0
	}
	s.sum = crc32.Update(s.sum, crc32.IEEETable, []byte{b})
	s.n++
	return b
}

func (s *summedBytes) number() int64 {
	var n int64
	for i := range maxNumber {
		b := s.byte()
		n |= int64(b&0x7f) << (7 * i)
		if b&0x80 == 0 {
			if b == 0 && i > 0 && s.err == nil {
				s.err = errXZIndex
			}
			return n
		}
	}
	s.err = errXZIndex
	return 0
}

// or gives the error that was met, or else this one.
func (s *summedBytes) or(err error) error {
	if s.err != nil {
		return s.err
	}
	return err
}
