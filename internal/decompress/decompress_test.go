package decompress

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/dsnet/compress/bzip2"
	"github.com/klauspost/compress/zstd"
)

// members gives content as a row of gzip files, and alone.
func members(t *testing.T, r *rand.Rand, sizes ...int) (z, data []byte) {
	t.Helper()
	var b bytes.Buffer
	for _, n := range sizes {
		w := gzip.NewWriter(&b)
		part := make([]byte, n)
		for i := range part {
			part[i] = byte(r.IntN(7)) // so that matches are found, also far back
		}
		data = append(data, part...)
		if _, err := w.Write(part); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes(), data
}

func TestFillGivesWhatReadGives(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	room := len(new(Buffer).Room())
	cases := []struct {
		name  string
		sizes []int
	}{
		{"nothing", []int{0}},
		{"one member", []int{3 * room}},
		{"many small members", []int{0, 1, 100, 0, 5000, 1, 77}},
		{"a member ends where the room does", []int{room - 300, 200, 40, 50, 10, 5, 100, room, 9}},
		{"members larger than the room", []int{room + 1, 2*room - 1, 5}},
	}
	for _, c := range cases {
		z, data := members(t, r, c.sizes...)
		for _, tail := range []string{"", "something else"} {
			d, err := New(Gzip, bufio.NewReader(bytes.NewReader(append(z[:len(z):len(z)], tail...))))
			if err != nil {
				t.Fatal(err)
			}
			got := filled(t, d, c.name)
			rest, err := io.ReadAll(d.Rest())
			if !bytes.Equal(got, data) || string(rest) != tail || err != nil {
				t.Errorf("%s: %d bytes of %d, then %q, %v", c.name, len(got), len(data), rest, err)
			}
			d.Close()
		}
	}
}

func TestFillReadsOtherCompressionsAsWell(t *testing.T) {
	_, data := members(t, rand.New(rand.NewPCG(3, 4)), 700_000)
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := New(Zstd, bufio.NewReader(bytes.NewReader(w.EncodeAll(data, nil))))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if got := filled(t, d, "zstd"); !bytes.Equal(got, data) {
		t.Errorf("%d bytes of %d", len(got), len(data))
	}
}

func TestDecodersThatWereUsedBeforeBeginAnew(t *testing.T) {
	var z bytes.Buffer
	w, err := bzip2.NewWriter(&z, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, data := members(t, rand.New(rand.NewPCG(5, 6)), 300_000)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var pool Pool
	for range 3 {
		d, err := pool.New(Bzip2, bufio.NewReader(bytes.NewReader(z.Bytes())))
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.ReadFull(d, make([]byte, 1000)); err != nil { // and no further
			t.Fatal(n, err)
		}
		d.Close()
		d, err = pool.New(Bzip2, bufio.NewReader(bytes.NewReader(z.Bytes())))
		if err != nil {
			t.Fatal(err)
		}
		if got := filled(t, d, "bzip2"); !bytes.Equal(got, data) {
			t.Errorf("%d bytes of %d", len(got), len(data))
		}
		d.Close()
	}
}

// filled reads all by way of two buffers in turn.
func filled(t *testing.T, d *Decoder, name string) (out []byte) {
	t.Helper()
	var buffers [2]Buffer
	for i := 0; ; i++ {
		b := &buffers[i%2]
		clear(b[:])
		n, err := d.Fill(b)
		out = append(out, b.Room()[:n]...)
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatalf("%s: %v after %d bytes", name, err, len(out))
		}
	}
}
