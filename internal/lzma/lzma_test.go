package lzma

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ulikunitz/xz/lzma"

	"github.com/imgaudit/imgaudit/internal/tooltest"
)

const limit = 64 << 20

// content makes bytes like those of packages: text, code with calls, runs, noise.
func content(r *rand.Rand, n int) []byte {
	words := []string{"the ", "package", "\tif err != nil {\n", "0x00", "usr/lib/", "=", "\x00\x00\x00\x00", "ELF", "digest"}
	b := make([]byte, 0, n+1100)
	for len(b) < n {
		switch r.IntN(9) {
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
		case 3: // calls, as the filters know them
			for range r.IntN(100) {
				op := []byte{0xe8, 0xe9, 0xeb, 0xf0, 0xf8, 0x48, 0x40, 0x7f, 0x97, 0x94, 0x90, 0x10}[r.IntN(12)]
				b = append(b, op, byte(r.Uint32()), byte(r.IntN(3)), []byte{0, 0xff, 0xeb, 0x90, 0x97, 1}[r.IntN(6)])
				b = b[:len(b)-r.IntN(2)]
			}
		default:
			for range r.IntN(60) {
				b = append(b, words[r.IntN(len(words))]...)
			}
		}
	}
	return b[:n]
}

// packed packs data with the program xz.
func packed(t testing.TB, data []byte, options ...string) []byte {
	t.Helper()
	tooltest.Need(t, "xz")
	cmd := exec.CommandContext(t.Context(), "xz", append([]string{"-c", "-T1"}, options...)...)
	cmd.Stdin = bytes.NewReader(data)
	var out, says bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &says
	if err := cmd.Run(); err != nil {
		t.Fatalf("xz %v: %v %s", options, err, says.Bytes())
	}
	return out.Bytes()
}

// lzipped makes an lzip file of a .lzma file that ends with a marker.
func lzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	z := packed(t, data, "--format=lzma", "--lzma1=dict=1MiB,lc=3,lp=0,pb=2")
	z = append([]byte(lzipMagic+"\x14"), z[13:]...)
	z = binary.LittleEndian.AppendUint32(z, crc32.ChecksumIEEE(data))
	z = binary.LittleEndian.AppendUint64(z, uint64(len(data)))
	return binary.LittleEndian.AppendUint64(z, uint64(len(z)+8))
}

// sized makes a .lzma file that says how long it is.
func sized(t testing.TB, data []byte, marker bool) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := lzma.WriterConfig{SizeInHeader: true, Size: int64(len(data)), EOSMarker: marker, DictCap: 1 << 16}.NewWriter(&b)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// unpacked decodes a file from input that comes in pieces of a kind, and gives what is
// left of the input too.
func unpacked(f Format, z []byte, pieces int) (out, left []byte, err error) {
	var in io.Reader = bytes.NewReader(z)
	switch pieces % 4 {
	case 1:
		in = iotest.OneByteReader(in)
	case 2:
		in = iotest.HalfReader(in)
	case 3:
		in = iotest.DataErrReader(in)
	}
	b := bufio.NewReaderSize(in, minInput)
	out, err = io.ReadAll(io.LimitReader(NewReader(b, f, limit), 16<<20))
	left, _ = io.ReadAll(b)
	return out, left, err
}

func TestWhatXZPackedComesBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	small, large := content(r, 3000), content(r, 700_000)
	for name, c := range map[string]struct {
		format  Format
		data    []byte
		options []string
	}{
		"as it comes":        {XZ, large, nil},
		"nothing":            {XZ, nil, nil},
		"the best":           {XZ, large, []string{"-9e"}},
		"the fastest":        {XZ, large, []string{"-0"}},
		"no check":           {XZ, small, []string{"--check=none"}},
		"CRC-32":             {XZ, small, []string{"--check=crc32"}},
		"SHA-256":            {XZ, large, []string{"--check=sha256"}},
		"blocks":             {XZ, large, []string{"--block-size=150000"}},
		"sizes in headers":   {XZ, large, []string{"--block-size=150000", "-T2"}},
		"a small dictionary": {XZ, large, []string{"--lzma2=dict=4KiB"}},
		"a ring":             {XZ, large, []string{"--lzma2=dict=300KiB"}},
		"no literal context": {XZ, large, []string{"--lzma2=lc=0,lp=4,pb=4"}},
		"much context":       {XZ, large, []string{"--lzma2=lc=4,lp=0,pb=0"}},
		"what does not pack": {XZ, noise(r, 300_000), nil},
		"x86":                {XZ, large, []string{"--x86", "--lzma2"}},
		"x86 from a place":   {XZ, large, []string{"--x86=start=65536", "--lzma2"}},
		"ARM":                {XZ, large, []string{"--arm", "--lzma2"}},
		"Thumb":              {XZ, large, []string{"--armthumb", "--lzma2"}},
		"ARM64":              {XZ, large, []string{"--arm64", "--lzma2"}},
		"PowerPC":            {XZ, large, []string{"--powerpc", "--lzma2"}},
		"IA-64":              {XZ, large, []string{"--ia64", "--lzma2"}},
		"SPARC":              {XZ, large, []string{"--sparc", "--lzma2"}},
		"delta":              {XZ, large, []string{"--delta=dist=4", "--lzma2"}},
		"three filters":      {XZ, large, []string{"--x86", "--delta=dist=256", "--arm", "--lzma2"}},
		"alone":              {Alone, large, []string{"--format=lzma"}},
		"alone, nothing":     {Alone, nil, []string{"--format=lzma"}},
		"alone, a ring":      {Alone, large, []string{"--format=lzma", "--lzma1=dict=64KiB,lc=1,lp=3,pb=0"}},
	} {
		t.Run(name, func(t *testing.T) {
			z := packed(t, c.data, c.options...)
			for pieces := range 4 {
				got, left, err := unpacked(c.format, z, pieces)
				if err != nil || !bytes.Equal(got, c.data) || len(left) > 0 {
					t.Fatalf("pieces of kind %d: %v; %d of %d bytes, alike up to %d", pieces, err, len(got), len(c.data), alike(got, c.data))
				}
			}
		})
	}
}

func noise(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func alike(a, b []byte) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

func TestOtherWritersFilesComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{0, 1, 300, 70_000, 400_000} {
		data := content(r, n)
		for name, c := range map[string]struct {
			format Format
			z      []byte
		}{
			"size in the header":  {Alone, sized(t, data, n == 0)}, // the library's own way of writing nothing needs a marker
			"size and marker":     {Alone, sized(t, data, true)},
			"lzip":                {Lzip, lzipped(t, data)},
			"lzip of two members": {Lzip, append(lzipped(t, data[:n/2]), lzipped(t, data[n/2:])...)},
			"xz of two streams":   {XZ, append(append(packed(t, data[:n/2]), 0, 0, 0, 0), packed(t, data[n/2:], "--check=sha256")...)},
			"xz with padding":     {XZ, append(packed(t, data), make([]byte, 8)...)},
		} {
			if got, left, err := unpacked(c.format, c.z, n); err != nil || !bytes.Equal(got, data) || len(left) > 0 {
				t.Errorf("%s, %d bytes: %v, %d bytes, %d left", name, n, err, len(got), len(left))
			}
			if c.format == Lzip && !IsLzip(c.z) || c.format == Alone && !IsAlone(c.z) {
				t.Errorf("%s, %d bytes: not known for what it is", name, n)
			}
		}
	}
}

func TestXZTakesTheLzipFilesOfThisTest(t *testing.T) {
	data := content(rand.New(rand.NewPCG(5, 6)), 50_000)
	cmd := exec.CommandContext(t.Context(), "xz", "-dc", "--format=lzip")
	cmd.Stdin = bytes.NewReader(lzipped(t, data))
	if got, err := cmd.Output(); err != nil || !bytes.Equal(got, data) {
		t.Errorf("%v, %d bytes", err, len(got))
	}
}

func TestRawDataComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	data := content(r, 400_000)
	z := sized(t, data, false)
	one, err := NewRaw(bufio.NewReader(bytes.NewReader(z[13:])), [5]byte(z), int64(len(data)), limit)
	if err != nil {
		t.Fatal(err)
	}
	two, err := NewRaw2(bufio.NewReader(bytes.NewReader(packed(t, data, "--format=raw", "--lzma2=dict=64KiB"))), 8, int64(len(data)), limit)
	if err != nil {
		t.Fatal(err)
	}
	for i, in := range []*Reader{one, two} {
		if got, err := io.ReadAll(in); err != nil || !bytes.Equal(got, data) {
			t.Errorf("LZMA %d: %v, %d bytes", i+1, err, len(got))
		}
	}
}

func TestWhatFollowsIsLeft(t *testing.T) {
	data := []byte(strings.Repeat("some text ", 1000))
	for name, c := range map[string]struct {
		format Format
		z      []byte
	}{"alone": {Alone, packed(t, data, "--format=lzma")}, "sized": {Alone, sized(t, data, false)}, "lzip": {Lzip, lzipped(t, data)}, "xz": {XZ, packed(t, data)}} {
		for _, tail := range []string{"x", strings.Repeat("tail", 1000)} {
			got, left, err := unpacked(c.format, append(c.z[:len(c.z):len(c.z)], tail...), 0)
			if err != nil || !bytes.Equal(got, data) || string(left) != tail {
				t.Errorf("%s: %v, %d bytes, %d left of %d", name, err, len(got), len(left), len(tail))
			}
		}
	}
}

// files are one small file of each format.
func files(t testing.TB, data []byte) map[Format][][]byte {
	t.Helper()
	return map[Format][][]byte{
		XZ:    {packed(t, data), packed(t, data, "--block-size=1000", "-T2"), packed(t, data, "--delta", "--x86", "--lzma2")},
		Alone: {packed(t, data, "--format=lzma"), sized(t, data, false), sized(t, data, true)},
		Lzip:  {lzipped(t, data)},
	}
}

func TestEachPrefixOfAFileEndsEarly(t *testing.T) {
	data := content(rand.New(rand.NewPCG(9, 10)), 3000)
	for format, all := range files(t, data) {
		for i, z := range all {
			most := 0
			for n := range len(z) {
				got, _, err := unpacked(format, z[:n], n)
				if !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.HasPrefix(data, got) {
					t.Fatalf("format %d, file %d, %d of %d bytes: %v; %d bytes, alike up to %d", format, i, n, len(z), err, len(got), alike(got, data))
				}
				most = max(most, len(got))
			}
			if most < len(data)*9/10 {
				t.Errorf("format %d, file %d: no more than %d of %d bytes come out of what is cut off", format, i, most, len(data))
			}
		}
	}
}

func TestDamageIsSeen(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	data := content(r, 3000)
	for format, all := range files(t, data) {
		for i, z := range all {
			for at := range z {
				bad := bytes.Clone(z)
				bad[at] ^= 1 << r.IntN(8)
				got, _, err := unpacked(format, bad, at)
				// A .lzma file has no checksum.
				if err == nil && format != Alone && !bytes.Equal(got, data) || len(got) > 16<<20-1 {
					t.Fatalf("format %d, file %d, byte %d: %d bytes and no error", format, i, at, len(got))
				}
				if err == nil && format == XZ {
					t.Fatalf("file %d, byte %d of %d is nowhere looked at", i, at, len(z))
				}
			}
		}
	}
}

func TestLargeWindowsAreRefused(t *testing.T) {
	data := []byte("text")
	xz := packed(t, data, "--lzma2=dict=65MiB")
	alone := packed(t, data, "--format=lzma", "--lzma1=dict=65MiB")
	lzip := lzipped(t, data)
	lzip[5] = 27 // 128 MiB
	for format, z := range map[Format][]byte{XZ: xz, Alone: alone, Lzip: lzip} {
		if _, _, err := unpacked(format, z, 0); !errors.Is(err, ErrLimit) {
			t.Errorf("format %d: %v", format, err)
		}
	}
	if _, err := NewRaw2(bufio.NewReader(bytes.NewReader(nil)), 40, -1, limit); !errors.Is(err, ErrLimit) {
		t.Error(err)
	}
	big := sized(t, data, false)
	binary.LittleEndian.PutUint32(big[1:], 1<<31) // but so few bytes come out
	if got, _, err := unpacked(Alone, big, 0); err != nil || !bytes.Equal(got, data) {
		t.Errorf("%v, %q", err, got)
	}
}

func TestTheWindowGrowsAsItFills(t *testing.T) {
	in := NewReader(bufio.NewReader(bytes.NewReader(packed(t, content(rand.New(rand.NewPCG(13, 14)), 200_000), "--lzma2=dict=32MiB"))), XZ, limit)
	if _, err := io.Copy(io.Discard, in); err != nil {
		t.Fatal(err)
	}
	if n := len(in.source.(*xzFile).buf); n > 512<<10 {
		t.Errorf("the window has %d bytes for 200,000", n)
	}
}

func TestALargeWindowIsNotKept(t *testing.T) {
	small, large := packed(t, make([]byte, 1<<20), "--lzma2=dict=1MiB"), packed(t, make([]byte, 40<<20), "--lzma2=preset=0,dict=32MiB")
	in := NewReader(bufio.NewReader(bytes.NewReader(large)), XZ, limit)
	for _, z := range [][]byte{large, small} {
		in.Reset(bufio.NewReader(bytes.NewReader(z)))
		if _, err := io.Copy(io.Discard, in); err != nil {
			t.Fatal(err)
		}
		before := cap(in.source.(*xzFile).buf)
		in.Reset(nil)
		if after := cap(in.source.(*xzFile).buf); before > keptWindow && after > 0 || before <= keptWindow && after != before {
			t.Errorf("of a window of %d bytes %d are kept", before, after)
		}
	}
}

func TestAReaderIsUsedAgain(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for format, all := range files(t, content(r, 3000)) {
		in := NewReader(bufio.NewReader(strings.NewReader("none of it")), format, limit)
		if _, err := io.ReadAll(in); !errors.Is(err, ErrFormat) && !errors.Is(err, io.ErrUnexpectedEOF) && format != Alone {
			t.Errorf("format %d: %v", format, err)
		}
		for _, z := range all {
			want, _, _ := unpacked(format, z, 0)
			in.Reset(bufio.NewReader(bytes.NewReader(z[:len(z)/2])))
			if _, err := io.ReadAll(in); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("format %d, half of it: %v", format, err)
			}
			in.Reset(bufio.NewReader(bytes.NewReader(z)))
			var got bytes.Buffer
			if _, err := in.WriteTo(&got); err != nil || !bytes.Equal(got.Bytes(), want) {
				t.Errorf("format %d: %v, %d of %d bytes", format, err, got.Len(), len(want))
			}
		}
	}
}

func TestErrorsOfTheInputComeThrough(t *testing.T) {
	broken := errors.New("the disk is gone")
	for format, all := range files(t, content(rand.New(rand.NewPCG(17, 18)), 3000)) {
		for _, z := range all {
			for _, n := range []int{0, 3, 15, 40, len(z) / 2, len(z) - 2} {
				in := bufio.NewReader(io.MultiReader(bytes.NewReader(z[:n]), iotest.ErrReader(broken)))
				if _, err := io.ReadAll(NewReader(in, format, limit)); err != broken {
					t.Errorf("format %d, after %d bytes: %v", format, n, err)
				}
			}
		}
	}
}

func TestWhatIsNoLZMAFileIsNotTakenForOne(t *testing.T) {
	good := packed(t, []byte("some text of no length"), "--format=lzma")
	if !IsAlone(good) {
		t.Fatal("a file of xz is not known")
	}
	for name, change := range map[string]func(b []byte){
		"properties":      func(b []byte) { b[0] = 225 },
		"too much state":  func(b []byte) { b[0] = 8 + 9*2 },
		"dictionary":      func(b []byte) { b[1] = 1 },
		"tiny dictionary": func(b []byte) { copy(b[1:], "\x00\x08\x00\x00") },
		"size":            func(b []byte) { copy(b[5:], "\x00\x00\x00\x00\x00\x01\x00\x00") },
		"first byte":      func(b []byte) { b[13] = 1 },
	} {
		bad := bytes.Clone(good)
		change(bad)
		if IsAlone(bad) {
			t.Errorf("%s: taken for one", name)
		}
	}
	if IsAlone(good[:17]) || IsAlone(make([]byte, 18)) || IsLzip([]byte("LZIP\x01\x0b")) || IsLzip([]byte("LZIP\x00\x14")) {
		t.Error("taken for one")
	}
}
