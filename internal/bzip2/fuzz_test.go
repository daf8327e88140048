package bzip2

import (
	"bufio"
	"bytes"
	stdlib "compress/bzip2"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
)

const fuzzOut = 4 << 20

// compare holds this package against the standard library: the same comes out, and what is refused is the
// same. Of what ends early the standard library may give more, where it went on with zeros.
func compare(t *testing.T, z []byte) {
	t.Helper()
	want, werr := io.ReadAll(io.LimitReader(stdlib.NewReader(bytes.NewReader(z)), fuzzOut))
	got, err := io.ReadAll(io.LimitReader(NewReader(bufio.NewReader(bytes.NewReader(z))), fuzzOut))
	early := errors.Is(werr, io.ErrUnexpectedEOF)
	if !bytes.Equal(got, want) && (!early || !bytes.HasPrefix(want, got)) {
		t.Fatalf("%d bytes (%v), the standard library gives %d (%v); alike up to %d", len(got), err, len(want), werr, alike(got, want))
	}
	var corrupt CorruptError
	switch {
	case werr == nil && err == nil:
	case early && (err == io.ErrUnexpectedEOF || errors.As(err, &corrupt)): // the damage may be seen before the end
	case werr != nil && !early && errors.As(err, &corrupt):
	default:
		t.Fatalf("%v, the standard library says %v", err, werr)
	}
}

func FuzzReader(f *testing.F) {
	r := rand.New(rand.NewPCG(21, 22))
	for _, data := range [][]byte{nil, []byte("a"), prose(r, 300), noise(r, 200, 256), runsOf(1, 40), bytes.Repeat([]byte("ab"), 400)} {
		f.Add(packed(f, data, 1))
		f.Add(append(packed(f, data, 9), packed(f, []byte("a second"), 2)...))
	}
	// A block that is too long and ends early, in the same group of symbols.
	f.Add([]byte("BZh11AY&SY00000001 \x00  \x00?\xff\xff90\x00\xcbm\x86Z\xe9Z9\xd799 27]720107700B9111A0280010AA0"))
	f.Fuzz(compare)
}
