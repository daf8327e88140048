package decode

import "encoding/binary"

// minWide is how many characters a stretch of UTF-16 or UTF-32 has at least.
const minWide = 16

// wide decodes stretches of UTF-16 and UTF-32 whose characters are ASCII, in either order of
// bytes. Text of other scripts has such stretches wherever a secret is.
func (f *finder) wide(b []byte, outer *Part, depth int) {
	if len(b) < 2*minWide {
		return
	}
	// Every stretch covers a place that is looked at, four bytes of it.
	const stride = 2*minWide - 8
	for i := stride; i+4 <= len(b); i += stride {
		v := binary.LittleEndian.Uint32(b[i:])
		if v&0xff00ff00 != 0 && v&0x00ff00ff != 0 || v == 0 {
			continue
		}
		var unit, at int // bytes of a character, and which of them is not zero
		switch {
		case v&0xffffff00 == 0:
			unit, at = 4, i
		case v&0xffff00ff == 0:
			unit, at = 4, i+1
		case v&0xff00ffff == 0:
			unit, at = 4, i+2
		case v&0x00ffffff == 0:
			unit, at = 4, i+3
		case v&0xff00ff00 == 0:
			unit, at = 2, i
		default:
			unit, at = 2, i+1
		}
		start, end := stretch(b, at, unit)
		if (end-start)/unit < minWide {
			continue
		}
		out := make([]byte, 0, (end-start)/unit)
		for k := start; k < end; k += unit {
			out = append(out, b[k])
		}
		f.found(map[int]string{2: "utf-16", 4: "utf-32"}[unit], start, end, out, outer, depth)
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
