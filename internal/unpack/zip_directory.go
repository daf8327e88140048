package unpack

import (
	"encoding/binary"
	"errors"
	"hash/maphash"
	"io"
)

// central reads one entry of the directory.
func (z *zipReader) central() error {
	h := z.record[:46]
	if err := z.read(h); err != nil {
		return err
	}
	le := binary.LittleEndian
	if err := z.readText(int(le.Uint16(h[28:]))); err != nil {
		return err
	}
	name := z.text
	key := maphash.Bytes(z.seed, name)
	if _, ok := z.names[key]; ok {
		z.names[key] = false
	} else if n := len(name); n > 0 && name[n-1] != '/' {
		z.extra++
	}
	_, err := z.in.Discard(int(le.Uint16(h[30:])) + int(le.Uint16(h[32:])))
	return noEOF(err)
}

// end reads the end of the directory. Whatever follows is no part of the zip file,
// but another one may.
func (z *zipReader) end() error {
	h := z.record[:22]
	if err := z.read(h); err != nil {
		return err
	}
	comment := int64(binary.LittleEndian.Uint16(h[20:]))
	if comment == 0 {
		return nil
	}
	body := &io.LimitedReader{R: z.in, N: comment}
	if err := handOver(z.w.visitor.Member(Member{Path: z.at, Size: comment}), z.w.buffered(z.depth, body)); err != nil {
		return err
	}
	return skip(body)
}

// pass passes over a record that has nothing for us.
func (z *zipReader) pass(head []byte) error {
	var size int
	switch string(head) {
	case zip64Locator:
		size = 20
	case zip64End:
		h, err := z.in.Peek(12)
		if err != nil {
			return noEOF(err)
		}
		n := binary.LittleEndian.Uint64(h[4:])
		if n > 1<<20 {
			return errors.New("a record of the zip file has an impossible size")
		}
		size = int(n) + 12
	default:
		h, err := z.in.Peek(6)
		if err != nil {
			return noEOF(err)
		}
		size = int(binary.LittleEndian.Uint16(h[4:])) + 6
	}
	_, err := z.in.Discard(size)
	return noEOF(err)
}

// compare says where the members and the directory disagree. A file that has no directory
// was cut short, which is said elsewhere.
func (z *zipReader) compare() {
	missing, named := 0, false
	for _, left := range z.names {
		if left {
			missing++
		} else {
			named = true
		}
	}
	if z.extra > 0 {
		z.w.remark(z.at, ReasonHidden, "the directory of the zip file names members that are not there", false)
	}
	if missing > 0 && named {
		z.w.remark(z.at, ReasonHidden, "the zip file holds members that its directory does not name; they were read all the same", false)
	}
}
