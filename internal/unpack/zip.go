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

	"github.com/imgaudit/imgaudit/internal/decompress"
	"github.com/imgaudit/imgaudit/internal/inflate"
	"github.com/imgaudit/imgaudit/internal/lzma"
)

// Signatures and methods of zip files: PKWARE's APPNOTE.TXT, sections 4.3 and 4.4.5.
const (
	zipLocal      = "PK\x03\x04"
	zipDescriptor = "PK\x07\x08"
	zipCentral    = "PK\x01\x02"
	zipEnd        = "PK\x05\x06"
	zip64End      = "PK\x06\x06"
	zip64Locator  = "PK\x06\x07"
	zipSignature  = "PK\x05\x05"

	methodStore   = 0
	methodDeflate = 8
	methodBzip2   = 12
	methodLZMA    = 14
	methodZstd    = 93
	methodXZ      = 95

	flagEncrypted  = 1 << 0
	flagDescriptor = 1 << 3
)

// zipReader reads one zip file.
type zipReader struct {
	w     *walker
	at    string
	in    *bufio.Reader
	taken *tally // what was read into in
	depth int

	seed  maphash.Seed
	names map[uint64]bool // of members; false once the directory has named them
	extra int             // named by the directory alone

	tools *zipTools
}

// zipTools are used again for the next zip file of the same depth.
type zipTools struct {
	in      *bufio.Reader
	inflate *inflate.Reader
}

// tally counts the bytes that a buffer was filled with.
type tally struct {
	r io.Reader
	n int64
}

func (t *tally) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.n += int64(n)
	return n, err
}

func (w *walker) zip(at string, r *bufio.Reader, depth int) error {
	for len(w.zips) <= depth {
		w.zips = append(w.zips, zipTools{})
	}
	tools := &w.zips[depth]
	if tools.in == nil {
		tools.in = bufio.NewReaderSize(nil, bufferBytes)
		tools.inflate = inflate.NewReader(tools.in, inflate.Deflate)
	}
	t := &tally{r: r}
	tools.in.Reset(t)
	z := &zipReader{w: w, at: at, in: tools.in, taken: t, depth: depth, seed: maphash.MakeSeed(), names: map[uint64]bool{}, tools: tools}
	defer z.compare()
	for {
		head, err := z.in.Peek(4)
		if err != nil {
			if err == io.EOF && len(head) == 0 {
				return nil
			}
			return err
		}
		switch string(head) {
		case zipLocal:
			err = z.member()
		case zipCentral:
			err = z.central()
		case zipEnd:
			err = z.end()
		case zip64End, zip64Locator, zipSignature:
			err = z.pass(head)
		default:
			err = z.resync()
		}
		if err != nil {
			return err
		}
	}
}

// position is how many bytes of the file were used.
func (z *zipReader) position() int64 { return z.taken.n - int64(z.in.Buffered()) }

// local is what a local header says.
type local struct {
	name                 string
	flags, method        uint16
	crc                  uint32
	packed, size         int64
	zip64, known, strong bool
}

func (z *zipReader) header() (local, error) {
	var h [30]byte
	if _, err := io.ReadFull(z.in, h[:]); err != nil {
		return local{}, noEOF(err)
	}
	le := binary.LittleEndian
	l := local{flags: le.Uint16(h[6:]), method: le.Uint16(h[8:]), crc: le.Uint32(h[14:]), packed: int64(le.Uint32(h[18:])), size: int64(le.Uint32(h[22:]))}
	text := make([]byte, int(le.Uint16(h[26:]))+int(le.Uint16(h[28:])))
	if _, err := io.ReadFull(z.in, text); err != nil {
		return l, noEOF(err)
	}
	n := int(le.Uint16(h[26:]))
	l.name = string(text[:n])
	for extra := text[n:]; len(extra) >= 4; {
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
	where := join(z.at, clean(l.name))
	if l.flags&flagEncrypted != 0 || l.strong {
		z.w.remark(where, ReasonEncrypted, "a member of the archive is encrypted", false)
		return z.passContent(l)
	}
	if n := len(l.name); n > 0 && l.name[n-1] == '/' && l.packed == 0 && l.known {
		return nil
	}
	start := z.position()
	var content io.Reader
	switch l.method {
	case methodStore:
		if l.known {
			content = io.LimitReader(z.in, l.packed)
		} else {
			content = &untilDescriptor{in: z.in, sum: crc32.NewIEEE()}
		}
	case methodDeflate:
		z.tools.inflate.Reset(z.in)
		content = z.tools.inflate
	case methodLZMA:
		if l.known {
			content = zipLZMA(bufio.NewReaderSize(io.LimitReader(z.in, l.packed), 4<<10), l.size)
		}
	case methodBzip2, methodZstd, methodXZ:
		if !l.known {
			break
		}
		kind := map[uint16]string{methodBzip2: decompress.Bzip2, methodZstd: decompress.Zstd, methodXZ: decompress.XZ}[l.method]
		d, err := z.w.decoders.New(kind, bufio.NewReaderSize(io.LimitReader(z.in, l.packed), 4<<10))
		if err != nil {
			return err
		}
		defer d.Close()
		content = d
	}
	if content == nil {
		z.w.remark(where, ReasonMethod, fmt.Sprintf("a member of the archive is compressed by method %d, which is not known here", l.method), true)
		return z.passContent(l)
	}
	sum := &summed{r: &unpacked{w: z.w, r: content, at: where}, sum: crc32.NewIEEE()}
	size := l.size
	if !l.known {
		size = -1
	}
	if err := z.w.member(z.at, l.name, size, sum, z.depth); err != nil {
		if err := z.w.broken(where, err); err != nil {
			return err
		}
		return z.resync() // the next member may be whole
	}
	used := z.position() - start
	if l.known && used < l.packed { // what follows the end of the compressed data
		rest := &io.LimitedReader{R: z.in, N: l.packed - used}
		if err := z.w.copy(z.w.visitor.Member(Member{Path: where, Size: rest.N}), rest, z.depth); err != nil {
			return err
		}
	}
	want := l.crc
	if l.flags&flagDescriptor != 0 {
		if want, err = z.descriptor(used, sum.n, sum.sum.Sum32()); err != nil {
			return err
		}
	}
	switch {
	case l.known && used > l.packed:
		z.w.remark(where, ReasonCorrupt, "a member of the archive is longer than its header says", false)
	case want != sum.sum.Sum32() || l.flags&flagDescriptor == 0 && sum.n != l.size:
		z.w.remark(where, ReasonCorrupt, "size or checksum of a member of the archive are wrong", false)
	}
	return nil
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

// passContent hands over the content of a member as it lies there.
func (z *zipReader) passContent(l local) error {
	if !l.known {
		return z.resync()
	}
	body := &io.LimitedReader{R: z.in, N: l.packed}
	if err := z.w.copy(z.w.visitor.Member(Member{Path: join(z.at, clean(l.name)), Size: l.packed}), body, z.depth); err != nil {
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

// central reads one entry of the directory.
func (z *zipReader) central() error {
	var h [46]byte
	if _, err := io.ReadFull(z.in, h[:]); err != nil {
		return noEOF(err)
	}
	le := binary.LittleEndian
	name := make([]byte, le.Uint16(h[28:]))
	if _, err := io.ReadFull(z.in, name); err != nil {
		return noEOF(err)
	}
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
	var h [22]byte
	if _, err := io.ReadFull(z.in, h[:]); err != nil {
		return noEOF(err)
	}
	comment := int64(binary.LittleEndian.Uint16(h[20:]))
	if comment == 0 {
		return nil
	}
	body := &io.LimitedReader{R: z.in, N: comment}
	if err := z.w.copy(z.w.visitor.Member(Member{Path: z.at, Size: comment}), body, z.depth); err != nil {
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

// resync hands over bytes that are no part of the zip file's structure, up to the next
// record.
func (z *zipReader) resync() (err error) {
	var out io.WriteCloser
	defer func() {
		if out == nil {
			return
		}
		if cerr := out.Close(); cerr != nil && err == nil {
			err = fatal{cerr}
		}
	}()
	give := func(b []byte) error {
		if len(b) == 0 {
			return nil
		}
		if out == nil {
			z.w.remark(z.at, ReasonCorrupt, "bytes of the zip file belong to no member; they were scanned as they are", false)
			if out = z.w.visitor.Member(Member{Path: z.at, Size: -1}); out == nil {
				out = discard{}
			}
		}
		if _, err := out.Write(b); err != nil {
			return fatal{err}
		}
		_, err := z.in.Discard(len(b))
		return err
	}
	for {
		piece, err := z.in.Peek(max(z.in.Buffered(), 4))
		if len(piece) < 4 {
			if err != io.EOF {
				return err
			}
			return give(piece)
		}
		n := nextRecord(piece)
		if n >= 0 {
			return give(piece[:n])
		}
		if err := give(piece[:len(piece)-3]); err != nil {
			return err
		}
	}
}

// nextRecord finds where a record may begin; -1 if nowhere.
func nextRecord(b []byte) int {
	for at := 0; ; at++ {
		i := bytes.Index(b[at:], []byte("PK"))
		if i < 0 || at+i+4 > len(b) {
			return -1
		}
		at += i
		switch string(b[at : at+4]) {
		case zipLocal, zipCentral, zipEnd:
			return at
		}
	}
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

// summed takes the checksum and the length of what is read.
type summed struct {
	r   io.Reader
	sum interface {
		io.Writer
		Sum32() uint32
	}
	n int64
}

func (s *summed) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	_, _ = s.sum.Write(p[:n])
	s.n += int64(n)
	return n, err
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
