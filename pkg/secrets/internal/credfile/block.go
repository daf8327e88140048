package credfile

import "strings"

// blockStyle is how one family of programs writes directives and blocks.
type blockStyle struct {
	line    []string // signs that begin a comment of one line; nil is "#"
	slashes bool     // /* comments */
	commas  bool     // a comma ends a directive
	colons  bool     // a colon may stand between name and value
	lists   bool     // "(" and ")" enclose lists of blocks
}

// blocks gives the grammar of "name value;" directives in "name { … }" blocks, as
// nginx, BIND, Dovecot, strongSwan, NATS and others write it. The keys of a setting are the headers of
// the blocks and the directive's name; its value is the word behind the name or the sign.
func blocks(style blockStyle) grammar {
	if style.line == nil {
		style.line = []string{"#"}
	}
	return func(f *file, emit func(setting)) error {
		if f.binaryText() {
			return errFormat
		}
		r := blockReader{blockStyle: style, text: f.text, end: len(f.text), emit: named(emit)}
		return r.read()
	}
}

type blockReader struct {
	blockStyle
	text      string
	i, end    int
	emit      func(setting)
	keys      []string
	groups    []int
	counter   int
	words     []word
	commented bool
}

// word is one word of a line and the place of its form.
type word struct {
	text   string
	at     span
	quoted bool
}

func (r *blockReader) read() error {
	for r.i < r.end {
		rest := r.text[r.i:r.end]
		if r.skipComment(rest) {
			continue
		}
		switch c := rest[0]; {
		case c == '\n' || c == ';' || r.commas && c == ',':
			r.directive()
			r.i++
		case c == '{':
			if len(r.keys) >= MaxDepth {
				return ErrTooDeep
			}
			r.open()
			r.i++
		case c == '}':
			r.directive()
			if n := len(r.keys); n > 0 {
				r.keys, r.groups = r.keys[:n-1], r.groups[:n-1]
			}
			r.i++
		case c == ' ' || c == '\t' || c == '\r' || c == '=' || r.lists && (c == '(' || c == ')'):
			r.i++
		case r.colons && c == ':':
			r.i++
		case c == '"' || c == '\'':
			r.quoted(c)
		default:
			r.plain()
		}
	}
	r.directive()
	return nil
}

func (r *blockReader) group() int {
	if n := len(r.groups); n > 0 {
		return r.groups[n-1]
	}
	return 0
}

func (r *blockReader) directive() {
	if len(r.words) >= 2 && r.words[0].text != "" {
		r.emit(setting{
			keys: append(r.keys, r.words[0].text), group: r.group(),
			value: r.words[1].text, at: r.words[1].at, commented: r.commented,
		})
	}
	r.words = r.words[:0]
}

func (r *blockReader) open() {
	header := ""
	for i, w := range r.words {
		if i > 0 {
			header += " "
		}
		header += w.text
	}
	r.words = r.words[:0]
	r.counter++
	r.keys, r.groups = append(r.keys, header), append(r.groups, r.counter)
}

// mostWords bounds the words of a directive that are kept.
const mostWords = 8

func (r *blockReader) push(w word) {
	if len(r.words) < mostWords {
		r.words = append(r.words, w)
	}
}

func (r *blockReader) quoted(quote byte) {
	start := r.i + 1
	for j := start; j < r.end && r.text[j] != '\n'; j++ {
		switch r.text[j] {
		case '\\':
			j++
		case quote:
			raw := r.text[start:j]
			r.push(word{unescapeC(raw), span{start, j - start}, true})
			r.i = j + 1
			return
		}
	}
	r.plain()
}

// plain reads a word without quotes. Signs of blocks end it, unless it is the value
// behind a "=" where programs take the rest of the line.
func (r *blockReader) plain() {
	start := r.i
	ends := " \t\r\n;{}"
	if len(r.words) == 0 {
		ends += "="
		if r.colons {
			ends += ":"
		}
	}
	if r.commas {
		ends += ","
	}
	if r.lists {
		ends += "()"
	}
	r.i++
	for r.i < r.end && strings.IndexByte(ends, r.text[r.i]) < 0 {
		r.i++
	}
	r.push(word{text: r.text[start:r.i], at: span{start, r.i - start}})
}

func (r *blockReader) skipComment(rest string) bool {
	// A sign within a word is no comment, but read never stops within one.
	from, to, length, ok := commentAt(rest, r.line, r.slashes)
	if ok && to > from {
		r.comment(r.i+from, r.i+to)
	}
	r.i = min(r.i+length, r.end)
	return ok
}

// commentAt gives what is commented out at the beginning of a text, from a sign to the line's end
// or between slashes with stars, and the length of the whole comment.
func commentAt(rest string, signs []string, block bool) (from, to, length int, ok bool) {
	for _, sign := range signs {
		if strings.HasPrefix(rest, sign) {
			body, _, _ := strings.Cut(rest, "\n")
			return len(sign), len(body), len(body), true
		}
	}
	if !block || !strings.HasPrefix(rest, "/*") {
		return 0, 0, 0, false
	}
	n := strings.Index(rest[2:], "*/")
	if n < 0 {
		return 0, 0, len(rest), true
	}
	return 2, 2 + n, n + 4, true
}

func (r *blockReader) comment(from, to int) {
	if r.commented {
		return
	}
	inner := blockReader{blockStyle: r.blockStyle, text: r.text, i: from, end: to, emit: r.emit, commented: true}
	inner.keys = r.keys[:len(r.keys):len(r.keys)]
	inner.groups = make([]int, len(inner.keys))
	for i := range inner.groups {
		inner.groups[i] = -1
	}
	_ = inner.read()
}
