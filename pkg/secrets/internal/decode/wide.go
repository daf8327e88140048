package decode

import "bytes"

// minWide is how many characters a stretch of UTF-16 or UTF-32 has at least.
const minWide = 16

// A word has so many characters.
const (
	pairs = 0x0001_0001_0001_0001
	fours = 0x0000_0001_0000_0001
)

// wide decodes stretches of UTF-16 and UTF-32 whose characters are ASCII, in either order of
// bytes. Text of other scripts has such stretches wherever a secret is.
func (f *finder) wide(b []byte, outer *Part, depth int) {
	if len(b) < 2*minWide {
		return
	}
	// Every stretch covers a place that is looked at, eight bytes of it.
	const stride = 2*minWide - 8
	zero := bytes.IndexByte(b, 0)
	if zero < 0 {
		return
	}
	for i := zero / stride * stride; i+8 <= len(b); i += stride {
		v, at := word(b[i:]), i // of the first character's one byte
		if v&(0xff00*pairs) != 0 {
			if v&(0xff*pairs) != 0 {
				continue
			}
			v, at = v>>8, i+1
		}
		some := (v + 0x7f*pairs) & (0x80 * pairs)
		if (v|(some^(v+(0x80-'\t')*pairs)))&(0x80*pairs) != 0 {
			continue // one is beyond ASCII, or a control character that no text has
		}
		unit, encoding := 2, "utf-16" // unit is the bytes of a character
		switch some {
		case 0x80 * pairs:
		case 0x80 * fours:
			unit, encoding = 4, "utf-32"
		case 0x80 * fours << 16:
			unit, encoding, at = 4, "utf-32", at+2
		default:
			continue
		}
		start, end := stretch(b, at, unit)
		if (end-start)/unit < minWide {
			continue
		}
		out := make([]byte, 0, (end-start)/unit)
		for k := start; k < end; k += unit {
			out = append(out, b[k])
		}
		f.found(encoding, start, end, out, outer, depth)
		if f.left <= 0 {
			return
		}
		i = max(i, end-stride)
	}
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
