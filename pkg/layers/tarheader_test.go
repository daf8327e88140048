package layers

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// inPieces gives bytes in pieces of a size.
type inPieces struct {
	rest []byte
	size int
	err  error // at the end
}

func (p *inPieces) peek() []byte { return p.rest[:min(p.size, len(p.rest))] }
func (p *inPieces) take(n int)   { p.rest = p.rest[n:] }

func (p *inPieces) Read(b []byte) (int, error) {
	n := copy(b, p.rest)
	p.take(n)
	if n == 0 && len(b) > 0 {
		return 0, p.err
	}
	return n, nil
}

// asTheLibrary goes through a tar with tarHeaders and with archive/tar side by side. Of every entry
// but each third so many bytes of content are read.
func asTheLibrary(t *testing.T, data []byte, pieces int, content int64, end error) (headers []string) {
	t.Helper()
	ours := &tarHeaders{in: &inPieces{data, pieces, end}}
	library := tar.NewReader(&inPieces{data, pieces, end})
	for i := 0; ; i++ {
		hdr, err := ours.next()
		want, werr := library.Next()
		if got, want := shown(hdr, err), shown(want, werr); got != want {
			t.Fatalf("header %d is\n%s\nfor archive/tar it is\n%s", i, got, want)
		}
		headers = append(headers, shown(hdr, err))
		if err != nil {
			return headers
		}
		if i%3 == 2 || hdr.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		wanted, werr := io.ReadAll(io.LimitReader(library, content))
		var got []byte
		if ours.library != nil {
			got, err = io.ReadAll(io.LimitReader(ours.library, content))
			if fmt.Sprint(err) != fmt.Sprint(werr) {
				t.Fatalf("content %d ends with %v, for archive/tar with %v", i, err, werr)
			}
		} else {
			for b := ours.ready(content); len(b) > 0; b = ours.ready(content - int64(len(got))) {
				got = append(got, b...)
				ours.pass(len(b))
			}
		}
		if !bytes.Equal(got, wanted) {
			t.Fatalf("content %d is %.100q, for archive/tar it is %.100q", i, got, wanted)
		}
	}
}

// shown is all of a header that the walk looks at.
func shown(h *tar.Header, err error) string {
	if h == nil || err != nil {
		return fmt.Sprint(err)
	}
	return fmt.Sprintf("%q %q %q %o %d %d %d %v %d %d %q", h.Typeflag, h.Name, h.Linkname, h.Mode, h.Uid, h.Gid, h.Size, h.ModTime.UTC(), h.Devmajor, h.Devminor, h.PAXRecords)
}

// tarKinds are tars with headers of all kinds.
func tarKinds(t testing.TB) map[string][]byte {
	at := time.Unix(1_700_000_000, 0)
	long := strings.Repeat("a-long-name/", 12) + "end"
	kinds := map[string][]byte{}
	for _, f := range []tar.Format{tar.FormatUSTAR, tar.FormatPAX, tar.FormatGNU} {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for _, h := range []tar.Header{
			{Typeflag: tar.TypeDir, Name: "./etc/", Mode: 0o755},
			{Typeflag: tar.TypeReg, Name: "etc/shadow", Mode: 0o640, Gid: 42, Size: 700, ModTime: at, Uname: "root", Gname: "shadow"},
			{Typeflag: tar.TypeReg, Name: long, Mode: 0o644, Size: 512, ModTime: at},
			{Typeflag: tar.TypeSymlink, Name: "etc/link", Linkname: "shadow", Mode: 0o777},
			{Typeflag: tar.TypeLink, Name: "etc/hard", Linkname: "etc/shadow", Mode: 0o644},
			{Typeflag: tar.TypeChar, Name: "dev/null", Mode: 0o666, Devmajor: 1, Devminor: 3},
			{Typeflag: tar.TypeFifo, Name: "run/pipe"},
			{Typeflag: tar.TypeReg, Name: "empty"},
			{Typeflag: tar.TypeReg, Name: "last", Size: 3, Uid: 0o7777777, ModTime: at},
		} {
			h.Format = f
			if err := w.WriteHeader(&h); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(bytes.Repeat([]byte("content "), int(h.Size)/8+1)[:h.Size]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		kinds[f.String()] = b.Bytes()
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range []tar.Header{
		{Typeflag: tar.TypeXGlobalHeader, Name: "global", PAXRecords: map[string]string{"comment": "of all"}},
		{Typeflag: tar.TypeReg, Name: "odd", Mode: 0o644, PAXRecords: map[string]string{"SCHILY.xattr.user.a": "b"}},
		{Typeflag: tar.TypeReg, Name: "plain", Mode: 0o644},
	} {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
	}
	kinds["records"] = b.Bytes()
	kinds["sparse"] = sparseTar(t)
	star := bytes.Clone(kinds["USTAR"])
	h := (*[tarBlock]byte)(star[tarBlock:]) // times stand where others have the end of a prefix
	copy(h[345:], strings.Repeat("p", 131)+"00000000001\x0000000000002\x00")
	copy(h[508:], "tar\x00")
	withSum(h)
	kinds["star"] = star
	return kinds
}

// sparseTar has a file with a hole, as GNU tar writes it in its old form, between others.
func sparseTar(t testing.TB) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range []string{"before", "sparse", "behind"} {
		if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Size: 512, Format: tar.FormatGNU}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(bytes.Repeat([]byte{name[0]}, 512)); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	data := b.Bytes()
	hdr := (*[tarBlock]byte)(data[2*tarBlock:])
	hdr[156] = tar.TypeGNUSparse
	copy(hdr[386:], "00000002000\x0000000001000\x00") // 512 bytes after a hole of 1024
	copy(hdr[483:], "00000003000\x00")
	withSum(hdr)
	return data
}

func withSum(b *[tarBlock]byte) { copy(b[148:], fmt.Sprintf("%06o\x00 ", headerSum(b))) }

func TestHeadersAreThoseOfTheLibrary(t *testing.T) {
	broken := errors.New("the source broke")
	for name, data := range tarKinds(t) {
		t.Run(name, func(t *testing.T) {
			headers := asTheLibrary(t, data, 100, 1<<20, io.EOF)
			if len(headers) < 4 || headers[len(headers)-1] != "EOF" {
				t.Fatalf("the headers are %q", headers)
			}
			for n := range len(data) {
				if n%7 == 0 || n%tarBlock < 2 {
					asTheLibrary(t, data[:n], 1000, int64(n), io.EOF)
					asTheLibrary(t, data[:n], 1000, 5, broken)
				}
			}
		})
	}
}

func TestAHeaderWithAnyByteChangedIsReadAsByTheLibrary(t *testing.T) {
	for _, kind := range []string{"USTAR", "GNU"} {
		whole := tarKinds(t)[kind]
		for at := range tarBlock {
			for _, b := range []byte("\x00 019/Lx\x80\xff") {
				data := bytes.Clone(whole[tarBlock : 5*tarBlock]) // a file and what follows it
				data[at] = b
				asTheLibrary(t, data, 1000, 100, io.EOF)
				withSum((*[tarBlock]byte)(data))
				asTheLibrary(t, data, 1000, 100, io.EOF)
			}
		}
	}
}

func TestPlainHeadersAreReadWithoutTheLibrary(t *testing.T) {
	read := 0
	for _, kind := range []string{"USTAR", "PAX", "GNU"} {
		h := &tarHeaders{in: &inPieces{tarKinds(t)[kind], 1000, io.EOF}}
		for hdr, err := h.next(); err == nil; hdr, err = h.next() {
			if hdr == &h.hdr {
				read++
			}
		}
	}
	if want := 3*6 + 2; read != want { // the long name does not fit into one block of GNU's
		t.Errorf("%d headers were read, want %d", read, want)
	}
}

func FuzzHeadersAreThoseOfTheLibrary(f *testing.F) {
	for _, data := range tarKinds(f) {
		f.Add(data, uint16(100), false)
		f.Add(data, uint16(700), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, pieces uint16, valid bool) {
		if valid {
			data = bytes.Clone(data)
			for at := 0; at+tarBlock <= len(data); at += tarBlock {
				if b := (*[tarBlock]byte)(data[at:]); b[0] != 0 {
					withSum(b)
				}
			}
		}
		asTheLibrary(t, data, int(pieces)+1, 1<<12, io.EOF)
	})
}
