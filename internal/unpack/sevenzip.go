package unpack

import (
	"bufio"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"

	"github.com/imgaudit/imgaudit/internal/bzip2"
	"github.com/imgaudit/imgaudit/internal/decompress"
	"github.com/imgaudit/imgaudit/internal/lzma"
)

// maxHeld is the largest 7z archive that is opened, in bytes: its directory stands at the
// end, so that all of it is held.
const maxHeld = 64 << 20

var (
	errSevenZip  = errors.New("the headers of the 7z archive are damaged")
	errEncrypted = errors.New("the 7z archive is encrypted")
	errHeaders   = errors.New("the headers of the 7z archive unpack to too much")
)

// unknownMethod is a way of compression that is not read.
type unknownMethod string

func (m unknownMethod) Error() string {
	return fmt.Sprintf("the 7z archive uses a method that is not known: %x", string(m))
}

// sevenZip reads a 7z archive. One that is too large to be held, is encrypted, or uses a method that is not
// known is handed over as it is.
func (w *walker) sevenZip(at, name string, r *bufio.Reader, depth int) error {
	content, err := io.ReadAll(io.LimitReader(r, maxHeld+1))
	if err != nil {
		return err
	}
	asItIs := func(reason, detail string) error {
		w.remark(at, reason, detail, false)
		rest := io.MultiReader(bytes.NewReader(content), r)
		return handOver(w.visitor.Member(Member{Path: at, Size: -1}), w.buffered(depth, rest))
	}
	if len(content) > maxHeld {
		return asItIs(ReasonBytes, fmt.Sprintf("the 7z archive has more than %d bytes; it was not opened", maxHeld))
	}
	a, err := parseSevenZip(content)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return asItIs(ReasonTruncated, "the 7z archive ends early")
	case err != nil:
		return asItIs(sevenZipReason(err), err.Error())
	}
	return w.sevenZipFiles(at, name, a, depth)
}

// sevenZipReason tells why an archive, or a folder of it, cannot be opened.
func sevenZipReason(err error) string {
	var method unknownMethod
	switch {
	case errors.Is(err, errEncrypted):
		return ReasonEncrypted
	case errors.As(err, &method):
		return ReasonMethod
	}
	return ReasonCorrupt
}

// sevenZipFiles hands over the files. One without a name of its own gets that of the archive.
func (w *walker) sevenZipFiles(at, name string, a *szArchive, depth int) error {
	left := a.names
	for i := range a.folders {
		f := &a.folders[i]
		names := left[:min(len(f.sizes), len(left))]
		left = left[len(names):]
		body, err := a.open(f)
		if err != nil {
			w.remark(at, sevenZipReason(err), err.Error(), true)
			continue
		}
		in := &unpacked{w: w, r: body, at: at}
		for k, size := range f.sizes {
			inner := name
			if k < len(names) {
				inner = names[k]
			}
			if err := w.member(placeOf(at, inner), size, io.LimitReader(in, size), depth); err != nil {
				return err
			}
		}
	}
	return nil
}

// open gives what a folder unpacks to.
func (a *szArchive) open(f *szFolder) (io.Reader, error) {
	return a.coder(f, f.last(), 0)
}

func (a *szArchive) coder(f *szFolder, n, depth int) (io.Reader, error) {
	if n < 0 || n >= len(f.coders) || n >= len(f.unpack) || depth > len(f.coders) {
		return nil, errSevenZip
	}
	var in io.Reader
	if from, ok := f.feeds[n]; ok {
		var err error
		if in, err = a.coder(f, from, depth+1); err != nil {
			return nil, err
		}
	} else {
		i := -1
		for k, input := range f.packs {
			if input == n {
				i = f.first + k
			}
		}
		if i < 0 || i >= len(a.packed) {
			return nil, errSevenZip
		}
		in = bytes.NewReader(a.packed[i])
	}
	return decoded(f.coders[n], f.unpack[n], in)
}

// decoded undoes one coder. The filters for machine code change addresses alone; without
// them texts are as they were.
func decoded(c szCoder, size int64, in io.Reader) (io.Reader, error) {
	switch c.id {
	case "\x00", "\x03\x03\x01\x03", "\x03\x03\x02\x05", "\x03\x03\x04\x01", "\x03\x03\x05\x01", "\x03\x03\x07\x01", "\x03\x03\x08\x05",
		"\x04", "\x05", "\x06", "\x07", "\x08", "\x09", "\x0a":
		return in, nil
	case "\x03\x01\x01":
		if len(c.props) != 5 {
			return nil, errSevenZip
		}
		return rawLZMA(lzma.NewRaw(bufio.NewReader(in), [5]byte(c.props), size, decompress.WindowBytes))
	case "\x21":
		if len(c.props) != 1 {
			return nil, errSevenZip
		}
		return rawLZMA(lzma.NewRaw2(bufio.NewReader(in), c.props[0], size, decompress.WindowBytes))
	case "\x04\x01\x08":
		return flate.NewReader(in), nil
	case "\x04\x02\x02":
		return bzip2.NewReader(bufio.NewReader(in)), nil
	case "\x06\xf1\x07\x01":
		return nil, errEncrypted
	}
	return nil, unknownMethod(c.id)
}

func rawLZMA(r *lzma.Reader, err error) (io.Reader, error) {
	switch {
	case errors.Is(err, lzma.ErrLimit):
		return nil, errors.New("the 7z archive needs more memory than is allowed")
	case err != nil:
		return nil, err
	}
	return r, nil
}
