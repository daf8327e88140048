package decode

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// wideStretch is one that was found.
type wideStretch struct {
	encoding   string
	start, end int
	text       string
}

// slowWide finds the stretches of one width of characters after the other.
func slowWide(b []byte) (all []wideStretch) {
	char := func(i int) bool {
		return i >= 0 && i < len(b) && (b[i] >= ' ' && b[i] < 0x7f || slices.Contains([]byte("\n\r\t"), b[i]))
	}
	for _, unit := range []int{2, 4} {
		follows := func(i int) bool {
			return char(i) && char(i-unit) && bytes.Count(b[i-unit+1:i], []byte{0}) == unit-1
		}
		for start := range b {
			if !char(start) || follows(start) {
				continue
			}
			end := start + unit
			text := b[start : start+1 : start+1]
			for ; follows(end); end += unit {
				text = append(text, b[end])
			}
			if end = min(end, len(b)); (end-start)/unit >= minWide {
				all = append(all, wideStretch{fmt.Sprintf("utf-%d", 8*unit), start, end, string(text)})
			}
		}
	}
	slices.SortFunc(all, func(a, b wideStretch) int { return a.start - b.start })
	return all
}

func holdWide(t *testing.T, b []byte) (found int) {
	t.Helper()
	var got []wideStretch
	f := &finder{left: maxDecoded, visit: func(p Part) {
		if !strings.Contains(p.Encoding, " > ") {
			got = append(got, wideStretch{p.Encoding, p.Start, p.End, string(p.Content)})
		}
	}}
	f.wide(b, nil, 1)
	if want := slowWide(b); !slices.Equal(got, want) {
		t.Fatalf("in %q: %+v, want %+v", b, got, want)
	}
	return len(got)
}

func TestWideTextIsFoundWhereverItLies(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 9))
	found := 0
	for range 5000 {
		var b []byte
		for range r.IntN(9) {
			unit := []string{"a", "\x00", "z\x00", "\x00\t", "y\x00\x00\x00", "\x00\x00\x00x", "\x0b\x00", "\xe4\x00", "\x01\x00\x00\x00"}[r.IntN(9)]
			b = append(b, strings.Repeat(unit, r.IntN(20)*(1+r.IntN(2)*r.IntN(40)))...)
		}
		found += holdWide(t, b)
	}
	if found < 2000 {
		t.Errorf("only %d", found)
	}
}

func FuzzWide(f *testing.F) {
	f.Add([]byte(utf16Of("some wide text in here", false) + utf32Of("and some more of it", true) + utf16Of("and again", true)))
	f.Fuzz(func(t *testing.T, b []byte) { holdWide(t, b) })
}

func TestTheShortestWideTextIsFoundWhereverItLies(t *testing.T) {
	const text = "16 characters\r\n\t"
	for name, form := range map[string]string{
		"utf-16": utf16Of(text, false), "utf-16 big": utf16Of(text, true), "utf-32": utf32Of(text, false), "utf-32 big": utf32Of(text, true),
	} {
		bare := strings.Trim(form, "\x00")
		encoding, _, _ := strings.Cut(name, " ")
		for before := range 64 {
			for _, after := range []string{"\x00\x00\x00", "\xff\xff\xff\xff\xff\xff\xff", "\x01\x00\x02\x00\x03\x00\x00\x00"} {
				for _, text := range []string{form, bare} {
					content := strings.Repeat("\xff", before) + text + after
					var got []Part
					(&finder{visit: func(p Part) {
						p.Content = bytes.Clone(p.Content)
						got = append(got, p)
					}, left: maxDecoded}).wide([]byte(content), nil, 1)
					if len(got) != 1 || got[0].Encoding != encoding || string(got[0].Content) != "16 characters\r\n\t" || got[0].Start != strings.Index(content, bare) {
						t.Fatalf("%s in %q: %+v", name, content, got)
					}
				}
			}
		}
	}
}
