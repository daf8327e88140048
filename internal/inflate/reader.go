package inflate

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/adler32"
	"hash/crc32"
	"io"
)

// Format is what stands around the compressed data.
type Format uint8

// The formats.
const (
	Deflate Format = iota // nothing
	Zlib
	Gzip // one member
)

// Errors of damaged streams. A stream that ends early gives io.ErrUnexpectedEOF.
var (
	ErrHeader     = errors.New("invalid header of compressed data")
	ErrDictionary = errors.New("the zlib stream needs a dictionary")
	ErrChecksum   = errors.New("wrong checksum of compressed data")
)

// CorruptError says that compressed data are none, and how many bytes came out
// before that was seen.
type CorruptError struct{ Out int64 }

func (e CorruptError) Error() string {
	return fmt.Sprintf("corrupt compressed data after %d bytes uncompressed", e.Out)
}

// Sizes of a buffer, in bytes. The window is what matches may reach back to; the rest is
// handed over whenever it is full. Behind them is slack for copies that write more than they
// must. In all it is less than a core's second-level cache.
const (
	windowBytes = 32 << 10
	outBytes    = 256 << 10
	maxMatch    = 258
	slackBytes  = maxMatch + 32
	fullAt      = outBytes - maxMatch - 8 // where there may be no room for another match
)

// Buffer is what a stream is decoded into: see [Reader.Fill].
type Buffer [outBytes + slackBytes]byte

// Room gives the part of the buffer that data go to.
func (b *Buffer) Room() []byte { return b[windowBytes:outBytes] }

// Reader decodes one stream. The zero value is of no use; see [NewReader].
type Reader struct {
	in     *bufio.Reader
	format Format
	err    error
	check  hash.Hash32
	began  bool

	held  uint64 // bits that were read and not used yet, the next one lowest
	nheld uint   // how many
	last  bool   // the block is the last one
	step  step
	left  int // bytes of a stored block

	out     *Buffer // own, or one that Fill was given
	own     *Buffer
	base    int   // where matches may reach back to: the stream's first byte, or less than the window
	from, w int   // what was decoded and not handed over is out[from:w]
	total   int64 // bytes handed over before out[from:]
	fixed   bool  // the tables are those of the fixed code
	lit     [litSize]uint32
	dist    [distSize]uint32
	lengths [maxLitSyms + 2 + 32]uint8
}

// step is what comes next in the stream.
type step uint8

const (
	atBlock step = iota
	inStored
	inCodes
	atTrailer
)

// NewReader gives a reader of one stream. The header is read with the first data.
// Input in larger pieces is faster: 64 KiB and more are good sizes of the buffer.
func NewReader(in *bufio.Reader, f Format) *Reader {
	r := &Reader{format: f}
	switch f {
	case Zlib:
		r.check = adler32.New()
	case Gzip:
		r.check = crc32.NewIEEE()
	}
	r.Reset(in)
	return r
}

// Reset makes the reader as new, for another stream of its format.
func (r *Reader) Reset(in *bufio.Reader) {
	r.in, r.err, r.began, r.held, r.nheld, r.last, r.step, r.left = in, nil, false, 0, 0, false, atBlock, 0
	r.out, r.base, r.from, r.w, r.total = nil, 0, 0, 0, 0
	if r.check != nil {
		r.check.Reset()
	}
}

// Fill decodes into the room of a buffer, behind n bytes that are there already, and gives
// how many are there then. It returns when the room is full, or with io.EOF when the stream
// has ended and was whole. Until the next call the buffer must stay as it is, since
// matches may reach back into it; that call may be for another one. A stream is read
// either by Fill or by the other methods.
func (r *Reader) Fill(b *Buffer, n int) (int, error) {
	if r.err != nil {
		return n, r.err
	}
	switch at := windowBytes + n; r.out {
	case b:
	case nil:
		r.out, r.base, r.w = b, at, at
	default:
		r.moveTo(b, at)
	}
	r.more()
	r.total += int64(r.w - r.from)
	r.from = r.w
	return r.w - windowBytes, r.err
}

// Read implements [io.Reader]. It gives io.EOF when the stream has ended and was
// whole; the input stands behind it then.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for r.from == r.w {
		if r.err != nil {
			return 0, r.err
		}
		r.moreOfOwn()
	}
	n := copy(p, r.out[r.from:r.w])
	r.from += n
	r.total += int64(n)
	return n, nil
}

// WriteTo implements [io.WriterTo]. The writer is given pieces of the reader's own buffer,
// of up to a quarter of a MiB, which are valid only during the call.
func (r *Reader) WriteTo(w io.Writer) (n int64, err error) {
	for {
		if r.from < r.w {
			m, err := w.Write(r.out[r.from:r.w])
			r.from += m
			r.total += int64(m)
			n += int64(m)
			if err != nil {
				return n, err
			}
			continue
		}
		if r.err == io.EOF {
			return n, nil
		}
		if r.err != nil {
			return n, r.err
		}
		r.moreOfOwn()
	}
}

// moreOfOwn is more, with the reader's own buffer.
func (r *Reader) moreOfOwn() {
	if r.out == nil {
		if r.own == nil {
			r.own = new(Buffer)
		}
		r.out = r.own
	}
	if r.w >= fullAt {
		r.moveTo(r.own, windowBytes)
	}
	r.more()
}

// moveTo goes on at a place of a buffer, with the window in front of it.
func (r *Reader) moveTo(b *Buffer, at int) {
	window := r.out[max(r.base, r.w-windowBytes):r.w]
	r.base = at - len(window)
	copy(b[r.base:], window)
	r.out, r.w = b, at
}

// more decodes until the buffer is full or the stream is over, whole or not. All
// that was decoded before has been handed over.
func (r *Reader) more() {
	if !r.began {
		r.began = true
		if r.err = r.header(); r.err != nil {
			return
		}
	}
	start := r.w
	r.from = start
	err := r.decode()
	if r.check != nil && r.w > start {
		_, _ = r.check.Write(r.out[start:r.w])
	}
	if err == nil && r.step == atTrailer {
		err = r.trailer(r.total + int64(r.w-r.from))
	}
	r.err = err
}

// decode goes from block to block. It gives nil when the buffer is full or the last
// block is over.
func (r *Reader) decode() error {
	for {
		var err error
		switch r.step {
		case atBlock:
			if r.last {
				r.align()
				r.step = atTrailer
				return nil
			}
			err = r.block()
		case inStored:
			err = r.stored()
		case inCodes:
			err = r.codes()
		}
		if err != nil || r.w >= fullAt {
			return err
		}
	}
}

func (r *Reader) corrupt() error { return CorruptError{r.total + int64(r.w-r.from)} }

// need makes sure that n bits are held; n is at most 32.
func (r *Reader) need(n uint) error {
	for r.nheld < n {
		b, err := r.in.ReadByte()
		if err != nil {
			return noEOF(err)
		}
		r.held |= uint64(b) << r.nheld
		r.nheld += 8
	}
	return nil
}

func (r *Reader) take(n uint) uint32 {
	v := uint32(r.held & (1<<n - 1))
	r.held >>= n
	r.nheld -= n
	return v
}

// align forgets what is left of a byte: more is never held between steps.
func (r *Reader) align() { r.held, r.nheld = 0, 0 }

// block reads the header of a block.
func (r *Reader) block() error {
	if err := r.need(3); err != nil {
		return err
	}
	r.last = r.take(1) == 1
	switch r.take(2) {
	case 0:
		r.align()
		var sizes [4]byte
		if _, err := io.ReadFull(r.in, sizes[:]); err != nil {
			return noEOF(err)
		}
		n, not := binary.LittleEndian.Uint16(sizes[:2]), binary.LittleEndian.Uint16(sizes[2:])
		if n != ^not {
			return r.corrupt()
		}
		r.left, r.step = int(n), inStored
	case 1:
		r.fixedCodes()
		r.step = inCodes
	case 2:
		if err := r.dynamicCodes(); err != nil {
			return err
		}
		r.step = inCodes
	default:
		return r.corrupt()
	}
	return nil
}

// stored copies a stored block, as far as the buffer has room.
func (r *Reader) stored() error {
	n, err := io.ReadFull(r.in, r.out[r.w:min(r.w+r.left, outBytes-maxMatch)])
	r.w += n
	r.left -= n
	if r.left == 0 {
		r.step = atBlock
	}
	if err != nil {
		return noEOF(err)
	}
	return nil
}

func (r *Reader) fixedCodes() {
	if r.fixed {
		return
	}
	l := r.lengths[:288]
	for i := range l {
		switch {
		case i < 144:
			l[i] = 8
		case i < 256:
			l[i] = 9
		case i < 280:
			l[i] = 7
		default:
			l[i] = 8
		}
	}
	build(r.lit[:], litRoot, l, litEntries[:])
	l = r.lengths[:32]
	for i := range l {
		l[i] = 5
	}
	build(r.dist[:], distRoot, l, distEntries[:])
	r.fixed = true
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
