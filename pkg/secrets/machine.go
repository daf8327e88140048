package secrets

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// machine is what one worker needs to scan.
type machine struct {
	e      *engine
	exact  []exactState
	allows []exactState
	found  [][2]int
	looks  []lookState
	rules  []ruleState
	used   []int // rules whose state is not zero
	text   text
	plain  []byte // a part of a binary text
	out    []match
}

// ruleState is what a machine knows of a rule in the present text.
type ruleState struct {
	used   bool
	open   bool     // a keyword was seen
	path   int8     // 0 not asked yet, 1 the rule is for this path, -1 it is not
	lo, hi int      // window that is being joined; empty if hi is 0
	starts []places // of the window: where its matches may begin
	steps  int
}

// places are some in a row, the last among them.
type places struct{ from, to int }

func (e *engine) newMachine() *machine {
	m := &machine{e: e, looks: make([]lookState, len(e.looks)), rules: make([]ruleState, len(e.rules))}
	for i := range m.looks {
		m.looks[i].look = e.looks[i]
	}
	m.exact, m.allows = make([]exactState, len(e.exact)), make([]exactState, len(e.allows))
	for i := range m.exact {
		m.exact[i].x = e.exact[i]
	}
	for i := range m.allows {
		m.allows[i].x = e.allows[i]
	}
	return m
}

func (m *machine) scan(t text) []match {
	m.text = t
	m.e.filter.scan(t.bytes, t.from, t.to, m.hit)
	for _, r := range m.used {
		if m.rules[r].hi > 0 {
			m.search(r)
		}
	}
	for _, r := range m.e.slow {
		if g := m.e.gates[r]; !g.needed || m.rules[r].open {
			m.whole(r)
		}
	}
	out := m.tidy()
	for _, r := range m.used {
		m.rules[r] = ruleState{starts: m.rules[r].starts[:0]}
	}
	clear(m.out) // of what secrets lie in
	m.used, m.text, m.out = m.used[:0], text{}, m.out[:0]
	if cap(m.out) > mostIdle {
		m.out = nil
	}
	return out
}

// mostIdle is how many matches a machine keeps room for between texts.
const mostIdle = 1 << 14

// tidy gives the matches of rules whose gate is open, sorted by rule and place, each once, and without
// those that overlap an earlier match of their rule.
func (m *machine) tidy() []match {
	if len(m.out) == 0 {
		return nil
	}
	// They come almost in order, but the rules' among each other.
	ends := make([]int, len(m.rules)+1)
	for i := range m.out {
		ends[m.out[i].rule+1]++
	}
	for r := range m.rules {
		ends[r+1] += ends[r]
	}
	sorted := make([]match, len(m.out))
	for i := range m.out {
		x := &m.out[i]
		sorted[ends[x.rule]] = *x
		ends[x.rule]++
	}
	out, from := sorted[:0], 0
	for r, to := range ends[:len(m.rules)] {
		of := sorted[from:to]
		from = to
		if m.e.gates[r].needed && !m.rules[r].open {
			continue
		}
		byPlace := func(a, b match) int { return cmp.Or(a.start-b.start, b.end-a.end) }
		if !slices.IsSortedFunc(of, byPlace) {
			slices.SortFunc(of, byPlace)
		}
		end := -1
		for _, x := range of {
			if x.start >= end {
				out = append(out, x)
				end = x.end
			}
		}
	}
	clear(sorted[len(out):])
	return out
}

// appendPrintable appends a binary content with a line end for each byte that is no printable
// character of ASCII: so expressions for texts find the strings in it, wherever they end.
func appendPrintable(to, content []byte) []byte {
	start := len(to)
	to = append(to, content...)
	for i, c := range to[start:] {
		to[start+i] = printable[c]
	}
	return to
}

var printable = func() (table [256]byte) {
	for c := range table {
		table[c] = '\n'
		if c >= ' ' && c <= '~' || c == '\t' || c == '\r' {
			table[c] = byte(c)
		}
	}
	return table
}()

// hit is called for each pattern that stands in the text.
func (m *machine) hit(p *pattern, pos int) {
	b, end := m.text.bytes, pos+len(p.run)
	for i := range p.targets {
		t := &p.targets[i]
		if pos > 0 && !t.left.has(b[pos-1]) || end < len(b) && !t.right.has(b[end]) {
			continue
		}
		s := &m.rules[t.rule]
		if !s.used {
			s.used = true
			m.used = append(m.used, t.rule)
		}
		if t.opens {
			s.open = true
			continue
		}
		if r := &m.e.rules[t.rule]; r.path != nil {
			if s.path == 0 {
				s.path = -1
				if m.text.path == anyPath || r.path.MatchString(m.text.path) {
					s.path = 1
				}
			}
			if s.path < 0 {
				continue
			}
		}
		m.consider(s, t, pos, end)
	}
}

// consider asks the looks around a run, and opens or widens its rule's window.
func (m *machine) consider(s *ruleState, t *target, start, end int) {
	if s.steps > m.budget() {
		m.surrender(t.rule, start)
		return
	}
	lo, hi := start, end
	before := m.e.looks[t.before]
	if !before.trivial() {
		ok, read := m.ask(s, t.before, start, reachBack)
		if !ok {
			return
		}
		lo -= read
	}
	if l := m.e.looks[t.after]; l.max == 0 {
		// Nothing follows the run but assertions.
	} else {
		ok, read := m.ask(s, t.after, end, reachForward)
		if !ok {
			return
		}
		hi += read
	}
	if before.trivial() && before.max > 0 { // it is passed, but how far does it reach?
		_, read := m.ask(s, t.before, start, reachBack)
		lo -= read
	}
	hi = min(len(m.text.bytes), hi)
	if s.hi > 0 && lo > s.hi+windowMargin {
		m.search(t.rule)
	}
	s.mayBegin(places{lo, start})
	if s.hi == 0 {
		s.lo, s.hi = lo, hi
		return
	}
	s.lo, s.hi = min(s.lo, lo), max(s.hi, hi)
}

// mayBegin adds places where a match may begin.
func (s *ruleState) mayBegin(at places) {
	if n := len(s.starts); n > 0 {
		if last := &s.starts[n-1]; at.from >= last.from && at.from <= last.to+1 {
			last.to = max(last.to, at.to)
			return
		}
	}
	s.starts = append(s.starts, at)
}

// surrender is for texts made to be slow, in which looks cost too much: the rule
// gets one window to the end of the text.
func (m *machine) surrender(r, start int) {
	s := &m.rules[r]
	if s.hi == len(m.text.bytes) {
		return
	}
	if s.hi == 0 {
		s.lo = max(0, start-reachBack)
	}
	s.hi = len(m.text.bytes)
	s.mayBegin(places{s.lo, s.hi})
}

func (m *machine) ask(s *ruleState, look, pos, reach int) (bool, int) {
	l := m.e.looks[look]
	if l.max >= 0 {
		reach = min(reach, l.max)
	}
	edge := m.text.last
	if l.back {
		edge = m.text.first
	}
	ok, read := m.looks[look].run(&m.text, pos, reach, edge)
	s.steps += read
	return ok, read
}

func (m *machine) budget() int { return stepsPerByte*len(m.text.bytes) + 1<<20 }

// search matches a rule's expression in its window, and closes the window.
func (m *machine) search(r int) {
	s := &m.rules[r]
	lo, hi := max(0, s.lo-windowMargin), min(len(m.text.bytes), s.hi+windowMargin)
	s.lo, s.hi = 0, 0
	slices.SortFunc(s.starts, func(a, b places) int { return a.from - b.from })
	m.matches(r, lo, hi, s.starts)
	s.starts = s.starts[:0]
}

// whole matches a rule's expression in all of the text.
func (m *machine) whole(r int) {
	n := len(m.out)
	m.matches(r, 0, len(m.text.bytes), []places{{0, len(m.text.bytes)}})
	// What touches an edge that is none of the file's could go on behind it. The
	// piece beside this one sees it whole.
	m.out = append(m.out[:n], slices.DeleteFunc(m.out[n:], func(x match) bool {
		return x.start == 0 && !m.text.first || x.end == len(m.text.bytes) && !m.text.last
	})...)
}

// matches adds the matches of an expression between two places of the text, which
// begin in one of some stretches. A
// match that touches an edge of the window which is none of the text could be
// an error of an assertion there: then the window is widened.
func (m *machine) matches(r, lo, hi int, starts []places) {
	b := m.text.bytes
	for {
		for !m.text.binary && lo > 0 && !utf8.RuneStart(b[lo]) {
			lo--
		}
		part := b[lo:hi]
		if m.text.binary {
			m.plain = appendPrintable(m.plain[:0], part)
			part = m.plain
		}
		found := m.findAll(r, part, lo, starts)
		if len(found) == 0 {
			return
		}
		atStart := found[0][0] == 0 && lo > 0
		atEnd := found[len(found)-1][1] == hi-lo && hi < len(b)
		if !atStart && !atEnd {
			for _, f := range found {
				m.accept(r, part, lo, f[0], f[1])
			}
			return
		}
		if atStart {
			lo = max(0, lo-4*windowMargin-(hi-lo))
		}
		if atEnd {
			hi = min(len(b), hi+4*windowMargin+(hi-lo))
		}
	}
}

// findAll gives the matches of a rule's expression in a part of the text, which begins at base.
func (m *machine) findAll(r int, part []byte, base int, starts []places) [][2]int {
	found, ok := m.exact[r].findAll(part, base, starts, m.found[:0])
	if ok {
		m.found = found
		return found
	}
	found = m.found[:0]
	for _, f := range m.e.rules[r].expr.compiled().FindAllIndex(part, -1) {
		found = append(found, [2]int{f[0], f[1]})
	}
	m.found = found
	return found
}
