package secrets

import (
	"encoding/binary"
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
const mostDiffer = 32

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
		long = long || hi >= 0x80 && !(lo == hi && oddFold(lo))
	}
	if long {
		set.addRange(0x80, 0xff)
	}
	return set
}

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
	mostStates = 4096
)

// run reads the text from pos, at most limit bytes, until nothing can match any
// more. It tells whether the look matched anywhere and how far it read: no
// match reaches further. atEdge says that the text ends where the slice does.
func (s *lookState) run(text []byte, pos, limit int, atEdge bool) (ok bool, read int) {
	l := s.look
	if s.next == nil {
		l.once.Do(l.compile)
		s.reset()
	}
	state := s.start
	for {
		flags := s.flags[state]
		if flags&flagMatch != 0 {
			ok = true
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
		class := l.classes[b]
		next := s.next[int(state)*l.count+int(class)]
		if next == 0 {
			next = s.step(state, class, b >= 0x80)
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
	s.sets = append(s.sets, set)
	s.flags = append(s.flags, flags)
	s.next = append(s.next, make([]int32, s.look.count)...)
	return n
}
