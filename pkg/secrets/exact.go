package secrets

import (
	"encoding/binary"
	"regexp/syntax"
	"sync"
	"unicode/utf8"
)

// exact is an expression as an automaton that gives just what package regexp
// gives, for ASCII. It is immutable; workers build its states in an exactState as
// far as they need them.
type exact struct {
	source   func() string
	anywhere bool // only whether there is a match in a text, wherever it begins

	once    sync.Once
	prog    *syntax.Prog
	classes [256]uint8 // the last is that of all bytes that are not ASCII
	slots   int        // that groups need
	program program    // nil if it has too many steps
	members []byte     // one byte of each class
	accepts [][]bool   // by instruction and class; nil for those that read nothing
}

// newExact takes what gives the expression: writing one out takes time, and most are never asked.
func newExact(source func() string, anywhere bool) *exact {
	return &exact{source: source, anywhere: anywhere}
}

// compile sorts bytes into classes that no instruction and no assertion tells
// apart. An expression that fails to compile leaves prog nil.
func (x *exact) compile() {
	re, err := syntax.Parse(x.source(), syntax.Perl)
	if err != nil {
		return
	}
	if x.slots = 2 * (re.MaxCap() + 1); !x.anywhere && x.program.add(re) {
		x.program = x.program.finish()
	} else {
		x.program = nil
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return
	}
	sets := map[string][]bool{} // by the runes of an instruction
	reads := make([][]bool, len(prog.Inst))
	var distinct [][]bool
	for i := range prog.Inst {
		inst := &prog.Inst[i]
		switch inst.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			key := string(rune(inst.Op)) + string(rune(inst.Arg)) + string(inst.Rune)
			set := sets[key]
			if set == nil {
				set = make([]bool, 128)
				for b := range set {
					set[b] = inst.MatchRune(rune(b))
				}
				sets[key] = set
				distinct = append(distinct, set)
			}
			reads[i] = set
		}
	}
	index := map[string]uint8{}
	signature := make([]byte, len(distinct)+1)
	for b := range 128 {
		for i, set := range distinct {
			signature[i] = '0'
			if set[b] {
				signature[i] = '1'
			}
		}
		signature[len(distinct)] = before(byte(b))
		class, ok := index[string(signature)]
		if !ok {
			class = uint8(len(x.members))
			index[string(signature)] = class
			x.members = append(x.members, byte(b))
		}
		x.classes[b] = class
	}
	for b := utf8.RuneSelf; b < len(x.classes); b++ {
		x.classes[b] = uint8(len(x.members) + 1)
	}
	x.accepts = make([][]bool, len(prog.Inst))
	for i, set := range reads {
		if set == nil {
			continue
		}
		x.accepts[i] = make([]bool, len(x.members))
		for class, b := range x.members {
			x.accepts[i][class] = set[b]
		}
	}
	x.prog = prog
}

// What stands before a place, as far as assertions ask.
const (
	beforeStart = iota
	beforeWord
	beforeNewline
	beforeOther
)

func before(b byte) byte {
	switch {
	case b == '\n':
		return beforeNewline
	case syntax.IsWordChar(rune(b)):
		return beforeWord
	}
	return beforeOther
}

// exactState is an automaton as far as one worker has built it. A state is a
// list of instructions in the order in which the expression prefers them, not yet
// past assertions, and what stood before. Its number is where its row in the table begins.
type exactState struct {
	x       *exact
	next    []uint32   // by state and class, the last but one being the end of the text
	lists   [][]uint32 // by row
	befores []byte
	index   map[string]uint32
	starts  [4]uint32
	mark    []uint32
	gen     uint32
	list    []uint32
	key     []byte
	slots   []int // for groups
	stack   []choice
	vain    int // steps that tries have cost beyond what they found: with too many the automaton is faster
}

// What the table holds beside the numbers of states.
const (
	exactUnknown = 0       // nobody has asked yet
	exactDead    = 1       // the state without instructions
	exactForeign = 2       // what was read is not ASCII
	exactFirst   = 3       // states from here on; so many rows are not used
	exactMatch   = 1 << 30 // added to a state: the text up to here matches
)

const (
	exactStates = 1 << 13
	findSteps   = 400 // for each byte, before package regexp takes over
	triedSteps  = 16  // for each byte, before the automaton does
	mostInVain  = 1 << 12
)

// ready builds what the first use needs, and reports whether there is an automaton.
func (s *exactState) ready() bool {
	if s.next != nil {
		return true
	}
	s.x.once.Do(s.x.compile)
	if s.x.prog == nil {
		return false
	}
	s.reset()
	return true
}

func (s *exactState) width() int { return len(s.x.members) + 2 }

func (s *exactState) reset() {
	s.next = append(s.next[:0], make([]uint32, exactFirst*s.width())...)
	s.lists = append(s.lists[:0], make([][]uint32, exactFirst)...)
	s.befores = append(s.befores[:0], make([]byte, exactFirst)...)
	s.index = map[string]uint32{}
	s.starts = [4]uint32{}
	if s.mark == nil {
		s.mark, s.slots = make([]uint32, len(s.x.prog.Inst)), make([]int, s.x.slots)
	}
}

// begin gives the state at a place with nothing read yet.
func (s *exactState) begin(what byte) uint32 {
	if s.starts[what] == 0 {
		s.gen++
		s.list = s.follow(s.list[:0], uint32(s.x.prog.Start), 0, false)
		s.starts[what] = s.state(what)
	}
	return s.starts[what]
}

// longest gives the end of the match that begins at a place, or -1, and how
// many bytes it read. ok is false where the text is not ASCII.
func (s *exactState) longest(text []byte, from int) (end, read int, ok bool) {
	what := byte(beforeStart)
	if from > 0 {
		if text[from-1] >= 0x80 {
			return 0, 0, false
		}
		what = before(text[from-1])
	}
	state, next, classes := s.begin(what), s.next, &s.x.classes
	end = -1
	i := from
	for ; i < len(text); i++ {
		class := classes[text[i]]
		to := next[state+uint32(class)]
		if to-exactFirst < exactMatch-exactFirst {
			state = to
			continue
		}
		if to == exactUnknown {
			to = s.step(state, int(class))
			next = s.next
		}
		if to == exactForeign {
			return 0, 0, false
		}
		if to&exactMatch != 0 {
			end = i
		}
		if state = to &^ exactMatch; state == exactDead {
			return end, i - from, true
		}
	}
	if s.atEnd(state) {
		end = i
	}
	return end, i - from, true
}

// findAll gives all matches that begin in one of some stretches, in ascending order, as regexp's
// FindAllIndex does; base is the place of the text that the stretches count from. ok is false where it
// cannot tell, or where telling would cost too much.
func (s *exactState) findAll(text []byte, base int, starts []places, out [][2]int) (_ [][2]int, ok bool) {
	if !s.ready() {
		return nil, false
	}
	budget := findSteps*len(text) + 1<<12
	tries := triedSteps*len(text) + 1<<10
	direct := s.x.program != nil && s.vain < mostInVain
	from := 0
	for _, at := range starts {
		for from = max(from, at.from-base); from <= at.to-base && from < len(text); {
			end, read, ok := -1, 0, false
			if direct && tries > 0 {
				before := tries
				if end, ok = try(s, text, from, &tries); end < 0 {
					s.vain += before - tries
				} else {
					s.vain = max(0, s.vain-(end-from))
				}
			}
			if !ok {
				end, read, ok = s.longest(text, from)
			}
			if budget -= read; read > 1<<10 && end < 0 {
				budget -= 15 * read // far in vain: it will be so again
			}
			if !ok || budget < 0 {
				return nil, false
			}
			if end <= from { // no rule matches the empty text in earnest
				if end == from {
					return nil, false
				}
				from++
				continue
			}
			out = append(out, [2]int{from, end})
			from = end
		}
	}
	return out, true
}

// contains reports whether a text has a match at its beginning or, if the automaton is for that, anywhere.
func contains[T string | []byte](s *exactState, text T) (found, ok bool) {
	if !s.ready() {
		return false, false
	}
	state, next, classes := s.begin(beforeStart), s.next, &s.x.classes
	for i := range len(text) {
		class := classes[text[i]]
		to := next[state+uint32(class)]
		if to-exactFirst < exactMatch-exactFirst {
			state = to
			continue
		}
		if to == exactUnknown {
			to = s.step(state, int(class))
			next = s.next
		}
		switch {
		case to == exactForeign:
			return false, false
		case to&exactMatch != 0:
			return true, true
		case to == exactDead:
			return false, true
		}
		state = to
	}
	return s.atEnd(state), true
}

func (s *exactState) atEnd(state uint32) bool {
	if state == exactDead {
		return false
	}
	class := len(s.x.members)
	to := s.next[int(state)+class]
	if to == exactUnknown {
		to = s.step(state, class)
	}
	return to&exactMatch != 0
}

// step computes one transition: it resolves the assertions of a state between
// what stood before and what comes, and reads what comes.
func (s *exactState) step(from uint32, class int) uint32 {
	row := int(from) / s.width()
	list, what := s.lists[row], s.befores[row]
	if len(s.lists) > exactStates {
		s.reset()
		s.gen++
		s.list = append(s.list[:0], list...)
		from = s.state(what)
	}
	last, next := [4]rune{-1, 'a', '\n', ' '}[what], rune(-1)
	if class < len(s.x.members) {
		next = rune(s.x.members[class])
	}
	flags := syntax.EmptyOpContext(last, next)
	s.gen++
	var here []uint32
	for _, i := range list {
		here = s.follow(here, i, flags, true)
	}
	s.gen++
	s.list = s.list[:0]
	result := uint32(0)
	for _, i := range here {
		if s.x.prog.Inst[i].Op == syntax.InstMatch {
			result = exactMatch // and what follows is preferred less
			break
		}
		if next >= 0 && s.x.accepts[i][class] {
			s.list = s.follow(s.list, s.x.prog.Inst[i].Out, 0, false)
		}
	}
	if s.x.anywhere && next >= 0 {
		s.list = s.follow(s.list, uint32(s.x.prog.Start), 0, false)
	}
	if len(s.list) == 0 {
		result |= exactDead
	} else {
		result |= s.state(before(byte(next)))
	}
	s.next[int(from)+class] = result
	return result
}

// follow appends the instructions that are reached from one without reading.
// Assertions are appended themselves, or resolved with the given flags.
func (s *exactState) follow(list []uint32, i uint32, flags syntax.EmptyOp, resolve bool) []uint32 {
	if s.mark[i] == s.gen {
		return list
	}
	s.mark[i] = s.gen
	inst := &s.x.prog.Inst[i]
	switch inst.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		list = s.follow(list, inst.Out, flags, resolve)
		return s.follow(list, inst.Arg, flags, resolve)
	case syntax.InstCapture, syntax.InstNop:
		return s.follow(list, inst.Out, flags, resolve)
	case syntax.InstEmptyWidth:
		if !resolve {
			return append(list, i)
		}
		if syntax.EmptyOp(inst.Arg)&^flags == 0 {
			return s.follow(list, inst.Out, flags, resolve)
		}
		return list
	case syntax.InstFail:
		return list
	}
	return append(list, i)
}

// state gives the number of the state with the present list.
func (s *exactState) state(what byte) uint32 {
	s.key = append(s.key[:0], what)
	for _, i := range s.list {
		s.key = binary.LittleEndian.AppendUint32(s.key, i)
	}
	if n, ok := s.index[string(s.key)]; ok {
		return n
	}
	n := uint32(len(s.next))
	s.index[string(s.key)] = n
	s.lists = append(s.lists, append([]uint32(nil), s.list...))
	s.befores = append(s.befores, what)
	s.next = append(s.next, make([]uint32, s.width())...)
	s.next[len(s.next)-1] = exactForeign
	return n
}
