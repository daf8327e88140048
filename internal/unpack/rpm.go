package unpack

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// rpm passes over lead, signature and header of a package and opens its payload: see the
// chapter on the package format in the RPM manual.
func (w *walker) rpm(at, name string, r *bufio.Reader, depth int) error {
	if _, err := r.Discard(96); err != nil {
		return err
	}
	for i, align := range []int64{8, 1} {
		var h [16]byte
		if _, err := io.ReadFull(r, h[:]); err != nil {
			return err
		}
		if string(h[:3]) != "\x8e\xad\xe8" {
			return fmt.Errorf("header %d of the package is damaged", i+1)
		}
		entries, bytes := int64(binary.BigEndian.Uint32(h[8:])), int64(binary.BigEndian.Uint32(h[12:]))
		body := entries*16 + bytes
		if body > 512<<20 {
			return fmt.Errorf("header %d of the package claims %d bytes", i+1, body)
		}
		if err := skip(&io.LimitedReader{R: r, N: body}); err != nil {
			return err
		}
		if err := pad(r, body, align); err != nil {
			return err
		}
	}
	head, err := r.Peek(HeadBytes)
	if err != nil && err != io.EOF {
		return err
	}
	format := DetectNamed("payload.lzma", head) // as old packages have it
	if format == "" {
		w.remark(at, ReasonMethod, "the payload of the package is compressed in a way that is not known here", true)
		return nil
	}
	return w.open(format, at, name, r, depth)
}
