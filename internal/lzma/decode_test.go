package lzma

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// decoderOf makes a decoder of range-coded data, and its input: where it may be read up to, and the data.
func decoderOf(p properties, dictionary int64, data []byte) (*decoder, *input, int) {
	d, in := &decoder{}, &input{}
	n := copy(in[:maxInput], data)
	d.reset(dictionary)
	d.setup(p)
	d.begin(in[:5])
	return d, in, n
}

// ends gives the last n bytes that were decoded.
func (d *decoder) ends(n int) []byte { return d.buf[d.w-n : d.w] }

// compareWithGo decodes in pieces by run and by symbols alone, and compares both after each. It gives
// how many bytes were decoded.
func compareWithGo(t *testing.T, p properties, dictionary int64, data []byte, piece int) (total int) {
	t.Helper()
	fast, in, stop := decoderOf(p, dictionary, data)
	slow, _, _ := decoderOf(p, dictionary, data)
	fastPos, slowPos := 5, 5
	for total < 1<<20 {
		var limit int
		for _, d := range []*decoder{fast, slow} {
			d.room()
			limit = d.w + min(piece, len(d.buf)-d.w, pieceBytes)
		}
		start := fast.w
		var err, slowErr error
		fastPos, err = fast.run(in, fastPos, stop, limit)
		if slow.copyPending(limit); slow.pending == 0 {
			slowPos, slowErr = slow.symbols(in, slowPos, stop, limit)
		}
		if !errors.Is(err, slowErr) || fast.w != slow.w || !bytes.Equal(fast.ends(fast.w-start), slow.ends(fast.w-start)) {
			t.Fatalf("after %d bytes: %d, %v; in Go %d, %v", total, fast.w-start, err, slow.w-start, slowErr)
		}
		total += fast.w - start
		if errors.Is(err, errCorrupt) {
			return total
		}
		if fastPos != slowPos || fast.model != slow.model || !slices.Equal(fast.literals, slow.literals) || fast.pending != slow.pending ||
			[...]uint32{fast.rng, fast.code, fast.state, fast.rep0, fast.rep1, fast.rep2, fast.rep3} != [...]uint32{slow.rng, slow.code, slow.state, slow.rep0, slow.rep1, slow.rep2, slow.rep3} {
			t.Fatalf("after %d bytes the decoders differ", total)
		}
		if err != nil || fast.w < limit {
			return total
		}
	}
	return total
}

func TestTheFastLoopDecodesAsTheOneInGo(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	text := content(r, 400<<10)
	for _, c := range []struct {
		name   string
		option string
		p      properties
	}{
		{"usual properties", "--lzma1=dict=64KiB", properties{lc: 3, pb: 2}},
		{"a context of places", "--lzma1=dict=64KiB,lc=0,lp=4,pb=4", properties{lp: 4, pb: 4}},
		{"no context", "--lzma1=dict=64KiB,lc=0,pb=0", properties{}},
		{"both contexts", "--lzma1=dict=64KiB,lc=2,lp=2,pb=0", properties{lc: 2, lp: 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			packed := packed(t, text, "--format=raw", c.option)
			for _, piece := range []int{300, 1000, pieceBytes} {
				if n := compareWithGo(t, c.p, 64<<10, packed, piece); n < len(text)/8 {
					t.Errorf("in pieces of %d only %d bytes were decoded", piece, n)
				}
			}
		})
	}
}

func FuzzFastLoop(f *testing.F) {
	r := rand.New(rand.NewPCG(33, 34))
	for _, size := range []int{0, 100, 3000, 100000} {
		f.Add(packed(f, content(r, size), "--format=raw", "--lzma1"), byte(93), uint16(0xffff))
	}
	f.Fuzz(func(t *testing.T, data []byte, props byte, piece uint16) {
		p, ok := parseProperties(props)
		if !ok || p.lc+p.lp > 8 {
			return
		}
		compareWithGo(t, p, 4<<10, data, int(piece)+1)
	})
}
