package secrets

import (
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/zricethezav/gitleaks/v8/config"
)

// allowList is one of gitleaks', prepared. Its expressions are asked in two parts.
type allowList struct {
	*config.Allowlist
	begin     int      // what has to stand at the beginning: index into the engine's allows; -1 if there is none
	anywhere  int      // the rest of the expressions
	words     *wordSet // one of these is in all that the rest matches; nil if there are none such
	stopWords *wordSet // nil without
	both      *wordSet // words and stop words, where both are looked for in the secret
}

func (e *engine) newAllowList(a *config.Allowlist) *allowList {
	list := &allowList{Allowlist: a, begin: -1, anywhere: -1}
	if len(a.StopWords) > 0 {
		list.stopWords = newWordSet(a.StopWords...)
	}
	if len(a.Regexes) == 0 {
		return list
	}
	add := func(x *exact) int {
		e.allows = append(e.allows, x)
		return len(e.allows) - 1
	}
	re, err := syntax.Parse(joined(a), syntax.Perl)
	if err != nil {
		list.anywhere = add(newExact(func() string { return joined(a) }, true))
		return list
	}
	var begin, anywhere []*syntax.Regexp
	for _, sub := range alternatives(re) {
		if beginsText(sub) {
			begin = append(begin, sub)
		} else {
			anywhere = append(anywhere, sub)
		}
	}
	if len(begin) > 0 {
		list.begin = add(newExact(either(begin).String, false))
	}
	if len(anywhere) > 0 {
		rest := either(anywhere)
		list.anywhere = add(newExact(rest.String, true))
		if words := needed(rest); words != nil {
			list.words = newWordSet(words...)
			if list.stopWords != nil && a.RegexTarget == "" && a.MatchCondition == config.AllowlistMatchOr {
				list.both = newWordSet(slices.Concat(words, a.StopWords)...)
			}
		}
	}
	return list
}

func alternatives(re *syntax.Regexp) []*syntax.Regexp {
	if re.Op == syntax.OpAlternate {
		return re.Sub
	}
	return []*syntax.Regexp{re}
}

func either(of []*syntax.Regexp) *syntax.Regexp {
	if len(of) == 1 {
		return of[0]
	}
	return &syntax.Regexp{Op: syntax.OpAlternate, Sub: of}
}

// beginsText reports whether an expression matches at the beginning of a text alone.
func beginsText(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginText:
		return true
	case syntax.OpConcat, syntax.OpCapture:
		return beginsText(re.Sub[0])
	case syntax.OpAlternate:
		return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !beginsText(sub) })
	}
	return false
}

// needed gives words, in small letters, of which each match of an expression has one in it, in whatever
// case; nil if there are no such words.
func needed(re *syntax.Regexp) []string {
	const least = 3 // bytes of a word
	switch re.Op {
	case syntax.OpLiteral:
		if w := strings.ToLower(string(re.Rune)); len(w) >= least && isASCII(w) {
			return []string{w}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return needed(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return needed(re.Sub[0])
		}
	case syntax.OpConcat:
		var best []string
		for _, sub := range re.Sub {
			if words := needed(sub); words != nil && (best == nil || shortest(words) > shortest(best)) {
				best = words
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			words := needed(sub)
			if words == nil {
				return nil
			}
			all = append(all, words...)
		}
		return all
	}
	return nil
}

func shortest(words []string) int {
	n := len(words[0])
	for _, w := range words {
		n = min(n, len(w))
	}
	return n
}

// allowed reports whether an allow-list of gitleaks' kind lets a secret pass.
// Its conditions about paths and commits never hold.
func (m *machine) allowed(a *allowList, secret, match string, line []byte) bool {
	if a.both != nil && !a.both.in(secret) { // one pass for what most secrets have not
		return a.begin >= 0 && m.begins(a, secret)
	}
	either := a.MatchCondition == config.AllowlistMatchOr
	if !either && (len(a.Paths) > 0 || len(a.Commits) > 0) {
		return false
	}
	if len(a.Regexes) > 0 {
		var found bool
		switch a.RegexTarget {
		case "match":
			found = regexAllowed(m, a, match)
		case "line":
			found = regexAllowed(m, a, line)
		default:
			found = regexAllowed(m, a, secret)
		}
		if found == either {
			return either
		}
	}
	if a.stopWords == nil {
		return !either
	}
	return a.stopWords.in(secret)
}

// begins reports whether one of the list's expressions for the beginning matches.
func (m *machine) begins(a *allowList, secret string) bool {
	found, ok := contains(&m.allows[a.begin], secret)
	if !ok {
		return a.RegexAllowed(secret)
	}
	return found
}

// regexAllowed is a.RegexAllowed, faster.
func regexAllowed[T string | []byte](m *machine, a *allowList, target T) bool {
	if len(target) == 0 {
		return false
	}
	found, ok := false, true
	if a.begin >= 0 {
		found, ok = contains(&m.allows[a.begin], target)
	}
	if ok && !found && a.anywhere >= 0 && (a.words == nil || inWords(a.words, target)) {
		found, ok = contains(&m.allows[a.anywhere], target)
	}
	if !ok {
		return a.RegexAllowed(string(target))
	}
	return found
}

// joined writes an allow-list's expressions as one, as gitleaks does: without
// groups, so that a flag of one holds for all behind it.
func joined(a *config.Allowlist) string {
	var all []string
	for _, re := range a.Regexes {
		all = append(all, re.String())
	}
	return "(?:" + strings.Join(all, "|") + ")"
}
