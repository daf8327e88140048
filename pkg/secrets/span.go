package secrets

import "encoding/binary"

// spans finds runs that are long words of common bytes, which the filter's windows would see
// everywhere. Where a run of at least 8*(blocks+1)-1 bytes stands, so many blocks of eight
// bytes in a row hold nothing but word-like bytes, which the bytes between words are not.
type spans struct {
	blocks   int // that the shortest run covers
	patterns []*pattern
}

func (s *spans) add(p *pattern) {
	if n := (len(p.run)+1)/8 - 1; len(s.patterns) == 0 || n < s.blocks {
		s.blocks = n
	}
	s.patterns = append(s.patterns, p)
}

// scan calls hit for each pattern and position in [from, to) of the text where its run stands.
func (s *spans) scan(text []byte, from, to int, hit func(p *pattern, pos int)) {
	if len(s.patterns) == 0 {
		return
	}
	done := from // starts before this place were looked at
	for at := from; at+8*s.blocks <= len(text) && at < to+8; {
		// From the last block back: where it is none of a word, none before it matter.
		last := s.blocks - 1
		for last >= 0 && wordBlock(text[at+8*last:]) {
			last--
		}
		if last >= 0 {
			at += 8 * (last + 1)
			continue
		}
		end := at + 8*s.blocks
		for end+8 <= len(text) && wordBlock(text[end:]) {
			end += 8
		}
		// A run may begin in the block before, and end in the one behind.
		for pos := max(done, at-7); pos < min(end, to); pos++ {
			for _, p := range s.patterns {
				if p.at(text, pos) {
					hit(p, pos)
				}
			}
		}
		done = max(done, min(end, to))
		at = end
	}
}

// wordBlock reports whether eight bytes are ASCII from '0' on.
func wordBlock(b []byte) bool {
	const high, least = 0x8080808080808080, 0x3030303030303030
	v := binary.LittleEndian.Uint64(b)
	return ((v|high)-least)&^v&high == high
}
