package secrets

import "encoding/binary"

// spans finds runs that are long words of common bytes, which the filter's windows would see
// everywhere: in a run of shortestSpan bytes lie sixteen in a row, at a multiple of sixteen,
// that are all word-like, which the bytes between words are not.
type spans struct {
	shortest int // bytes of the shortest run
	patterns []*pattern
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
	if len(s.patterns) == 0 || len(p.run) < s.shortest {
		s.shortest = len(p.run)
	}
	s.patterns = append(s.patterns, p)
	return true
}

// scan calls hit for each pattern and position in [from, to) of the text where its run stands.
func (s *spans) scan(text []byte, from, to int, hit func(p *pattern, pos int)) {
	if len(s.patterns) == 0 {
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
		for pos := start; pos+s.shortest <= end && pos < to; pos++ {
			for _, p := range s.patterns {
				if p.at(text, pos) {
					hit(p, pos)
				}
			}
		}
		at += (end - at) &^ (spanBlock - 1)
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
