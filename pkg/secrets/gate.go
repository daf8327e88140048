package secrets

import "regexp/syntax"

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
		ways := splits(flat[i])
		all := len(ways) > 0
		for _, alternative := range ways {
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

// fewMembers is up to how many members of a class are looked at one by one.
const fewMembers = 4

// splits gives expressions of which one stands wherever an element does: those of an
// alternation, with and without what may be left out, or the members of a small class.
func splits(e element) []*syntax.Regexp {
	switch {
	case e.re.Op == syntax.OpAlternate:
		return e.re.Sub
	case e.re.Op == syntax.OpQuest:
		return []*syntax.Regexp{{Op: syntax.OpEmptyMatch}, e.re.Sub[0]}
	case e.re.Op == syntax.OpCharClass && e.set != nil && e.set.size() > 1 && e.set.size() <= fewMembers:
		var out []*syntax.Regexp
		for b := range e.set.all() {
			out = append(out, &syntax.Regexp{Op: syntax.OpLiteral, Rune: []rune{rune(b)}})
		}
		return out
	}
	return nil
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

// keywordRun gives a keyword as a run, in whatever case.
func keywordRun(keyword string) []byteSet {
	var run []byteSet
	for i := range len(keyword) {
		var set byteSet
		set.add(keyword[i])
		if isLetter(keyword[i]) {
			set.add(keyword[i] ^ 0x20)
		}
		run = append(run, set)
	}
	return run
}
