package secrets

import (
	"bytes"
	"strings"
)

// surroundings are signs around a value that it was written about, and not set.
type surroundings uint8

const (
	surveyed    surroundings = 1 << iota // whatever was seen
	unquoted                             // by no sign on either side
	inComment                            // its line begins as comments in source code do
	inManual                             // it begins as those do that manuals are made of: /** … * … */
	amongWords                           // a blank and a word stand behind it
	forExample                           // its line names a host that is nobody's (RFC 2606, section 3)
	usedAsName                           // the same word is assigned to, called or a member near it
	ofNoAccount                          // nothing near before it speaks of a user, as statements in SQL do
)

// mostAround is how far from a value signs are looked for, in bytes.
const mostAround = 300

// around looks at what stands around a match.
func (m *machine) around(x match) surroundings {
	s := surveyed
	b := m.text.bytes
	start := min(x.secretStart, len(b))
	end := min(start+len(x.secret), len(b))
	before, behind := b[max(0, start-mostAround):start], b[end:min(len(b), end+mostAround)]
	if !endsInQuote(before) && !(len(behind) > 0 && isQuote(behind[0])) {
		s |= unquoted
	}
	if len(behind) > 1 && behind[0] == ' ' && isLetter(behind[1]) {
		s |= amongWords
	}
	if !mayNameAccount.in(string(before)) {
		s |= ofNoAccount
	}
	line := before[1+bytes.LastIndexByte(before, '\n'):]
	if len(line) < mostAround { // else it begins elsewhere
		s |= comment(line)
	}
	if i := bytes.IndexByte(behind, '\n'); i >= 0 {
		behind = behind[:i]
	}
	if identifierForm.MatchString(x.secret) && usedIn(b[max(0, start-mostUse):min(len(b), end+mostUse)], x.secret) {
		s |= usedAsName
	}
	if reservedHosts.in(unescapedRoff(line)) || reservedHosts.in(unescapedRoff(behind)) {
		s |= forExample
	}
	return s
}

var (
	mayNameAccount = newWordSet("user", "role", "login", "grant", "connect", "account", "alter", "create")
	reservedHosts  = newWordSet("example.com", "example.org", "example.net")
)

// unescapedRoff is a line of a manual without the sign that keeps a dot from being a request (groff(7)).
func unescapedRoff(line []byte) string { return strings.ReplaceAll(string(line), `\&`, "") }

func endsInQuote(b []byte) bool { return len(b) > 0 && isQuote(b[len(b)-1]) }

func isQuote(b byte) bool { return b == '"' || b == '\'' || b == '`' }

// mostUse is how far from a value it is looked for as a name, in bytes.
const mostUse = 16 << 10

// usedIn reports whether a word is the name of something in source code: x = …, x(…), o.x.
func usedIn(code []byte, word string) bool {
	for rest := code; ; {
		i := bytes.Index(rest, []byte(word))
		if i < 0 {
			return false
		}
		before, behind := rest[:i], rest[i+len(word):]
		rest = behind
		if n := len(before); n > 1 && before[n-1] == '.' && isNameByte(before[n-2]) && before[n-2] != '.' && (len(behind) == 0 || !isNameByte(behind[0]) && !isQuote(behind[0])) {
			return true
		}
		if n := len(before); n > 0 && (isNameByte(before[n-1]) || isQuote(before[n-1])) {
			continue
		}
		if sets := bytes.TrimLeft(behind[:min(len(behind), mostBlanks)], " \t"); len(sets) > 1 && (sets[0] == '=' && sets[1] != '=' || behind[0] == '(') {
			return true
		}
	}
}

// mostBlanks is how far behind a name a sign of equality stands, in bytes.
const mostBlanks = 40

// comment tells whether a line begins as a comment, and of which kind.
func comment(line []byte) surroundings {
	line = bytes.TrimLeft(line, " \t")
	switch {
	case bytes.HasPrefix(line, []byte("* ")), bytes.HasPrefix(line, []byte("/**")):
		return inComment | inManual
	case commentForm.Match(line):
		return inComment
	}
	return 0
}

// commentForm is of the beginning of a comment: #define and #include are none.
var commentForm = newExpression(`^(?:# |//|/\*|-- |;; )`)
