package lzma

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

const (
	fuzzLimit = 1 << 20
	fuzzOut   = 4 << 20
)

// decodeBounded decodes what may be anything, and holds it to its bounds.
func decodeBounded(t *testing.T, r *Reader, window *window) (out []byte, err error) {
	t.Helper()
	out, err = io.ReadAll(io.LimitReader(r, fuzzOut))
	if n := cap(window.buf); n > fuzzLimit+pieceBytes+slackBytes+16 {
		t.Fatalf("a window of %d bytes", n)
	}
	var corrupt CorruptError
	var unsupported UnsupportedError
	if err != nil && !errors.As(err, &corrupt) && !errors.As(err, &unsupported) && !errors.Is(err, ErrFormat) && !errors.Is(err, ErrLimit) && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("an error of no kind: %v", err)
	}
	return out, err
}

// alikeOrRefused holds what came out against what a library makes of the same.
func alikeOrRefused(t *testing.T, out []byte, err error, library io.Reader, lerr error) {
	t.Helper()
	if err != nil || lerr != nil {
		return
	}
	want, lerr := io.ReadAll(io.LimitReader(library, fuzzOut))
	if lerr == nil && !bytes.Equal(out, want) {
		t.Fatalf("%d bytes, the library gives %d; alike up to %d", len(out), len(want), alike(out, want))
	}
}

func FuzzXZ(f *testing.F) {
	r := rand.New(rand.NewPCG(21, 22))
	for _, options := range [][]string{nil, {"--check=none"}, {"--check=sha256", "--block-size=1000"}, {"--x86", "--lzma2=dict=4KiB"}, {"--arm64", "--delta", "--ia64", "--lzma2"}, {"-0", "--armthumb", "--sparc", "--powerpc", "--lzma2"}} {
		f.Add(packed(f, content(r, 3000), options...))
	}
	f.Fuzz(func(t *testing.T, z []byte) {
		in := NewReader(bufio.NewReader(bytes.NewReader(z)), XZ, fuzzLimit)
		out, err := decodeBounded(t, in, &in.source.(*xzFile).window)
		library, lerr := xz.NewReader(bytes.NewReader(z))
		alikeOrRefused(t, out, err, library, lerr)
	})
}

func FuzzAlone(f *testing.F) {
	r := rand.New(rand.NewPCG(23, 24))
	for i := range 4 {
		f.Add(sized(f, content(r, 1000*i), i%2 == 0))
		f.Add(packed(f, content(r, 1000*i), "--format=lzma"))
	}
	f.Fuzz(func(t *testing.T, z []byte) {
		in := NewReader(bufio.NewReader(bytes.NewReader(z)), Alone, fuzzLimit)
		out, err := decodeBounded(t, in, &in.source.(*alone).window)
		if err != nil {
			return // the library asks for memory as the header says
		}
		library, lerr := lzma.NewReader(bytes.NewReader(z))
		alikeOrRefused(t, out, err, library, lerr)
	})
}

func FuzzLzip(f *testing.F) {
	r := rand.New(rand.NewPCG(25, 26))
	f.Add(lzipped(f, content(r, 3000)))
	f.Add(append(lzipped(f, nil), lzipped(f, []byte("a second"))...))
	f.Fuzz(func(t *testing.T, z []byte) {
		in := NewReader(bufio.NewReader(bytes.NewReader(z)), Lzip, fuzzLimit)
		_, _ = decodeBounded(t, in, &in.source.(*lzip).window)
	})
}

func FuzzRaw2(f *testing.F) {
	r := rand.New(rand.NewPCG(27, 28))
	for _, option := range []string{"--lzma2=dict=4KiB", "--lzma2=dict=64KiB,lc=0,lp=2,pb=1", "--lzma2"} {
		f.Add(packed(f, content(r, 3000), "--format=raw", option), byte(12))
	}
	f.Fuzz(func(t *testing.T, z []byte, dictionary byte) {
		in, err := NewRaw2(bufio.NewReader(bytes.NewReader(z)), dictionary%17, -1, fuzzLimit)
		if err != nil {
			t.Fatal(err)
		}
		out, err := decodeBounded(t, in, &in.source.(*chunks).window)
		bytes, _ := dictionaryBytes(dictionary % 17)
		library, lerr := lzma.Reader2Config{DictCap: int(bytes)}.NewReader2(newBytes(z))
		alikeOrRefused(t, out, err, library, lerr)
	})
}

func newBytes(b []byte) io.Reader { return bytes.NewReader(b) }

func FuzzFilters(f *testing.F) {
	r := rand.New(rand.NewPCG(29, 30))
	for id := range byte(16) {
		f.Add(id, uint32(0), byte(7), content(r, 500))
	}
	f.Fuzz(func(t *testing.T, id byte, start uint32, size byte, data []byte) {
		props := []byte{size}
		if id != idDelta {
			props = []byte{byte(start), byte(start >> 8), byte(start >> 16), byte(start >> 24)}
		}
		var whole, pieces filterChain
		if whole.add(int64(id), props) != nil || pieces.add(int64(id), props) != nil {
			return
		}
		want, _ := io.ReadAll(&Reader{source: filtered{&whole, &cut{data, max(len(data), 1)}}})
		got, _ := io.ReadAll(&Reader{source: filtered{&pieces, &cut{data, int(size) + 1}}})
		if len(want) != len(data) || !bytes.Equal(got, want) {
			t.Fatalf("in pieces of %d bytes something else comes out than at once, from byte %d on", int(size)+1, alike(got, want))
		}
	})
}

// filtered is a chain with where it takes its pieces from.
type filtered struct {
	chain *filterChain
	from  source
}

func (f filtered) more() ([]byte, error) { return f.chain.more(f.from) }

// cut gives bytes in pieces of a size.
type cut struct {
	left []byte
	size int
}

func (c *cut) more() ([]byte, error) {
	if len(c.left) == 0 {
		return nil, io.EOF
	}
	piece := c.left[:min(c.size, len(c.left))]
	c.left = c.left[len(piece):]
	return piece, nil
}
