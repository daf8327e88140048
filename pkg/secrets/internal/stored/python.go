package stored

import (
	"encoding/binary"
	"unicode/utf8"
)

// python finds the strings in marshalled code (CPython, Python/marshal.c). It does not follow
// the objects, whose layout changes from version to version: a string is a letter for its kind, its
// length, and that many characters.
func python(b []byte, out *lines) {
	for i := 0; i < len(b); {
		head := int(pythonHeads[b[i]])
		if head == 0 {
			i++
			continue
		}
		if i+head > len(b) {
			return
		}
		size := int(b[i+1])
		if head == 5 {
			size = int(binary.LittleEndian.Uint32(b[i+1:]))
		}
		if size < shortest || size > len(b)-i-head || !isText(b[i+head:i+head+size]) {
			i++
			continue
		}
		out.add("", b[i+head:i+head+size])
		i += head + size
	}
}

// pythonHeads is how many bytes stand before the characters of a string, by the letter for its kind.
// The highest bit of the letter says that the object may be referred to.
var pythonHeads = func() (heads [256]uint8) {
	for kinds, head := range map[string]uint8{"zZ": 2, "aAuts": 5} {
		for _, kind := range []byte(kinds) {
			heads[kind], heads[kind|0x80] = head, head
		}
	}
	return heads
}()

func isText(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f {
			return false
		}
	}
	return utf8.Valid(b)
}
