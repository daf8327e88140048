package lzma

import "encoding/binary"

// maxAhead is how many bytes a filter may want to see beyond those that it changes.
const maxAhead = 16

// undo undoes a filter in place, where b[0] is at a position of the unpacked data. It
// gives how many bytes are done with; the rest is looked at again, with what follows.
type undo func(b []byte, at uint32) int

// filterChain undoes the filters of a block, the last one first.
type filterChain struct {
	stages [maxFilters - 1]stage
	n      int
}

type stage struct {
	undo undo
	at   uint32
	held int
	buf  []byte // begins with what is held
}

func (f *filterChain) reset() { f.n = 0 }

// add puts a filter before those that were added before.
func (f *filterChain) add(id int64, props []byte) error {
	s := &f.stages[f.n]
	s.at, s.held = 0, 0
	if id == idDelta {
		if len(props) != 1 {
			return errXZHeader
		}
		s.undo = undoDelta(int(props[0]) + 1)
		f.n++
		return nil
	}
	align := uint32(1)
	switch id {
	case idX86:
		s.undo = undoX86()
	case idPowerPC:
		s.undo, align = undoPowerPC, 4
	case idIA64:
		s.undo, align = undoIA64, 16
	case idARM:
		s.undo, align = undoARM, 4
	case idThumb:
		s.undo, align = undoThumb, 2
	case idSPARC:
		s.undo, align = undoSPARC, 4
	case idARM64:
		s.undo, align = undoARM64, 4
	default:
		return UnsupportedError("a filter of an xz block")
	}
	switch len(props) {
	case 0:
	case 4:
		s.at = binary.LittleEndian.Uint32(props)
	default:
		return errXZHeader
	}
	if s.at%align != 0 {
		return errXZHeader
	}
	f.n++
	return nil
}

// more gives a piece of what src gives, without the filters.
func (f *filterChain) more(src source) ([]byte, error) {
	piece, err := src.more()
	for i := f.n - 1; i >= 0; i-- {
		piece = f.stages[i].push(piece, err != nil)
	}
	return piece, err
}

// push takes a piece and gives what of it is done with; all of it if it is the last.
func (s *stage) push(piece []byte, last bool) []byte {
	held := [maxAhead]byte{}
	n := copy(held[:], s.buf[len(s.buf)-s.held:])
	s.buf = append(append(s.buf[:0], held[:n]...), piece...)
	done := s.undo(s.buf, s.at)
	if last {
		done = len(s.buf)
	}
	s.at += uint32(done)
	s.held = len(s.buf) - done
	return s.buf[:done]
}
