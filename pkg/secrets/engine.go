package secrets

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/zricethezav/gitleaks/v8/config"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// The engine's reach around a run where an expression has no bound of its own.
const (
	reachBack    = 4 << 10  // bytes before a run
	reachForward = 32 << 10 // bytes after it
	windowMargin = 8        // bytes on each side, so that assertions see their neighbours
	stepsPerByte = 16       // that looks may cost before they are no longer asked
)

// engine matches all rules over bytes. It is immutable and shared by workers.
//
// One pass finds the runs that matches must contain ([filter]). A run that
// passes its looks opens a window, as far as its rule can reach; windows of one
// rule that touch are joined; and in each window the rule's own expression is
// matched. The result is what the expression would find in the whole text.
type engine struct {
	rules    []rule
	filter   *filter
	looks    []*look
	gates    []gate                    // by rule
	exact    []*exact                  // by rule
	allow    map[*config.Allowlist]int // index into allows
	allows   []*exact
	slow     []int // rules that have no run: matched on the whole text if their gate is open
	machines sync.Pool
}

// gate tells which rules are tried only in texts with one of their keywords,
// because their matches need not contain one.
type gate struct {
	needed bool
}

// target is what a pattern means for one rule. A negative look has no test.
type target struct {
	rule          int
	opens         bool // the pattern is a keyword that opens the rule's gate
	before, after int  // looks
}

// match is one match of one rule, with offsets into the text.
type match struct {
	rule        int
	start, end  int // of the match, without newlines at its ends
	secretStart int
	secret      string
	confidence  finding.Confidence // where we have judged it; else the rule's
}

func newEngine(rules []rule) (*engine, error) {
	e := &engine{rules: rules, gates: make([]gate, len(rules))}
	freq := byteFrequency()
	plan := planner{freq}
	var patterns []pattern
	patternIndex := map[string]int{}
	lookIndex := map[string]int{}
	addLook := func(re *syntax.Regexp, back bool) int {
		key := treeKey(re, back)
		if n, ok := lookIndex[key]; ok {
			return n
		}
		e.looks = append(e.looks, newLook(re, back))
		lookIndex[key] = len(e.looks) - 1
		return len(e.looks) - 1
	}
	add := func(run []byteSet, window int, t target) {
		key := runKey(run, window)
		n, ok := patternIndex[key]
		if !ok {
			n = len(patterns)
			patternIndex[key] = n
			patterns = append(patterns, pattern{run: run, window: window})
		}
		if !slices.Contains(patterns[n].targets, t) {
			patterns[n].targets = append(patterns[n].targets, t)
		}
	}
	e.exact = make([]*exact, len(rules))
	e.allow = map[*config.Allowlist]int{}
	for i, r := range rules {
		for _, a := range r.allowed {
			if _, ok := e.allow[a]; !ok && len(a.Regexes) > 0 {
				e.allow[a] = len(e.allows)
				e.allows = append(e.allows, newExact(joined(a), true))
			}
		}
		if r.expr == nil {
			continue
		}
		e.exact[i] = newExact(r.expr.String(), false)
		re, err := syntax.Parse(r.expr.String(), syntax.Perl)
		if err != nil {
			return nil, err
		}
		cuts := plan.cuts(re)
		for _, c := range cuts {
			add(c.run, c.window, target{rule: i, before: addLook(c.before, true), after: addLook(c.after, false)})
		}
		if len(cuts) == 0 {
			e.slow = append(e.slow, i)
		}
		e.gates[i].needed = len(r.keywords) > 0 && (len(cuts) == 0 || !implied(re, r.keywords))
		if e.gates[i].needed {
			for _, k := range r.keywords {
				run, window := keywordRun(k, freq)
				add(run, window, target{rule: i, opens: true, before: -1, after: -1})
			}
		}
	}
	e.filter = newFilter(patterns, freq)
	e.machines.New = func() any { return e.newMachine() }
	return e, nil
}

// implied reports whether every match of an expression contains one of the
// keywords, so that they need not be looked for apart.
func implied(re *syntax.Regexp, keywords []string) bool {
	flat := flatten(re)
	return impliedBy(flat, 0, len(flat), keywords, deepestSplit)
}

func impliedBy(flat []element, from, to int, keywords []string, depth int) bool {
	for i := range flat {
		for _, k := range keywords {
			if spells(flat[i:], k) {
				return true
			}
		}
	}
	if depth == 0 {
		return false
	}
	for i := from; i < to; i++ {
		if flat[i].re.Op != syntax.OpAlternate {
			continue
		}
		all := true
		for _, alternative := range flat[i].re.Sub {
			inner := flatten(alternative)
			whole := append(append(append([]element{}, flat[:i]...), inner...), flat[i+1:]...)
			if !impliedBy(whole, i, i+len(inner), keywords, depth-1) {
				all = false
				break
			}
		}
		if all {
			return true
		}
	}
	return false
}

// spells reports whether a sequence begins with a keyword, in whatever case.
func spells(flat []element, keyword string) bool {
	if len(flat) < len(keyword) {
		return false
	}
	for i := range len(keyword) {
		if flat[i].set == nil {
			return false
		}
		allowed := literalSet(rune(keyword[i]), true)
		for b := range 256 {
			if flat[i].set.has(byte(b)) && !allowed.has(byte(b)) {
				return false
			}
		}
	}
	return true
}

func keywordRun(keyword string, freq *frequency) ([]byteSet, int) {
	var run []byteSet
	for i := range len(keyword) {
		var set byteSet
		set.add(keyword[i])
		if isLetter(keyword[i]) {
			set.add(keyword[i] ^ 0x20)
		}
		run = append(run, set)
	}
	best, chance := 0, 2.0
	for i := 0; i+windowSize <= len(run); i++ {
		q := 1.0
		for j := range windowSize {
			q *= freq.chance(&run[i+j])
		}
		if q < chance {
			best, chance = i, q
		}
	}
	return run, best
}

// treeKey tells expressions apart; re.String would, but takes far longer.
func treeKey(re *syntax.Regexp, back bool) string {
	var b []byte
	if back {
		b = append(b, '<')
	}
	var write func(re *syntax.Regexp)
	write = func(re *syntax.Regexp) {
		b = append(b, byte(re.Op))
		b = binary.AppendUvarint(b, uint64(len(re.Sub)))
		b = binary.AppendUvarint(b, uint64(re.Flags))
		b = binary.AppendVarint(b, int64(re.Min))
		b = binary.AppendVarint(b, int64(re.Max))
		b = binary.AppendUvarint(b, uint64(len(re.Rune)))
		for _, r := range re.Rune {
			b = binary.AppendVarint(b, int64(r))
		}
		for _, sub := range re.Sub {
			write(sub)
		}
	}
	write(re)
	return string(b)
}

func runKey(run []byteSet, window int) string {
	var b strings.Builder
	b.WriteByte(byte(window))
	for _, set := range run {
		for _, w := range set {
			for i := range 8 {
				b.WriteByte(byte(w >> (8 * i)))
			}
		}
	}
	return b.String()
}

// text is what is scanned at once: a whole file, or a piece of one with what
// surrounds it.
type text struct {
	bytes    []byte
	from, to int  // runs are looked for here; the rest is surroundings
	first    bool // bytes begin where the file begins
	last     bool // bytes end where the file ends
	path     string
}

// scan gives all matches of all rules, by rule and place. It is safe to call
// from many goroutines.
func (e *engine) scan(t text) []match {
	m := e.machines.Get().(*machine)
	out := m.scan(t)
	e.machines.Put(m)
	return out
}

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
	out    []match
}

// ruleState is what a machine knows of a rule in the present text.
type ruleState struct {
	used   bool
	open   bool // a keyword was seen
	path   int8 // 0 not asked yet, 1 the rule is for this path, -1 it is not
	lo, hi int  // window that is being joined; empty if hi is 0
	steps  int
}

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
	m.text, m.out = t, nil
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
	out := slices.DeleteFunc(m.out, func(x match) bool { return m.e.gates[x.rule].needed && !m.rules[x.rule].open })
	for _, r := range m.used {
		m.rules[r] = ruleState{}
	}
	m.used, m.text, m.out = m.used[:0], text{}, nil
	return tidy(out)
}

// tidy sorts matches by rule and place, each once, and drops what overlaps an
// earlier match of its rule.
func tidy(ms []match) []match {
	slices.SortFunc(ms, func(a, b match) int {
		if a.rule != b.rule {
			return a.rule - b.rule
		}
		if a.start != b.start {
			return a.start - b.start
		}
		return b.end - a.end
	})
	out := ms[:0]
	for _, x := range ms {
		if n := len(out); n > 0 && out[n-1].rule == x.rule && x.start < out[n-1].end {
			continue
		}
		out = append(out, x)
	}
	return out
}

// hit is called for each pattern that stands in the text.
func (m *machine) hit(p *pattern, pos int) {
	for i := range p.targets {
		t := &p.targets[i]
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
				if r.path.MatchString(m.text.path) {
					s.path = 1
				}
			}
			if s.path < 0 {
				continue
			}
		}
		m.consider(s, t, pos, pos+len(p.run))
	}
}

// consider asks the looks around a run, and opens or widens its rule's window.
func (m *machine) consider(s *ruleState, t *target, start, end int) {
	if s.steps > m.budget() {
		m.surrender(t.rule, start)
		return
	}
	lo, hi := start, end
	if l := m.e.looks[t.before]; l.trivial() {
		lo -= l.max
	} else {
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
	lo, hi = max(0, lo), min(len(m.text.bytes), hi)
	if s.hi > 0 && lo > s.hi+windowMargin {
		m.search(t.rule)
	}
	if s.hi == 0 {
		s.lo, s.hi = lo, hi
		return
	}
	s.lo, s.hi = min(s.lo, lo), max(s.hi, hi)
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
	ok, read := m.looks[look].run(m.text.bytes, pos, reach, edge)
	s.steps += read
	return ok, read
}

func (m *machine) budget() int { return stepsPerByte*len(m.text.bytes) + 1<<20 }

// search matches a rule's expression in its window, and closes the window.
func (m *machine) search(r int) {
	s := &m.rules[r]
	lo, hi := max(0, s.lo-windowMargin), min(len(m.text.bytes), s.hi+windowMargin)
	s.lo, s.hi = 0, 0
	m.matches(r, lo, hi)
}

// whole matches a rule's expression in all of the text.
func (m *machine) whole(r int) { m.matches(r, 0, len(m.text.bytes)) }

// matches adds the matches of an expression between two places of the text. A
// match that touches an edge of the window which is none of the text could be
// an error of an assertion there: then the window is widened.
func (m *machine) matches(r, lo, hi int) {
	b := m.text.bytes
	for {
		for lo > 0 && !utf8.RuneStart(b[lo]) {
			lo--
		}
		found := m.findAll(r, b[lo:hi])
		if len(found) == 0 {
			return
		}
		atStart := found[0][0] == 0 && lo > 0
		atEnd := found[len(found)-1][1] == hi-lo && hi < len(b)
		if !atStart && !atEnd {
			for _, f := range found {
				m.accept(r, lo+f[0], lo+f[1])
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

// findAll gives the matches of a rule's expression in a part of the text.
func (m *machine) findAll(r int, part []byte) [][2]int {
	found, ok := m.exact[r].findAll(part, m.found[:0])
	if ok {
		m.found = found
		return found
	}
	found = m.found[:0]
	for _, f := range m.e.rules[r].expr.FindAllIndex(part, -1) {
		found = append(found, [2]int{f[0], f[1]})
	}
	m.found = found
	return found
}
