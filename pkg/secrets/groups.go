package secrets

import "regexp/syntax"

// choice is where the search for groups can go on if what it tries fails: at an
// instruction and place or, with slot >= 0, by giving a slot its old value back.
type choice struct {
	inst uint32
	slot int
	at   int
}

// groupSteps bounds the search for groups, for each byte of the match.
const groupSteps = 200

// groups gives what regexp's FindStringSubmatchIndex gives. ok is false where it
// cannot tell, or where telling would cost too much.
//
// It tries, in the order of preference, one way through the expression after
// the other. That is slow at worst and fast on what has just matched.
func (s *exactState) groups(text string) (_ []int, ok bool) {
	if !s.ready() {
		return nil, false
	}
	for i := range len(text) {
		if text[i] >= 0x80 {
			return nil, false
		}
	}
	budget := groupSteps * (len(text) + 10)
	for start := 0; start <= len(text); start++ {
		end := s.try(text, start, &budget)
		if budget < 0 {
			return nil, false
		}
		if end >= 0 {
			s.slots[0], s.slots[1] = start, end
			return s.slots, true
		}
	}
	return nil, true
}

// try matches from one place. It gives the end of the match or -1.
func (s *exactState) try(text string, start int, budget *int) int {
	prog := s.x.prog
	if s.slots == nil {
		s.slots = make([]int, s.x.slots)
	}
	for i := range s.slots {
		s.slots[i] = -1
	}
	s.stack = append(s.stack[:0], choice{uint32(prog.Start), -1, start})
	for len(s.stack) > 0 {
		c := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		if c.slot >= 0 {
			s.slots[c.slot] = c.at
			continue
		}
		i, at := c.inst, c.at
	follow:
		for {
			if *budget--; *budget < 0 {
				return -1
			}
			inst := &prog.Inst[i]
			switch inst.Op {
			case syntax.InstAlt, syntax.InstAltMatch:
				s.stack = append(s.stack, choice{inst.Arg, -1, at})
			case syntax.InstNop:
			case syntax.InstCapture:
				if slot := int(inst.Arg); slot < len(s.slots) {
					s.stack = append(s.stack, choice{0, slot, s.slots[slot]})
					s.slots[slot] = at
				}
			case syntax.InstEmptyWidth:
				last, next := rune(-1), rune(-1)
				if at > 0 {
					last = rune(text[at-1])
				}
				if at < len(text) {
					next = rune(text[at])
				}
				if syntax.EmptyOp(inst.Arg)&^syntax.EmptyOpContext(last, next) != 0 {
					break follow
				}
			case syntax.InstMatch:
				return at
			case syntax.InstFail:
				break follow
			default:
				if at >= len(text) || !s.x.accepts[i][s.x.classes[text[at]]] {
					break follow
				}
				at++
			}
			i = inst.Out
		}
	}
	return -1
}
