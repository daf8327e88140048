package bzip2

import (
	"bufio"
	"bytes"
	stdlib "compress/bzip2"
	"errors"
	"io"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/dsnet/compress/bzip2"

	"github.com/imgaudit/imgaudit/internal/tooltest"
)

// packed compresses with a library.
func packed(t testing.TB, data []byte, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := bzip2.NewWriter(&b, &bzip2.WriterConfig{Level: level})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// prose is text of n bytes, of words that come again.
func prose(r *rand.Rand, n int) []byte {
	words := make([]string, 500)
	for i := range words {
		word := make([]byte, 1+r.IntN(9))
		for k := range word {
			word[k] = byte('a' + r.IntN(26))
		}
		words[i] = string(word)
	}
	var b bytes.Buffer
	for b.Len() < n {
		b.WriteString(words[min(r.IntN(len(words)), r.IntN(len(words)))])
		b.WriteByte(" \n"[r.IntN(10)/9])
	}
	return b.Bytes()[:n]
}

func noise(r *rand.Rand, n, values int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.IntN(values))
	}
	return b
}

// runsOf has runs of one byte of each length, and between them others.
func runsOf(from, to int) []byte {
	var b []byte
	for n := from; n <= to; n++ {
		b = append(b, bytes.Repeat([]byte{byte(n)}, n)...)
		b = append(b, byte(n+1), byte(n+1), byte(n), byte(n), byte(n), byte(n), byte(n/7), 0)
	}
	return b
}

type content struct {
	name string
	data []byte
}

func contents() []content {
	r := rand.New(rand.NewPCG(1, 2))
	return []content{
		{"nothing", nil},
		{"one byte", []byte("a")},
		{"two bytes", []byte("ab")},
		{"the same byte twice", []byte("aa")},
		{"four equal bytes and nothing behind them", []byte("aaaa")},
		{"runs of 1 to 20 bytes", runsOf(1, 20)},
		{"runs of 1 to 300 bytes", runsOf(1, 300)},
		{"a long run", bytes.Repeat([]byte{0}, 3_000_000)},
		{"bytes that repeat themselves in two", bytes.Repeat([]byte("ab"), 50_000)},
		{"text that repeats itself", bytes.Repeat([]byte("the same again. "), 5000)},
		{"every byte once", func() (b []byte) {
			for i := range 256 {
				b = append(b, byte(i))
			}
			return b
		}()},
		{"random bytes", noise(r, 250_000, 256)},
		{"random bytes of two values", noise(r, 250_000, 2)},
		{"a little text", prose(r, 300)},
		{"text", prose(r, 1_500_000)},
		{"text with random bytes in it", slices.Concat(prose(r, 200_000), noise(r, 50_000, 256), prose(r, 200_000))},
		{"one byte less than a block of level 1", noise(r, 99_980, 200)},
	}
}

// same fails unless this package and the standard library make the same of a file.
func same(t *testing.T, name string, z, want []byte) {
	t.Helper()
	got, err := io.ReadAll(NewReader(bufio.NewReader(bytes.NewReader(z))))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s: %v after %d bytes of %d, alike up to %d", name, err, len(got), len(want), alike(got, want))
	}
	library, err := io.ReadAll(stdlib.NewReader(bytes.NewReader(z)))
	if err != nil || !bytes.Equal(library, want) {
		t.Errorf("%s: the standard library gives %v after %d bytes of %d", name, err, len(library), len(want))
	}
}

func alike(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func TestWhatALibraryCompressesComesBack(t *testing.T) {
	for _, c := range contents() {
		for _, level := range []int{1, 9} {
			same(t, c.name, packed(t, c.data, level), c.data)
		}
	}
}

func TestWhatTheProgramCompressesComesBack(t *testing.T) {
	tooltest.Need(t, "bzip2")
	for _, c := range contents() {
		levels := []string{"-1", "-9"}
		if c.name == "text" {
			levels = strings.Split("-1 -2 -3 -4 -5 -6 -7 -8 -9", " ")
		}
		for _, level := range levels {
			cmd := exec.Command("bzip2", level)
			cmd.Stdin = bytes.NewReader(c.data)
			z, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			same(t, c.name+" "+level, z, c.data)
		}
	}
}

func TestTheEndOfABlockIsWhereItsLevelSays(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	data := noise(r, 901_000, 255) // hardly any runs
	for _, n := range []int{99_900, 99_980, 99_981, 99_999, 100_000, 100_001, 199_999, 200_001} {
		same(t, "level 1", packed(t, data[:n], 1), data[:n])
	}
	for _, n := range []int{899_980, 899_999, 900_000, 900_001} {
		same(t, "level 9", packed(t, data[:n], 9), data[:n])
	}
}

func TestStreamsBehindEachOtherAreOneFile(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var z, want []byte
	for i, n := range []int{0, 1, 250_000, 0, 70, 120_000} {
		data := prose(r, n)
		z = append(z, packed(t, data, 1+i)...)
		want = append(want, data...)
	}
	same(t, "six streams", z, want)
}

func TestInputInAnyPiecesIsTheSame(t *testing.T) {
	data := prose(rand.New(rand.NewPCG(7, 8)), 150_000)
	z := packed(t, data, 1)
	for _, size := range []int{16, 17, 100, 150, 4096} {
		for _, in := range []io.Reader{bytes.NewReader(z), iotest.OneByteReader(bytes.NewReader(z)), iotest.DataErrReader(bytes.NewReader(z))} {
			r := NewReader(bufio.NewReaderSize(in, size))
			got, err := io.ReadAll(iotest.OneByteReader(r))
			if err != nil || !bytes.Equal(got, data) {
				t.Errorf("a buffer of %d bytes: %v, alike up to %d of %d", size, err, alike(got, data), len(data))
			}
		}
	}
}

func TestReadsOfAnySizeGiveTheSame(t *testing.T) {
	data := slices.Concat(runsOf(1, 300), prose(rand.New(rand.NewPCG(9, 10)), 20_000), runsOf(250, 270))
	z := packed(t, data, 1)
	for size := 1; size < 40; size++ {
		r := NewReader(bufio.NewReader(bytes.NewReader(z)))
		var got []byte
		buf := make([]byte, size+8)
		for {
			copy(buf[size:], "untouchd")
			n, err := r.Read(buf[:size])
			got = append(got, buf[:n]...)
			if string(buf[size:]) != "untouchd" {
				t.Fatalf("a read of %d bytes wrote behind them", size)
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(got, data) {
			t.Errorf("reads of %d bytes: alike up to %d of %d", size, alike(got, data), len(data))
		}
	}
}

func TestResetMakesAReaderAsNew(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	r := NewReader(nil)
	for i, n := range []int{400_000, 10, 950_000, 0, 3000} {
		data := prose(random, n)
		z := packed(t, data, 9-2*i)
		r.Reset(bufio.NewReader(bytes.NewReader(z[:len(z)-1-len(z)/3])))
		if _, err := io.ReadAll(r); err != io.ErrUnexpectedEOF {
			t.Fatalf("cut: %v", err)
		}
		r.Reset(bufio.NewReader(bytes.NewReader(z)))
		if n, err := r.Read(make([]byte, n/2)); err != nil {
			t.Fatal(n, err)
		}
		r.Reset(bufio.NewReader(bytes.NewReader(z)))
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%v, alike up to %d of %d", err, alike(got, data), len(data))
		}
	}
}

func TestWhatEndsEarlyIsTold(t *testing.T) {
	z := packed(t, prose(rand.New(rand.NewPCG(13, 14)), 2000), 1)
	z = append(z, packed(t, []byte("a second stream"), 1)...)
	whole := false
	for n := range z {
		_, lerr := io.ReadAll(stdlib.NewReader(bytes.NewReader(z[:n])))
		_, err := io.ReadAll(NewReader(bufio.NewReader(bytes.NewReader(z[:n]))))
		if err != lerr {
			t.Errorf("%d bytes: %v, the standard library says %v", n, err, lerr)
		}
		whole = whole || err == nil
	}
	if !whole {
		t.Error("the first stream alone is whole")
	}
}

func TestAnErrorOfTheInputIsGiven(t *testing.T) {
	broken := errors.New("the disk is broken")
	z := packed(t, prose(rand.New(rand.NewPCG(15, 16)), 2000), 1)
	for n := range z {
		in := io.MultiReader(bytes.NewReader(z[:n]), iotest.ErrReader(broken))
		if _, err := io.ReadAll(NewReader(bufio.NewReader(in))); err != broken {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

func TestDamageIsSeenWhereverItIs(t *testing.T) {
	data := prose(rand.New(rand.NewPCG(17, 18)), 300)
	z := packed(t, data, 1)
	for bit := range len(z) * 8 {
		for width := 1; width <= 3; width++ {
			damaged := bytes.Clone(z)
			for i := bit; i < min(bit+width, len(z)*8); i++ {
				damaged[i/8] ^= 0x80 >> (i % 8)
			}
			compare(t, damaged)
			got, err := io.ReadAll(NewReader(bufio.NewReader(bytes.NewReader(damaged))))
			if err == nil && !bytes.Equal(got, data) {
				t.Errorf("with %d bits changed from bit %d on something else comes out", width, bit)
			}
		}
	}
}

func TestHeadersOfBlocksAreVerified(t *testing.T) {
	data := noise(rand.New(rand.NewPCG(27, 28)), 1000, 256)
	z := packed(t, data, 1)
	const head = (4 + 6 + 4) * 8 // bits of a stream's header, and of the block's magic number and checksum
	tests := []struct {
		name            string
		at, width, bits int
	}{
		{"randomised", head, 1, 1},
		{"the origin is behind the end", head + 1, 24, len(data)},
		{"the origin is far behind the end", head + 1, 24, 1<<24 - 1},
		{"no bytes", head + 25, 16, 0},
	}
	for _, tt := range tests {
		damaged := bytes.Clone(z)
		for i := range tt.width {
			at, bit := tt.at+i, tt.bits>>(tt.width-1-i)&1
			damaged[at/8] = damaged[at/8]&^(0x80>>(at%8)) | byte(bit)<<7>>(at%8)
		}
		var corrupt CorruptError
		if _, err := io.ReadAll(NewReader(bufio.NewReader(bytes.NewReader(damaged)))); !errors.As(err, &corrupt) {
			t.Errorf("%s: %v", tt.name, err)
		}
		compare(t, damaged)
	}
}

func TestABlockMayNotBeLongerThanItsLevel(t *testing.T) {
	r := rand.New(rand.NewPCG(25, 26))
	tests := []struct {
		name string
		data []byte
	}{
		{"of few runs", noise(r, 150_000, 256)},
		{"of short runs", prose(r, 150_000)},
		{"of long runs", bytes.Repeat([]byte("ab"), 150_000)},
	}
	for _, tt := range tests {
		z := packed(t, tt.data, 9)
		z[3] = '1'
		if _, err := io.ReadAll(NewReader(bufio.NewReader(bytes.NewReader(z)))); err != errTooLong {
			t.Errorf("%s: %v", tt.name, err)
		}
		compare(t, z)
	}
}

func TestWhatFollowsIsTold(t *testing.T) {
	z := string(packed(t, []byte("text"), 1))
	tests := []struct{ tail, left string }{
		{"x", "x"}, {"B", "B"}, {"\x00", "\x00"}, {"\x00\x00", ""}, {"something else", "mething else"},
		{"BZ", ""}, {"BZh", ""}, {"BZh0", ""}, {"BZh0 and more", " and more"}, {"BZh9x", "x"},
	}
	for _, tt := range tests {
		compare(t, []byte(z+tt.tail))
		in := bufio.NewReader(strings.NewReader(z + tt.tail))
		got, err := io.ReadAll(NewReader(in))
		if string(got) != "text" || err == nil {
			t.Errorf("%q: got %q, %v", tt.tail, got, err)
		}
		if left, _ := io.ReadAll(in); string(left) != tt.left {
			t.Errorf("%q: %q is left, not %q", tt.tail, left, tt.left)
		}
	}
}

func TestRunsAreAsInTheStandardLibrary(t *testing.T) {
	// No compressor writes all of these: a run without its number, or a number of zero and the
	// same byte again.
	tests := []struct{ name, packed, want string }{
		{"a run without its number", "aaaa", "aaaa"},
		{"a number of zero", "aaaa\x00b", "aaaab"},
		{"a run behind a number of zero", "aaaa\x00aaa\x02b", "aaaa" + "aaa" + "aa" + "b"},
		{"a run behind another number", "aaaa\x01aaaa\x02b", "aaaaa" + "aaaaaa" + "b"},
		{"a number that is the byte", "\x04\x04\x04\x04\x04\x04\x04\x04\x04", strings.Repeat("\x04", 12)},
		{"runs that follow each other", "aaaa\x01bbbb\x00cccc\x03", "aaaaabbbbccccccc"},
	}
	for _, tt := range tests {
		for split := range len(tt.packed) {
			x := runs{last: noByte}
			var got []byte
			buf := make([]byte, 64)
			for _, src := range []string{tt.packed[:split], tt.packed[split:]} {
				n, read := x.expand(buf, []byte(src))
				if read != len(src) {
					t.Errorf("%s: %d of %d bytes were read", tt.name, read, len(src))
				}
				got = append(got, buf[:n]...)
			}
			if string(got) != tt.want {
				t.Errorf("%s: got %q", tt.name, got)
			}
		}
	}
}
