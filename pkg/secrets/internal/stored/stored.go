// Package stored reads the texts that binary formats store with a length before them instead
// of a sign at their end: constants of Java classes and of Python's bytecode, and rows of SQLite
// databases. Beside such a text stands whatever comes next, so that no expression can tell where
// a secret ends.
//
// [Text] gives all texts of a file as lines, with the name of the field or column where there is
// one. It reads what it is given and nothing else, never panics, and gives at most a few times as
// many bytes as it was given.
package stored

import (
	"bytes"
	"encoding/binary"
)

// HeadBytes is how many first bytes [Detect] needs.
const HeadBytes = 16

// Format is a format that stores texts.
type Format string

// The formats; none is "".
const (
	Class  Format = "Java class"
	Python Format = "Python bytecode"
	SQLite Format = "SQLite database"
)

// Detect tells the format by the first bytes.
func Detect(head []byte) Format {
	switch {
	case bytes.HasPrefix(head, []byte("\xca\xfe\xba\xbe")) && len(head) >= 8 && binary.BigEndian.Uint16(head[6:]) >= 44:
		return Class // fat Mach-O files have a small count there
	case bytes.HasPrefix(head, []byte("SQLite format 3\x00")):
		return SQLite
	case len(head) >= 16 && head[2] == '\r' && head[3] == '\n' && head[1] <= 0x10:
		return Python
	}
	return ""
}

// Text gives the texts of a file of a format. What is damaged gives what comes before.
func Text(format Format, content []byte) []byte {
	out := &lines{most: 4*len(content) + 4096}
	switch format {
	case Class:
		class(content, out)
	case Python:
		python(content, out)
	case SQLite:
		sqlite(content, out)
	}
	return out.text
}

// shortest is the length of the shortest text that is given, in bytes.
const shortest = 4

// lines gathers texts.
type lines struct {
	text []byte
	most int
}

func (l *lines) add(name, value []byte) {
	if len(value) < shortest || len(l.text)+len(name)+len(value)+8 > l.most {
		return
	}
	if len(name) > 0 {
		l.text = append(append(l.text, name...), ` = "`...)
		l.text = append(append(l.text, value...), '"', '\n')
		return
	}
	l.text = append(append(l.text, value...), '\n')
}
