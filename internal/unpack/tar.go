package unpack

import (
	"archive/tar"
	"bufio"
	"errors"
	"io"
)

func (w *walker) tar(at string, r *bufio.Reader, depth int) error {
	in := tar.NewReader(r)
	for {
		hdr, err := in.Next()
		switch {
		case err == io.EOF:
			return nil
		case hdr == nil || err != nil && !errors.Is(err, tar.ErrInsecurePath):
			return err
		}
		if hdr.Typeflag != tar.TypeReg && hdr.Typeflag != tar.TypeGNUSparse && hdr.Typeflag != tar.TypeCont {
			continue
		}
		// Holes of sparse files are bytes that the archive does not have.
		if err := w.member(placeOf(at, hdr.Name), hdr.Size, &unpacked{w: w, r: in, at: at}, depth); err != nil {
			return err
		}
	}
}
