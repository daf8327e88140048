package decode

import (
	"bytes"

	"github.com/imgaudit/imgaudit/pkg/secrets/internal/bytemask"
)

// marks are where the signs stand that tell that something is escaped.
type marks [7]places

const (
	unicodeMark = iota
	hexMark
	newlineMark
	jsonMark
	numberMark
	quoteMark
	percentMark
)

var markTexts = [7][]byte{[]byte(`\u00`), []byte(`\x`), []byte(`\n`), []byte(`"{\"`), []byte("&#"), []byte("&quot;"), []byte("%")}

// places are those of one mark in a content.
type places struct {
	mark  []byte
	first []int // the first of them
	asked int   // how many of these were given
	more  bool  // there are others
}

// mostPlaces is how many places of a mark are kept; others are looked for when they are asked for.
const mostPlaces = 1024

// signs are the first bytes of marks, or of what tells one from others.
var signs = bytemask.NewSet(`\&%`)

// find goes through a content once for all marks.
func (m *marks) find(b []byte) {
	for i := range m {
		m[i].mark = markTexts[i]
	}
	r := signs.Reader(b)
	for at := r.Next(0); at >= 0; at = r.Next(at + 1) {
		m.sign(b, at)
	}
}

// sign adds the mark that a sign is of; add sees to it that it is.
func (m *marks) sign(b []byte, at int) {
	if at+1 == len(b) {
		return
	}
	switch next := b[at+1]; {
	case b[at] == '%':
		if hexChars[next] {
			m[percentMark].add(b, at)
		}
	case next == 'u':
		m[unicodeMark].add(b, at)
	case next == 'x':
		m[hexMark].add(b, at)
	case next == 'n':
		m[newlineMark].add(b, at)
	case next == '"':
		m[jsonMark].add(b, at-2)
	case next == '#':
		m[numberMark].add(b, at)
	case next == 'q':
		m[quoteMark].add(b, at)
	}
}

// add keeps a place, if the mark stands there.
func (p *places) add(b []byte, at int) {
	switch {
	case p.more || at < 0 || !bytes.HasPrefix(b[at:], p.mark):
	case len(p.first) == mostPlaces:
		p.more = true
	default:
		p.first = append(p.first, at)
	}
}

// next gives the first place from one on; -1 if there is none. It is asked for places that grow.
func (p *places) next(b []byte, from int) int {
	for p.asked < len(p.first) {
		p.asked++
		if at := p.first[p.asked-1]; at >= from {
			return at
		}
	}
	if p.more && from < len(b) {
		if i := bytes.Index(b[from:], p.mark); i >= 0 {
			return from + i
		}
	}
	return -1
}
