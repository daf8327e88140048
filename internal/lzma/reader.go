package lzma

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// Format is what stands around the compressed data.
type Format uint8

// The formats.
const (
	XZ    Format = iota // streams, one or more, with padding between and behind them
	Alone               // a .lzma file
	Lzip                // members, one or more
)

// Errors. What ends early gives io.ErrUnexpectedEOF.
var (
	ErrLimit  = errors.New("the compressed data ask for a larger window than is allowed")
	ErrFormat = errors.New("the data are not in the format that they should be in")
)

// CorruptError says what of the data is damaged.
type CorruptError string

func (e CorruptError) Error() string { return "the compressed data are damaged: " + string(e) }

// UnsupportedError says what is not known here.
type UnsupportedError string

func (e UnsupportedError) Error() string { return "not supported: " + string(e) }

// source gives what it decodes piece by piece; a piece is valid until the next is asked for. A
// piece is empty only beside an error, which is io.EOF at the end.
type source interface {
	more() ([]byte, error)
}

// Reader decodes one file. Make one with [NewReader], [NewRaw] or [NewRaw2].
type Reader struct {
	source source
	reset  func(*bufio.Reader)
	piece  []byte
	err    error
}

// NewReader gives a reader of a file. The limit is that of a window, in bytes.
func NewReader(in *bufio.Reader, f Format, limit int64) *Reader {
	r := &Reader{}
	switch f {
	case XZ:
		x := &xzFile{chunks: chunks{limit: limit}}
		r.source, r.reset = x, x.restart
	case Alone:
		a := &alone{limit: limit}
		r.source, r.reset = a, func(in *bufio.Reader) { a.in, a.began = in, false }
	case Lzip:
		l := &lzip{limit: limit}
		r.source, r.reset = l, func(in *bufio.Reader) { l.in, l.step, l.some = in, atMember, false }
	default:
		panic(fmt.Sprintf("no format %d", f))
	}
	r.Reset(in)
	return r
}

// Reset makes the reader as new, for another file of its format.
func (r *Reader) Reset(in *bufio.Reader) {
	r.piece, r.err = nil, nil
	r.reset(in)
}

// NewRaw gives a reader of LZMA without a header. properties are the five bytes that say how
// it was made. size is how many bytes come out; with -1 an end marker must come.
func NewRaw(in *bufio.Reader, properties [5]byte, size, limit int64) (*Reader, error) {
	s := &stream{}
	if err := s.begin(in, properties, size, limit); err != nil {
		return nil, err
	}
	return &Reader{source: s}, nil
}

// NewRaw2 gives a reader of LZMA2 chunks. dictionary is the byte that says how large the window
// is, and size how many bytes come out, or -1.
func NewRaw2(in *bufio.Reader, dictionary byte, size, limit int64) (*Reader, error) {
	bytes, ok := dictionaryBytes(dictionary)
	if !ok {
		return nil, CorruptError("no size of a dictionary")
	}
	c := &chunks{limit: limit}
	if size >= 0 {
		bytes = min(bytes, size)
	}
	if err := c.begin(in, bytes); err != nil {
		return nil, err
	}
	return &Reader{source: c}, nil
}

// Read implements [io.Reader]. It gives io.EOF when the data have ended and were whole.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if !r.fill() {
		return 0, r.err
	}
	n := copy(p, r.piece)
	r.piece = r.piece[n:]
	return n, nil
}

// WriteTo implements [io.WriterTo]. The writer is given pieces of the reader's own buffer,
// which are valid only during the call.
func (r *Reader) WriteTo(w io.Writer) (n int64, err error) {
	for r.fill() {
		m, err := w.Write(r.piece)
		r.piece = r.piece[m:]
		n += int64(m)
		if err != nil {
			return n, err
		}
	}
	if r.err == io.EOF {
		return n, nil
	}
	return n, r.err
}

// fill reports whether there is something to hand over.
func (r *Reader) fill() bool {
	for len(r.piece) == 0 {
		if r.err != nil {
			return false
		}
		r.piece, r.err = r.source.more()
	}
	return true
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
