package rows

import "io"

// searched is a row that is looked for, by Boyer, Moore and Horspool's way.
type searched struct {
	Row
	last set
	skip [256]uint8 // how far it is, from a byte that the row does not end before, to where it may
	at   int        // its place in the list
}

func (r Row) search(at int) *searched {
	s := &searched{Row: r, last: r[len(r)-1], at: at}
	for b := range s.skip {
		s.skip[b] = uint8(len(r))
		for i := range len(r) - 1 {
			if r[i].has(byte(b)) {
				s.skip[b] = uint8(len(r) - 1 - i)
			}
		}
	}
	return s
}

func (s *searched) in(content []byte) bool {
	for end := len(s.Row) - 1; end < len(content); {
		b := content[end]
		if s.last.has(b) && s.endsAt(content[:end]) {
			return true
		}
		end += int(s.skip[b])
	}
	return false
}

// endsAt compares all but the last byte of the row.
func (s *searched) endsAt(before []byte) bool {
	before = before[len(before)-len(s.Row)+1:]
	for i, b := range before {
		if !s.Row[i].has(b) {
			return false
		}
	}
	return true
}

// chunkBytes is how much is looked at in one go.
const chunkBytes = 64 << 10

// Occurring says which rows content has in it. An empty row is in any. The error is that of the reader.
func Occurring(r io.Reader, all []Row) ([]bool, error) {
	found := make([]bool, len(all))
	var left []*searched
	for i, row := range all {
		if found[i] = len(row) == 0; !found[i] {
			left = append(left, row.search(i))
		}
	}
	buf := make([]byte, maxRow+chunkBytes)
	held := 0 // bytes of the last chunk, which a row may begin in
	for len(left) > 0 {
		n, err := io.ReadFull(r, buf[held:])
		n += held
		still := left[:0]
		for _, s := range left {
			if found[s.at] = s.in(buf[:n]); !found[s.at] {
				still = append(still, s)
			}
		}
		left = still
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		} else if err != nil {
			return nil, err
		}
		held = copy(buf, buf[n-maxRow:n])
	}
	return found, nil
}
