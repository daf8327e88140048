package secrets

import (
	"regexp/syntax"
	"unicode/utf8"
)

// choice is where the search for groups can go on if what it tries fails.
type choice struct {
	kind choiceKind
	step int // that is tried next, or a slot
	at   int // place, or value of the slot
	left int // places behind this one, or before it, that may be tried after it
}

type choiceKind uint8

const (
	chooseStep    choiceKind = iota
	chooseSlot               // a slot gets its old value back
	chooseShorter            // a run is given up byte by byte
	chooseLonger             // a run takes another byte
)

// groupSteps bounds the search for groups, for each byte of the match.
const groupSteps = 200

// groups gives what regexp's FindStringSubmatchIndex gives. ok is false where it
// cannot tell, or where telling would cost too much.
func (s *exactState) groups(text string) (_ []int, ok bool) {
	if !s.ready() || s.x.program == nil {
		return nil, false
	}
	budget := groupSteps * (len(text) + 10)
	for start := 0; start <= len(text); start++ {
		end, ok := try(s, text, start, &budget)
		if !ok {
			return nil, false
		}
		if end >= 0 {
			s.slots[0], s.slots[1] = start, end
			return s.slots, true
		}
	}
	return nil, true
}

// try matches from one place. It gives the end of the match or -1, and sets the slots. ok is false where it came upon what
// is not ASCII, or has no budget left.
//
// It tries, in the order of preference, one way through the expression after
// the other. That is slow at worst and fast on what matches, as most does that has passed the looks.
func try[T string | []byte](s *exactState, text T, start int, budget *int) (end int, ok bool) {
	program := s.x.program
	for i := range s.slots {
		s.slots[i] = -1
	}
	s.stack = append(s.stack[:0], choice{chooseStep, 0, start, 0})
	stack := s.stack
	left := *budget
	end = -1
	for end < 0 && len(stack) > 0 && left >= 0 {
		c := &stack[len(stack)-1]
		next, at := c.step, c.at
		switch c.kind {
		case chooseSlot:
			s.slots[next] = at
			stack = stack[:len(stack)-1]
			continue
		case chooseStep:
			stack = stack[:len(stack)-1]
		case chooseShorter: // at the first place from the end where what follows may begin
			behind, least := &program[next-1].behind, at-c.left
			from := at
			for at >= least && !behind.may(text[at]) {
				at--
			}
			left -= (from - at) / 8
			if c.at, c.left = at-1, at-1-least; c.left < 0 {
				stack = stack[:len(stack)-1]
			}
			if at < least {
				continue
			}
		case chooseLonger: // to the next place where what follows may begin
			in := &program[next]
			from, most := at, min(len(text), at+c.left)
			for at < most && in.set.has(text[at]) {
				if at++; at == len(text) || in.behind.may(text[at]) {
					break
				}
			}
			left -= (at - from) / 8
			if at == from || at < len(text) && !in.behind.may(text[at]) {
				if at < most && text[at] >= utf8.RuneSelf {
					return -1, false
				}
				stack = stack[:len(stack)-1]
				continue
			}
			if c.left -= at - from; c.left == 0 {
				stack = stack[:len(stack)-1]
			}
			c.at = at
			next++
		}
	follow:
		for ; left >= 0; left-- {
			in := &program[next]
			next++
			switch in.op {
			case stepSet:
				if at >= len(text) {
					break follow
				}
				if !in.set.has(text[at]) {
					if text[at] >= utf8.RuneSelf {
						return -1, false
					}
					break follow
				}
				at++
			case stepRun:
				from := at
				for most := min(len(text), at+in.most); at < most; at++ {
					if !in.set.has(text[at]) {
						if text[at] >= utf8.RuneSelf {
							return -1, false
						}
						break
					}
				}
				left -= (at - from) / 8
				if at-from < in.least {
					break follow
				}
				if at-from > in.least {
					stack = append(stack, choice{chooseShorter, next, at - 1, at - from - in.least - 1})
				}
			case stepLazy:
				from := at
				for at-from < in.least {
					if at >= len(text) {
						break follow
					}
					if !in.set.has(text[at]) {
						if text[at] >= utf8.RuneSelf {
							return -1, false
						}
						break follow
					}
					at++
				}
				left -= (at - from) / 8
				if in.most > in.least {
					stack = append(stack, choice{chooseLonger, next - 1, at, in.most - in.least})
				}
			case stepSplit, stepSkip:
				behind, elsewhere := in.behind.any, in.elsewhere.any
				if at < len(text) {
					behind, elsewhere = in.behind.may(text[at]), in.elsewhere.may(text[at])
				}
				switch {
				case !behind && !elsewhere:
					break follow
				case !behind:
					next = in.to
				case elsewhere && in.op == stepSplit:
					stack = append(stack, choice{chooseStep, in.to, at, 0})
				case elsewhere:
					stack = append(stack, choice{chooseStep, next, at, 0})
					next = in.to
				}
			case stepJump:
				next = in.to
			case stepSave:
				stack = append(stack, choice{chooseSlot, in.to, s.slots[in.to], 0})
				s.slots[in.to] = at
			case stepAssert:
				before, after := rune(-1), rune(-1)
				if at > 0 {
					before = rune(text[at-1])
				}
				if at < len(text) {
					after = rune(text[at])
				}
				if in.flags&^syntax.EmptyOpContext(before, after) != 0 {
					break follow
				}
			case stepMatch:
				end = at
				break follow
			}
		}
	}
	s.stack, *budget = stack, left
	return end, left >= 0
}
