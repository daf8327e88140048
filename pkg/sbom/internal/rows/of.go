package rows

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Of gives the most telling row that is in each match of a regular expression, which is empty if
// none is known. The error is that of regexp.Compile.
func Of(expression string) (Row, error) {
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return matchesOf(tree).best, nil
}

// matches says what the matches of an expression have in common.
type matches struct {
	exact      bool // they are one row each, head, and tail, which is the same
	head, tail Row  // how they begin and end
	best       Row  // the most telling row in them
}

var (
	empty    = matches{exact: true}
	anything = matches{}
)

func one(s set) matches {
	r := Row{s}
	return matches{true, r, r, r}
}

// then is what matches of one expression followed by those of another have in common.
func (m matches) then(next matches) matches {
	joined := slices.Concat(m.tail, next.head)
	exact := m.exact && next.exact && len(joined) <= maxRow
	most := min(len(joined), maxRow)
	out := matches{exact, m.head, next.tail, joined[:most]}
	if m.exact {
		out.head = joined[:most]
	}
	if next.exact {
		out.tail = joined[len(joined)-most:]
	}
	for _, r := range []Row{m.best, next.best} {
		if r.Bits() > out.best.Bits() {
			out.best = r
		}
	}
	return out
}

func (m matches) times(n int) matches {
	out := empty
	for range n {
		out = out.then(m)
	}
	return out
}

func matchesOf(e *syntax.Regexp) matches {
	switch e.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return empty
	case syntax.OpLiteral:
		out := empty
		for _, r := range e.Rune {
			out = out.then(matchesOfRune(r, e.Flags&syntax.FoldCase != 0))
		}
		return out
	case syntax.OpCharClass:
		return matchesOfClass(e.Rune)
	case syntax.OpCapture:
		return matchesOf(e.Sub[0])
	case syntax.OpConcat:
		out := empty
		for _, sub := range e.Sub {
			out = out.then(matchesOf(sub))
		}
		return out
	case syntax.OpPlus:
		return atLeast(matchesOf(e.Sub[0]), 1)
	case syntax.OpRepeat:
		if e.Min == e.Max {
			return matchesOf(e.Sub[0]).times(e.Min)
		}
		return atLeast(matchesOf(e.Sub[0]), e.Min)
	}
	return anything
}

// atLeast is what n matches or more in a row have in common: they begin and end as n do.
func atLeast(m matches, n int) matches {
	if n == 0 {
		return anything
	}
	m = m.times(n)
	m.exact = false
	return m
}

// Runes of several bytes are left out: others than they, which are no UTF-8, match some as well.

func matchesOfRune(r rune, foldCase bool) matches {
	var s set
	for f := r; ; {
		if f >= utf8.RuneSelf {
			return anything
		}
		s.add(byte(f))
		if f = unicode.SimpleFold(f); f == r || !foldCase {
			return one(s)
		}
	}
}

func matchesOfClass(ranges []rune) matches {
	if len(ranges) == 0 || ranges[len(ranges)-1] >= utf8.RuneSelf {
		return anything
	}
	var s set
	for ; len(ranges) > 0; ranges = ranges[2:] {
		for r := ranges[0]; r <= ranges[1]; r++ {
			s.add(byte(r))
		}
	}
	return one(s)
}
