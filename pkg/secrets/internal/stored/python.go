package stored

import (
	"encoding/binary"
	"unicode/utf8"
)

// python finds the strings in marshalled code (CPython, Python/marshal.c). It does not follow
// the objects, whose layout changes from version to version: a string is a letter for its kind, its
// length, and that many characters.
func python(b []byte, out *lines) {
	const reference = 0x80 // the object may be referred to
	for i := 0; i < len(b); {
		size, head := 0, 0
		switch b[i] &^ reference {
		case 'z', 'Z':
			if i+2 > len(b) {
				return
			}
			size, head = int(b[i+1]), 2
		case 'a', 'A', 'u', 't', 's':
			if i+5 > len(b) {
				return
			}
			size, head = int(binary.LittleEndian.Uint32(b[i+1:])), 5
		}
		if size < shortest || size > len(b)-i-head || !isText(b[i+head:i+head+size]) {
			i++
			continue
		}
		out.add("", b[i+head:i+head+size])
		i += head + size
	}
}

func isText(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f {
			return false
		}
	}
	return utf8.Valid(b)
}
