package inflate

import (
	"encoding/binary"
	"hash/crc32"
	"io"
)

// header reads what stands before the compressed data.
func (r *Reader) header() error {
	switch r.format {
	case Zlib:
		return r.zlibHeader()
	case Gzip:
		return r.gzipHeader()
	}
	return nil
}

func (r *Reader) zlibHeader() error {
	var h [2]byte
	if _, err := io.ReadFull(r.in, h[:]); err != nil {
		return noEOF(err)
	}
	if h[0]&0x0f != 8 || h[0]>>4 > 7 || binary.BigEndian.Uint16(h[:])%31 != 0 {
		return ErrHeader
	}
	if h[1]&0x20 != 0 {
		return ErrDictionary
	}
	return nil
}

// Flags of a gzip header, RFC 1952, section 2.3.1.
const (
	gzipCRC     = 1 << 1
	gzipExtra   = 1 << 2
	gzipName    = 1 << 3
	gzipComment = 1 << 4

	// maxGzipText is how long a name or comment may be, with its zero: as
	// compress/gzip has it.
	maxGzipText = 512
)

func (r *Reader) gzipHeader() error {
	var h [10]byte
	if _, err := io.ReadFull(r.in, h[:]); err != nil {
		return noEOF(err)
	}
	if h[0] != 0x1f || h[1] != 0x8b || h[2] != 8 {
		return ErrHeader
	}
	flags := h[3]
	digest := crc32.ChecksumIEEE(h[:])
	if flags&gzipExtra != 0 {
		if _, err := io.ReadFull(r.in, h[:2]); err != nil {
			return noEOF(err)
		}
		digest = crc32.Update(digest, crc32.IEEETable, h[:2])
		extra := make([]byte, binary.LittleEndian.Uint16(h[:2]))
		if _, err := io.ReadFull(r.in, extra); err != nil {
			return noEOF(err)
		}
		digest = crc32.Update(digest, crc32.IEEETable, extra)
	}
	for _, flag := range []byte{gzipName, gzipComment} {
		if flags&flag == 0 {
			continue
		}
		for n := 1; ; n++ {
			b, err := r.in.ReadByte()
			if err != nil {
				return noEOF(err)
			}
			digest = crc32.Update(digest, crc32.IEEETable, []byte{b})
			if b == 0 {
				break
			}
			if n == maxGzipText {
				return ErrHeader
			}
		}
	}
	if flags&gzipCRC != 0 {
		if _, err := io.ReadFull(r.in, h[:2]); err != nil {
			return noEOF(err)
		}
		if binary.LittleEndian.Uint16(h[:2]) != uint16(digest) {
			return ErrHeader
		}
	}
	return nil
}

// trailer reads what stands behind the compressed data and verifies it; out is how many
// bytes they were. It gives io.EOF if all is well.
func (r *Reader) trailer(out int64) error {
	var t [8]byte
	switch r.format {
	case Zlib:
		if _, err := io.ReadFull(r.in, t[:4]); err != nil {
			return noEOF(err)
		}
		if binary.BigEndian.Uint32(t[:4]) != r.check.Sum32() {
			return ErrChecksum
		}
	case Gzip:
		if _, err := io.ReadFull(r.in, t[:]); err != nil {
			return noEOF(err)
		}
		if binary.LittleEndian.Uint32(t[:4]) != r.check.Sum32() || binary.LittleEndian.Uint32(t[4:]) != uint32(out) {
			return ErrChecksum
		}
	}
	return io.EOF
}
