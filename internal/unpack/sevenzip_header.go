package unpack

import (
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
)

// The properties of 7z's headers (7zFormat.txt of the LZMA SDK).
const (
	szEnd           = 0x00
	szHeader        = 0x01
	szProperties    = 0x02
	szAdditional    = 0x03
	szMainStreams   = 0x04
	szFiles         = 0x05
	szPackInfo      = 0x06
	szUnpackInfo    = 0x07
	szSubStreams    = 0x08
	szSizes         = 0x09
	szCRC           = 0x0a
	szFolders       = 0x0b
	szUnpackSizes   = 0x0c
	szNumStreams    = 0x0d
	szEmptyStream   = 0x0e
	szNames         = 0x11
	szEncodedHeader = 0x17

	szStart = 32 // bytes of the header at the beginning
)

// maxHeader is the most that headers may unpack to, in bytes: enough for 100,000 files.
const maxHeader = 16 << 20

// szArchive is what the headers say.
type szArchive struct {
	content []byte // of the archive
	packed  [][]byte
	folders []szFolder
	names   []string
	empty   []bool // by file: it has no content
}

// szFolder is a chain of coders, and the files in what comes out.
type szFolder struct {
	coders []szCoder
	feeds  map[int]int // a coder's input, by the coder whose output it is
	first  int         // number of its first packed stream
	packs  []int       // coders' inputs that are packed streams
	unpack []int64     // sizes of what the coders give
	sizes  []int64     // of the files
	crc    bool        // it has one CRC for all of it
}

type szCoder struct {
	id    string
	props []byte
}

func parseSevenZip(content []byte) (*szArchive, error) {
	if len(content) < szStart {
		return nil, io.ErrUnexpectedEOF
	}
	offset, size := binary.LittleEndian.Uint64(content[12:]), binary.LittleEndian.Uint64(content[20:])
	if offset > uint64(len(content)-szStart) || size > uint64(len(content)-szStart)-offset {
		return nil, io.ErrUnexpectedEOF
	}
	if size == 0 {
		return &szArchive{}, nil
	}
	header := content[szStart+offset:][:size]
	for range 4 { // headers may be packed again
		r := &szReader{b: header, most: len(header)}
		a := &szArchive{content: content}
		switch r.byte() {
		case szHeader:
			a.header(r)
			if r.bad {
				return nil, errSevenZip
			}
			return a, nil
		case szEncodedHeader:
			a.streams(r)
			if r.bad || len(a.folders) != 1 || len(a.packed) == 0 {
				return nil, errSevenZip
			}
			body, err := a.open(&a.folders[0])
			if err != nil {
				return nil, err
			}
			// Names of many files in one directory are much alike, but not without end.
			size := a.folders[0].total()
			if size > 64<<10+200*int64(len(header)+len(a.packed[0])) || size > maxHeader {
				return nil, errors.New("the headers of the 7z archive unpack to too much")
			}
			if header, err = io.ReadAll(io.LimitReader(body, size)); err != nil {
				return nil, err
			}
		default:
			return nil, errSevenZip
		}
	}
	return nil, errSevenZip
}

func (a *szArchive) header(r *szReader) {
	for !r.bad {
		switch r.byte() {
		case szEnd:
			return
		case szProperties:
			for !r.bad && r.byte() != szEnd {
				r.bytes(r.count())
			}
		case szAdditional:
			(&szArchive{content: a.content}).streams(r)
		case szMainStreams:
			a.streams(r)
		case szFiles:
			a.files(r)
		default:
			r.bad = true
		}
	}
}

func (a *szArchive) streams(r *szReader) {
	for !r.bad {
		switch r.byte() {
		case szEnd:
			a.settle(r)
			return
		case szPackInfo:
			a.packInfo(r)
		case szUnpackInfo:
			a.unpackInfo(r)
		case szSubStreams:
			a.subStreams(r)
		default:
			r.bad = true
		}
	}
}

// settle gives each folder without a list of files one file.
func (a *szArchive) settle(r *szReader) {
	for i := range a.folders {
		if f := &a.folders[i]; f.sizes == nil {
			f.sizes = []int64{f.total()}
		}
		if n := a.folders[i].total(); n < 0 {
			r.bad = true
		}
	}
}

func (a *szArchive) packInfo(r *szReader) {
	at := r.number()
	count := r.count()
	for !r.bad {
		switch r.byte() {
		case szEnd:
			return
		case szSizes:
			for range count {
				size := r.number()
				if r.bad || at > uint64(len(a.content)) || size > uint64(len(a.content)) || szStart+at+size > uint64(len(a.content)) {
					r.bad = true
					return
				}
				a.packed = append(a.packed, a.content[szStart+at:][:size])
				at += size
			}
		case szCRC:
			r.digests(count)
		default:
			r.bad = true
		}
	}
}

func (a *szArchive) unpackInfo(r *szReader) {
	if r.byte() != szFolders {
		r.bad = true
		return
	}
	count, packed := r.count(), 0
	if r.byte() != 0 { // kept elsewhere
		r.bad = true
		return
	}
	for range count {
		f := r.folder()
		f.first = packed
		packed += len(f.packs)
		a.folders = append(a.folders, f)
		if r.bad {
			return
		}
	}
	if r.byte() != szUnpackSizes {
		r.bad = true
		return
	}
	for i := range a.folders {
		for range a.folders[i].coders {
			size := r.number()
			if size > 1<<50 {
				r.bad = true
				return
			}
			a.folders[i].unpack = append(a.folders[i].unpack, int64(size))
		}
	}
	for !r.bad {
		switch r.byte() {
		case szEnd:
			return
		case szCRC:
			for i, defined := range r.digests(count) {
				a.folders[i].crc = defined
			}
		default:
			r.bad = true
		}
	}
}

func (a *szArchive) subStreams(r *szReader) {
	counts := make([]int, len(a.folders))
	for i := range counts {
		counts[i] = 1
	}
	kind := r.byte()
	if kind == szNumStreams {
		for i := range counts {
			counts[i] = r.count()
		}
		kind = r.byte()
	}
	for i := range a.folders {
		f := &a.folders[i]
		f.sizes = []int64{}
		left := f.total()
		if counts[i] > 1 && kind != szSizes {
			r.bad = true
			return
		}
		for n := range counts[i] {
			size := left
			if n < counts[i]-1 {
				size = 0
				if kind == szSizes {
					size = int64(min(r.number(), 1<<50))
				}
			}
			if size > left || r.bad {
				r.bad = true
				return
			}
			left -= size
			f.sizes = append(f.sizes, size)
		}
	}
	if kind == szSizes {
		kind = r.byte()
	}
	for !r.bad && kind != szEnd {
		if kind != szCRC {
			r.bad = true
			return
		}
		files := 0
		for i, n := range counts {
			if n != 1 || !a.folders[i].crc {
				files += n
			}
		}
		r.digests(files)
		kind = r.byte()
	}
}

func (a *szArchive) files(r *szReader) {
	count := r.count()
	for !r.bad {
		kind := r.byte()
		if kind == szEnd {
			return
		}
		p := &szReader{b: r.bytes(r.count()), most: r.most}
		switch kind {
		case szEmptyStream:
			a.empty = p.bits(count)
		case szNames:
			if p.byte() != 0 {
				r.bad = true
				return
			}
			for range count {
				if p.bad {
					break
				}
				a.names = append(a.names, p.name())
			}
		}
		if p.bad {
			r.bad = true
		}
	}
}

// total is the size of what a folder unpacks to: what the coder gives that feeds no other.
func (f *szFolder) total() int64 {
	if last := f.last(); last >= 0 && last < len(f.unpack) {
		return f.unpack[last]
	}
	return -1
}

func (f *szFolder) last() int {
	feeding := map[int]bool{}
	for _, from := range f.feeds {
		feeding[from] = true
	}
	for i := range f.coders {
		if !feeding[i] {
			return i
		}
	}
	return -1
}

// szReader reads a header. What lies beyond its end makes it bad. No count is larger than
// the header has bits, because each thing that is counted takes one at least.
type szReader struct {
	b    []byte
	most int
	bad  bool
}

func (r *szReader) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	b := r.b[0]
	r.b = r.b[1:]
	return b
}

func (r *szReader) bytes(n int) []byte {
	if n > len(r.b) {
		r.bad = true
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

// number reads an integer: the leading ones of the first byte count the bytes behind it.
func (r *szReader) number() uint64 {
	first := r.byte()
	n := uint64(0)
	for i := range 8 {
		mask := byte(0x80) >> i
		if first&mask == 0 {
			return n | uint64(first&(mask-1))<<(8*i)
		}
		n |= uint64(r.byte()) << (8 * i)
	}
	return n
}

func (r *szReader) count() int {
	n := r.number()
	if n > uint64(8*r.most) {
		r.bad = true
		return 0
	}
	return int(n)
}

func (r *szReader) bits(n int) []bool {
	raw := r.bytes((n + 7) / 8)
	if raw == nil {
		return nil
	}
	out := make([]bool, n)
	for i := range out {
		out[i] = raw[i/8]&(0x80>>(i%8)) != 0
	}
	return out
}

// digests passes over CRCs of a number of streams, and says which of these have one.
func (r *szReader) digests(n int) []bool {
	if n > 8*r.most {
		r.bad = true
		return nil
	}
	defined := make([]bool, n)
	for i := range defined {
		defined[i] = true
	}
	if r.byte() == 0 {
		defined = r.bits(n)
	}
	for _, d := range defined {
		if d && r.bytes(4) == nil {
			break
		}
	}
	return defined
}

func (r *szReader) name() string {
	var units []uint16
	for !r.bad {
		low, high := r.byte(), r.byte()
		if low == 0 && high == 0 {
			break
		}
		units = append(units, uint16(low)|uint16(high)<<8)
	}
	return string(utf16.Decode(units))
}

func (r *szReader) folder() szFolder {
	f := szFolder{feeds: map[int]int{}}
	coders := r.count()
	if coders == 0 || coders > 32 {
		r.bad = true
		return f
	}
	inputs := 0
	for range coders {
		flags := r.byte()
		c := szCoder{id: string(r.bytes(int(flags & 0x0f)))}
		in := 1
		if flags&0x10 != 0 {
			in = r.count()
			if out := r.count(); in != 1 || out != 1 { // BCJ2 joins four streams
				c.id = "several streams: " + c.id
				in = min(in, 32)
			}
		}
		if flags&0x20 != 0 {
			c.props = r.bytes(r.count())
		}
		if flags&0x80 != 0 {
			r.bad = true
		}
		inputs += in
		f.coders = append(f.coders, c)
	}
	bound := map[int]bool{}
	for range coders - 1 {
		in, out := r.count(), r.count()
		f.feeds[in] = out
		bound[in] = true
	}
	packs := inputs - (coders - 1)
	switch {
	case packs < 1 || packs > 64:
		r.bad = true
	case packs == 1:
		for i := range inputs {
			if !bound[i] {
				f.packs = append(f.packs, i)
				break
			}
		}
	default:
		for range packs {
			f.packs = append(f.packs, r.count())
		}
	}
	return f
}
