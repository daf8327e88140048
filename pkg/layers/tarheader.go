package layers

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"io"
	"time"
)

// tarBytes are the bytes of a tar. peek gives some of the next ones without taking them, none at
// the end; take takes bytes that peek gave.
type tarBytes interface {
	io.Reader
	peek() []byte
	take(n int)
}

// tarHeaders goes from header to header as archive/tar does, and gives the same headers and errors.
// The headers of nearly all entries of a layer are one block with nothing special in it, which is
// read here at a fraction of the cost. Whatever is not so plain is archive/tar's.
type tarHeaders struct {
	in      tarBytes
	hdr     tar.Header  // a plain one; each takes the place of the one before
	library *tar.Reader // stands at an entry that it alone can read; nil at all others
	left    int64       // bytes of content that were not read
	padding int64       // behind them
}

// next gives the next header, which is valid until the one after it. The content of the entry
// before need not have been read.
func (h *tarHeaders) next() (*tar.Header, error) {
	if h.library == nil {
		if err := h.skip(); err != nil {
			return nil, err
		}
		var block [tarBlock]byte
		if _, err := io.ReadFull(h.in, block[:]); err != nil {
			return nil, err
		}
		if readPlainHeader(&block, &h.hdr) {
			h.stands(&h.hdr)
			return &h.hdr, nil
		}
		h.library = tar.NewReader(io.MultiReader(bytes.NewReader(block[:]), h.in))
	}
	hdr, err := h.library.Next()
	if hdr != nil && hdr.Typeflag != tar.TypeXGlobalHeader && !isSparse(hdr) {
		h.library = nil
		h.stands(hdr)
	}
	return hdr, err
}

func (h *tarHeaders) stands(hdr *tar.Header) {
	h.left = contentSize(hdr)
	h.padding = -h.left & (tarBlock - 1)
}

// skip passes over what is left of an entry. That the padding is missing at the end of a tar is
// no error.
func (h *tarHeaders) skip() error {
	for h.left > 0 {
		b := h.ready(h.left)
		if len(b) == 0 {
			return h.ended(io.ErrUnexpectedEOF)
		}
		h.pass(len(b))
	}
	for h.padding > 0 {
		n := min(int64(len(h.in.peek())), h.padding)
		if n == 0 {
			return h.ended(io.EOF)
		}
		h.in.take(int(n))
		h.padding -= n
	}
	return nil
}

// ready gives some of the content that follows, up to as many bytes, without taking them; none at
// its end. It is not for entries that the library reads.
func (h *tarHeaders) ready(most int64) []byte {
	b := h.in.peek()
	return b[:min(int64(len(b)), h.left, most)]
}

// pass takes content that ready gave.
func (h *tarHeaders) pass(n int) {
	h.in.take(n)
	h.left -= int64(n)
}

// ended gives the error of the source that has no more bytes, or the given one if it is just over.
func (h *tarHeaders) ended(over error) error {
	if _, err := h.in.Read(make([]byte, 1)); err != nil && err != io.EOF {
		return err
	}
	return over
}

// readPlainHeader reads the header of a file, directory or link, if its block is all that it has and
// there is one way to read it.
func readPlainHeader(b *[tarBlock]byte, hdr *tar.Header) bool {
	prefixed := string(b[257:265]) == "ustar\x0000"
	switch b[156] {
	case tar.TypeReg, tar.TypeLink, tar.TypeSymlink, tar.TypeDir:
	default:
		return false
	}
	switch {
	case prefixed && string(b[508:512]) != "tar\x00":
	case string(b[257:265]) == "ustar  \x00" && b[345] == 0 && b[357] == 0: // GNU's, without its times
	default:
		return false
	}
	sum, ok := octal(b[148:156])
	if !ok || sum != headerSum(b) {
		return false
	}
	var fields [7]int64 // mode, owner, group, size, time, device
	for i, at := range [...][2]int{{100, 108}, {108, 116}, {116, 124}, {124, 136}, {136, 148}, {329, 337}, {337, 345}} {
		if fields[i], ok = octal(b[at[0]:at[1]]); !ok {
			return false
		}
	}
	name := upToZero(b[:100])
	if prefix := upToZero(b[345:500]); prefixed && len(prefix) > 0 {
		name = append(append(prefix[:len(prefix):len(prefix)], '/'), name...)
	}
	*hdr = tar.Header{
		Typeflag: b[156], Name: string(name), Linkname: string(upToZero(b[157:257])),
		Mode: fields[0], Uid: int(fields[1]), Gid: int(fields[2]), Size: fields[3], ModTime: time.Unix(fields[4], 0),
		Devmajor: fields[5], Devminor: fields[6],
	}
	return true
}

func upToZero(b []byte) []byte {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return b[:i]
	}
	return b
}

// octal reads a number of up to 12 digits between spaces and zero bytes; none at all is 0.
func octal(field []byte) (n int64, ok bool) {
	i := 0
	for i < len(field) && (field[i] == ' ' || field[i] == 0) {
		i++
	}
	for i < len(field) && field[i]&^7 == '0' {
		n = n<<3 | int64(field[i]&7)
		i++
	}
	for i < len(field) && (field[i] == ' ' || field[i] == 0) {
		i++
	}
	return n, i == len(field)
}

// headerSum is the checksum of a header, in which the checksum itself counts as eight spaces.
func headerSum(b *[tarBlock]byte) int64 {
	const even = 0x00ff00ff00ff00ff
	var pairs uint64 // four sums of up to 128 bytes each
	for i := 0; i < tarBlock; i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		switch i { // the checksum is half in this, half in that
		case 144:
			w = w&0xffffffff | 0x20202020<<32
		case 152:
			w = w&^0xffffffff | 0x20202020
		}
		pairs += w&even + w>>8&even
	}
	return int64(pairs&0xffff + pairs>>16&0xffff + pairs>>32&0xffff + pairs>>48)
}
