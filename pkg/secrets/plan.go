package secrets

import (
	"math"
	"regexp/syntax"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// A rule's expression is cut at a run of bytes that every match must have:
//
//	before · run · after
//
// An expression whose alternatives have nothing in common is cut in several
// ways; each match then fits at least one of them. The filter looks for the
// runs of all rules at once.
type cut struct {
	before, after *syntax.Regexp
	run           []byteSet // what stands there, one set for each byte
	left, right   byteSet   // what may stand beside it; all bytes if nothing need
}

// The planner's bounds.
const (
	longestRun   = 20   // bytes of a run that are compared
	longestSpan  = 64   // of one that is looked for as a long word
	shortestSpan = 31   // three aligned blocks of eight bytes lie in it
	rareEnough   = 1e-5 // chance of a run at which no better cut is looked for
	spanFrom     = 3e-4 // chance of a run that is looked for as a long word, if it is one
	tooCommon    = 2e-3 // chance of a run that is no filter any more
	deepestSplit = 4    // alternatives within alternatives that are looked into
	mostCopies   = 2 * longestRun
)

// element is one part of a flattened expression. It matches exactly one byte
// of a set, or it is opaque.
type element struct {
	re  *syntax.Regexp
	set *byteSet
}

type planner struct{ freq *frequency }

// plan is how one rule is looked for.
type plan struct {
	cuts   []cut
	groups int  // of the expression
	gated  bool // the rule is tried only in texts with one of its keywords, as its matches need not contain one
	err    error
}

func (p *planner) all(rules []rule) []plan {
	plans := make([]plan, len(rules))
	eachAtOnce(len(rules), func(i int) {
		if rules[i].expr != nil {
			plans[i] = p.plan(&rules[i])
		}
	})
	return plans
}

// eachAtOnce calls do for each number below n, on all processors, as a scan waits for it.
func eachAtOnce(n int, do func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wg.Wait()
}

func (p *planner) plan(r *rule) plan {
	re, err := syntax.Parse(r.expr.String(), syntax.Perl)
	if err != nil {
		return plan{err: err}
	}
	out := plan{cuts: p.cuts(re), groups: re.MaxCap()}
	out.gated = len(r.keywords) > 0 && (len(out.cuts) == 0 || !implied(re, r.keywords))
	return out
}

// cuts finds the best cuts of an expression, or none if every match could
// consist of common bytes only.
func (p *planner) cuts(re *syntax.Regexp) []cut {
	flat := flatten(re)
	cuts, chance := p.best(flat, 0, len(flat), deepestSplit)
	if chance > tooCommon {
		return nil
	}
	for i := range cuts {
		c := &cuts[i]
		c.left, c.right = edgeBefore(c.before, c.run), edgeAfter(c.after, c.run)
	}
	return cuts
}

// best cuts a flat expression at its rarest run or, where that is rarer in sum,
// within each alternative of one of its elements in [from, to).
func (p *planner) best(flat []element, from, to, depth int) ([]cut, float64) {
	best, chance := p.bestRun(flat)
	if depth == 0 {
		return best, chance
	}
	for i := from; i < to && chance > rareEnough; i++ {
		if flat[i].re.Op != syntax.OpAlternate {
			continue
		}
		var cuts []cut
		sum := 0.0
		for _, alternative := range flat[i].re.Sub {
			inner := flatten(alternative)
			whole := append(append(append([]element{}, flat[:i]...), inner...), flat[i+1:]...)
			c, q := p.best(whole, i, i+len(inner), depth-1)
			cuts = append(cuts, c...)
			if sum += q; sum >= chance {
				break
			}
		}
		if sum < chance {
			best, chance = cuts, sum
		}
	}
	return best, chance
}

// bestRun cuts a flat expression where three sets in a row are rarest.
func (p *planner) bestRun(flat []element) ([]cut, float64) {
	best, chance := -1, math.Inf(1)
	var last []byteSet
	for i := range flat {
		if flat[i].set == nil {
			continue
		}
		var sets []byteSet
		for j := i; j < min(i+windowSize, len(flat)) && flat[j].set != nil; j++ {
			sets = append(sets, *flat[j].set)
		}
		if slices.Equal(sets, last) {
			continue
		}
		if q := p.freq.inRow(sets); q < chance {
			best, chance = i, q
		}
		last = sets
	}
	if best < 0 {
		return nil, chance
	}
	start := best
	for start > 0 && flat[start-1].set != nil && best-start < longestRun-windowSize {
		start--
	}
	end := best
	for end < len(flat) && flat[end].set != nil && end-start < longestRun {
		end++
	}
	if start0, end0 := wordAround(flat, best); chance > spanFrom && end0-start0 >= shortestSpan {
		start, end = start0, end0
	}
	c := cut{before: concat(flat[:start]), after: concat(flat[end:])}
	for _, e := range flat[start:end] {
		c.run = append(c.run, *e.set)
	}
	return []cut{c}, chance
}

// wordAround gives how far sets of nothing but word-like bytes go around an element.
func wordAround(flat []element, at int) (start, end int) {
	in := func(i int) bool { return i >= 0 && i < len(flat) && flat[i].set != nil && flat[i].set.wordLike() }
	for start = at; in(start-1) && at-start < longestSpan/2; start-- {
	}
	for end = at; in(end) && end-start < longestSpan; end++ {
	}
	return start, end
}

// flatten writes an expression as a sequence of elements. Groups are
// dissolved and repeated bytes written out.
func flatten(re *syntax.Regexp) []element {
	switch re.Op {
	case syntax.OpCapture:
		return flatten(re.Sub[0])
	case syntax.OpEmptyMatch:
		return nil
	case syntax.OpConcat:
		var out []element
		for _, sub := range re.Sub {
			out = append(out, flatten(sub)...)
		}
		return out
	case syntax.OpLiteral:
		var out []element
		for _, r := range re.Rune {
			one := &syntax.Regexp{Op: syntax.OpLiteral, Flags: re.Flags & syntax.FoldCase, Rune: []rune{r}}
			out = append(out, element{one, literalSet(r, re.Flags&syntax.FoldCase != 0)})
		}
		return out
	case syntax.OpCharClass:
		return []element{{re, classSet(re.Rune)}}
	case syntax.OpPlus:
		return append(flatten(re.Sub[0]), element{re: &syntax.Regexp{Op: syntax.OpStar, Flags: re.Flags, Sub: re.Sub}})
	case syntax.OpRepeat:
		return flattenRepeat(re)
	}
	return []element{{re: re}}
}

func flattenRepeat(re *syntax.Regexp) []element {
	sub := flatten(re.Sub[0])
	copies := re.Min
	if len(sub) == 1 {
		copies = min(copies, mostCopies)
	}
	if !anySet(sub) || copies == 0 || copies*len(sub) > 2*mostCopies {
		return []element{{re: re}}
	}
	var out []element
	for range copies {
		out = append(out, sub...)
	}
	least, most := re.Min-copies, re.Max
	if most >= 0 {
		most -= copies
	}
	if most != 0 {
		out = append(out, element{re: &syntax.Regexp{Op: syntax.OpRepeat, Flags: re.Flags, Min: least, Max: most, Sub: re.Sub}})
	}
	return out
}

func anySet(es []element) bool {
	for _, e := range es {
		if e.set != nil {
			return true
		}
	}
	return false
}

func concat(es []element) *syntax.Regexp {
	re := &syntax.Regexp{Op: syntax.OpConcat}
	for _, e := range es {
		re.Sub = append(re.Sub, e.re)
	}
	if len(es) == 0 {
		re.Op = syntax.OpEmptyMatch
	}
	return re
}

func literalSet(r rune, fold bool) *byteSet {
	if r >= 0x80 {
		return nil
	}
	var s byteSet
	s.add(byte(r))
	if fold && isLetter(byte(r)) {
		s.add(byte(r) ^ 0x20)
	}
	return &s
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// classSet gives a class of ASCII runes as bytes. The long s and the Kelvin
// sign, which (?i) lets pass for s and k, do not count: no program writes them
// where it means a letter.
func classSet(ranges []rune) *byteSet {
	var s byteSet
	for i := 0; i+1 < len(ranges); i += 2 {
		lo, hi := ranges[i], ranges[i+1]
		if lo == hi && oddFold(lo) {
			continue
		}
		if hi >= 0x80 {
			return nil
		}
		s.addRange(byte(lo), byte(hi))
	}
	return &s
}

func oddFold(r rune) bool { return r == 'ſ' || r == '\u212a' }
