package decode

import "bytes"

// marks are where the signs stand that tell that something is escaped.
type marks [6]places

const (
	unicodeMark = iota
	hexMark
	newlineMark
	jsonMark
	numberMark
	quoteMark
)

var markTexts = [6][]byte{[]byte(`\u00`), []byte(`\x`), []byte(`\n`), []byte(`"{\"`), []byte("&#"), []byte("&quot;")}

// places are those of one mark in a content.
type places struct {
	mark  []byte
	first []int // the first of them
	asked int   // how many of these were given
	more  bool  // there are others
}

// mostPlaces is how many places of a mark are kept; others are looked for when they are asked for.
const mostPlaces = 1024

// find goes through a content once for each sign that several marks have.
func (m *marks) find(b []byte) {
	for i := range m {
		m[i].mark = markTexts[i]
	}
	for _, sign := range []byte{'\\', '&'} {
		for at := 0; ; at++ {
			i := bytes.IndexByte(b[at:], sign)
			if i < 0 || at+i+1 == len(b) {
				break
			}
			at += i
			switch b[at+1] { // add sees to it that the sign is the mark's
			case 'u':
				m[unicodeMark].add(b, at)
			case 'x':
				m[hexMark].add(b, at)
			case 'n':
				m[newlineMark].add(b, at)
			case '"':
				m[jsonMark].add(b, at-2)
			case '#':
				m[numberMark].add(b, at)
			case 'q':
				m[quoteMark].add(b, at)
			}
		}
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
