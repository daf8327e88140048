package credfile

import "strings"

// dotenv is the grammar of files of environment variables: NAME=value lines with an
// optional export, and quotes as the shell has them. A quoted value may have
// several lines.
func dotenv(f *file, emit func(setting)) error {
	if f.binaryText() {
		return errFormat
	}
	text := f.text
	groups := prefixGroups{}
	for i := 0; i < len(text); {
		end := len(text)
		if n := strings.IndexByte(text[i:], '\n'); n >= 0 {
			end = i + n
		}
		l := line{text[i:end], i}
		body, commented := l.uncomment("#")
		next := end + 1
		if s, after, ok := assignment(text, body, commented); ok {
			s.group = groups.of(s.keys[0])
			emit(s)
			next = max(next, after)
		}
		i = next
	}
	return nil
}

// assignment reads one NAME=value. after is the offset behind a value of several lines.
func assignment(text string, l line, commented bool) (s setting, after int, ok bool) {
	from, _ := trimmed(l.text, 0, len(l.text))
	rest := l.text[from:]
	for _, word := range []string{"export ", "set -gx ", "setenv ", "ENV "} {
		if cut, has := strings.CutPrefix(rest, word); has {
			from += len(rest) - len(cut)
			rest = cut
		}
	}
	eq := strings.IndexByte(rest, '=')
	if eq < 1 {
		return s, 0, false
	}
	name := strings.TrimRight(rest[:eq], " \t")
	name = strings.TrimLeft(name, " \t")
	if !isName(name) {
		return s, 0, false
	}
	from += eq + 1
	for from < len(l.text) && (l.text[from] == ' ' || l.text[from] == '\t') {
		from++
	}
	end := l.offset + len(l.text)
	start := l.offset + from
	s = setting{keys: []string{name}, commented: commented}
	if start < end && (text[start] == '"' || text[start] == '\'') {
		if value, to, closed := shellQuoted(text, start, commented, end); closed {
			s.value, s.at = value, span{start + 1, to - start - 1}
			return s, to + 1, true
		}
	}
	to := end
	for i := start; i < end; i++ {
		if text[i] == '#' && (i == start || text[i-1] == ' ' || text[i-1] == '\t') {
			to = i
			break
		}
	}
	a, b := trimmed(text, start, to)
	s.value, s.at = text[a:b], span{a, b - a}
	return s, 0, true
}

// mostQuoted bounds a quoted value, so that a lonely quote is not looked for in the
// whole file again and again.
const mostQuoted = 16 << 10

// shellQuoted reads a value in quotes that begins at start. to is its closing quote.
func shellQuoted(text string, start int, oneLine bool, lineEnd int) (value string, to int, closed bool) {
	limit := min(len(text), start+mostQuoted)
	if oneLine {
		limit = lineEnd
	}
	quote := text[start]
	for i := start + 1; i < limit; i++ {
		switch {
		case text[i] == '\\' && quote == '"':
			i++
		case text[i] == quote:
			raw := text[start+1 : i]
			if quote == '"' {
				raw = unescapeC(raw)
			}
			return raw, i, true
		}
	}
	return "", 0, false
}
