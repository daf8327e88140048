package secrets

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
)

// lookState is a look's automaton as far as one worker has needed it: its states
// are sets of instructions, and a transition is computed when it is first taken.
type lookState struct {
	look  *look
	next  []int32 // by state and class; 0 is not known yet
	sets  [][]uint32
	flags []uint8
	index map[string]int32
	mark  []uint32 // of instructions: the generation that has seen them
	gen   uint32
	key   []byte
	start int32
}

const (
	deadState  = 1 // nothing can match any more
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
	state := s.start
	for {
		flags := s.flags[state]
		if flags&flagMatch != 0 {
			ok = true
		}
		if ok && flags&flagAlways != 0 { // nothing is left to learn
			if l.back {
				return true, min(limit, pos)
			}
			return true, min(limit, len(text)-pos)
		}
		var b byte
		if l.back {
			if pos-read-1 < 0 {
				return ok || flags&flagAtEnd != 0, read
			}
			b = text[pos-read-1]
		} else {
			if pos+read >= len(text) {
				return ok || flags&flagAtEnd != 0 || !atEdge, read
			}
			b = text[pos+read]
		}
		if read == limit {
			return ok, read
		}
		class := classes[b]
		next := s.next[int(state)*l.count+int(class)]
		if next == 0 {
			next = s.step(state, class, b >= 0x80 && !t.binary)
		}
		if next == deadState {
			return ok, read
		}
		state = next
		read++
	}
}

func (s *lookState) reset() {
	s.next = make([]int32, 2*s.look.count, 64*s.look.count)
	s.sets = make([][]uint32, 2, 64)
	s.flags = make([]uint8, 2, 64)
	s.index = map[string]int32{}
	s.mark = make([]uint32, len(s.look.prog.Inst))
	s.gen = 1
	set, flags := s.close(nil, uint32(s.look.prog.Start), 0)
	s.start = s.state(set, flags)
}

// step computes one transition.
func (s *lookState) step(from int32, class uint8, long bool) int32 {
	if len(s.sets) > mostStates {
		// Too many: forget all but where we are.
		here := s.sets[from]
		flags := s.flags[from]
		s.reset()
		from = s.state(here, flags)
	}
	s.gen++
	var set []uint32
	var flags uint8
	for _, i := range s.sets[from] {
		if !s.look.accepts[i][class] {
			continue
		}
		set, flags = s.close(set, s.look.prog.Inst[i].Out, flags)
		if long {
			set, flags = s.close(set, i, flags) // the rune may go on
		}
	}
	next := int32(deadState)
	if len(set) > 0 || flags != 0 {
		next = s.state(set, flags)
	}
	s.next[int(from)*s.look.count+int(class)] = next
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
func (s *lookState) state(set []uint32, flags uint8) int32 {
	slices.Sort(set)
	s.key = append(s.key[:0], flags)
	for _, i := range set {
		s.key = binary.LittleEndian.AppendUint32(s.key, i)
	}
	if n, ok := s.index[string(s.key)]; ok {
		return n
	}
	n := int32(len(s.sets))
	s.index[string(s.key)] = n
	if slices.ContainsFunc(set, s.endless) {
		flags |= flagAlways
	}
	s.sets = append(s.sets, set)
	s.flags = append(s.flags, flags)
	s.next = append(s.next, make([]int32, s.look.count)...)
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
