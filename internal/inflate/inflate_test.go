package inflate

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
)

// content makes bytes like those of layers: text, code, runs, noise.
func content(r *rand.Rand, n int) []byte {
	words := []string{"the ", "layer", "\tif err != nil {\n", "0x00", "usr/lib/", "=", "\x00\x00\x00\x00", "ELF", "digest"}
	b := make([]byte, 0, n+64)
	for len(b) < n {
		switch r.IntN(8) {
		case 0:
			for range r.IntN(300) {
				b = append(b, byte(r.Uint32()))
			}
		case 1:
			b = append(b, bytes.Repeat([]byte{byte(r.Uint32())}, r.IntN(1000))...)
		case 2:
			if len(b) > 10 {
				from := r.IntN(len(b) - 1)
				b = append(b, b[from:min(len(b), from+r.IntN(700))]...)
			}
		default:
			for range r.IntN(60) {
				b = append(b, words[r.IntN(len(words))]...)
			}
		}
	}
	return b[:n]
}

// compressed writes content in some form, with a level and flushes of the dice's.
func compressed(t testing.TB, r *rand.Rand, f Format, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	level := r.IntN(12) - 2 // Huffman alone to the best
	var w interface {
		io.WriteCloser
		Flush() error
	}
	var err error
	switch f {
	case Deflate:
		w, err = flate.NewWriter(&b, min(level, 9))
	case Zlib:
		w, err = zlib.NewWriterLevel(&b, min(level, 9))
	case Gzip:
		var z *gzip.Writer
		z, err = gzip.NewWriterLevel(&b, min(level, 9))
		if r.IntN(2) == 0 {
			z.Name, z.Comment, z.Extra = "name", "a comment", []byte("extra")
		}
		w = z
	}
	if err != nil {
		t.Fatal(err)
	}
	for len(data) > 0 {
		n := min(len(data), 1+r.IntN(100_000))
		if _, err := w.Write(data[:n]); err != nil {
			t.Fatal(err)
		}
		data = data[n:]
		if r.IntN(10) == 0 {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// oracle decodes with the standard library.
func oracle(f Format, data []byte) (out []byte, left int, err error) {
	in := bytes.NewReader(data)
	var z io.Reader
	switch f {
	case Deflate:
		z = flate.NewReader(in)
	case Zlib:
		z, err = zlib.NewReader(in)
	case Gzip:
		var g *gzip.Reader
		if g, err = gzip.NewReader(in); err == nil {
			g.Multistream(false)
			z = g
		}
	}
	if err != nil {
		return nil, 0, err
	}
	out, err = io.ReadAll(io.LimitReader(z, 8<<20))
	return out, in.Len(), err
}

// decode decodes with this package, from input that comes in pieces of a kind.
func decode(f Format, data []byte, pieces int, buffer int) (out []byte, left int, err error) {
	var in io.Reader = bytes.NewReader(data)
	switch pieces {
	case 1:
		in = iotest.OneByteReader(in)
	case 2:
		in = iotest.HalfReader(in)
	case 3:
		in = iotest.DataErrReader(in)
	}
	b := bufio.NewReaderSize(in, buffer)
	z := NewReader(b, f)
	out, err = io.ReadAll(io.LimitReader(z, 8<<20))
	rest, _ := io.Copy(io.Discard, b)
	return out, int(rest), err
}

// decodeByFill is decode by way of two buffers in turn, with dirt in what is to be filled.
func decodeByFill(f Format, data []byte, buffer int) (out []byte, left int, err error) {
	in := bufio.NewReaderSize(bytes.NewReader(data), buffer)
	z := NewReader(in, f)
	var buffers [2]Buffer
	for i := 0; err == nil && len(out) < 8<<20; i++ {
		b := &buffers[i%2]
		for at := range b {
			b[at] = byte(i + at)
		}
		var n int
		n, err = z.Fill(b, 0)
		out = append(out, b.Room()[:n]...)
	}
	if err == io.EOF {
		err = nil
	}
	rest, _ := io.Copy(io.Discard, in)
	return out[:min(len(out), 8<<20)], int(rest), err
}

// agree holds one input against the standard library, and the ways to decode it against each other.
func agree(t testing.TB, f Format, data []byte, pieces, buffer int) {
	t.Helper()
	want, wantLeft, werr := oracle(f, data)
	got, left, err := decode(f, data, pieces, buffer)
	withoutAssembly(func() {
		out, rest, gerr := decode(f, data, pieces, buffer)
		if !bytes.Equal(out, got) || fmt.Sprint(gerr) != fmt.Sprint(err) || rest != left && err == nil {
			t.Fatalf("format %d: assembly gives %d bytes, %v, and leaves %d; without it %d, %v and %d", f, len(got), err, left, len(out), gerr, rest)
		}
	})
	if out, rest, ferr := decodeByFill(f, data, buffer); !bytes.Equal(out, got) || fmt.Sprint(ferr) != fmt.Sprint(err) || rest != left && err == nil && len(got) < 8<<20 {
		t.Fatalf("format %d: read are %d bytes, %v, and %d are left; filled %d, %v and %d", f, len(got), err, left, len(out), ferr, rest)
	}
	if (err == nil) != (werr == nil) {
		t.Fatalf("format %d, %d bytes in pieces of kind %d: error %v, the standard library says %v", f, len(data), pieces, err, werr)
	}
	if !bytes.Equal(got, want) && (err == nil || !bytes.HasPrefix(got, want) && !bytes.HasPrefix(want, got)) {
		t.Fatalf("format %d, %d bytes in pieces of kind %d: %d bytes out, the standard library gives %d; errors %v and %v", f, len(data), pieces, len(got), len(want), err, werr)
	}
	if err == nil && left != wantLeft && len(got) < 8<<20 {
		t.Fatalf("format %d: %d bytes are left of the input, the standard library leaves %d", f, left, wantLeft)
	}
}

func TestWhatWasCompressedComesBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 150 {
		n := []int{0, 1, 100, 5000, 70_000, 600_000, 1_700_000}[i%7]
		data := content(r, n)
		f := Format(i % 3)
		z := compressed(t, r, f, data)
		tail := content(r, r.IntN(200))
		got, left, err := decode(f, append(z[:len(z):len(z)], tail...), i%4, []int{16, 64, 4096, 64 << 10, 1 << 20}[i%5])
		if err != nil || !bytes.Equal(got, data) || left != len(tail) {
			t.Fatalf("round %d, format %d, %d bytes: %v, %d bytes out, %d of %d behind it left", i, f, n, err, len(got), left, len(tail))
		}
	}
}

func TestFillGivesTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for i, n := range []int{0, 1, windowBytes, outBytes - windowBytes, fullAt - windowBytes, outBytes, 600_000, 3_000_000} {
		data := content(r, n)
		f := Format(i % 3)
		tail := content(r, 100)
		got, left, err := decodeByFill(f, append(compressed(t, r, f, data), tail...), 64<<10)
		if err != nil || !bytes.Equal(got, data) || left != len(tail) {
			t.Errorf("%d bytes: %v, %d bytes out, %d behind them left", n, err, len(got), left)
		}
	}
}

func TestDamageIsSeenAsTheStandardLibrarySeesIt(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	rounds := 6000
	if testing.Short() {
		rounds = 600
	}
	refused := 0
	var z []byte
	var f Format
	for i := range rounds {
		if i%20 == 0 {
			f = Format(r.IntN(3))
			z = compressed(t, r, f, content(r, 1+r.IntN(20_000)))
		}
		bad := bytes.Clone(z)
		for range 1 + r.IntN(3) {
			switch at := r.IntN(len(bad)); r.IntN(4) {
			case 0:
				bad[at] ^= 1 << r.IntN(8)
			case 1:
				bad[min(at, 40)%len(bad)] = byte(r.Uint32())
			case 2:
				bad = bad[:at+1]
			default:
				bad = append(bad[:at], bad[min(len(bad), at+r.IntN(4)):]...)
				if len(bad) == 0 {
					bad = []byte{0}
				}
			}
		}
		agree(t, f, bad, i%4, []int{16, 100, 4096}[i%3])
		if _, _, err := oracle(f, bad); err != nil {
			refused++
		}
	}
	if refused < rounds/3 {
		t.Errorf("only %d of %d inputs were damaged", refused, rounds)
	}
}

func TestEachPrefixOfAStreamEndsEarly(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for f := Deflate; f <= Gzip; f++ {
		z := compressed(t, r, f, content(r, 3000))
		for n := range len(z) {
			_, _, err := decode(f, z[:n], n%4, 64)
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("format %d, %d of %d bytes: %v", f, n, len(z), err)
			}
		}
	}
}

func TestWriteToGivesTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	data := content(r, 2_500_000)
	z := compressed(t, r, Gzip, data)
	var out bytes.Buffer
	in := NewReader(bufio.NewReader(bytes.NewReader(z)), Gzip)
	if n, err := in.WriteTo(&out); err != nil || n != int64(len(data)) || !bytes.Equal(out.Bytes(), data) {
		t.Fatalf("%d bytes, %v", n, err)
	}
	in.Reset(bufio.NewReader(bytes.NewReader(z)))
	if got, err := io.ReadAll(in); err != nil || !bytes.Equal(got, data) {
		t.Fatalf("after Reset: %d bytes, %v", len(got), err)
	}
	in.Reset(bufio.NewReader(bytes.NewReader(z)))
	full := errors.New("full")
	if _, err := in.WriteTo(writerFunc(func(p []byte) (int, error) { return 10, full })); err != full {
		t.Errorf("the writer's error is lost: %v", err)
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestErrorsOfTheInputComeThrough(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	z := compressed(t, r, Gzip, content(r, 50_000))
	broken := errors.New("the disk is gone")
	for _, n := range []int{0, 5, 11, 100, len(z) / 2, len(z) - 3} {
		in := io.MultiReader(bytes.NewReader(z[:n]), iotest.ErrReader(broken))
		if _, err := io.ReadAll(NewReader(bufio.NewReader(in), Gzip)); err != broken {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

func FuzzAgainstTheStandardLibrary(f *testing.F) {
	r := rand.New(rand.NewPCG(11, 12))
	for i := range 60 {
		format := Format(i % 3)
		f.Add(byte(format), byte(i), compressed(f, r, format, content(r, r.IntN(3000))))
	}
	f.Fuzz(func(t *testing.T, format, pieces byte, data []byte) {
		agree(t, Format(format%3), data, int(pieces%4), 16+int(pieces))
	})
}
