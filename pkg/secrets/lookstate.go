package secrets

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
)

// lookState is a look's automaton as far as one worker has needed it: its states
// are sets of instructions, and a transition is computed when it is first taken. A state's number is where
// its row in the table begins.
type lookState struct {
	look  *look
	next  []uint32 // by state and class
	sets  [][]uint32
	flags []uint8
	index map[string]uint32
	mark  []uint32 // of instructions: the generation that has seen them
	gen   uint32
	key   []byte
	start uint32
}

// What the table holds beside the numbers of states.
const (
	lookUnknown = 0       // nobody has asked yet
	lookDead    = 1       // nothing can match any more
	lookFirst   = 2       // states from here on; so many rows are not used
	lookFlagged = 1 << 30 // added to a state that has flags
)

const (
	flagMatch  = 1 // matched here
	flagAtEnd  = 2 // matches if the text ends here
	flagAlways = 4 // it goes on whatever comes
	mostStates = 4096
)

// run reads the text from pos, at most limit bytes, until nothing can match any
// more. It tells whether the look matched anywhere and how far it read: no
// match reaches further. atEdge says that the text ends where the slice does.
func (s *lookState) run(t *text, pos, limit int, atEdge bool) (ok bool, read int) {
	l := s.look
	if s.next == nil {
		l.once.Do(l.compile)
		s.reset()
	}
	text, classes := t.bytes, &l.classes
	if t.binary {
		classes = &l.binary
	}
	there, step := len(text)-pos, 1
	if l.back {
		there, step = pos, -1
		pos--
	}
	most := min(limit, there)
	state, next := s.start, s.next
	flags := s.flags[s.row(state)]
	if ok = flags&flagMatch != 0; ok && flags&flagAlways != 0 { // nothing is left to learn
		return true, most
	}
	for ; read < most; read++ {
		b := text[pos]
		pos += step
		class := classes[b]
		to := next[state+uint32(class)]
		if to-lookFirst >= lookFlagged-lookFirst {
			if to == lookUnknown {
				to = s.step(state, class, b >= 0x80 && !t.binary)
				next = s.next
			}
			if to == lookDead {
				return ok, read
			}
			if to&lookFlagged != 0 {
				to &^= lookFlagged
				flags := s.flags[s.row(to)]
				if ok = ok || flags&flagMatch != 0; ok && flags&flagAlways != 0 {
					return true, most
				}
			}
		}
		state = to
	}
	if read == there {
		ok = ok || s.flags[s.row(state)]&flagAtEnd != 0 || !l.back && !atEdge
	}
	return ok, read
}

func (s *lookState) row(state uint32) int { return int(state) / s.look.count }

func (s *lookState) reset() {
	s.next = make([]uint32, lookFirst*s.look.count, 64*s.look.count)
	s.sets = make([][]uint32, lookFirst, 64)
	s.flags = make([]uint8, lookFirst, 64)
	s.index = map[string]uint32{}
	s.mark = make([]uint32, len(s.look.prog.Inst))
	s.gen = 1
	set, flags := s.close(nil, uint32(s.look.prog.Start), 0)
	s.start = s.state(set, flags)
}

// step computes one transition.
func (s *lookState) step(from uint32, class uint8, long bool) uint32 {
	row := s.row(from)
	if len(s.sets) > mostStates {
		// Too many: forget all but where we are.
		here := s.sets[row]
		flags := s.flags[row]
		s.reset()
		from = s.state(here, flags)
		row = s.row(from)
	}
	s.gen++
	var set []uint32
	var flags uint8
	for _, i := range s.sets[row] {
		if !s.look.accepts[i][class] {
			continue
		}
		set, flags = s.close(set, s.look.prog.Inst[i].Out, flags)
		if long {
			set, flags = s.close(set, i, flags) // the rune may go on
		}
	}
	next := uint32(lookDead)
	if len(set) > 0 || flags != 0 {
		if next = s.state(set, flags); s.flags[s.row(next)] != 0 {
			next |= lookFlagged
		}
	}
	s.next[int(from)+int(class)] = next
	return next
}

// close adds to a set what can be reached from an instruction without reading.
func (s *lookState) close(set []uint32, inst uint32, flags uint8) ([]uint32, uint8) {
	if s.mark[inst] == s.gen {
		return set, flags
	}
	s.mark[inst] = s.gen
	in := &s.look.prog.Inst[inst]
	switch in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		set, flags = s.close(set, in.Out, flags)
		return s.close(set, in.Arg, flags)
	case syntax.InstCapture, syntax.InstNop:
		return s.close(set, in.Out, flags)
	case syntax.InstEmptyWidth:
		if !s.look.back && syntax.EmptyOp(in.Arg)&syntax.EmptyEndText != 0 {
			// What follows the end of the text can only be other assertions.
			return set, flags | flagAtEnd
		}
		return s.close(set, in.Out, flags)
	case syntax.InstMatch:
		return set, flags | flagMatch
	case syntax.InstFail:
		return set, flags
	}
	return append(set, inst), flags
}

// state gives the number of a set of instructions.
func (s *lookState) state(set []uint32, flags uint8) uint32 {
	slices.Sort(set)
	s.key = append(s.key[:0], flags)
	for _, i := range set {
		s.key = binary.LittleEndian.AppendUint32(s.key, i)
	}
	if n, ok := s.index[string(s.key)]; ok {
		return n
	}
	n := uint32(len(s.next))
	s.index[string(s.key)] = n
	if slices.ContainsFunc(set, s.endless) {
		flags |= flagAlways
	}
	s.sets = append(s.sets, set)
	s.flags = append(s.flags, flags)
	s.next = append(s.next, make([]uint32, s.look.count)...)
	return n
}

// endless reports whether an instruction reads any byte and comes back to itself.
func (s *lookState) endless(inst uint32) bool {
	if slices.Contains(s.look.accepts[inst], false) {
		return false
	}
	for out, steps := s.look.prog.Inst[inst].Out, 0; steps < 4; steps++ {
		if out == inst {
			return true
		}
		in := &s.look.prog.Inst[out]
		switch in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			if in.Out == inst || in.Arg == inst {
				return true
			}
			return false
		case syntax.InstNop, syntax.InstCapture:
			out = in.Out
		default:
			return false
		}
	}
	return false
}
