package secrets

import (
	"regexp/syntax"
	"unicode/utf8"
)

// stepOp is what a step of a [program] does.
type stepOp uint8

const (
	stepSet    stepOp = iota // reads one byte of a set
	stepRun                  // reads from least to most bytes of a set, as many as it can
	stepLazy                 // the same, as few as it can
	stepSplit                // goes on behind it or, if that fails, elsewhere
	stepSkip                 // goes on elsewhere or, if that fails, behind it
	stepJump                 // goes on elsewhere
	stepSave                 // keeps the place in a slot
	stepAssert               // asks what stands beside the place
	stepMatch
)

// step is a step of a [program].
type step struct {
	op          stepOp
	set         byteSet
	least, most int // of a run; most is very large without bound
	to          int // step; or slot
	flags       syntax.EmptyOp

	// What can stand where the program goes on behind the step, and elsewhere: of a fork, or of a run. All bytes
	// that are not ASCII are in it, as only the steps themselves know what to do with them.
	behind, elsewhere first
}

// first is what a part of a program can begin with.
type first struct {
	set byteSet
	any bool // it may match nothing, so that all may stand there, or nothing
}

// may reports whether a part can match where a byte stands.
func (f *first) may(b byte) bool { return f.any || f.set.has(b) }

// program is an expression for ASCII as steps that are tried in the order of preference.
// Repetitions of one byte, of which most expressions for secrets are made, are one step each.
type program []step

// The bounds of a program. An expression beyond them is for package regexp.
const (
	mostSteps = 1 << 12
	unbounded = 1 << 30
)

// add appends the steps of an expression. It reports whether there is room.
func (p *program) add(re *syntax.Regexp) bool {
	if len(*p) > mostSteps {
		return false
	}
	if set := asciiSet(re); set != nil {
		*p = append(*p, step{op: stepSet, set: *set})
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
		*p = append(*p, step{op: stepSave, to: 2 * re.Cap})
		ok := p.add(re.Sub[0])
		*p = append(*p, step{op: stepSave, to: 2*re.Cap + 1})
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
	*p = append(*p, step{op: stepAssert, flags: flags})
	return ok
}

var assertions = map[syntax.Op]syntax.EmptyOp{
	syntax.OpBeginLine: syntax.EmptyBeginLine, syntax.OpEndLine: syntax.EmptyEndLine,
	syntax.OpBeginText: syntax.EmptyBeginText, syntax.OpEndText: syntax.EmptyEndText,
	syntax.OpWordBoundary: syntax.EmptyWordBoundary, syntax.OpNoWordBoundary: syntax.EmptyNoWordBoundary,
}

func (p *program) alternate(subs []*syntax.Regexp) bool {
	var jumps []int
	for i, sub := range subs {
		split := len(*p)
		if i < len(subs)-1 {
			*p = append(*p, step{op: stepSplit})
		}
		if !p.add(sub) {
			return false
		}
		if i < len(subs)-1 {
			jumps = append(jumps, len(*p))
			*p = append(*p, step{op: stepJump})
			(*p)[split].to = len(*p)
		}
	}
	for _, j := range jumps {
		(*p)[j].to = len(*p)
	}
	return true
}

func (p *program) repeat(re *syntax.Regexp, least, most int) bool {
	sub, lazy := re.Sub[0], re.Flags&syntax.NonGreedy != 0
	if set := asciiSet(sub); set != nil {
		op := stepRun
		if lazy {
			op = stepLazy
		}
		*p = append(*p, step{op: op, set: *set, least: least, most: most})
		return true
	}
	fork := stepSplit
	if lazy {
		fork = stepSkip
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
		*p = append(*p, step{op: fork})
		ok := p.add(sub)
		*p = append(*p, step{op: stepJump, to: split})
		(*p)[split].to = len(*p)
		return ok
	}
	var splits []int
	for range most - least {
		splits = append(splits, len(*p))
		*p = append(*p, step{op: fork})
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

// finish ends a program, and looks ahead for its forks and runs.
func (p program) finish() program {
	p = append(p, step{op: stepMatch})
	known := make([]*first, len(p))
	for i := range p {
		switch p[i].op {
		case stepSplit, stepSkip:
			p[i].behind, p[i].elsewhere = p.first(i+1, known), p.first(p[i].to, known)
		case stepRun, stepLazy:
			p[i].behind = p.first(i+1, known)
		}
	}
	return p
}

// first gives what the program can begin with from a step on.
func (p program) first(i int, known []*first) first {
	if known[i] != nil {
		return *known[i]
	}
	known[i] = &first{any: true} // in a circle
	var f first
	switch s := &p[i]; s.op {
	case stepSet:
		f.set = s.set
	case stepRun, stepLazy:
		if s.least == 0 {
			f = p.first(i+1, known)
		}
		f.set = f.set.union(&s.set)
	case stepSplit, stepSkip:
		a, b := p.first(i+1, known), p.first(s.to, known)
		f = first{a.set.union(&b.set), a.any || b.any}
	case stepJump:
		f = p.first(s.to, known)
	case stepSave, stepAssert:
		f = p.first(i+1, known)
	case stepMatch:
		f.any = true
	}
	f.set.addRange(utf8.RuneSelf, 0xff)
	known[i] = &f
	return f
}
