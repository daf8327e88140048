package gitobj

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/imgaudit/imgaudit/internal/inflate"
)

// errSize says that compressed data hold more or less than was claimed.
var errSize = errors.New("the size is not the claimed one")

// inflater reads zlib streams one after the other and stops right behind each.
type inflater struct{ z *inflate.Reader }

func (i *inflater) reset(in *bufio.Reader) {
	if i.z == nil {
		i.z = inflate.NewReader(in, inflate.Zlib)
		return
	}
	i.z.Reset(in)
}

// Read implements [io.Reader].
func (i *inflater) Read(p []byte) (int, error) { return i.z.Read(p) }

// end makes sure that nothing is left and the checksum is right.
func (i *inflater) end() error {
	var one [1]byte
	n, err := i.z.Read(one[:])
	if n > 0 {
		return errSize
	}
	if err != io.EOF {
		return err
	}
	return nil
}

// firstBytes is how much memory a claimed size may take before any of it was seen.
const firstBytes = 64 << 10

// whole appends the stream's content, which has the given size, to buf[:0].
func (i *inflater) whole(buf []byte, size int64) ([]byte, error) {
	buf = buf[:0]
	for want := int64(firstBytes); int64(len(buf)) < size; want *= 2 {
		have := len(buf)
		upTo := int(min(want, size))
		if cap(buf) < upTo {
			grown := make([]byte, have, upTo)
			copy(grown, buf)
			buf = grown
		}
		n, err := io.ReadFull(i, buf[have:upTo])
		buf = buf[:have+n]
		if err != nil {
			return buf, short(err)
		}
	}
	return buf, i.end()
}

// copyTo hands the stream's content, which has the given size, to w in pieces.
func (i *inflater) copyTo(w io.Writer, scratch []byte, size int64) error {
	for left := size; left > 0; {
		n, err := i.Read(scratch[:min(left, int64(len(scratch)))])
		if n > 0 {
			if _, werr := w.Write(scratch[:n]); werr != nil {
				return fmt.Errorf("handing over the content: %w", werr)
			}
			left -= int64(n)
		}
		if err != nil && left > 0 {
			return short(err)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return i.end()
}

// short makes of a stream's regular end, which came too early, an error.
func short(err error) error {
	if err == io.EOF {
		return errSize
	}
	if err == io.ErrUnexpectedEOF {
		return fmt.Errorf("the data end early: %w", err)
	}
	return err
}
