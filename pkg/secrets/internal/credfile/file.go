package credfile

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// span is a place in the text.
type span struct{ offset, length int }

func (s span) end() int { return s.offset + s.length }

// file is one file that is being read, and what was found in it.
type file struct {
	format  *Format
	path    string
	content []byte
	text    string // the content as UTF-8, without a byte order mark
	base    int    // where text begins in content
	places  []int  // of each byte of text in content, for UTF-16; otherwise nil
	found   []Credential
	dropped bool // there are more than MaxCredentials
	guesses guesser
	match   func(path string, head []byte) []Candidate // for files in it; nil in those
}

func newFile(m Candidate, content []byte) *file {
	f := &file{format: m.format, path: m.path, content: content, guesses: guesser{left: guessingWork}}
	switch text := string(content); {
	case strings.HasPrefix(text, "\xef\xbb\xbf"):
		f.text, f.base = text[3:], 3
	case strings.HasPrefix(text, "\xff\xfe"):
		f.decodeUTF16(0)
	case strings.HasPrefix(text, "\xfe\xff"):
		f.decodeUTF16(1)
	default:
		f.text = text
	}
	return f
}

// decodeUTF16 is for the files that Windows writes. low is the place of the low
// byte in each unit.
func (f *file) decodeUTF16(low int) {
	unit := func(i int) rune { return rune(f.content[i+low]) | rune(f.content[i+1-low])<<8 }
	out := make([]byte, 0, len(f.content)/2+16)
	places := make([]int, 0, len(f.content)/2+16)
	for i := 2; i+1 < len(f.content); i += 2 {
		at, r := i, unit(i)
		if utf16.IsSurrogate(r) {
			if i+3 < len(f.content) {
				if pair := utf16.DecodeRune(r, unit(i+2)); pair != utf8.RuneError {
					r = pair
					i += 2
				}
			}
		}
		before := len(out)
		out = utf8.AppendRune(out, r)
		for range len(out) - before {
			places = append(places, at)
		}
	}
	places = append(places, len(f.content))
	f.text, f.places = string(out), places
}

// place translates a span of the text to one of the content.
func (f *file) place(s span) span {
	if f.places == nil {
		return span{s.offset + f.base, s.length}
	}
	return span{f.places[s.offset], f.places[s.end()] - f.places[s.offset]}
}

// add keeps a credential that stands at a span of the text, unless its value is
// a reference, a placeholder or empty.
func (f *file) add(at span, c Credential) {
	if c.Value == "" || isReference(c.Value) {
		return
	}
	if c.Hash == "" && !c.Encrypted {
		c.Hash = hashKind(c.Value)
	}
	switch {
	case c.Hash != "":
		if c.Weak == "" {
			c.Weak = f.guesses.guess(c.Hash, c.Value, c.User)
		}
	case c.Encrypted:
	case isFiller(c.Value):
		c.Weak, c.Confidence = WeakCommon, Unsure
	case isCommonPassword(c.Value):
		c.Weak = WeakCommon
	}
	f.keep(at, c)
}

// addCommented does the same for what stands in a comment, if it reads like a
// secret and not like a word of the comment or an example.
func (f *file) addCommented(at span, c Credential) {
	if isProse(c.Value) || isFiller(c.Value) {
		return
	}
	c.Confidence = Unsure
	c.Comment = join(c.Comment, "commented out")
	f.add(at, c)
}

// addEither does one or the other.
func (f *file) addEither(at span, c Credential, commented bool) {
	if commented {
		f.addCommented(at, c)
		return
	}
	f.add(at, c)
}

// keep keeps a credential without a look at its value.
func (f *file) keep(at span, c Credential) {
	if len(f.found) >= MaxCredentials {
		f.dropped = true
		return
	}
	c.Format = f.format.ID
	p := f.place(at)
	c.Offset, c.Length = p.offset, p.length
	f.found = append(f.found, c)
}

// present notes a store of secrets that is not opened.
func (f *file) present(name, comment string) {
	f.keep(span{0, len(f.text)}, Credential{Name: name, Comment: comment, Encrypted: true})
}

// line is one line of the text, without its end.
type line struct {
	text   string
	offset int
}

// lines walks over the lines of the text.
func (f *file) lines(visit func(line)) { linesOf(f.text, 0, visit) }

func linesOf(text string, offset int, visit func(line)) {
	for len(text) > 0 {
		one, rest, _ := strings.Cut(text, "\n")
		visit(line{strings.TrimSuffix(one, "\r"), offset})
		offset += len(text) - len(rest)
		text = rest
	}
}

// uncomment takes the comment sign and blanks away from a commented line.
func (l line) uncomment(signs string) (line, bool) {
	t := strings.TrimLeft(l.text, " \t")
	body := strings.TrimLeft(t, signs)
	if len(body) == len(t) {
		return l, false
	}
	body = strings.TrimLeft(body, " \t")
	return line{body, l.offset + len(l.text) - len(body)}, true
}

// part gives the span of l.text[from:to].
func (l line) part(from, to int) span { return span{l.offset + from, to - from} }

// trimmed is the span of the text between from and to, without blanks around it.
func trimmed(text string, from, to int) (int, int) {
	for from < to && strings.IndexByte(" \t\r\n", text[from]) >= 0 {
		from++
	}
	for from < to && strings.IndexByte(" \t\r\n", text[to-1]) >= 0 {
		to--
	}
	return from, to
}

func join(comments ...string) string {
	var kept []string
	for _, c := range comments {
		if c != "" {
			kept = append(kept, c)
		}
	}
	return strings.Join(kept, "; ")
}

// binaryText reports whether a file that should be text is not.
func (f *file) binaryText() bool {
	return strings.IndexByte(f.text[:min(len(f.text), 8<<10)], 0) >= 0
}
