package inflate

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"os"
	"testing"

	kgzip "github.com/klauspost/compress/gzip"
)

// BenchmarkGzip decodes made content, or the gzip file that the environment names,
// with this package and with the two libraries.
func BenchmarkGzip(b *testing.B) {
	var z []byte
	if path := os.Getenv("IMGAUDIT_GZIP_FILE"); path != "" {
		var err error
		if z, err = os.ReadFile(path); err != nil {
			b.Fatal(err)
		}
	} else {
		var w bytes.Buffer
		g := gzip.NewWriter(&w)
		if _, err := g.Write(content(rand.New(rand.NewPCG(1, 1)), 32<<20)); err != nil {
			b.Fatal(err)
		}
		g.Close()
		z = w.Bytes()
	}
	size, err := io.Copy(io.Discard, NewReader(bufio.NewReader(bytes.NewReader(z)), Gzip))
	if err != nil {
		b.Fatal(err)
	}
	piece := make([]byte, 1<<20)
	for _, c := range []struct {
		name string
		open func(io.Reader) (io.Reader, error)
	}{
		{"this package", func(r io.Reader) (io.Reader, error) { return NewReader(bufio.NewReaderSize(r, 64<<10), Gzip), nil }},
		{"klauspost", func(r io.Reader) (io.Reader, error) { return kgzip.NewReader(bufio.NewReaderSize(r, 64<<10)) }},
		{"standard library", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(bufio.NewReaderSize(r, 64<<10)) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				in, err := c.open(bytes.NewReader(z))
				if err != nil {
					b.Fatal(err)
				}
				for err == nil {
					_, err = in.Read(piece)
				}
				if err != io.EOF {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSmall decodes many streams of two KiB each, as archives of source or classes
// have them: most of the time goes into the tables.
func BenchmarkSmall(b *testing.B) {
	const each, streams = 2 << 10, 1000
	r := rand.New(rand.NewPCG(2, 2))
	var all [streams][]byte
	for i := range all {
		var w bytes.Buffer
		z, err := flate.NewWriter(&w, flate.DefaultCompression)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := z.Write(content(r, each)); err != nil {
			b.Fatal(err)
		}
		z.Close()
		all[i] = w.Bytes()
	}
	in := bufio.NewReader(bytes.NewReader(nil))
	reader := NewReader(in, Deflate)
	b.SetBytes(each * streams)
	for b.Loop() {
		for _, stream := range all {
			in.Reset(bytes.NewReader(stream))
			reader.Reset(in)
			if n, err := reader.WriteTo(io.Discard); err != nil || n != each {
				b.Fatal(n, err)
			}
		}
	}
}
