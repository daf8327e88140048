package secrets

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// spans finds runs that are long words of common bytes, which the filter's windows would see
// everywhere: in a run of shortestSpan bytes lie sixteen in a row, at a multiple of sixteen,
// that are all word-like, which the bytes between words are not.
type spans struct {
	shortest int // bytes of the shortest run
	words    []longWord
}

// longWord is a pattern that is one. Where a place of its run has one byte alone, that is looked for first.
type longWord struct {
	*pattern
	place int // -1 if there is none
	only  byte
}

// spanBlock is how many bytes are asked for at once: a run covers some wherever it stands.
const spanBlock = (shortestSpan + 1) / 2

// add takes a pattern and reports true, if it is a long word.
func (s *spans) add(p *pattern) bool {
	if len(p.run) < shortestSpan {
		return false
	}
	for i := range p.run {
		if !p.run[i].wordLike() {
			return false
		}
	}
	if len(s.words) == 0 || len(p.run) < s.shortest {
		s.shortest = len(p.run)
	}
	w := longWord{pattern: p, place: slices.IndexFunc(p.run, func(set byteSet) bool { return set.size() == 1 })}
	if w.place >= 0 {
		for w.only = range p.run[w.place].all() {
		}
	}
	s.words = append(s.words, w)
	return true
}

// scan calls hit for each pattern and position in [from, to) of the text where its run stands.
func (s *spans) scan(text []byte, from, to int, hit func(p *pattern, pos int)) {
	if len(s.words) == 0 {
		return
	}
	last := min(to+2*spanBlock, len(text)) // where the first block of the last run ends
	blocks := (s.shortest+1)/spanBlock - 1 // that the shortest run covers
	for at := from; at < last; {
		at += spanBlock * wordBlocks(text[at:last])
		start, end := at, at+spanBlock
		if end > last {
			return
		}
		more := text[end:min(end+spanBlock*(blocks-1), len(text))]
		if n := leadingWordBlocks(more); n < blocks-1 {
			at = end + spanBlock*n
			continue
		}
		for start > from && wordLike(text[start-1]) {
			start--
		}
		for end < len(text) && wordLike(text[end]) {
			end++
		}
		for i := range s.words {
			w := &s.words[i]
			w.scan(text, start, min(end-len(w.run), to-1), hit)
		}
		at += (end - at) &^ (spanBlock - 1)
	}
}

// scan calls hit for each position in [from, last] where the run stands.
func (w *longWord) scan(text []byte, from, last int, hit func(p *pattern, pos int)) {
	for pos := from; pos <= last; pos++ {
		if w.place >= 0 {
			next := bytes.IndexByte(text[pos+w.place:last+w.place+1], w.only)
			if next < 0 {
				return
			}
			pos += next
		}
		if w.at(text, pos) {
			hit(w.pattern, pos)
		}
	}
}

// wordLike is byteSet's, for one byte.
func wordLike(b byte) bool { return int8(b) >= '0' }

// wordBlocksGeneric gives how many blocks of a text go before the first that is all word-like.
func wordBlocksGeneric(text []byte) (n int) {
	for ; len(text) >= spanBlock; text = text[spanBlock:] {
		// The second half first: a block begins more often in a word than it ends in it.
		if allWordLike(text[8:]) && allWordLike(text) {
			break
		}
		n++
	}
	return n
}

// leadingWordBlocks gives how many blocks at the beginning of a text are all word-like.
func leadingWordBlocks(text []byte) (n int) {
	for ; len(text) >= spanBlock && allWordLike(text) && allWordLike(text[8:]); text = text[spanBlock:] {
		n++
	}
	return n
}

// allWordLike reports whether eight bytes are ASCII from '0' on.
func allWordLike(b []byte) bool {
	const high, least = 0x8080808080808080, 0x3030303030303030
	v := binary.LittleEndian.Uint64(b)
	return ((v|high)-least)&^v&high == high
}
