package credfile

import "strings"

// iniStyle is how one family of programs writes sections, keys and values. The
// zero value is "key = value" with comments that begin with # or ; on lines of their own.
type iniStyle struct {
	divider     string // the signs between key and value; "" is "="; " " is any blanks
	comments    string // signs of comments; "" is "#;"
	inline      string // signs that begin a comment behind a value, after a blank
	quotes      string // signs that may enclose a value
	escapes     bool   // a backslash escapes within values
	continued   bool   // indented lines continue a value
	backslash   bool   // a backslash at the end of a line continues it
	needSection bool   // a file without a section does not have the format
}

// ini gives the grammar of a style. The keys of a setting are its section and name.
func ini(style iniStyle) grammar {
	if style.divider == "" {
		style.divider = "="
	}
	if style.comments == "" {
		style.comments = "#;"
	}
	return func(f *file, emit func(setting)) error {
		if f.binaryText() {
			return errFormat
		}
		r := iniReader{style: style, emit: emit, keys: make([]string, 2)}
		f.lines(r.line)
		r.flush()
		if style.needSection && r.group == 0 && r.settings > 0 {
			return errFormat
		}
		return nil
	}
}

type iniReader struct {
	style    iniStyle
	emit     func(setting)
	keys     []string
	group    int
	settings int
	pending  setting // waits for continuing lines
	waiting  bool
	joined   strings.Builder
	open     bool // the last line ended in a backslash
}

func (r *iniReader) line(l line) {
	t := strings.TrimSpace(l.text)
	indented := l.text != "" && (l.text[0] == ' ' || l.text[0] == '\t')
	if r.waiting && t != "" && (r.open || r.style.continued && indented && strings.IndexByte(r.style.comments, t[0]) < 0) {
		r.extend(l, t)
		return
	}
	r.flush()
	if t == "" {
		return
	}
	if t[0] == '[' {
		if end := strings.LastIndexByte(t, ']'); end > 0 {
			r.keys[0] = strings.TrimSpace(t[1:end])
			r.group++
			return
		}
	}
	if body, commented := l.uncomment(r.style.comments); commented {
		r.setting(body, true)
		return
	}
	r.setting(l, false)
}

// setting reads "key divider value".
func (r *iniReader) setting(l line, commented bool) {
	from, to := trimmed(l.text, 0, len(l.text))
	body := l.text[from:to]
	cut := strings.IndexAny(body, r.style.divider)
	if r.style.divider == " " {
		cut = strings.IndexAny(body, " \t")
	}
	if cut <= 0 {
		return
	}
	name := strings.Trim(strings.TrimSpace(body[:cut]), `"'`)
	if name == "" || commented && strings.ContainsAny(name, " \t") { // prose
		return
	}
	from, to = trimmed(l.text, from+cut+1, to)
	value, at := r.value(l, from, to)
	r.keys[1] = name
	r.settings++
	s := setting{keys: r.keys, group: r.group, value: value, at: at, commented: commented}
	open := r.style.backslash && strings.HasSuffix(l.text, `\`) && !commented
	if !r.style.continued && !open || commented {
		r.emit(s)
		return
	}
	r.pending, r.waiting, r.open = s, true, open
	r.joined.Reset()
	if open {
		r.pending.at.length = len(strings.TrimRight(strings.TrimSuffix(value, `\`), " \t"))
		value = value[:r.pending.at.length]
	}
	r.joined.WriteString(value)
}

func (r *iniReader) value(l line, from, to int) (string, span) {
	if from < to && strings.IndexByte(r.style.quotes, l.text[from]) >= 0 {
		q := l.text[from]
		for j := from + 1; j < to; j++ {
			if r.style.escapes && l.text[j] == '\\' {
				j++
			} else if l.text[j] == q {
				raw := l.text[from+1 : j]
				return r.unescape(raw), l.part(from+1, j)
			}
		}
	}
	for j := from; j < to; j++ {
		if strings.IndexByte(r.style.inline, l.text[j]) >= 0 && (j == from || l.text[j-1] == ' ' || l.text[j-1] == '\t') {
			_, to = trimmed(l.text, from, j)
			break
		}
	}
	to = max(from, to)
	return r.unescape(l.text[from:to]), l.part(from, to)
}

func (r *iniReader) unescape(raw string) string {
	if !r.style.escapes || strings.IndexByte(raw, '\\') < 0 {
		return raw
	}
	return unescapeC(raw)
}

func (r *iniReader) extend(l line, t string) {
	from, to := trimmed(l.text, 0, len(l.text))
	r.open = r.style.backslash && strings.HasSuffix(t, `\`)
	if r.open {
		t, to = strings.TrimRight(t[:len(t)-1], " \t"), to-1
	}
	if r.joined.Len() == 0 && t != "" {
		r.pending.at = l.part(from, from+len(t))
	} else {
		if r.style.continued {
			r.joined.WriteByte('\n')
		}
		r.pending.at.length = l.offset + to - r.pending.at.offset
	}
	r.joined.WriteString(t)
}

func (r *iniReader) flush() {
	if !r.waiting {
		return
	}
	r.waiting, r.open = false, false
	r.pending.value = r.joined.String()
	r.emit(r.pending)
}

// unescapeC resolves the backslash escapes that C and most programs share. An
// unknown escape stands for its character.
func unescapeC(raw string) string {
	if strings.IndexByte(raw, '\\') < 0 {
		return raw
	}
	var b strings.Builder
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' || i+1 == len(raw) {
			b.WriteByte(raw[i])
			continue
		}
		i++
		switch raw[i] {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case 'b':
			b.WriteByte('\b')
		case 's':
			b.WriteByte(' ')
		case 'f':
			b.WriteByte('\f')
		case 'x', 'u', 'U':
			n, used := hexEscape(raw[i:])
			if used == 0 {
				b.WriteByte(raw[i])
				continue
			}
			b.WriteRune(n)
			i += used
		default:
			b.WriteByte(raw[i])
		}
	}
	return b.String()
}

// hexEscape reads the digits of xNN, uNNNN and UNNNNNNNN.
func hexEscape(s string) (rune, int) {
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[0]]
	if len(s) <= digits || !isHex(s[1:1+digits]) {
		return 0, 0
	}
	var r rune
	for i := 1; i <= digits; i++ {
		c := s[i]
		d := rune(c | 0x20)
		if isDigit(c) {
			d = rune(c - '0')
		} else {
			d -= 'a' - 10
		}
		r = r<<4 | d
	}
	return r, digits
}
