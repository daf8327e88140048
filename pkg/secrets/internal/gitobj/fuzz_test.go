package gitobj

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"testing"
)

// zipped is content as Git compresses it.
func zipped(content string) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write([]byte(content))
	_ = w.Close()
	return b.Bytes()
}

// packOf is a pack of a blob and a delta that starts from it.
func packOf() []byte {
	var b bytes.Buffer
	b.WriteString("PACK")
	_ = binary.Write(&b, binary.BigEndian, [2]uint32{2, 2})
	const blob = "hello, this is a blob\n"
	b.WriteByte(byte(Blob)<<4 | 0x80 | byte(len(blob)&15))
	b.WriteByte(byte(len(blob) >> 4))
	b.Write(zipped(blob))
	delta := []byte{byte(len(blob)), byte(len(blob) + 3), 0x90, byte(len(blob)), 3, 'x', 'y', 'z'}
	at := b.Len()
	b.WriteByte(byte(offsetDelta)<<4 | byte(len(delta)))
	b.WriteByte(byte(at - 12))
	b.Write(zipped(string(delta)))
	sum := sha1.Sum(b.Bytes())
	return append(b.Bytes(), sum[:]...)
}

var fuzzedPaths = []string{
	"a/.git/objects/pack/pack-0123456789abcdef0123456789abcdef01234567.pack", "a/.git/objects/ab/0123456789abcdef0123456789abcdef012345",
	"a/.git/index", "a/.git/HEAD", "a/.git/packed-refs", "a/.git/logs/HEAD", "a/.git/config", "a/.git/FETCH_HEAD", "a/.git/shallow",
	"a/.git/objects/info/alternates", "x.bundle", "a/.git/refs/heads/main", "a/.git/objects/ab/tmp_obj_1",
}

// FuzzCollector feeds any content as any file of a repository, and looks its objects up.
func FuzzCollector(f *testing.F) {
	const commit = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nparent 4b825dc642cb6eb9a060e54bf8d69288fbee4905\nauthor A <a@b> 1700000000 +0100\ncommitter A <a@b> 1700000000 +0100\n\nx\n"
	f.Add(0, packOf(), 7)
	f.Add(1, zipped("blob 5\x00hello"), 3)
	f.Add(1, zipped("commit 200\x00"+commit), 100)
	f.Add(1, zipped("tree 33\x00100644 a.txt\x0001234567890123456789"), 100)
	f.Add(1, zipped("tag 9\x00object 4b825dc642cb6eb9a060e54bf8d69288fbee4904\ntype commit\n"), 100)
	f.Add(2, []byte("DIRC\x00\x00\x00\x02\x00\x00\x00\x01"), 50)
	f.Add(3, []byte("ref: refs/heads/main\n"), 50)
	f.Add(4, []byte("# pack-refs with: peeled\n4b825dc642cb6eb9a060e54bf8d69288fbee4904 refs/tags/v1\n^4b825dc642cb6eb9a060e54bf8d69288fbee4905\n"), 9)
	f.Add(5, []byte("0000000000000000000000000000000000000000 4b825dc642cb6eb9a060e54bf8d69288fbee4904 A <a@b> 1 +0000\tclone\n"), 9)
	f.Add(6, []byte("[remote \"o\"]\nurl = \"https://a:b@c/\\\"d\"\n"), 9)
	f.Add(10, append([]byte("# v2 git bundle\n4b825dc642cb6eb9a060e54bf8d69288fbee4904 refs/heads/main\n\n"), packOf()...), 9)
	f.Fuzz(func(t *testing.T, which int, content []byte, piece int) {
		if which < 0 || piece < 1 {
			return
		}
		var objects []Object
		c := New(t.Context(), Limits{Object: 1 << 20, Pack: 1 << 20, Bases: 1 << 20, Inflated: 16 << 20, Objects: 1000, Facts: 1 << 20}, Hooks{
			Object: func(o Object, _ []byte) { objects = append(objects, o) },
		})
		w := c.File(fuzzedPaths[which%len(fuzzedPaths)], int64(len(content)))
		for rest := content; len(rest) > 0; rest = rest[min(piece, len(rest)):] {
			_, _ = w.Write(rest[:min(piece, len(rest))])
		}
		_ = w.Close()
		facts := c.Facts()
		for _, g := range facts.Graphs {
			r := Join(Part{Graph: g}, Part{Graph: g, Visible: func(string) bool { return false }})
			for _, o := range objects {
				r.Find(o.ID)
				r.Commit(o.ID)
			}
			r.Find("4b825dc642cb6eb9a060e54bf8d69288fbee4904")
		}
	})
}
