package unpack

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"hash/maphash"
	"io"
	"math"
	"strings"

	"github.com/imgaudit/imgaudit/internal/decompress"
	"github.com/imgaudit/imgaudit/internal/lzma"
)

// local is what a local header says.
type local struct {
	name                 string
	flags, method        uint16
	crc                  uint32
	packed, size         int64
	zip64, known, strong bool
}

// directory tells the entries of directories, which have no content.
func (l local) directory() bool { return strings.HasSuffix(l.name, "/") && l.packed == 0 && l.known }

func (z *zipReader) header() (local, error) {
	h := z.record[:30]
	if err := z.read(h); err != nil {
		return local{}, err
	}
	le := binary.LittleEndian
	l := local{flags: le.Uint16(h[6:]), method: le.Uint16(h[8:]), crc: le.Uint32(h[14:]), packed: int64(le.Uint32(h[18:])), size: int64(le.Uint32(h[22:]))}
	n := int(le.Uint16(h[26:]))
	if err := z.readText(n + int(le.Uint16(h[28:]))); err != nil {
		return l, err
	}
	l.name = string(z.text[:n])
	for extra := z.text[n:]; len(extra) >= 4; {
		id, size := le.Uint16(extra), int(le.Uint16(extra[2:]))
		extra = extra[4:]
		if size > len(extra) {
			break
		}
		switch body := extra[:size]; {
		case id == 0x0001 && size >= 16 && l.packed == math.MaxUint32 && l.size == math.MaxUint32: // zip64
			l.zip64, l.size, l.packed = true, int64(le.Uint64(body)), int64(le.Uint64(body[8:]))
		case id == 0x0001:
			l.zip64 = true
		case id == 0x9901: // AES, as WinZip does it
			l.strong = true
		}
		extra = extra[size:]
	}
	l.known = l.flags&flagDescriptor == 0 || l.packed > 0
	if l.packed < 0 || l.size < 0 {
		return l, errors.New("a member of the zip file has an impossible size")
	}
	return l, nil
}

// member reads a local header and the content behind it.
func (z *zipReader) member() error {
	l, err := z.header()
	if err != nil {
		return err
	}
	if len(z.names) < 1<<20 {
		z.names[maphash.String(z.seed, l.name)] = true
	}
	at := placeOf(z.at, l.name)
	switch {
	case l.flags&flagEncrypted != 0 || l.strong:
		z.w.remark(at.path, ReasonEncrypted, "a member of the archive is encrypted", false)
		return z.passContent(l, at.path)
	case l.directory():
		return nil
	}
	start := z.position()
	content, done, err := z.content(l)
	switch {
	case errors.Is(err, errMethod):
		z.w.remark(at.path, ReasonMethod, fmt.Sprintf("a member of the archive is compressed by method %d, which is not known here", l.method), true)
		return z.passContent(l, at.path)
	case err != nil:
		return err
	}
	defer done()
	z.body = summed{unpacked: unpacked{w: z.w, r: content, at: at.path}}
	size := l.size
	if !l.known {
		size = -1
	}
	if err := z.w.member(at, size, &z.body, z.depth); err != nil {
		if err := z.w.broken(at.path, err); err != nil {
			return err
		}
		return z.resync() // the next member may be whole
	}
	used := z.position() - start
	if l.known && used < l.packed { // what follows the end of the compressed data
		rest := &io.LimitedReader{R: z.in, N: l.packed - used}
		if err := handOver(z.w.visitor.Member(Member{Path: at.path, Size: rest.N}), z.w.buffered(z.depth, rest)); err != nil {
			return err
		}
	}
	return z.check(l, at.path, used)
}

// zipMethods are decoders that do not tell where the member ends.
var zipMethods = map[uint16]string{methodBzip2: decompress.Bzip2, methodZstd: decompress.Zstd, methodXZ: decompress.XZ}

var errMethod = errors.New("the way of compression is not known")

// content decodes what lies behind a local header. The function is to be called when it was read.
func (z *zipReader) content(l local) (r io.Reader, done func(), err error) {
	done = func() {}
	switch {
	case l.method == methodDeflate: // which tells by itself where it ends
		z.inflate.Reset(z.in)
		return z.inflate, done, nil
	case l.method == methodStore && !l.known:
		return &untilDescriptor{in: z.in, sum: crc32.NewIEEE()}, done, nil
	case !l.known:
		return nil, nil, errMethod
	case l.method == methodStore:
		return io.LimitReader(z.in, l.packed), done, nil
	}
	packed := bufio.NewReaderSize(io.LimitReader(z.in, l.packed), 4<<10)
	if l.method == methodLZMA {
		return zipLZMA(packed, l.size), done, nil
	}
	kind, ok := zipMethods[l.method]
	if !ok {
		return nil, nil, errMethod
	}
	d, err := z.w.decoders.New(kind, packed)
	if err != nil {
		return nil, nil, err
	}
	return d, d.Close, nil
}

// check holds what came out of a member against what the archive says of it.
func (z *zipReader) check(l local, where string, used int64) (err error) {
	got := &z.body
	want := l.crc
	if l.flags&flagDescriptor != 0 {
		if want, err = z.descriptor(used, got.n, got.crc); err != nil {
			return err
		}
	}
	switch {
	case l.known && used > l.packed:
		z.w.remark(where, ReasonCorrupt, "a member of the archive is longer than its header says", false)
	case want != got.crc || l.flags&flagDescriptor == 0 && got.n != l.size:
		z.w.remark(where, ReasonCorrupt, "size or checksum of a member of the archive are wrong", false)
	}
	return nil
}

// passContent hands over the content of a member as it lies there.
func (z *zipReader) passContent(l local, at string) error {
	if !l.known {
		return z.resync()
	}
	body := &io.LimitedReader{R: z.in, N: l.packed}
	if err := handOver(z.w.visitor.Member(Member{Path: at, Size: l.packed}), z.w.buffered(z.depth, body)); err != nil {
		return err
	}
	return skip(body)
}

// descriptor reads what may stand behind a member: a signature or none, sizes of
// four or eight bytes. It gives the checksum that it holds; without one that fits, it
// takes nothing.
func (z *zipReader) descriptor(packed, size int64, sum uint32) (uint32, error) {
	le := binary.LittleEndian
	for _, at := range []int{4, 0} {
		for _, wide := range []int{4, 8} {
			n := at + 4 + 2*wide
			d, err := z.in.Peek(n)
			if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
				return 0, err
			}
			if len(d) < n || at == 4 && string(d[:4]) != zipDescriptor {
				continue
			}
			var p, s uint64
			if wide == 4 {
				p, s = uint64(le.Uint32(d[at+4:])), uint64(le.Uint32(d[at+8:]))
			} else {
				p, s = le.Uint64(d[at+4:]), le.Uint64(d[at+12:])
			}
			if p == uint64(packed) && s == uint64(size) {
				crc := le.Uint32(d[at:])
				_, err := z.in.Discard(n)
				return crc, err
			}
		}
	}
	return ^sum, nil
}

// untilDescriptor reads a stored member of unknown size: up to the descriptor that fits
// what came before it.
type untilDescriptor struct {
	in  *bufio.Reader
	sum interface {
		io.Writer
		Sum32() uint32
	}
	n int64
}

func (u *untilDescriptor) Read(p []byte) (int, error) {
	piece, err := u.in.Peek(max(u.in.Buffered(), 24))
	if len(piece) == 0 {
		return 0, noEOF(err)
	}
	le := binary.LittleEndian
	n := bytes.Index(piece, []byte(zipDescriptor))
	switch {
	case n == 0 && len(piece) >= 16 && le.Uint32(piece[4:]) == u.sum.Sum32() &&
		(le.Uint32(piece[8:]) == uint32(u.n) || len(piece) >= 24 && le.Uint64(piece[8:]) == uint64(u.n)):
		return 0, io.EOF
	case n == 0:
		n = 1
	case n < 0:
		if n = len(piece) - 3; n <= 0 {
			n = len(piece) // the last bytes of the file
		}
	}
	n = copy(p, piece[:n])
	_, _ = u.sum.Write(p[:n])
	u.n += int64(n)
	_, err = u.in.Discard(n)
	return n, err
}

// zipLZMA decodes LZMA behind the header that zip files have: section 5.8.8 of APPNOTE.TXT.
func zipLZMA(in *bufio.Reader, size int64) io.Reader {
	var h [9]byte // two bytes of a version, two that say how many properties follow, and these
	_, err := io.ReadFull(in, h[:])
	if err == nil && (h[2] != 5 || h[3] != 0) {
		err = lzma.ErrFormat
	}
	if err != nil {
		return failing{noEOF(err)}
	}
	z, err := lzma.NewRaw(in, [5]byte(h[4:]), size, decompress.WindowBytes)
	if err != nil {
		return failing{err}
	}
	return z
}

// failing gives nothing but an error.
type failing struct{ error }

func (f failing) Read([]byte) (int, error) { return 0, f.error }

// summed takes the checksum and the length of what is unpacked.
type summed struct {
	unpacked
	crc uint32
	n   int64
}

func (s *summed) Read(p []byte) (int, error) {
	n, err := s.unpacked.Read(p)
	s.crc = crc32.Update(s.crc, crc32.IEEETable, p[:n])
	s.n += int64(n)
	return n, err
}
