package lzma

import (
	"bufio"
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"testing"
)

// BenchmarkXZ decodes made content, or the .xz file that the environment names.
func BenchmarkXZ(b *testing.B) {
	var z []byte
	if path := os.Getenv("IMGAUDIT_XZ_FILE"); path != "" {
		var err error
		if z, err = os.ReadFile(path); err != nil {
			b.Fatal(err)
		}
	} else {
		z = packed(b, content(rand.New(rand.NewPCG(1, 1)), 8<<20))
	}
	in := bufio.NewReaderSize(nil, 64<<10)
	r := NewReader(in, XZ, 128<<20)
	for b.Loop() {
		in.Reset(bytes.NewReader(z))
		r.Reset(in)
		n, err := io.Copy(io.Discard, r)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(n)
	}
}
