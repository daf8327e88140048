package layers

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"

	"github.com/imgaudit/imgaudit/internal/inflate"
)

// The names of compressions in [Facts.Compression].
const (
	compressionNone  = "none"
	compressionGzip  = "gzip"
	compressionZstd  = "zstd"
	compressionBzip2 = "bzip2"
	compressionXZ    = "xz"
)

// sniffBytes is how much of a blob tells its compression.
const sniffBytes = 6

// windowBytes is the most that one decoder may look back, and so the memory that
// a frame can ask for. It is what zstd's strongest level (22) and its --long use.
const windowBytes = 128 << 20

// sniff tells the compression by the magic bytes at the start of a blob.
func sniff(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return compressionGzip
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}), isSkippable(head):
		return compressionZstd
	case bytes.HasPrefix(head, []byte("BZh")):
		return compressionBzip2
	case bytes.HasPrefix(head, []byte{0xfd, '7', 'z', 'X', 'Z', 0}):
		return compressionXZ
	}
	return compressionNone
}

// isSkippable reports whether a zstd frame begins that decoders pass over.
func isSkippable(head []byte) bool {
	return len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18})
}

// decoder uncompresses one blob to its end, however many members or frames it
// is made of.
type decoder struct {
	io.Reader
	close func()
	tail  tail // what follows the compressed data without being part of it
}

// newDecoder never reads ahead of in, so that what is left in it when the
// compressed data end is their tail.
func newDecoder(compression string, in *bufio.Reader) (*decoder, error) {
	d := &decoder{close: func() {}}
	switch compression {
	case compressionGzip:
		d.Reader = &gzipMembers{in: in, z: inflate.NewReader(in, inflate.Gzip), tail: &d.tail}
	case compressionZstd:
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(windowBytes))
		if err != nil {
			return nil, noEOF(err)
		}
		d.Reader, d.close = &zstdFrames{in: in, z: z, tail: &d.tail}, z.Close
	case compressionBzip2:
		d.Reader = bzip2.NewReader(in)
	case compressionXZ:
		if err := checkXZWindow(in); err != nil {
			return nil, err
		}
		z, err := xz.NewReader(in)
		if err != nil {
			return nil, noEOF(err)
		}
		d.Reader = z
	default:
		return nil, fmt.Errorf("no decoder for %s", compression)
	}
	return d, nil
}

// gzipMembers reads all members of a gzip file.
type gzipMembers struct {
	in   *bufio.Reader
	z    *inflate.Reader
	tail *tail
}

func (g *gzipMembers) Read(p []byte) (int, error) {
	for {
		n, err := g.z.Read(p)
		if n > 0 && err == io.EOF {
			err = nil // it comes again with the next call
		}
		if n > 0 || err != io.EOF {
			return n, err
		}
		if err := g.next(); err != nil {
			return 0, err
		}
	}
}

// next begins the next member, or gives io.EOF.
func (g *gzipMembers) next() error {
	magic, err := g.in.Peek(2)
	if len(magic) == 0 {
		return err
	}
	if sniff(magic) != compressionGzip {
		if _, err := io.Copy(g.tail, g.in); err != nil {
			return err
		}
		return io.EOF
	}
	g.z.Reset(g.in)
	return nil
}

// zstdFrames reads all frames of a zstd file, and what is no frame as its tail.
type zstdFrames struct {
	in   *bufio.Reader
	z    *zstd.Decoder
	tail *tail
	some bool
}

func (f *zstdFrames) Read(p []byte) (int, error) {
	n, err := f.z.Read(p)
	f.some = f.some || n > 0
	if f.some && errors.Is(err, zstd.ErrMagicMismatch) {
		f.tail.n, f.tail.dirty = f.tail.n+4, true // the magic bytes that were none
		if _, err := io.Copy(f.tail, f.in); err != nil {
			return n, err
		}
		return n, io.EOF
	}
	return n, err
}

// checkXZWindow refuses a first block whose dictionary is larger than we allow:
// the library allocates what the block asks for, up to 4 GiB.
func checkXZWindow(in *bufio.Reader) error {
	const streamHeader, filterLZMA2 = 12, 0x21
	head, err := in.Peek(streamHeader + 2 + 18 + 3)
	if len(head) <= streamHeader+2 {
		return noEOF(err)
	}
	block := head[streamHeader:]
	flags, at := block[1], 2
	for bit := byte(0x40); bit != 0; bit <<= 1 { // compressed and uncompressed size, if given
		if flags&bit == 0 {
			continue
		}
		for at < len(block) && block[at]&0x80 != 0 {
			at++
		}
		at++
	}
	if block[0] == 0 || at+2 >= len(block) || block[at] != filterLZMA2 {
		return nil // an index, or what the library refuses by itself
	}
	size, err := lzma.DecodeDictCap(block[at+2])
	if err == nil && size > windowBytes {
		return errWindow
	}
	return nil
}

var errWindow = errors.New("the compressed data ask for too large a window")

// cutByDecoder says what a decoder's error means for the ledger.
func cutByDecoder(compression string, err error, out int64) *cut {
	switch {
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded), errors.Is(err, errWindow):
		return &cut{reason: ReasonLimitWindow, err: err, detail: fmt.Sprintf(
			"the %s data ask for a window of more than %d MiB; compress the layer anew with a smaller one", compression, windowBytes>>20)}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &cut{reason: ReasonTruncated, err: err, detail: fmt.Sprintf(
			"the %s data end early, after %d bytes uncompressed", compression, out)}
	}
	return &cut{reason: ReasonCorrupt, err: err, detail: fmt.Sprintf(
		"the %s data are damaged after %d bytes uncompressed: %v", compression, out, err)}
}

// tail counts bytes that follow after an end, and whether any is not zero.
type tail struct {
	n     int64
	dirty bool
}

func (t *tail) Write(p []byte) (int, error) {
	t.n += int64(len(p))
	t.dirty = t.dirty || len(bytes.TrimLeft(p, "\x00")) > 0
	return len(p), nil
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
