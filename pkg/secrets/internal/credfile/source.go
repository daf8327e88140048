package credfile

import "strings"

// language is what the source grammar must know of a programming language.
type language struct {
	line    []string // signs that begin a comment of one line
	block   bool     // /* comments */
	triple  bool     // """strings"""
	heredoc bool     // <<<NAME strings
	plain   bool     // 'strings' in which a backslash escapes itself and the quote alone
	open    string   // the code begins behind this
}

// source gives the grammar of assignments of string literals in a program: NAME = "x",
// "name" => "x", name: "x", define("NAME", "x"), $a["name"] = "x". The key of a setting is the
// last name before the sign; the keys before it are the names of the lists it stands
// in. A value that is only part of an expression is none.
func source(lang language) grammar {
	return func(f *file, emit func(setting)) error {
		if f.binaryText() {
			return errFormat
		}
		start := 0
		if lang.open != "" {
			if start = strings.Index(f.text, lang.open); start < 0 {
				return errFormat
			}
		}
		r := sourceReader{language: lang, text: f.text, i: start, end: len(f.text), emit: named(emit), prefixes: prefixGroups{}}
		r.read()
		return nil
	}
}

// phpCode and the others are the languages that configurations are written in.
func phpCode(f *file, emit func(setting)) error {
	return source(language{line: []string{"//", "#"}, block: true, heredoc: true, plain: true, open: "<?"})(f, emit)
}

func pythonCode(f *file, emit func(setting)) error {
	return source(language{line: []string{"#"}, triple: true})(f, emit)
}

func rubyCode(f *file, emit func(setting)) error {
	return source(language{line: []string{"#"}, plain: true})(f, emit)
}

func elixirCode(f *file, emit func(setting)) error {
	return source(language{line: []string{"#"}, triple: true})(f, emit)
}

func luaCode(f *file, emit func(setting)) error {
	return source(language{line: []string{"--"}})(f, emit)
}

func scalaCode(f *file, emit func(setting)) error {
	return source(language{line: []string{"//"}, block: true, triple: true})(f, emit)
}

func groovyCode(f *file, emit func(setting)) error {
	return source(language{line: []string{"//"}, block: true, triple: true})(f, emit)
}

func hclCode(f *file, emit func(setting)) error {
	return source(language{line: []string{"#", "//"}, block: true})(f, emit)
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenString
	tokenSign
	tokenNewline
)

type token struct {
	kind tokenKind
	text string // a string's value
	at   span
}

type sourceReader struct {
	language
	text      string
	i, end    int
	emit      func(setting)
	commented bool

	last     [4]token // the latest is the last
	names    []string // of the lists that are open
	groups   []int
	counter  int
	prefixes prefixGroups // of what stands in no list
	waiting  setting
	ready    bool // waiting is a setting if the expression ends here
}

func (r *sourceReader) read() {
	for {
		t := r.next()
		if r.ready {
			r.ready = false
			if t.kind == tokenEnd || t.kind == tokenNewline || t.kind == tokenSign && strings.ContainsAny(t.text, ",;)]}?") {
				r.emit(r.waiting)
			}
		}
		switch t.kind {
		case tokenEnd:
			return
		case tokenString:
			r.literal(t)
		case tokenSign:
			r.sign(t)
		}
		if t.kind != tokenNewline {
			copy(r.last[:], r.last[1:])
			r.last[len(r.last)-1] = t
		}
	}
}

// literal sees whether a string is assigned to a name.
func (r *sourceReader) literal(t token) {
	name, ok := r.assigned()
	if !ok {
		return
	}
	group := r.innermost()
	if group == 0 {
		group = r.prefixes.of(name)
	}
	keys := append(append([]string(nil), r.names...), name)
	r.waiting = setting{keys: keys, group: group, value: t.text, at: t.at, commented: r.commented}
	r.ready = true
}

// innermost is the group of the list that was opened last.
func (r *sourceReader) innermost() int {
	if n := len(r.groups); n > 0 {
		return r.groups[n-1]
	}
	return 0
}

// assigned gives the name that what comes next is assigned to.
func (r *sourceReader) assigned() (string, bool) {
	a, b, c, d := r.last[0], r.last[1], r.last[2], r.last[3]
	if d.kind != tokenSign {
		return "", false
	}
	switch d.text {
	case "=", ":", "=>", ":=", "||=", "?=":
		switch {
		case c.kind == tokenName, c.kind == tokenString && len(c.text) <= 128:
			return c.text, true
		case c.kind == tokenSign && c.text == "]" && a.kind == tokenSign && (b.kind == tokenString && a.text == "[" || b.kind == tokenName && a.text == ":"):
			return b.text, true // $db["password"] = and db[:password] =
		}
	case ",":
		if c.kind == tokenString && b.kind == tokenSign && b.text == "(" && a.kind == tokenName &&
			(strings.EqualFold(a.text, "define") || strings.EqualFold(a.text, "config") || strings.EqualFold(a.text, "set")) {
			return c.text, true // define("NAME", "x")
		}
	case ".":
		return "", false
	}
	return "", false
}

// sign follows the lists that open and close.
func (r *sourceReader) sign(t token) {
	switch t.text {
	case "[", "{", "(":
		name := ""
		if n, ok := r.assigned(); ok {
			name = n
		} else if d := r.last[3]; d.kind == tokenName && t.text != "[" {
			name = d.text
			if c := r.last[2]; c.kind == tokenSign && (c.text == "=>" || c.text == "=" || c.text == ":") && r.last[1].kind != tokenSign {
				name = r.last[1].text // "name" => array(
			}
		}
		if len(r.names) < MaxDepth {
			r.names = append(r.names, name)
		}
		if t.text == "(" && !strings.EqualFold(name, "array") && !strings.EqualFold(r.last[3].text, "array") {
			r.groups = append(r.groups, r.innermost()) // the arguments of a call
			return
		}
		r.counter++
		r.groups = append(r.groups, r.counter)
	case "]", "}", ")":
		if n := len(r.groups); n > 0 {
			r.groups = r.groups[:n-1]
			r.names = r.names[:min(len(r.names), n-1)]
		}
	}
}

func (r *sourceReader) next() token {
	for r.i < r.end {
		rest := r.text[r.i:r.end]
		if r.skipComment(rest) {
			continue
		}
		switch c := rest[0]; {
		case c == '\n':
			r.i++
			return token{kind: tokenNewline}
		case c == ' ' || c == '\t' || c == '\r' || c == '$':
			r.i++
		case c == '"' || c == '\'' || c == '`':
			return r.str(c)
		case r.heredoc && strings.HasPrefix(rest, "<<<"):
			r.skipHeredoc(rest)
		case isLetter(c) || c == '_' || c == '@' || c >= 0x80:
			n := 1
			for n < len(rest) && (isLetter(rest[n]) || isDigit(rest[n]) || rest[n] == '_' || rest[n] >= 0x80) {
				n++
			}
			if n <= 2 && n < len(rest) && (rest[n] == '"' || rest[n] == '\'') && r.triple {
				r.i += n // the prefix of a string: b"", u"", f""
				continue
			}
			t := token{kind: tokenName, text: strings.TrimPrefix(rest[:n], "@"), at: span{r.i, n}}
			r.i += n
			return t
		default:
			return r.signToken(rest)
		}
	}
	return token{}
}

func (r *sourceReader) signToken(rest string) token {
	n := 1
	for _, s := range []string{"||=", "===", "=>", "->", ":=", "==", "!=", "?=", "::"} {
		if strings.HasPrefix(rest, s) {
			n = len(s)
			break
		}
	}
	t := token{kind: tokenSign, text: rest[:n], at: span{r.i, n}}
	r.i += n
	return t
}

// skipComment skips a comment, and reads what is commented out.
func (r *sourceReader) skipComment(rest string) bool {
	from, to, length, ok := commentAt(rest, r.line, r.block)
	if ok && to > from {
		r.comment(r.i+from, r.i+to)
	}
	r.i = min(r.i+length, r.end)
	return ok
}

func (r *sourceReader) comment(from, to int) {
	if r.commented {
		return
	}
	inner := sourceReader{language: r.language, text: r.text, i: from, end: to, emit: r.emit, commented: true, prefixes: r.prefixes, names: r.names[:len(r.names):len(r.names)]}
	inner.groups = make([]int, len(inner.names))
	for i := range inner.groups {
		inner.groups[i] = -1
	}
	inner.read()
}

// skipHeredoc skips a string of PHP that ends at its name on a line of its own.
func (r *sourceReader) skipHeredoc(rest string) {
	head, _, _ := strings.Cut(rest[3:], "\n")
	name := strings.Trim(strings.TrimSpace(head), `"'`)
	r.i += 3 + len(head)
	if !isName(name) {
		return
	}
	for r.i < r.end {
		body, _, _ := strings.Cut(r.text[r.i:r.end], "\n")
		if strings.HasPrefix(strings.TrimLeft(body, " \t"), name) {
			r.i += strings.Index(body, name) + len(name)
			return
		}
		r.i += len(body) + 1
	}
	r.i = min(r.i, r.end)
}

// plainEscapes are those of PHP's and Ruby's single quotes.
var plainEscapes = strings.NewReplacer(`\\`, `\`, `\'`, `'`)

func (r *sourceReader) str(quote byte) token {
	closing := string(quote)
	if r.triple && strings.HasPrefix(r.text[r.i:r.end], strings.Repeat(closing, 3)) {
		closing = strings.Repeat(closing, 3)
	}
	start := r.i + len(closing)
	for j := start; j < r.end; j++ {
		switch {
		case r.text[j] == '\\':
			j++
		case r.text[j] == quote && strings.HasPrefix(r.text[j:r.end], closing):
			r.i = j + len(closing)
			unescape := unescapeC
			if r.plain && quote == '\'' {
				unescape = plainEscapes.Replace
			}
			text := unescape(r.text[start:j])
			return token{kind: tokenString, text: text, at: span{start, j - start}}
		case r.commented && r.text[j] == '\n': // the apostrophe of a prose
			r.i = j
			return token{kind: tokenNewline}
		}
	}
	r.i = r.end
	return token{}
}
