package lzma

import (
	"bufio"
	"encoding/binary"
	"hash/crc32"
	"io"
)

const lzipMagic = "LZIP\x01"

// IsLzip reports whether a file that begins so is an lzip file.
func IsLzip(head []byte) bool {
	return len(head) >= 6 && string(head[:5]) == lzipMagic && lzipDictionary(head[5]) != 0
}

// lzipDictionary is the size of a window that a byte stands for; 0 for none.
func lzipDictionary(b byte) uint32 {
	n := uint32(1) << (b & 0x1f)
	n -= n / 16 * uint32(b>>5)
	if b&0x1f < 12 || b&0x1f > 29 || n < 4<<10 {
		return 0
	}
	return n
}

// lzip decodes an lzip file, of one member or more. What follows them and is none is
// left in the input, as lzip does.
type lzip struct {
	stream
	in    *bufio.Reader
	limit int64
	step  lzipStep
	some  bool

	sum uint32
	out int64
}

type lzipStep uint8

const (
	atMember lzipStep = iota
	inMember
	atTrailer
)

func (l *lzip) more() ([]byte, error) {
	for {
		switch l.step {
		case atMember:
			head, err := l.in.Peek(6)
			if l.some && !IsLzip(head) {
				if err == nil {
					err = io.EOF
				}
				return nil, err
			}
			if err != nil {
				return nil, noEOF(err)
			}
			if !IsLzip(head) {
				return nil, ErrFormat
			}
			properties := [5]byte{0x5d} // three bits of context, no position of literals, two of matches
			binary.LittleEndian.PutUint32(properties[1:], lzipDictionary(head[5]))
			_, _ = l.in.Discard(len(head))
			if err := l.begin(l.in, properties, -1, l.limit); err != nil {
				return nil, err
			}
			l.step, l.some, l.sum, l.out = inMember, true, 0, 0
		case inMember:
			piece, err := l.stream.more()
			l.sum = crc32.Update(l.sum, crc32.IEEETable, piece)
			l.out += int64(len(piece))
			if err == io.EOF {
				l.step, err = atTrailer, nil
			}
			if len(piece) > 0 || err != nil {
				return piece, err
			}
		case atTrailer:
			var t [20]byte
			if _, err := io.ReadFull(l.in, t[:]); err != nil {
				return nil, noEOF(err)
			}
			le := binary.LittleEndian
			switch {
			case le.Uint32(t[:]) != l.sum:
				return nil, CorruptError("wrong checksum")
			case int64(le.Uint64(t[4:])) != l.out || int64(le.Uint64(t[12:])) != l.taken+6+int64(len(t)):
				return nil, CorruptError("wrong size")
			}
			l.step = atMember
		}
	}
}
