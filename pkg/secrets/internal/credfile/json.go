package credfile

import (
	"strconv"
	"strings"
	"unicode/utf16"
)

// jsonText is the grammar of JSON (RFC 8259) with what editors allow beside it:
// comments and commas at the end. Strings are settings, and so are numbers.
func jsonText(f *file, emit func(setting)) error {
	r := jsonReader{text: f.text, emit: named(emit)}
	r.blanks()
	if r.i >= len(r.text) || r.text[r.i] != '{' && r.text[r.i] != '[' {
		return errFormat
	}
	for r.i < len(r.text) { // several values, as in JSON lines
		if err := r.value(0, 0); err != nil {
			return err
		}
		r.blanks()
	}
	return nil
}

// named passes on the settings that have a name: a document may be one value and nothing else.
func named(emit func(setting)) func(setting) {
	return func(s setting) {
		if len(s.keys) > 0 {
			emit(s)
		}
	}
}

type jsonReader struct {
	text   string
	i      int
	keys   []string
	groups int
	emit   func(setting)
}

// blanks skips white space and comments. A commented member of an object
// is given as a setting.
func (r *jsonReader) blanks() {
	for r.i < len(r.text) {
		rest := r.text[r.i:]
		switch {
		case strings.IndexByte(" \t\r\n", rest[0]) >= 0:
			r.i++
		case strings.HasPrefix(rest, "//"):
			body, _, _ := strings.Cut(rest, "\n")
			r.comment(line{body, r.i})
			r.i += len(body)
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				r.i = len(r.text)
				return
			}
			r.i += n + 4
		default:
			return
		}
	}
}

func (r *jsonReader) comment(l line) {
	l, _ = l.uncomment("/")
	if !strings.HasPrefix(l.text, `"`) {
		return
	}
	inner := jsonReader{text: r.text[:l.offset+len(l.text)], i: l.offset}
	key, _, ok := inner.str()
	if !ok {
		return
	}
	inner.blanks()
	if inner.i >= len(inner.text) || inner.text[inner.i] != ':' {
		return
	}
	inner.i++
	inner.blanks()
	if value, at, ok := inner.str(); ok {
		r.emit(setting{keys: append(r.keys, key), group: -1, value: value, at: at, commented: true})
	}
}

func (r *jsonReader) value(depth, group int) error {
	if depth > MaxDepth {
		return ErrTooDeep
	}
	if r.i >= len(r.text) {
		return errFormat
	}
	switch c := r.text[r.i]; c {
	case '{':
		return r.object(depth)
	case '[':
		return r.list(depth)
	case '"':
		value, at, ok := r.str()
		if !ok {
			return errFormat
		}
		r.emit(setting{keys: r.keys, group: group, value: value, at: at})
	default:
		from := r.i
		for r.i < len(r.text) && strings.IndexByte(",]} \t\r\n", r.text[r.i]) < 0 {
			r.i++
		}
		word := r.text[from:r.i]
		if word == "" {
			return errFormat
		}
		if c == '-' || isDigit(c) {
			r.emit(setting{keys: r.keys, group: group, value: word, at: span{from, len(word)}})
		}
	}
	return nil
}

func (r *jsonReader) object(depth int) error {
	r.i++
	r.groups++
	group := r.groups
	for {
		r.blanks()
		if r.i >= len(r.text) {
			return errFormat
		}
		switch r.text[r.i] {
		case '}':
			r.i++
			return nil
		case ',':
			r.i++
			continue
		}
		key, _, ok := r.str()
		r.blanks()
		if !ok || r.i >= len(r.text) || r.text[r.i] != ':' {
			return errFormat
		}
		r.i++
		r.blanks()
		r.keys = append(r.keys, key)
		err := r.value(depth+1, group)
		r.keys = r.keys[:len(r.keys)-1]
		if err != nil {
			return err
		}
	}
}

func (r *jsonReader) list(depth int) error {
	r.i++
	r.groups++
	group := r.groups
	r.keys = append(r.keys, listItem)
	defer func() { r.keys = r.keys[:len(r.keys)-1] }()
	for {
		r.blanks()
		if r.i >= len(r.text) {
			return errFormat
		}
		switch r.text[r.i] {
		case ']':
			r.i++
			return nil
		case ',':
			r.i++
			continue
		}
		if err := r.value(depth+1, group); err != nil {
			return err
		}
	}
}

// str reads a string and gives its form between the quotes.
func (r *jsonReader) str() (value string, at span, ok bool) {
	if r.i >= len(r.text) || r.text[r.i] != '"' {
		return "", span{}, false
	}
	start, escaped := r.i+1, false
	for i := start; i < len(r.text); i++ {
		switch r.text[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			r.i = i + 1
			raw := r.text[start:i]
			if escaped {
				raw = unescapeJSON(raw)
			}
			return raw, span{start, i - start}, true
		}
	}
	return "", span{}, false
}

func unescapeJSON(raw string) string {
	var b strings.Builder
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' || i+1 == len(raw) {
			b.WriteByte(raw[i])
			continue
		}
		i++
		if raw[i] == 'u' {
			if r, used := hexEscape(raw[i:]); used > 0 {
				i += used
				if utf16.IsSurrogate(r) && i+2 < len(raw) && raw[i+1] == '\\' && raw[i+2] == 'u' {
					if low, used := hexEscape(raw[i+2:]); used > 0 {
						r = utf16.DecodeRune(r, low)
						i += 2 + used
					}
				}
				b.WriteRune(r)
				continue
			}
		}
		if n := strings.IndexByte("bfnrt", raw[i]); n >= 0 {
			b.WriteByte("\b\f\n\r\t"[n])
		} else {
			b.WriteByte(raw[i])
		}
	}
	return b.String()
}

// number gives a value that must be one.
func number(v string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(v))
	return n, err == nil
}
