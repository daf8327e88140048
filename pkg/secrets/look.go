package secrets

import (
	"regexp/syntax"
	"slices"
	"sync"
	"unicode/utf8"
)

// A look is the part of an expression before or after a run, as a test that a
// run must pass before the expression itself is tried. It may let pass what the
// expression refuses, never the reverse: word boundaries and beginnings of lines
// count as true, long bounded repetitions as unbounded, and a byte of a longer rune
// may stand for any rune of its class.
type look struct {
	re       *syntax.Regexp // without groups; reversed if back
	back     bool           // reads from the run towards the start of the text
	min, max int            // bytes that it matches; max is -1 without bound

	once    sync.Once
	prog    *syntax.Prog
	classes [256]uint8 // bytes that no instruction tells apart
	binary  [256]uint8 // the same for binary texts, in which what is not printable ends a line
	count   int        // of classes
	accepts [][]bool   // by instruction and class
}

func newLook(re *syntax.Regexp, back bool) *look {
	l := &look{back: back}
	l.min, l.max = lengths(re)
	l.re = relax(re, back)
	return l
}

// trivial reports whether the look is passed wherever the run stands.
func (l *look) trivial() bool { return l.min == 0 && l.max >= 0 }

// mostDiffer is the largest difference between the bounds of a repetition that
// is counted.
const mostDiffer = 64

// relax copies an expression without groups, with long repetitions unbounded, and
// back to front if asked.
func relax(re *syntax.Regexp, back bool) *syntax.Regexp {
	if re.Op == syntax.OpCapture {
		return relax(re.Sub[0], back)
	}
	out := *re
	out.Sub = nil
	out.Rune = re.Rune
	for _, sub := range re.Sub {
		out.Sub = append(out.Sub, relax(sub, back))
	}
	switch {
	case re.Op == syntax.OpRepeat && re.Max-re.Min > mostDiffer:
		out.Max = -1
	case re.Op == syntax.OpLiteral && back:
		out.Rune = slices.Clone(re.Rune)
		slices.Reverse(out.Rune)
	case re.Op == syntax.OpConcat && back:
		slices.Reverse(out.Sub)
	}
	return &out
}

// lengths gives how many bytes an expression matches at least and at most.
func lengths(re *syntax.Regexp) (least, most int) {
	add := func(a, b int) int {
		if a < 0 || b < 0 {
			return -1
		}
		return a + b
	}
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			n := utf8.RuneLen(r)
			least += n
			if re.Flags&syntax.FoldCase != 0 {
				n = utf8.UTFMax
			}
			most += n
		}
		return least, most
	case syntax.OpCharClass:
		if len(re.Rune) == 0 {
			return 0, 0
		}
		return 1, max(1, utf8.RuneLen(re.Rune[len(re.Rune)-1]))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1, utf8.UTFMax
	case syntax.OpCapture:
		return lengths(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			a, b := lengths(sub)
			least, most = least+a, add(most, b)
		}
		return least, most
	case syntax.OpAlternate:
		for i, sub := range re.Sub {
			a, b := lengths(sub)
			if i == 0 {
				least, most = a, b
				continue
			}
			least = min(least, a)
			if most >= 0 && b >= 0 {
				most = max(most, b)
			} else {
				most = -1
			}
		}
		return least, most
	case syntax.OpStar:
		return 0, -1
	case syntax.OpPlus:
		a, _ := lengths(re.Sub[0])
		return a, -1
	case syntax.OpQuest:
		_, b := lengths(re.Sub[0])
		return 0, b
	case syntax.OpRepeat:
		a, b := lengths(re.Sub[0])
		if re.Max < 0 || b < 0 {
			return a * re.Min, -1
		}
		return a * re.Min, b * re.Max
	}
	return 0, 0 // assertions and the empty match
}

// compile turns the expression into instructions and sorts bytes into classes.
func (l *look) compile() {
	prog, err := syntax.Compile(l.re.Simplify())
	if err != nil {
		// It came from an expression that compiles; a look that cannot be
		// built lets everything pass.
		prog = &syntax.Prog{Inst: []syntax.Inst{{Op: syntax.InstMatch}}}
	}
	l.prog = prog
	members := make([]byteSet, len(prog.Inst))
	known := map[*rune]byteSet{}
	for i := range prog.Inst {
		inst := &prog.Inst[i]
		switch inst.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			var key *rune
			if len(inst.Rune) > 0 {
				key = &inst.Rune[0]
			}
			set, ok := known[key]
			if !ok || key == nil {
				set = instructionSet(inst)
				known[key] = set
			}
			members[i] = set
		}
	}
	signatures := map[string]uint8{}
	var distinct []byteSet
	seen := map[byteSet]bool{}
	for _, m := range members {
		if !seen[m] {
			seen[m] = true
			distinct = append(distinct, m)
		}
	}
	signature := make([]byte, len(distinct))
	for b := range 256 {
		for i := range distinct {
			signature[i] = '0'
			if distinct[i].has(byte(b)) {
				signature[i] = '1'
			}
		}
		class, ok := signatures[string(signature)]
		if !ok {
			class = uint8(len(signatures))
			signatures[string(signature)] = class
		}
		l.classes[b] = class
	}
	for b, c := range printable {
		l.binary[b] = l.classes[c]
	}
	l.count = len(signatures)
	l.accepts = make([][]bool, len(prog.Inst))
	for i := range members {
		accepts := make([]bool, l.count)
		for b := range 256 {
			if members[i].has(byte(b)) {
				accepts[l.classes[b]] = true
			}
		}
		l.accepts[i] = accepts
	}
}

// instructionSet gives the bytes that an instruction may read. All bytes of
// longer runes are alike.
func instructionSet(inst *syntax.Inst) byteSet {
	var set byteSet
	for r := rune(0); r < 0x80; r++ {
		if inst.MatchRune(r) {
			set.add(byte(r))
		}
	}
	long := inst.Op != syntax.InstRune && inst.Op != syntax.InstRune1
	for i := 0; i < len(inst.Rune); i += 2 {
		lo, hi := inst.Rune[i], inst.Rune[min(i+1, len(inst.Rune)-1)]
		long = long || hi >= 0x80 && (lo != hi || !oddFold(lo))
	}
	if long {
		set.addRange(0x80, 0xff)
	}
	return set
}
