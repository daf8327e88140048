//go:build linux

package layers

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// makeTree makes a tree with everything that a directory can hold.
func makeTree(t *testing.T) string {
	t.Helper()
	root, err := os.MkdirTemp("", "tree") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	at := func(name string) string { return filepath.Join(root, name) }
	socket, err := net.Listen("unix", at("socket"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	if err := errors.Join(
		os.MkdirAll(at("usr/bin"), 0o755),
		os.WriteFile(at("usr/bin/su"), []byte("binary"), 0o755), os.Chmod(at("usr/bin/su"), os.ModeSetuid|0o755),
		os.WriteFile(at("a file\n"), nil, 0o600),
		os.Symlink("/etc/passwd", at("out")), os.Symlink("usr/bin", at("bin")),
		os.Link(at("usr/bin/su"), at("usr/bin/sudo")),
		unix.Mkfifo(at("pipe"), 0o600),
		os.WriteFile(at(".env"), bytes.Repeat([]byte("A=b\n"), 50_000), 0o644),
	); err != nil {
		t.Fatal(err)
	}
	return root
}

func TestDirectoryIsOneLayer(t *testing.T) {
	root := makeTree(t)
	hasXattrs := unix.Setxattr(filepath.Join(root, ".env"), "user.note", []byte("v\x00w"), 0) == nil
	for _, target := range []string{root, "dir:" + root} {
		src, err := Open(t.Context(), target, Options{})
		if err != nil {
			t.Fatal(err)
		}
		walked, err := Walk(t.Context(), src, WalkOptions{}, &allContent{})
		if err != nil {
			t.Fatal(err)
		}
		if err := src.Close(); err != nil {
			t.Error(err)
		}
		img := walked.Images[0]
		if img.Source != "dir" || img.Reference != root || img.Config != nil || len(img.Layers) != 1 || len(img.Gaps)+len(img.Notes) > 0 {
			t.Fatalf("image %+v", img)
		}
		facts := img.Layers[0].Facts
		if !facts.Complete() || len(facts.Notes) > 0 {
			t.Errorf("gaps %v, notes %v", facts.Gaps, facts.Notes)
		}
		var names []string
		byPath := map[string]Entry{}
		for _, e := range facts.Entries {
			names = append(names, e.Path)
			byPath[e.Path] = e
		}
		want := []string{".env", "a file\n", "bin", "out", "pipe", "usr", "usr/bin", "usr/bin/su", "usr/bin/sudo"}
		if !slices.Equal(names, want) {
			t.Fatalf("entries %q, want %q", names, want)
		}
		if e := byPath["usr/bin/su"]; e.Mode != 0o4755 {
			t.Errorf("mode %o of a setuid file", e.Mode)
		}
		if e := byPath["usr/bin/sudo"]; e.Type != HardLink || e.Link != "usr/bin/su" {
			t.Errorf("hard link %+v", e)
		}
		if e := byPath["out"]; e.Type != Symlink || e.Link != "/etc/passwd" {
			t.Errorf("symbolic link %+v", e)
		}
		if e := byPath["pipe"]; e.Type != FIFO {
			t.Errorf("pipe %+v", e)
		}
		if hasXattrs && byPath[".env"].Xattrs["user.note"] != "v\x00w" {
			t.Errorf("attributes %q", byPath[".env"].Xattrs)
		}
		contents := facts.Scans["allContent"].(map[string]string)
		if contents[".env"] != strings.Repeat("A=b\n", 50_000) || contents["usr/bin/su"] != "binary" || len(contents) != 3 {
			t.Errorf("contents of %d files", len(contents))
		}
	}
}

func TestTwoReadersOfADirectorySeeTheSame(t *testing.T) {
	src, err := Open(t.Context(), makeTree(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	a := uncompressedBlob(t, src, Layer{Key: "dir"})
	if b := uncompressedBlob(t, src, Layer{Key: "dir"}); !bytes.Equal(a, b) {
		t.Error("the second reading has other bytes")
	}
}

func TestFilesOfADirectoryThatChangeKeepTheTarWhole(t *testing.T) {
	path := writeFile(t, "f", []byte("0123456789"))
	for _, c := range []struct {
		name string
		size int64 // when the header was written
		want string
		note bool
	}{
		{"unchanged", 10, "0123456789", false},
		{"grown", 4, "0123", true},
		{"shrunk", 12, "0123456789\x00\x00", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			var out bytes.Buffer
			w := &treeWriter{tar: tar.NewWriter(&out), buf: make([]byte, 3)}
			if err := errors.Join(w.tar.WriteHeader(&tar.Header{Name: "f", Size: c.size}), w.content(f, "f", c.size), w.tar.Close()); err != nil {
				t.Fatal(err)
			}
			r := tar.NewReader(&out)
			if _, err := r.Next(); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if err != nil || string(got) != c.want || (len(w.notes) > 0) != c.note {
				t.Errorf("got %q (%v) with notes %v", got, err, w.notes)
			}
		})
	}
}

func TestDirectoriesThatAreTooDeepAreAGap(t *testing.T) {
	top := t.TempDir()
	dir, err := os.OpenRoot(top)
	if err != nil {
		t.Fatal(err)
	}
	for range maxDepth + 10 {
		if err := dir.Mkdir("d", 0o755); err != nil {
			t.Fatal(err)
		}
		below, err := dir.OpenRoot("d")
		if err != nil {
			t.Fatal(err)
		}
		dir.Close()
		dir = below
	}
	dir.Close()
	src, err := Open(t.Context(), top, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	walked, err := Walk(t.Context(), src, WalkOptions{})
	if err != nil {
		t.Fatal(err)
	}
	img := walked.Images[0]
	if len(img.Gaps) != 1 || img.Gaps[0].Reason != ReasonLimitName || img.Gaps[0].Files != 1 || len(img.Layers[0].Facts.Entries) != maxDepth+1 {
		t.Errorf("gaps %+v, %d entries", img.Gaps, len(img.Layers[0].Facts.Entries))
	}
}

func TestWhatCannotBeReadInADirectoryIsAGap(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may read everything")
	}
	root := makeTree(t)
	if err := os.Chmod(filepath.Join(root, ".env"), 0); err != nil {
		t.Fatal(err)
	}
	src, err := Open(t.Context(), root, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	walked, err := Walk(t.Context(), src, WalkOptions{})
	if err != nil {
		t.Fatal(err)
	}
	gaps := walked.Images[0].Gaps
	if len(gaps) != 1 || gaps[0].Files != 1 || gaps[0].Examples[0] != ".env" {
		t.Errorf("gaps %+v", gaps)
	}
}

func TestPseudoFileSystemsAreKnown(t *testing.T) {
	for path, want := range map[string]bool{"/proc": true, "/proc/self": true, "/": false, t.TempDir(): false} {
		f, err := os.Open(path)
		if err != nil {
			t.Skip(err)
		}
		if got := isPseudo(f); got != want {
			t.Errorf("%s is pseudo: %v, want %v", path, got, want)
		}
		f.Close()
	}
}

func TestADirectoryThatIsLeftInTheMiddleLeavesNoGoroutine(t *testing.T) {
	src, err := Open(t.Context(), makeTree(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	for name, leave := range map[string]func(context.CancelFunc, io.Closer){
		"closed":    func(_ context.CancelFunc, r io.Closer) { r.Close() },
		"cancelled": func(cancel context.CancelFunc, _ io.Closer) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r, err := src.Blob(ctx, Layer{Key: "dir"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(r, make([]byte, 1000)); err != nil {
				t.Fatal(err)
			}
			leave(cancel, r)
			goroutinesEnd(t, before)
			if _, err := io.Copy(io.Discard, r); err == nil {
				t.Error("the reader pretends that the tar ended well")
			}
		})
	}
}

func TestDirectoryErrors(t *testing.T) {
	file := writeFile(t, "f", []byte("x"))
	for target, want := range map[string]string{
		"dir:/nowhere": "opening dir /nowhere: there is no such file or directory",
		"dir:" + file:  "it is a file, not a directory",
	} {
		if _, err := Open(t.Context(), target, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", target, err, want)
		}
	}
}
