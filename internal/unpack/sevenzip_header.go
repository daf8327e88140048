package unpack

import (
	"encoding/binary"
	"io"
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

// maxHeader is the largest size of headers, unpacked, in bytes: enough for 100,000 files.
const maxHeader = 16 << 20

// maxUnpacked is the largest size of a folder's content that is believed, in bytes.
const maxUnpacked = 1 << 50

// szArchive is what the headers say.
type szArchive struct {
	content []byte // of the archive
	packed  [][]byte
	folders []szFolder
	names   []string
	empty   []bool // by file: it has no content
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
	if size > maxHeader {
		return nil, errHeaders
	}
	header := content[szStart+offset:][:size]
	for range 4 { // headers may be packed again
		r := &szReader{b: header, left: maxThings}
		a := &szArchive{content: content}
		switch r.byte() {
		case szHeader:
			a.header(r)
			if r.bad {
				return nil, errSevenZip
			}
			a.forgetEmpty()
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
				return nil, errHeaders
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
				r.bytes(r.size())
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
				if r.bad || !a.holds(at, size) {
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

// holds reports whether size bytes at an offset behind the start lie in the archive.
func (a *szArchive) holds(at, size uint64) bool {
	all := uint64(len(a.content))
	return at <= all && size <= all && szStart+at+size <= all
}

func (a *szArchive) unpackInfo(r *szReader) {
	count := a.readFolders(r)
	a.readUnpackSizes(r)
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

// readFolders says how many it read.
func (a *szArchive) readFolders(r *szReader) int {
	if r.byte() != szFolders {
		r.bad = true
		return 0
	}
	count, packed := r.count(), 0
	if r.byte() != 0 { // kept elsewhere
		r.bad = true
	}
	for i := 0; i < count && !r.bad; i++ {
		f := r.folder()
		f.first = packed
		packed += len(f.packs)
		a.folders = append(a.folders, f)
	}
	return count
}

func (a *szArchive) readUnpackSizes(r *szReader) {
	if r.byte() != szUnpackSizes {
		r.bad = true
	}
	for i := range a.folders {
		f := &a.folders[i]
		for range f.coders {
			size := r.number()
			if r.bad || size > maxUnpacked {
				r.bad = true
				return
			}
			f.unpack = append(f.unpack, int64(size))
		}
	}
}

// subStreams reads how the folders are divided into files.
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
		if a.folders[i].divide(r, counts[i], kind == szSizes); r.bad {
			return
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
		r.digests(a.filesWithoutCRC(counts))
		kind = r.byte()
	}
}

// divide reads the sizes of the files in a folder: of all but the last, which has what is left.
func (f *szFolder) divide(r *szReader, files int, listed bool) {
	if files > 1 && !listed {
		r.bad = true
		return
	}
	f.sizes = []int64{}
	left := f.total()
	for n := range files {
		size := left
		if n < files-1 {
			size = int64(min(r.number(), maxUnpacked))
		}
		if size > left || r.bad {
			r.bad = true
			return
		}
		left -= size
		f.sizes = append(f.sizes, size)
	}
}

// filesWithoutCRC counts the files whose CRC is not that of their folder.
func (a *szArchive) filesWithoutCRC(counts []int) int {
	files := 0
	for i, n := range counts {
		if n != 1 || !a.folders[i].crc {
			files += n
		}
	}
	return files
}

func (a *szArchive) files(r *szReader) {
	count := r.count()
	for !r.bad {
		kind := r.byte()
		if kind == szEnd {
			return
		}
		p := &szReader{b: r.bytes(r.size())}
		switch kind {
		case szEmptyStream:
			a.empty = p.bits(count)
		case szNames:
			if p.byte() != 0 { // kept elsewhere
				p.bad = true
			}
			for i := 0; i < count && !p.bad; i++ {
				a.names = append(a.names, p.name())
			}
		}
		if p.bad {
			r.bad = true
		}
	}
}

// forgetEmpty leaves the names of files that have content, in the order in which it comes.
func (a *szArchive) forgetEmpty() {
	names := a.names[:0]
	for i, name := range a.names {
		if i >= len(a.empty) || !a.empty[i] {
			names = append(names, name)
		}
	}
	a.names = names
}
