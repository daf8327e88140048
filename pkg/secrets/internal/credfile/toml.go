package credfile

import "strings"

// tomlText is the grammar of TOML 1.0, as far as strings and numbers are
// concerned: tables, lists of tables, dotted keys, inline tables, the four kinds of strings.
func tomlText(f *file, emit func(setting)) error {
	if f.binaryText() {
		return errFormat
	}
	r := tomlReader{text: f.text, emit: named(emit)}
	for {
		r.space(true)
		if r.i >= len(r.text) {
			return nil
		}
		var err error
		if r.text[r.i] == '[' {
			err = r.table()
		} else {
			err = r.pair(r.prefix, r.group, 0)
		}
		if err != nil {
			return err
		}
	}
}

type tomlReader struct {
	text   string
	i      int
	prefix []string
	group  int
	groups int
	emit   func(setting)
}

// space skips blanks and, if wanted, ends of lines and comments. A comment with
// a pair is given as a setting.
func (r *tomlReader) space(newlines bool) {
	for r.i < len(r.text) {
		switch c := r.text[r.i]; {
		case c == ' ' || c == '\t' || c == '\r':
		case newlines && c == '\n':
		case newlines && c == '#':
			body, _, _ := strings.Cut(r.text[r.i:], "\n")
			l, _ := line{strings.TrimSuffix(body, "\r"), r.i}.uncomment("#")
			if eq := strings.IndexByte(l.text, '='); eq > 0 && isName(strings.TrimSpace(l.text[:eq])) {
				inner := tomlReader{text: r.text[:l.offset+len(l.text)], i: l.offset, emit: func(s setting) {
					s.commented, s.group = true, -1
					r.emit(s)
				}}
				_ = inner.pair(r.prefix, -1, MaxDepth) // prose is no pair
			}
			r.i += len(body)
			continue
		default:
			return
		}
		r.i++
	}
}

func (r *tomlReader) table() error {
	r.i++
	list := r.i < len(r.text) && r.text[r.i] == '['
	if list {
		r.i++
	}
	keys, err := r.key()
	if err != nil {
		return err
	}
	r.prefix = keys
	if list {
		r.prefix = append(r.prefix, listItem)
	}
	r.groups++
	r.group = r.groups
	for r.i < len(r.text) && r.text[r.i] == ']' {
		r.i++
	}
	return nil
}

// key reads a dotted key.
func (r *tomlReader) key() ([]string, error) {
	var keys []string
	for {
		r.space(false)
		if r.i >= len(r.text) || len(keys) > MaxDepth {
			return nil, errFormat
		}
		if c := r.text[r.i]; c == '"' || c == '\'' {
			k, _, ok := r.str()
			if !ok {
				return nil, errFormat
			}
			keys = append(keys, k)
		} else {
			from := r.i
			for r.i < len(r.text) && (isLetter(r.text[r.i]) || isDigit(r.text[r.i]) || strings.IndexByte("_-", r.text[r.i]) >= 0) {
				r.i++
			}
			if from == r.i {
				return nil, errFormat
			}
			keys = append(keys, r.text[from:r.i])
		}
		r.space(false)
		if r.i >= len(r.text) || r.text[r.i] != '.' {
			return keys, nil
		}
		r.i++
	}
}

func (r *tomlReader) pair(prefix []string, group, depth int) error {
	keys, err := r.key()
	if err != nil {
		return err
	}
	if r.i >= len(r.text) || r.text[r.i] != '=' {
		return errFormat
	}
	r.i++
	return r.value(append(append([]string(nil), prefix...), keys...), group, depth)
}

func (r *tomlReader) value(keys []string, group, depth int) error {
	r.space(false)
	if r.i >= len(r.text) || depth > MaxDepth || len(keys) > 4*MaxDepth {
		return errFormat
	}
	switch r.text[r.i] {
	case '"', '\'':
		value, at, ok := r.str()
		if !ok {
			return errFormat
		}
		r.emit(setting{keys: keys, group: group, value: value, at: at})
		return nil
	case '[':
		return r.sequence(']', func(group int) error { return r.value(append(keys, listItem), group, depth+1) })
	case '{':
		return r.sequence('}', func(group int) error { return r.pair(keys, group, depth+1) })
	}
	from := r.i
	for r.i < len(r.text) && strings.IndexByte(",]}#\r\n", r.text[r.i]) < 0 {
		r.i++
	}
	a, b := trimmed(r.text, from, r.i)
	if a == b {
		return errFormat
	}
	if isDigit(r.text[a]) {
		r.emit(setting{keys: keys, group: group, value: r.text[a:b], at: span{a, b - a}})
	}
	return nil
}

func (r *tomlReader) sequence(end byte, item func(group int) error) error {
	r.i++
	r.groups++
	group := r.groups
	for {
		r.space(true)
		if r.i >= len(r.text) {
			return errFormat
		}
		switch r.text[r.i] {
		case end:
			r.i++
			return nil
		case ',':
			r.i++
			continue
		}
		if err := item(group); err != nil {
			return err
		}
	}
}

// str reads a basic or literal string, of one line or of several.
func (r *tomlReader) str() (value string, at span, ok bool) {
	quote := r.text[r.i : r.i+1]
	closing := quote
	if strings.HasPrefix(r.text[r.i:], quote+quote+quote) {
		closing = quote + quote + quote
	}
	start := r.i + len(closing)
	if len(closing) == 3 {
		start += len(r.text[start:]) - len(strings.TrimPrefix(strings.TrimPrefix(r.text[start:], "\r"), "\n"))
	}
	for j := start; j < len(r.text); j++ {
		switch {
		case r.text[j] == '\\' && quote == `"`:
			j++
		case r.text[j] == '\n' && len(closing) == 1:
			return "", span{}, false
		case strings.HasPrefix(r.text[j:], closing):
			raw := r.text[start:j]
			r.i = j + len(closing)
			if quote == `"` {
				value = unescapeC(raw)
			} else {
				value = raw
			}
			return value, span{start, j - start}, true
		}
	}
	return "", span{}, false
}
