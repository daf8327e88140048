package secrets

import (
	"regexp/syntax"
	"unicode/utf8"
)

// groupOp is what a step of a [groupProgram] does.
type groupOp uint8

const (
	groupSet    groupOp = iota // reads one byte of a set
	groupRun                   // reads from least to most bytes of a set, as many as it can
	groupLazy                  // the same, as few as it can
	groupSplit                 // goes on behind it or, if that fails, elsewhere
	groupSkip                  // goes on elsewhere or, if that fails, behind it
	groupJump                  // goes on elsewhere
	groupSave                  // keeps the place in a slot
	groupAssert                // asks what stands beside the place
	groupMatch
)

// groupStep is a step of the search for groups.
type groupStep struct {
	op          groupOp
	set         byteSet
	least, most int // of a run; most is very large without bound
	to          int // step; or slot
	flags       syntax.EmptyOp
}

// groupProgram is an expression for ASCII as steps that are tried in the order of preference.
// Repetitions of one byte, of which most expressions for secrets are made, are one step each.
type groupProgram []groupStep

// The bounds of a program. An expression beyond them is for package regexp.
const (
	mostGroupSteps = 1 << 12
	unbounded      = 1 << 30
)

// add appends the steps of an expression. It reports whether there is room.
func (p *groupProgram) add(re *syntax.Regexp) bool {
	if len(*p) > mostGroupSteps {
		return false
	}
	if set := asciiSet(re); set != nil {
		*p = append(*p, groupStep{op: groupSet, set: *set})
		return true
	}
	switch re.Op {
	case syntax.OpEmptyMatch:
		return true
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if !p.add(&syntax.Regexp{Op: syntax.OpLiteral, Flags: re.Flags, Rune: []rune{r}}) {
				return false
			}
		}
		return true
	case syntax.OpCapture:
		*p = append(*p, groupStep{op: groupSave, to: 2 * re.Cap})
		ok := p.add(re.Sub[0])
		*p = append(*p, groupStep{op: groupSave, to: 2*re.Cap + 1})
		return ok
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if !p.add(sub) {
				return false
			}
		}
		return true
	case syntax.OpAlternate:
		return p.alternate(re.Sub)
	case syntax.OpStar:
		return p.repeat(re, 0, unbounded)
	case syntax.OpPlus:
		return p.repeat(re, 1, unbounded)
	case syntax.OpQuest:
		return p.repeat(re, 0, 1)
	case syntax.OpRepeat:
		if re.Max < 0 {
			return p.repeat(re, re.Min, unbounded)
		}
		return p.repeat(re, re.Min, re.Max)
	}
	flags, ok := assertions[re.Op]
	*p = append(*p, groupStep{op: groupAssert, flags: flags})
	return ok
}

var assertions = map[syntax.Op]syntax.EmptyOp{
	syntax.OpBeginLine: syntax.EmptyBeginLine, syntax.OpEndLine: syntax.EmptyEndLine,
	syntax.OpBeginText: syntax.EmptyBeginText, syntax.OpEndText: syntax.EmptyEndText,
	syntax.OpWordBoundary: syntax.EmptyWordBoundary, syntax.OpNoWordBoundary: syntax.EmptyNoWordBoundary,
}

func (p *groupProgram) alternate(subs []*syntax.Regexp) bool {
	var jumps []int
	for i, sub := range subs {
		split := len(*p)
		if i < len(subs)-1 {
			*p = append(*p, groupStep{op: groupSplit})
		}
		if !p.add(sub) {
			return false
		}
		if i < len(subs)-1 {
			jumps = append(jumps, len(*p))
			*p = append(*p, groupStep{op: groupJump})
			(*p)[split].to = len(*p)
		}
	}
	for _, j := range jumps {
		(*p)[j].to = len(*p)
	}
	return true
}

func (p *groupProgram) repeat(re *syntax.Regexp, least, most int) bool {
	sub, lazy := re.Sub[0], re.Flags&syntax.NonGreedy != 0
	if set := asciiSet(sub); set != nil {
		op := groupRun
		if lazy {
			op = groupLazy
		}
		*p = append(*p, groupStep{op: op, set: *set, least: least, most: most})
		return true
	}
	fork := groupSplit
	if lazy {
		fork = groupSkip
	}
	if n, _ := lengths(sub); n == 0 { // package regexp has rules of its own for empty rounds
		return false
	}
	for range least {
		if !p.add(sub) {
			return false
		}
	}
	if most == unbounded {
		split := len(*p)
		*p = append(*p, groupStep{op: fork})
		ok := p.add(sub)
		*p = append(*p, groupStep{op: groupJump, to: split})
		(*p)[split].to = len(*p)
		return ok
	}
	var splits []int
	for range most - least {
		splits = append(splits, len(*p))
		*p = append(*p, groupStep{op: fork})
		if !p.add(sub) {
			return false
		}
	}
	for _, split := range splits {
		(*p)[split].to = len(*p)
	}
	return true
}

// asciiSet gives the bytes of ASCII that an expression matches, if it matches one rune, always.
func asciiSet(re *syntax.Regexp) *byteSet {
	var inst syntax.Inst
	switch {
	case re.Op == syntax.OpLiteral && len(re.Rune) == 1:
		inst = syntax.Inst{Op: syntax.InstRune, Arg: uint32(re.Flags & syntax.FoldCase), Rune: re.Rune}
	case re.Op == syntax.OpCharClass:
		inst = syntax.Inst{Op: syntax.InstRune, Rune: re.Rune}
		if len(re.Rune) == 0 {
			return &byteSet{}
		}
	case re.Op == syntax.OpAnyChar:
		inst.Op = syntax.InstRuneAny
	case re.Op == syntax.OpAnyCharNotNL:
		inst.Op = syntax.InstRuneAnyNotNL
	default:
		return nil
	}
	var set byteSet
	for r := range rune(utf8.RuneSelf) {
		if inst.Op == syntax.InstRuneAny || inst.Op == syntax.InstRuneAnyNotNL && r != '\n' || inst.Op == syntax.InstRune && inst.MatchRune(r) {
			set.add(byte(r))
		}
	}
	return &set
}

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
//
// It tries, in the order of preference, one way through the expression after
// the other. That is slow at worst and fast on what has just matched.
func (s *exactState) groups(text string) (_ []int, ok bool) {
	if !s.ready() || s.x.groups == nil {
		return nil, false
	}
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return nil, false
		}
	}
	if s.slots == nil {
		s.slots = make([]int, s.x.slots)
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
func (s *exactState) try(text string, start int, budget *int) (end int) {
	program := s.x.groups
	for i := range s.slots {
		s.slots[i] = -1
	}
	stack := append(s.stack[:0], choice{chooseStep, 0, start, 0})
	for end = -1; end < 0 && len(stack) > 0 && *budget >= 0; {
		c := &stack[len(stack)-1]
		step, at := c.step, c.at
		done := c.left == 0
		switch c.kind {
		case chooseSlot:
			s.slots[step] = at
			stack = stack[:len(stack)-1]
			continue
		case chooseShorter:
			c.at, c.left = at-1, c.left-1
		case chooseLonger:
			if at >= len(text) || !program[step].set.has(text[at]) {
				stack = stack[:len(stack)-1]
				continue
			}
			at++
			step++
			c.at, c.left = at, c.left-1
		}
		if done {
			stack = stack[:len(stack)-1]
		}
	follow:
		for ; *budget >= 0; *budget-- {
			in := &program[step]
			step++
			switch in.op {
			case groupSet:
				if at >= len(text) || !in.set.has(text[at]) {
					break follow
				}
				at++
			case groupRun, groupLazy:
				from, most := at, in.most
				if in.op == groupLazy {
					most = in.least
				}
				for most = min(len(text), at+most); at < most && in.set.has(text[at]); {
					at++
				}
				*budget -= (at - from) / 8
				if at-from < in.least {
					break follow
				}
				if in.op == groupLazy && in.most > in.least {
					stack = append(stack, choice{chooseLonger, step - 1, at, in.most - in.least - 1})
				} else if in.op == groupRun && at-from > in.least {
					stack = append(stack, choice{chooseShorter, step, at - 1, at - from - in.least - 1})
				}
			case groupSplit:
				stack = append(stack, choice{chooseStep, in.to, at, 0})
			case groupSkip:
				stack = append(stack, choice{chooseStep, step, at, 0})
				step = in.to
			case groupJump:
				step = in.to
			case groupSave:
				stack = append(stack, choice{chooseSlot, in.to, s.slots[in.to], 0})
				s.slots[in.to] = at
			case groupAssert:
				last, next := rune(-1), rune(-1)
				if at > 0 {
					last = rune(text[at-1])
				}
				if at < len(text) {
					next = rune(text[at])
				}
				if in.flags&^syntax.EmptyOpContext(last, next) != 0 {
					break follow
				}
			case groupMatch:
				end = at
				break follow
			}
		}
	}
	s.stack = stack
	return end
}
