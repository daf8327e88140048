package secrets

import (
	"regexp/syntax"
	"unicode/utf8"
)

// edgeBefore gives the bytes that may stand before a run, by the expression before it: all bytes if
// that may match the empty text. So the filter looks at a byte more than the run has.
func edgeBefore(re *syntax.Regexp, run []byteSet) byteSet { return edge(re, true, run[0]) }

// edgeAfter gives the bytes that may stand after a run.
func edgeAfter(re *syntax.Regexp, run []byteSet) byteSet { return edge(re, false, run[len(run)-1]) }

// edge gives the bytes that what an expression matches can begin with or, with last, end with. beside
// is what stands there in the run.
func edge(re *syntax.Regexp, last bool, beside byteSet) byteSet {
	set, empty := edgeOf(re, last, beside.words())
	if empty {
		return allBytes()
	}
	if set.has('\n') { // in binaries all that is not printable stands for it
		for c := range printable {
			if printable[c] == '\n' {
				set.add(byte(c))
			}
		}
	}
	return set
}

// edgeOf is edge without what may stand for a line end. empty tells that the expression may match the
// empty text beside any byte. At the edges of the text nothing stands, whatever the set.
func edgeOf(re *syntax.Regexp, last, word bool) (set byteSet, empty bool) {
	switch re.Op {
	case syntax.OpWordBoundary:
		if !word {
			return set, true
		}
		for b := range 256 {
			if !syntax.IsWordChar(rune(b)) {
				set.add(byte(b))
			}
		}
		return set, false
	case syntax.OpNoMatch:
		return set, false
	case syntax.OpLiteral:
		if len(re.Rune) == 0 {
			return set, true
		}
		r := re.Rune[0]
		if last {
			r = re.Rune[len(re.Rune)-1]
		}
		if s := literalSet(r, re.Flags&syntax.FoldCase != 0); s != nil {
			return *s, false
		}
		set.addRange(utf8.RuneSelf, 0xff)
		return set, false
	case syntax.OpCharClass:
		for i := 0; i+1 < len(re.Rune); i += 2 {
			lo, hi := re.Rune[i], re.Rune[i+1]
			if lo == hi && oddFold(lo) {
				continue
			}
			if hi >= utf8.RuneSelf {
				set.addRange(utf8.RuneSelf, 0xff)
			}
			if lo < utf8.RuneSelf {
				set.addRange(byte(lo), byte(min(hi, utf8.RuneSelf-1)))
			}
		}
		return set, false
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return allBytes(), false
	case syntax.OpCapture, syntax.OpPlus:
		return edgeOf(re.Sub[0], last, word)
	case syntax.OpStar, syntax.OpQuest:
		set, _ = edgeOf(re.Sub[0], last, word)
		return set, true
	case syntax.OpRepeat:
		set, empty = edgeOf(re.Sub[0], last, word)
		return set, empty || re.Min == 0
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			s, e := edgeOf(sub, last, word)
			set, empty = set.union(&s), empty || e
		}
		return set, empty
	case syntax.OpConcat:
		for i := range re.Sub {
			if last {
				i = len(re.Sub) - 1 - i
			}
			s, e := edgeOf(re.Sub[i], last, word)
			if set = set.union(&s); !e {
				return set, false
			}
		}
		return set, true
	}
	return set, true // assertions and the empty match
}
