package unpack

import (
	"encoding/binary"
	"errors"
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
