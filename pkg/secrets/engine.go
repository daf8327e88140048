package secrets

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"

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
	gates    []gate    // by rule
	exact    []*exact  // by rule
	judging  []judging // by rule
	allows   []*exact  // of allow-lists
	slow     []int     // rules that have no run: matched on the whole text if their gate is open
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
	opens         bool    // the pattern is a keyword that opens the rule's gate
	before, after int     // looks
	left, right   byteSet // what may stand before the run and after it; all bytes if nothing need
}

// match is one match of one rule, with offsets into the text.
type match struct {
	rule        int
	start, end  int // of the match, without newlines at its ends
	secretStart int
	secret      string
	confidence  finding.Confidence // where we have judged it; else the rule's
	around      surroundings
}

func newEngine(rules []rule) (*engine, error) {
	e := &engine{rules: rules, gates: make([]gate, len(rules))}
	freq := byteFrequency()
	plans := (&planner{freq}).all(rules)
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
	add := func(run []byteSet, t target) {
		key := runKey(run)
		n, ok := patternIndex[key]
		if !ok {
			n = len(patterns)
			patternIndex[key] = n
			patterns = append(patterns, pattern{run: run})
		}
		patterns[n].before, patterns[n].after = patterns[n].before.union(&t.left), patterns[n].after.union(&t.right)
		if !slices.Contains(patterns[n].targets, t) {
			patterns[n].targets = append(patterns[n].targets, t)
		}
	}
	e.exact = make([]*exact, len(rules))
	e.judging = make([]judging, len(rules))
	lists := map[*config.Allowlist]*allowList{}
	for i, r := range rules {
		if r.expr == nil {
			continue
		}
		j := &e.judging[i]
		j.doubt = doubts[r.id]
		j.spoken = r.users == "" && slices.Contains(spokenRules, r.id)
		for _, a := range r.allowed {
			if lists[a] == nil {
				lists[a] = e.newAllowList(a)
			}
			j.allowed = append(j.allowed, lists[a])
		}
		e.exact[i] = newExact(r.expr.String, false)
		p := &plans[i]
		if p.err != nil {
			return nil, p.err
		}
		j.groups = p.groups
		for _, c := range p.cuts {
			add(c.run, target{rule: i, before: addLook(c.before, true), after: addLook(c.after, false), left: c.left, right: c.right})
		}
		if len(p.cuts) == 0 {
			e.slow = append(e.slow, i)
		}
		e.gates[i].needed = p.gated
		if p.gated {
			for _, k := range r.keywords {
				add(keywordRun(k), target{rule: i, opens: true, before: -1, after: -1, left: allBytes(), right: allBytes()})
			}
		}
	}
	e.filter = newFilter(patterns, freq)
	e.machines.New = func() any { return e.newMachine() }
	return e, nil
}

// text is what is scanned at once: a whole file, or a piece of one with what
// surrounds it.
type text struct {
	bytes    []byte
	from, to int  // runs are looked for here; the rest is surroundings
	first    bool // bytes begin where the file begins
	last     bool // bytes end where the file ends
	path     string
	binary   bool // what is not printable ends a word and a line
}

// anyPath is the path of a text of which it is not known yet. Rules for certain
// paths look at it; whether their findings stay is for who learns the path.
const anyPath = "\x00"

// scan gives all matches of all rules, by rule and place. It is safe to call
// from many goroutines.
func (e *engine) scan(t text) []match {
	m := e.machines.Get().(*machine)
	out := m.scan(t)
	e.machines.Put(m)
	return out
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

func runKey(run []byteSet) string {
	var b strings.Builder
	for _, set := range run {
		for _, w := range set {
			for i := range 8 {
				b.WriteByte(byte(w >> (8 * i)))
			}
		}
	}
	return b.String()
}
