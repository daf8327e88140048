package unpack

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// visited writes down all that it is handed.
type visited struct {
	members map[string]string
	order   []string
	remarks []Remark
	fail    error
	most    int // bytes that are kept of a member
}

func (v *visited) Member(m Member) io.WriteCloser {
	if v.members == nil {
		v.members = map[string]string{}
	}
	v.order = append(v.order, m.Path)
	return &visitedFile{v: v, path: m.Path}
}

func (v *visited) Remark(r Remark) { v.remarks = append(v.remarks, r) }

func (v *visited) reasons() []string {
	var all []string
	for _, r := range v.remarks {
		all = append(all, r.Reason)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

type visitedFile struct {
	v    *visited
	path string
	b    bytes.Buffer
}

func (f *visitedFile) Write(p []byte) (int, error) {
	if f.v.fail != nil {
		return 0, f.v.fail
	}
	if f.v.most == 0 || f.b.Len() < f.v.most {
		f.b.Write(p)
	}
	return len(p), nil
}

func (f *visitedFile) Close() error {
	f.v.members[f.path] += f.b.String()
	return nil
}

func walkBytes(t testing.TB, name string, data []byte, limits Limits) *visited {
	t.Helper()
	v := &visited{most: 1 << 20}
	o := &Opener{Limits: limits}
	format := DetectNamed(name, data[:min(len(data), HeadBytes)])
	if format == "" {
		t.Fatalf("%s is not recognised", name)
	}
	if err := o.Walk(t.Context(), format, name, bytes.NewReader(data), v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

type file struct{ name, body string }

func tarOf(files ...file) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		_ = w.WriteHeader(&tar.Header{Name: f.name, Size: int64(len(f.body)), Mode: 0o644, Typeflag: tar.TypeReg})
		_, _ = io.WriteString(w, f.body)
	}
	_ = w.Close()
	return b.Bytes()
}

func zipOf(method uint16, files ...file) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		m, _ := w.CreateHeader(&zip.FileHeader{Name: f.name, Method: method})
		_, _ = io.WriteString(m, f.body)
	}
	_ = w.Close()
	return b.Bytes()
}

// rawZip writes local headers with sizes, and no data descriptors.
func rawZip(files ...file) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Store, CRC32: crc32.ChecksumIEEE([]byte(f.body)), CompressedSize64: uint64(len(f.body)), UncompressedSize64: uint64(len(f.body))}
		m, _ := w.CreateRaw(h)
		_, _ = io.WriteString(m, f.body)
	}
	_ = w.Close()
	return b.Bytes()
}

func gz(data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(data)
	_ = w.Close()
	return b.Bytes()
}

func zst(data []byte) []byte {
	w, _ := zstd.NewWriter(nil)
	return w.EncodeAll(data, nil)
}

func lzmaOf(data []byte) []byte {
	var b bytes.Buffer
	w, _ := lzma.WriterConfig{DictCap: 1 << 20, EOSMarker: true}.NewWriter(&b)
	_, _ = w.Write(data)
	_ = w.Close()
	return b.Bytes()
}

func lzipOf(data []byte) []byte {
	b := append([]byte("LZIP\x01\x14"), lzmaOf(data)[13:]...)
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(data))
	b = binary.LittleEndian.AppendUint64(b, uint64(len(data)))
	return binary.LittleEndian.AppendUint64(b, uint64(len(b)+8))
}

func xzOf(data []byte) []byte {
	var b bytes.Buffer
	w, _ := xz.NewWriter(&b)
	_, _ = w.Write(data)
	_ = w.Close()
	return b.Bytes()
}

func arOf(files ...file) []byte {
	var b bytes.Buffer
	b.WriteString("!<arch>\n")
	for _, f := range files {
		fmt.Fprintf(&b, "%-16s%-12d%-6d%-6d%-8o%-10d`\n", f.name, 0, 0, 0, 0o100644, len(f.body))
		b.WriteString(f.body)
		if len(f.body)%2 == 1 {
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}

func cpioOf(files ...file) []byte {
	var b bytes.Buffer
	for i, f := range append(files, file{"TRAILER!!!", ""}) {
		fmt.Fprintf(&b, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", i+1, 0o100644, 0, 0, 1, 0, len(f.body), 0, 0, 0, 0, len(f.name)+1, 0)
		b.WriteString(f.name + "\x00")
		for b.Len()%4 != 0 {
			b.WriteByte(0)
		}
		b.WriteString(f.body)
		for b.Len()%4 != 0 {
			b.WriteByte(0)
		}
	}
	return b.Bytes()
}

func odcOf(files ...file) []byte {
	var b bytes.Buffer
	for i, f := range append(files, file{"TRAILER!!!", ""}) {
		fmt.Fprintf(&b, "070707%06o%06o%06o%06o%06o%06o%06o%011o%06o%011o", 0, i+1, 0o100644, 0, 0, 1, 0, 0, len(f.name)+1, len(f.body))
		b.WriteString(f.name + "\x00" + f.body)
	}
	return b.Bytes()
}

func rpmOf(payload []byte) []byte {
	var b bytes.Buffer
	lead := make([]byte, 96)
	copy(lead, "\xed\xab\xee\xdb\x03\x00")
	b.Write(lead)
	for i := range 2 {
		body := bytes.Repeat([]byte{7}, 16*2+13)
		b.WriteString("\x8e\xad\xe8\x01\x00\x00\x00\x00")
		_ = binary.Write(&b, binary.BigEndian, [2]uint32{2, 13})
		b.Write(body)
		for i == 0 && b.Len()%8 != 0 {
			b.WriteByte(0)
		}
	}
	b.Write(payload)
	return b.Bytes()
}
