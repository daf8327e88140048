package lzma

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

const (
	// maxTurn is how much input is taken in one go at most, in bytes.
	maxTurn = 8 << 10

	// minInput is how large the buffer of the input must be at least, in bytes.
	minInput = 4 << 10

	errLZMA = CorruptError("LZMA")
)

// stream decodes LZMA that is not cut into chunks. Its end is known by how much comes
// out, by a marker, or by both.
type stream struct {
	decoder
	in    *bufio.Reader
	left  int64 // bytes that are still to come out; -1 if a marker tells the end
	taken int64 // bytes of input
	done  bool

	chunk input
}

// begin reads the first bytes of the data.
func (s *stream) begin(in *bufio.Reader, properties [5]byte, size, limit int64) error {
	p, ok := parseProperties(properties[0])
	if !ok {
		return ErrFormat
	}
	dictionary := int64(max(binary.LittleEndian.Uint32(properties[1:]), 4<<10))
	if size >= 0 {
		dictionary = min(dictionary, size)
	}
	if dictionary > limit {
		return ErrLimit
	}
	var head [5]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return noEOF(err)
	}
	if !s.decoder.begin(head[:]) {
		return errLZMA
	}
	s.in, s.left, s.taken, s.done = in, size, int64(len(head)), false
	s.reset(dictionary)
	s.setup(p)
	return nil
}

func (s *stream) more() ([]byte, error) {
	if s.done {
		return nil, io.EOF
	}
	if s.left == 0 {
		return nil, s.end()
	}
	s.room()
	start := s.w
	n := min(len(s.buf)-s.w, pieceBytes)
	if s.left >= 0 {
		n = int(min(int64(n), s.left))
	}
	err := s.decode(s.w + n)
	if s.left >= 0 {
		s.left -= int64(s.w - start)
	}
	switch {
	case errors.Is(err, errMarker) && s.left <= 0:
		s.done = true
		err = s.finish()
	case errors.Is(err, errMarker), errors.Is(err, errCorrupt), s.left == 0 && s.pending > 0:
		err = errLZMA
	}
	return s.buf[start:s.w], err
}

// decode decodes until the window is written up to limit.
func (s *stream) decode(limit int) error {
	for s.w < limit {
		in, err := s.in.Peek(max(s.in.Buffered(), 2*maxSymbol))
		if len(in) < 2*maxSymbol {
			return s.decodeTail(in, limit, err)
		}
		n := copy(s.chunk[:maxTurn], in)
		n, err = s.run(&s.chunk, 0, n-maxSymbol, limit)
		s.take(n)
		if err != nil {
			return err
		}
	}
	return nil
}

// decodeTail decodes the last of the input, a byte at a time, so that nothing is given
// of what the input lacks bytes for. ended says why no more input is there.
func (s *stream) decodeTail(in []byte, limit int, ended error) error {
	n := copy(s.chunk[:], in)
	clear(s.chunk[n : n+maxSymbol])
	pos := 0
	for s.w < limit {
		start := s.w
		next, err := s.run(&s.chunk, pos, pos, limit)
		if next > len(in) {
			s.w = start
			s.take(len(in))
			return noEOF(ended)
		}
		if pos = next; err != nil {
			s.take(pos)
			return err
		}
	}
	s.take(pos)
	return nil
}

// take passes over input that was used.
func (s *stream) take(n int) {
	n, _ = s.in.Discard(n) // it is in the buffer
	s.taken += int64(n)
}

// end is where all has come out that should: nothing follows, or the marker does.
func (s *stream) end() error {
	s.done = true
	if err := s.finish(); err != errLZMA {
		return err
	}
	s.room()
	switch err := s.decode(s.w + 1); {
	case errors.Is(err, errMarker):
		return s.finish()
	case err == nil, errors.Is(err, errCorrupt):
		return errLZMA
	default:
		return err
	}
}

// finish takes the last byte of the data. It gives io.EOF if these are over.
func (s *stream) finish() error {
	if s.rng < topRange {
		b, err := s.in.ReadByte()
		if err != nil {
			return noEOF(err)
		}
		s.rng <<= 8
		s.code = s.code<<8 | uint32(b)
		s.taken++
	}
	if s.code != 0 {
		return errLZMA
	}
	return io.EOF
}

// alone decodes a .lzma file.
type alone struct {
	stream
	in    *bufio.Reader
	limit int64
	began bool
}

func (a *alone) more() ([]byte, error) {
	if !a.began {
		a.began = true
		var h [13]byte
		if _, err := io.ReadFull(a.in, h[:]); err != nil {
			return nil, noEOF(err)
		}
		size := int64(binary.LittleEndian.Uint64(h[5:]))
		if size < -1 {
			return nil, ErrFormat
		}
		if err := a.begin(a.in, [5]byte(h[:]), size, a.limit); err != nil {
			return nil, err
		}
	}
	return a.stream.more()
}

// IsAlone reports whether a file that begins so may be a .lzma file. The format has no
// magic bytes, so that a file's name should speak for it as well. It asks for what encoders
// write: as XZ Utils do.
func IsAlone(head []byte) bool {
	if len(head) < 18 || head[13] != 0 {
		return false
	}
	p, ok := parseProperties(head[0])
	if !ok || p.lc+p.lp > 4 {
		return false
	}
	// Dictionaries are powers of two, or halfway between two of them.
	dictionary := binary.LittleEndian.Uint32(head[1:])
	if half := dictionary & (dictionary - 1); dictionary < 4<<10 ||
		dictionary != 1<<32-1 && half&(half-1) != 0 || half != 0 && dictionary != 1<<32-1 && half != (dictionary-half)>>1 && half<<1 != dictionary-half {
		return false
	}
	size := binary.LittleEndian.Uint64(head[5:])
	return size == 1<<64-1 || size < 256<<30
}
