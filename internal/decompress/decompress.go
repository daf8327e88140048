// Package decompress reads what is compressed with gzip, zstd, bzip2, xz, LZMA or lzip to its
// end, however many members or frames it is made of. All but LZMA are told by the
// first bytes.
//
// The memory of a decoder is bounded by [WindowBytes]; what asks for more gives
// [ErrWindow]. What follows the compressed data without being part of it is counted
// as their [Tail].
package decompress

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/imgaudit/imgaudit/internal/bzip2"
	"github.com/imgaudit/imgaudit/internal/inflate"
	"github.com/imgaudit/imgaudit/internal/lzma"
)

// The names of compressions.
const (
	None  = "none"
	Gzip  = "gzip"
	Zstd  = "zstd"
	Bzip2 = "bzip2"
	XZ    = "xz"
	LZMA  = "lzma" // a .lzma file, which [Sniff] does not tell; see [lzma.IsAlone]
	Lzip  = "lzip"
)

// SniffBytes is how much of a stream tells its compression.
const SniffBytes = 6

// WindowBytes is the most that one decoder may look back, and so the memory that
// a frame can ask for. It is what zstd's strongest level (22) and its --long use.
const WindowBytes = 128 << 20

// Sniff tells the compression by the magic bytes at the start of a stream.
func Sniff(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return Gzip
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}), isSkippable(head):
		return Zstd
	case bytes.HasPrefix(head, []byte("BZh")):
		return Bzip2
	case bytes.HasPrefix(head, []byte{0xfd, '7', 'z', 'X', 'Z', 0}):
		return XZ
	case lzma.IsLzip(head):
		return Lzip
	}
	return None
}

// isSkippable reports whether a zstd frame begins that decoders pass over.
func isSkippable(head []byte) bool {
	return len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18})
}

// Buffer is what a [Decoder] fills.
type Buffer = inflate.Buffer

// Decoder uncompresses one stream to its end, however many members or frames it
// is made of.
type Decoder struct {
	io.Reader

	in    *bufio.Reader
	taken []byte // that the decoder has read of what follows
	close func()
}

// Rest gives what follows the compressed data without being part of it, once the decoder has
// come to their end.
func (d *Decoder) Rest() io.Reader {
	if len(d.taken) == 0 {
		return d.in
	}
	return io.MultiReader(bytes.NewReader(d.taken), d.in)
}

// Fill is Read into a buffer's room, as far as there is room; io.EOF comes with the last bytes.
// Until the next call the buffer must stay as it is, since the decoder may look back at it.
func (d *Decoder) Fill(b *Buffer) (int, error) {
	if g, ok := d.Reader.(*gzipMembers); ok {
		return g.fill(b)
	}
	return ReadFull(d.Reader, b.Room())
}

// ReadFull reads until a buffer is full. It gives io.EOF with the last bytes, and
// unlike [io.ReadFull] no other error for too few.
func ReadFull(r io.Reader, buf []byte) (n int, err error) {
	for empty := 0; n < len(buf) && err == nil; {
		var m int
		m, err = r.Read(buf[n:])
		n += m
		if m > 0 {
			empty = 0
		} else if empty++; empty == 100 && err == nil {
			err = io.ErrNoProgress
		}
	}
	return n, err
}

// Close lets go of what the decoder holds.
func (d *Decoder) Close() { d.close() }

// New gives a decoder for one of the compressions. It never reads ahead of in, so that
// what is left in it when the compressed data end is their tail.
func New(compression string, in *bufio.Reader) (*Decoder, error) {
	return new(Pool).New(compression, in)
}

// Pool gives decoders as [New] does, and uses what they are made of again after Close:
// for many small streams. It may be used by many goroutines; the zero value works.
type Pool struct {
	gzip  sync.Pool // of *inflate.Reader
	bzip2 sync.Pool // of *bzip2.Reader
	xz    sync.Pool // of *lzma.Reader
}

// reused gives a reader of a pool, or a new one, and what puts it back: it holds on to neither
// the input nor large buffers then.
func reused[R interface{ Reset(in *bufio.Reader) }](pool *sync.Pool, in *bufio.Reader, fresh func() R) (z R, done func()) {
	z, ok := pool.Get().(R)
	if !ok {
		z = fresh()
	}
	z.Reset(in)
	return z, func() {
		z.Reset(nil)
		pool.Put(z)
	}
}

// New gives a decoder. It must not be read after its Close.
func (p *Pool) New(compression string, in *bufio.Reader) (*Decoder, error) {
	d := &Decoder{in: in, close: func() {}}
	switch compression {
	case Gzip:
		z, done := reused(&p.gzip, in, func() *inflate.Reader { return inflate.NewReader(in, inflate.Gzip) })
		d.Reader, d.close = &gzipMembers{in: in, z: z}, done
	case Zstd:
		read := &lastBytes{r: in}
		z, err := zstd.NewReader(read, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(WindowBytes))
		if err != nil {
			return nil, noEOF(err)
		}
		d.Reader, d.close = &zstdFrames{z: z, read: read, taken: &d.taken}, z.Close
	case Bzip2:
		z, done := reused(&p.bzip2, in, func() *bzip2.Reader { return bzip2.NewReader(in) })
		d.Reader, d.close = z, done
	case XZ:
		z, done := reused(&p.xz, in, func() *lzma.Reader { return lzma.NewReader(in, lzma.XZ, WindowBytes) })
		d.Reader, d.close = lzmaFile{z}, done
	case LZMA:
		d.Reader = lzmaFile{lzma.NewReader(in, lzma.Alone, WindowBytes)}
	case Lzip:
		d.Reader = lzmaFile{lzma.NewReader(in, lzma.Lzip, WindowBytes)}
	default:
		return nil, fmt.Errorf("no decoder for %s", compression)
	}
	return d, nil
}

// gzipMembers reads all members of a gzip file.
type gzipMembers struct {
	in *bufio.Reader
	z  *inflate.Reader
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

// fill is [Decoder.Fill].
func (g *gzipMembers) fill(b *Buffer) (n int, err error) {
	for {
		if n, err = g.z.Fill(b, n); err != io.EOF {
			return n, err
		}
		if err := g.next(); err != nil {
			return n, err
		}
	}
}

// next begins the next member, or gives io.EOF.
func (g *gzipMembers) next() error {
	magic, err := g.in.Peek(2)
	if len(magic) == 0 {
		return err
	}
	if Sniff(magic) != Gzip {
		return io.EOF
	}
	g.z.Reset(g.in)
	return nil
}

// zstdFrames reads all frames of a zstd file.
type zstdFrames struct {
	z     *zstd.Decoder
	read  *lastBytes
	taken *[]byte
	some  bool
}

func (f *zstdFrames) Read(p []byte) (int, error) {
	n, err := f.z.Read(p)
	f.some = f.some || n > 0
	if f.some && errors.Is(err, zstd.ErrMagicMismatch) {
		*f.taken = f.read.last[:] // where a magic number should have been
		return n, io.EOF
	}
	return n, err
}

// lastBytes keeps the last four bytes that were read.
type lastBytes struct {
	r    io.Reader
	last [4]byte
}

func (l *lastBytes) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if n >= len(l.last) {
		copy(l.last[:], p[n-len(l.last):n])
	} else {
		copy(l.last[:], l.last[n:])
		copy(l.last[len(l.last)-n:], p[:n])
	}
	return n, err
}

// lzmaFile gives the errors of this package.
type lzmaFile struct{ z *lzma.Reader }

func (l lzmaFile) Read(p []byte) (int, error) {
	n, err := l.z.Read(p)
	return n, windowError(err)
}

func windowError(err error) error {
	if errors.Is(err, lzma.ErrLimit) {
		return ErrWindow
	}
	return err
}

// ErrWindow says that compressed data ask for a larger window than [WindowBytes].
var ErrWindow = errors.New("the compressed data ask for too large a window")

// Tail counts bytes that follow after an end, and tells whether any is not zero.
type Tail struct {
	Bytes int64
	Dirty bool
}

func (t *Tail) Write(p []byte) (int, error) {
	t.Bytes += int64(len(p))
	t.Dirty = t.Dirty || len(bytes.TrimLeft(p, "\x00")) > 0
	return len(p), nil
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
