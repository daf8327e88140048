package decode

import (
	"bytes"
	"math/bits"

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
		p := &m[i]
		p.mark, p.first, p.asked, p.more = markTexts[i], p.first[:0], 0, false
	}
	r := signs.Reader(b)
	at := 0
	for masks := r.From(0); len(masks) > 0; masks = r.From(at / bytemask.Block) {
		for _, mask := range masks {
			for ; mask != 0; mask &= mask - 1 {
				if at := at + bits.TrailingZeros64(mask); at+1 < len(b) && secondChars[b[at+1]] {
					m.sign(b, at)
				}
			}
			at += bytemask.Block
		}
	}
}

// secondChars are those that stand behind the sign of a mark.
var secondChars = classOf(`uxn"#q0123456789abcdefABCDEF`)

// sign adds the mark that a sign is of, if it is of one.
func (m *marks) sign(b []byte, at int) {
	next := b[at+1]
	switch b[at] {
	case '%':
		if hexChars[next] {
			m[percentMark].add(at)
		}
	case '\\':
		switch next {
		case 'u':
			if at+3 < len(b) && b[at+2] == '0' && b[at+3] == '0' {
				m[unicodeMark].add(at)
			}
		case 'x':
			m[hexMark].add(at)
		case 'n':
			m[newlineMark].add(at)
		case '"':
			if at >= 2 && b[at-2] == '"' && b[at-1] == '{' {
				m[jsonMark].add(at - 2)
			}
		}
	case '&':
		if next == '#' {
			m[numberMark].add(at)
		} else if bytes.HasPrefix(b[at:], markTexts[quoteMark]) {
			m[quoteMark].add(at)
		}
	}
}

// add keeps a place.
func (p *places) add(at int) {
	switch {
	case p.more:
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
