package bzip2

import (
	"bufio"
	"bytes"
	stdlib "compress/bzip2"
	"io"
	"math/rand/v2"
	"os"
	"testing"
)

// BenchmarkReader decodes made text, or the bzip2 file that the environment names, with this
// package and with the standard library.
func BenchmarkReader(b *testing.B) {
	var z []byte
	if path := os.Getenv("IMGAUDIT_BZIP2_FILE"); path != "" {
		var err error
		if z, err = os.ReadFile(path); err != nil {
			b.Fatal(err)
		}
	} else {
		z = packed(b, prose(rand.New(rand.NewPCG(1, 1)), 8<<20), 9)
	}
	in := bufio.NewReaderSize(nil, 64<<10)
	r := NewReader(in)
	buf := make([]byte, 256<<10)
	run := func(b *testing.B, r io.Reader) {
		n, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{r}, buf)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(n)
	}
	b.Run("this package", func(b *testing.B) {
		for b.Loop() {
			in.Reset(bytes.NewReader(z))
			r.Reset(in)
			run(b, r)
		}
	})
	b.Run("standard library", func(b *testing.B) {
		for b.Loop() {
			in.Reset(bytes.NewReader(z))
			run(b, stdlib.NewReader(in))
		}
	})
}
