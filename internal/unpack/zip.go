package unpack

import (
	"bufio"
	"bytes"
	"hash/maphash"
	"io"
	"slices"

	"github.com/imgaudit/imgaudit/internal/inflate"
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
	taken *tally // what was read into in
	depth int

	seed  maphash.Seed
	names map[uint64]bool // of members; false once the directory has named them
	extra int             // named by the directory alone

	*zipTools
}

// zipTools are used again for the next zip file of the same depth.
type zipTools struct {
	in      *bufio.Reader
	inflate *inflate.Reader
	record  [46]byte // the fixed part of a header
	text    []byte   // what follows it
	body    summed   // of the member at hand
}

// read reads the next part of a header, as long as a buffer.
func (t *zipTools) read(b []byte) error {
	_, err := io.ReadFull(t.in, b)
	return noEOF(err)
}

// readText reads so many bytes into text.
func (t *zipTools) readText(n int) error {
	t.text = slices.Grow(t.text[:0], n)[:n]
	return t.read(t.text)
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
		in := bufio.NewReaderSize(nil, bufferBytes)
		w.zips = append(w.zips, &zipTools{in: in, inflate: inflate.NewReader(in, inflate.Deflate)})
	}
	z := &zipReader{
		w: w, at: at, taken: &tally{r: r}, depth: depth, seed: maphash.MakeSeed(), names: map[uint64]bool{}, zipTools: w.zips[depth],
	}
	z.in.Reset(z.taken)
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

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
