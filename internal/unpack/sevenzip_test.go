package unpack

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
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
