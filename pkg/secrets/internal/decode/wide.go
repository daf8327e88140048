package decode

import (
	"bytes"

	"github.com/imgaudit/imgaudit/pkg/secrets/internal/bytemask"
)

// minWide is how many characters a stretch of UTF-16 or UTF-32 has at least.
const minWide = 16

// A word has so many characters.
const (
	pairs = 0x0001_0001_0001_0001
	fours = 0x0000_0001_0000_0001
)

// leastEights is how many eights of bytes lie in the shortest stretch, wherever it begins; [bytemask.Wide] looks for as many.
const leastEights = (2*minWide - 1 - 7) / 8

// wide decodes stretches of UTF-16 and UTF-32 whose characters are ASCII, in either order of
// bytes. Text of other scripts has such stretches wherever a secret is.
func (f *finder) wide(b []byte, outer *Part, depth int) {
	if len(b) < 2*minWide {
		return
	}
	zero := bytes.IndexByte(b, 0)
	if zero < 0 {
		return
	}
	from := max(0, zero-1) &^ 7
	eights := bytemask.Wide(b[from:])
	text := &f.levels[depth-1].text
	done := 0 // where the stretch before ends
	for {
		first, after := eights.Next()
		if first < 0 {
			return
		}
		first, after = first+from/8, after+from/8
		// Every stretch covers one of these.
		for i := first + leastEights - 1; i < after; i += leastEights {
			at, unit := wideAt(word(b[8*i:]))
			if unit == 0 {
				continue
			}
			start, end := stretch(b, 8*i+at, unit)
			if (end-start)/unit < minWide || end <= done {
				continue
			}
			done = end
			*text = (*text)[:0]
			for k := start; k < end; k += unit {
				*text = append(*text, b[k])
			}
			f.found(wideNames[unit], start, end, *text, outer, depth)
			if f.left <= 0 {
				return
			}
			i = max(i, (end-maxUnit)/8-leastEights)
		}
	}
}

// maxUnit is the most bytes of a character; by so many a stretch can begin before the end of another one.
const maxUnit = 4

var wideNames = [maxUnit + 1]string{2: "utf-16", 4: "utf-32"}

// wideAt gives where the first character of eight bytes has the byte that is not zero, and how many bytes its characters
// have; 0 if they are no text.
func wideAt(v uint64) (at, unit int) {
	if v&(0xff00*pairs) != 0 {
		if v&(0xff*pairs) != 0 {
			return 0, 0
		}
		v, at = v>>8, 1
	}
	some := (v + 0x7f*pairs) & (0x80 * pairs)
	if (v|(some^(v+(0x80-'\t')*pairs)))&(0x80*pairs) != 0 {
		return 0, 0 // one is beyond ASCII, or a control character that no text has
	}
	switch some {
	case 0x80 * pairs:
		return at, 2
	case 0x80 * fours:
		return at, 4
	case 0x80 * fours << 16:
		return at + 2, 4
	}
	return 0, 0
}

// stretch widens a place, which is that of a character's one byte, as far as characters
// go on in both directions.
func stretch(b []byte, at, unit int) (start, end int) {
	char := func(i int) bool {
		if i < 0 || i >= len(b) || !(b[i] >= ' ' && b[i] < 0x7f || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
			return false
		}
		return true
	}
	// Between one character's byte and the next all are zero.
	gap := func(i int) bool {
		for k := 1; k < unit; k++ {
			if i+k < 0 || i+k >= len(b) || b[i+k] != 0 {
				return false
			}
		}
		return true
	}
	if !char(at) {
		return at, at
	}
	start, end = at, at+unit
	for char(start-unit) && gap(start-unit) {
		start -= unit
	}
	for char(end) && gap(end-unit) {
		end += unit
	}
	return start, min(end, len(b))
}
