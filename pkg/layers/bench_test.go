//go:build unix

package layers

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/sys/unix"

	"github.com/imgaudit/imgaudit/internal/decompress"
)

// The floor is what no walk can be below: uncompress, hash what is stored and
// what comes out, on all cores. BenchmarkWalk/* against BenchmarkFloor/* is the
// price of the walk itself.
func BenchmarkFloor(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, blobs [][]byte) (out int64) {
		var mu sync.Mutex
		var group sync.WaitGroup
		slots := make(chan bool, runtime.GOMAXPROCS(0))
		for _, blob := range blobs {
			slots <- true
			group.Go(func() {
				defer func() { <-slots }()
				n := floor(b, blob)
				mu.Lock()
				out += n
				mu.Unlock()
			})
		}
		group.Wait()
		return out
	})
}

// floor uncompresses and hashes with a goroutine for either hash.
func floor(b *testing.B, blob []byte) int64 {
	var group sync.WaitGroup
	group.Go(func() { sha256.Sum256(blob) })
	var in io.Reader = bytes.NewReader(blob)
	switch decompress.Sniff(blob) {
	case decompress.Gzip:
		z, err := gzip.NewReader(in)
		if err != nil {
			b.Error(err)
			return 0
		}
		in = z
	case decompress.Zstd:
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1))
		if err != nil {
			b.Error(err)
			return 0
		}
		defer z.Close()
		in = z
	}
	r, w := io.Pipe()
	group.Go(func() { _, _ = io.CopyBuffer(sha256.New(), struct{ io.Reader }{r}, make([]byte, 1<<20)) })
	n, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{in}, make([]byte, 1<<20))
	if err != nil {
		b.Error(err)
	}
	w.Close()
	group.Wait()
	return n
}

func BenchmarkWalk(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, blobs [][]byte) (out int64) {
		m := &memory{images: []*Image{{}}}
		for i, blob := range blobs {
			l := m.add(string(rune('a'+i)), blob, nil)
			l.DiffID = ""
			m.images[0].Layers = append(m.images[0].Layers, l)
		}
		w, err := Walk(context.Background(), m, WalkOptions{})
		if err != nil {
			b.Fatal(err)
		}
		for _, l := range w.Images[0].Layers {
			out += l.Facts.Bytes
		}
		return out
	})
}

// benchmarkEach runs one way of reading over one fat layer and over four, in all
// compressions. The content is Go's own tree: sources and binaries.
func benchmarkEach(b *testing.B, read func(*testing.B, [][]byte) int64) {
	plain := treeTar(b, 200<<20)
	quarter := len(plain) / 4
	for _, c := range []struct {
		name     string
		compress func(testing.TB, []byte) []byte
	}{
		{"none", func(_ testing.TB, p []byte) []byte { return p }},
		{"gzip", gzipped},
		{"zstd", zstded},
	} {
		fat := [][]byte{c.compress(b, plain)}
		var four [][]byte
		for i := range 4 {
			part := plain[i*quarter/512*512:][:quarter/512*512]
			four = append(four, c.compress(b, part))
		}
		for _, s := range []struct {
			name  string
			blobs [][]byte
		}{{c.name + "/one layer", fat}, {c.name + "/four layers", four}} {
			b.Run(s.name, func(b *testing.B) {
				before := cpuTime(b)
				for b.Loop() {
					b.SetBytes(read(b, s.blobs))
				}
				b.ReportMetric(float64((cpuTime(b)-before).Milliseconds())/float64(b.N), "cpu-ms/op")
			})
		}
	}
}

// cpuTime tells more than the clock on a machine that is busy with other things.
func cpuTime(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func treeTar(b *testing.B, atMost int) []byte {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		b.Skip("there is no go command to take files from")
	}
	root := strings.TrimSpace(string(out))
	for _, sub := range []string{"bin", "src"} {
		err := filepath.WalkDir(filepath.Join(root, sub), func(p string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() || buf.Len() > atMost {
				return err
			}
			content, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			name, err := filepath.Rel(root, p)
			if err != nil {
				return err
			}
			if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(content))}); err != nil {
				return err
			}
			_, err = w.Write(content)
			return err
		})
		if err != nil {
			b.Skip("no Go tree to read: ", err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return buf.Bytes()
}
