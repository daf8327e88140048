package licencetext

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

//go:embed automaton.zst
var packed []byte

// table is what licensecheck builds out of the texts of its licences.
type table struct {
	licences  [32]byte   // digest of the texts
	words     []string   // the place of a word is its number
	start     [][2]int32 // pairs of words that a licence begins with
	automaton []int32    // as licensecheck's reDFA describes it
}

// pack gives the table the form it is stored in. States follow one another in the order in which
// they were reached, so that nearly each leads to the next one: distances are small.
func (t *table) pack() ([]byte, error) {
	b := slices.Clone(t.licences[:])
	text := func(s string) {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	text(strings.Join(t.words, "\n"))
	b = binary.AppendUvarint(b, uint64(len(t.start)))
	for _, pair := range t.start {
		b = binary.AppendVarint(binary.AppendVarint(b, int64(pair[0])), int64(pair[1]))
	}
	b = binary.AppendUvarint(b, uint64(len(t.automaton)))
	for at := 0; at < len(t.automaton); {
		at = t.packState(&b, at)
	}
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	if err != nil {
		return nil, err
	}
	return z.EncodeAll(b, nil), nil
}

// packState writes the state that begins at an offset and returns that of the next one.
func (t *table) packState(b *[]byte, at int) int {
	header := t.automaton[at]
	*b = binary.AppendUvarint(*b, uint64(header))
	at++
	if header&1 != 0 { // the number of a licence that ends here
		*b = binary.AppendUvarint(*b, uint64(t.automaton[at]))
		at++
	}
	for range header >> 1 {
		word, next := t.automaton[at], t.automaton[at+1]
		*b = binary.AppendVarint(*b, int64(word))
		*b = binary.AppendVarint(*b, int64(next)-int64(at))
		at += 2
	}
	return at
}

var errTable = errors.New("the automaton for licences is damaged")

func unpack(packed []byte) (*table, error) {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	plain, err := z.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errTable, err)
	}
	var t table
	if len(plain) < len(t.licences) {
		return nil, errTable
	}
	r := &numbers{rest: plain[copy(t.licences[:], plain):]}
	t.words = strings.Split(r.text(), "\n")
	t.start = make([][2]int32, r.count())
	for i := range t.start {
		t.start[i] = [2]int32{int32(r.signed()), int32(r.signed())}
	}
	t.automaton = make([]int32, r.count())
	for at := 0; at < len(t.automaton) && !r.bad; {
		at = t.unpackState(r, at)
	}
	if r.bad || len(r.rest) > 0 {
		return nil, errTable
	}
	return &t, nil
}

func (t *table) unpackState(r *numbers, at int) int {
	header := r.count()
	if r.bad || header > len(t.automaton)-at-1 {
		r.bad = true
		return at
	}
	t.automaton[at] = int32(header)
	at++
	if header&1 != 0 {
		t.automaton[at] = int32(r.count())
		at++
	}
	for range header >> 1 {
		t.automaton[at] = int32(r.signed())
		t.automaton[at+1] = int32(int64(at) + r.signed())
		at += 2
	}
	return at
}

// numbers reads variable-length numbers until one is wrong.
type numbers struct {
	rest []byte
	bad  bool
}

// count reads how many things follow, each of which takes a byte at least: what does not fit is wrong.
func (r *numbers) count() int {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > maxCount {
		*r = numbers{bad: true}
		return 0
	}
	r.rest = r.rest[n:]
	return int(v)
}

// maxCount is far above what the automaton of licensecheck has (2.6 million numbers).
const maxCount = 16 << 20

func (r *numbers) signed() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		*r = numbers{bad: true}
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *numbers) text() string {
	n := r.count()
	if n > len(r.rest) {
		*r = numbers{bad: true}
		return ""
	}
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}
