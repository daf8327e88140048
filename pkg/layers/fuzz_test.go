package layers

import (
	"archive/tar"
	"path"
	"strings"
	"testing"
)

// FuzzTarWalk gives arbitrary bytes as a layer. Whatever they are, the walk ends,
// every path stays in the root, and a layer without gaps was read whole.
func FuzzTarWalk(f *testing.F) {
	f.Add([]byte(nil))
	f.Add([]byte("no tar"))
	f.Add(make([]byte, 1024))
	f.Add(tarOf(f, dir("d"), file("d/a", "content"), symlink("l", "../x"), hardlink("h", "d/a"), file("d/.wh.b", "")))
	f.Add(tarOf(f, &entryOf{tar.Header{Name: strings.Repeat("n/", 120) + "n", Typeflag: tar.TypeReg, Size: 1, PAXRecords: map[string]string{"SCHILY.xattr.a": "b"}}, "x"}))
	f.Add(tarOf(f, &entryOf{tar.Header{Name: strings.Repeat("n", 120), Typeflag: tar.TypeReg, Format: tar.FormatGNU}, ""}, file("../a", "b"))[:1600])
	f.Fuzz(func(t *testing.T, blob []byte) {
		limits := Limits{Bytes: 8 << 20, Ratio: -1, Entries: 1000}
		got := &counter{}
		facts := walkBytes(t, blob, WalkOptions{Limits: limits}, got, bad{"a", "panics at the content"})
		if facts.Complete() && (facts.Digest != sum(blob) || facts.StoredBytes != int64(len(blob))) {
			t.Errorf("%d of %d bytes were read without a gap", facts.StoredBytes, len(blob))
		}
		for i, e := range facts.Entries {
			if e.Seq != i || e.Path == "" || e.Path != "." && path.Clean("/"+e.Path) != "/"+e.Path {
				t.Errorf("entry %d has the path %q", e.Seq, e.Path)
			}
		}
	})
}

// FuzzDecompress gives arbitrary bytes behind each magic number. The decoders
// may refuse them, but not panic, hang or grow without bound.
func FuzzDecompress(f *testing.F) {
	plain := tarOf(f, file("a", "content"))
	for _, blob := range [][]byte{gzipped(f, plain), zstded(f, plain), xzed(f, plain), []byte("BZh91AY&SY")} {
		f.Add(blob)
		f.Add(append(blob[:len(blob):len(blob)], blob...))
		f.Add(blob[:len(blob)-2])
	}
	f.Fuzz(func(t *testing.T, blob []byte) {
		facts := walkBytes(t, blob, WalkOptions{Limits: Limits{Bytes: 4 << 20}})
		if facts.StoredBytes > int64(len(blob)) || facts.Bytes > 5<<20 {
			t.Errorf("%d bytes became %d and %d", len(blob), facts.StoredBytes, facts.Bytes)
		}
		if facts.Complete() && facts.DiffID == "" {
			t.Error("complete, but without a digest")
		}
	})
}
