package unpack

import (
	"bytes"
	"encoding/binary"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/internal/tooltest"
)

// sevenZipOf makes an archive with the program 7z.
func sevenZipOf(t *testing.T, files map[string]string, options ...string) []byte {
	t.Helper()
	tooltest.Need(t, "7z")
	dir := t.TempDir()
	for name, body := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, "in", name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "in", name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "7z", append(append([]string{"a"}, options...), "../out.7z", ".")...)
	cmd.Dir = filepath.Join(dir, "in")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	content, err := os.ReadFile(filepath.Join(dir, "out.7z"))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestSevenZipArchivesAreOpened(t *testing.T) {
	files := map[string]string{
		"a.txt": strings.Repeat("the first file\n", 2000), "dir/b.txt": "the second file", "dir/empty": "", "c.txt": strings.Repeat("x", 100_000) + "end",
		"ünï.txt": "a name beyond ASCII", "inner.tar": string(tarOf(file{"in.txt", "inside a tar"})),
	}
	for name, options := range map[string][]string{
		"as it comes":           nil,
		"stored":                {"-mx=0"},
		"LZMA":                  {"-m0=lzma"},
		"LZMA2 and a filter":    {"-mf=BCJ"},
		"Deflate":               {"-m0=deflate"},
		"bzip2":                 {"-m0=bzip2"},
		"each file by itself":   {"-ms=off"},
		"with plain headers":    {"-mhc=off"},
		"the best, much memory": {"-mx=9"},
	} {
		t.Run(name, func(t *testing.T) {
			v := walkBytes(t, "x.7z", sevenZipOf(t, files, options...), Limits{})
			for path, body := range files {
				if path == "inner.tar" {
					path, body = "inner.tar!/in.txt", "inside a tar"
				}
				if v.members[path] != body {
					t.Errorf("%s has %d bytes: %.40q", path, len(v.members[path]), v.members[path])
				}
			}
			if len(v.remarks) > 0 {
				t.Errorf("%+v", v.remarks)
			}
		})
	}
}

func TestZipMembersOfEveryMethodOf7zAreOpened(t *testing.T) {
	files := map[string]string{"a.txt": strings.Repeat("the first file\n", 20_000), "b.txt": "the second file"}
	for _, method := range []string{"Copy", "Deflate", "BZip2", "LZMA", "XZ"} {
		t.Run(method, func(t *testing.T) {
			v := walkBytes(t, "x.zip", sevenZipOf(t, files, "-tzip", "-mm="+method), Limits{})
			if !maps.Equal(v.members, files) || len(v.remarks) > 0 {
				t.Errorf("%d members, %+v", len(v.members), v.remarks)
			}
		})
	}
}

func TestSevenZipArchivesThatCannotBeOpenedAreHandedOverAsTheyAre(t *testing.T) {
	files := map[string]string{"a.txt": strings.Repeat("some text\n", 100)}
	for name, c := range map[string]struct {
		options []string
		reason  string
		damage  func([]byte) []byte
	}{
		"names encrypted":     {[]string{"-pabc", "-mhe=on"}, ReasonEncrypted, nil},
		"content encrypted":   {[]string{"-pabc"}, ReasonEncrypted, nil},
		"a method of its own": {[]string{"-m0=ppmd"}, ReasonMethod, nil},
		"cut off":             {nil, ReasonTruncated, func(b []byte) []byte { return b[:len(b)-20] }},
		"headers damaged":     {[]string{"-mhc=off"}, ReasonCorrupt, func(b []byte) []byte { return append(b[:len(b)-60:len(b)-60], bytes.Repeat([]byte{0xff}, 60)...) }},
	} {
		t.Run(name, func(t *testing.T) {
			content := sevenZipOf(t, files, c.options...)
			if c.damage != nil {
				content = c.damage(content)
			}
			v := walkBytes(t, "x.7z", content, Limits{})
			if len(v.remarks) != 1 || v.remarks[0].Reason != c.reason {
				t.Errorf("%+v", v.remarks)
			}
		})
	}
}

// plainSevenZip is an archive that has nothing but a header as it stands.
func plainSevenZip(header []byte) []byte {
	b := []byte("7z\xbc\xaf\x27\x1c\x00\x04\x00\x00\x00\x00")
	b = binary.LittleEndian.AppendUint64(b, 0)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(header)))
	return append(append(b, 0, 0, 0, 0), header...)
}

func TestHeadersOfSevenZipTakeLittleMemoryWhateverTheySay(t *testing.T) {
	const n = 4 << 20
	number := func(n uint64) string { return "\xff" + string(binary.LittleEndian.AppendUint64(nil, n)) }
	const folders = "\x01\x04\x07\x0b" // header, streams, unpack info, folders
	for name, header := range map[string]string{
		"many names":       "\x01\x05" + number(n) + "\x11" + number(2*n+1) + "\x00" + strings.Repeat("\x00\x00", n) + "\x00\x00",
		"names many times": "\x01" + strings.Repeat("\x05"+number(1<<18)+"\x11"+number(2<<18+1)+"\x00"+strings.Repeat("\x00\x00", 1<<18)+"\x00", 16) + "\x00",
		"many empty files": "\x01\x05" + number(8*n) + "\x0e" + number(n) + strings.Repeat("\xff", n) + "\x00\x00",
		"many folders":     folders + number(n) + "\x00" + strings.Repeat("\x01\x01\x00", n),
		"many coders":      folders + number(n/32) + "\x00" + strings.Repeat("\x1f"+strings.Repeat("\x00", 31+60), n/32),
		"many streams":     "\x01\x04\x06\x00" + number(n) + "\x09" + strings.Repeat("\x00", n),
		"many checksums":   "\x01\x04\x06\x00" + number(8*n) + "\x0a\x01" + strings.Repeat("\x00", n),
		"a large header":   "\x01" + strings.Repeat("\x00", maxHeader),
	} {
		t.Run(name, func(t *testing.T) {
			content := plainSevenZip([]byte(header))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := parseSevenZip(content)
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Error("the header was taken")
			}
			if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > 100 {
				t.Errorf("reading it took %d MiB", got)
			}
		})
	}
}

func FuzzSevenZip(f *testing.F) {
	f.Add(bytes.Repeat([]byte{0}, 100), 10)
	for _, seed := range []string{"\x01\x04\x06\x00\x01\x09\x05\x00\x07\x0b\x01\x00\x01\x00\x0c\x05\x00\x00\x05\x01\x11\x05\x00a\x00\x00\x00\x00\x00"} {
		f.Add([]byte("hello"+seed), 5)
	}
	f.Fuzz(func(t *testing.T, content []byte, at int) {
		at = max(0, min(at, len(content)))
		head := make([]byte, szStart)
		copy(head, "7z\xbc\xaf\x27\x1c\x00\x04")
		head[12], head[13] = byte(at), byte(at>>8)
		head[20], head[21] = byte(len(content)-at), byte((len(content)-at)>>8)
		walkBytes(t, "x.7z", append(head, content...), Limits{Bytes: 1 << 20})
	})
}
