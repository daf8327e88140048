package credfile

import "strings"

// shellWords divides a line into words as a shell does, with quotes and escapes,
// but expands nothing. Signs like ";", "|" and "&" are words of their own.
func shellWords(l line) []word {
	var out []word
	var b strings.Builder
	for i := 0; i < len(l.text) && len(out) < 4096; {
		switch c := l.text[i]; {
		case c == ' ' || c == '\t':
			i++
			continue
		case c == '#' && (i == 0 || l.text[i-1] == ' '):
			return out
		case strings.IndexByte(";|&()", c) >= 0:
			out = append(out, word{text: l.text[i : i+1], at: l.part(i, i+1)})
			i++
			continue
		}
		start, quoted := i, false
		b.Reset()
		for i < len(l.text) && strings.IndexByte(" \t;|&()", l.text[i]) < 0 {
			switch c := l.text[i]; c {
			case '\\':
				if i+1 < len(l.text) {
					b.WriteByte(l.text[i+1])
				}
				i += 2
			case '\'', '"':
				n := closingQuote(l.text[i+1:], c)
				if n < 0 {
					b.WriteString(l.text[i:])
					i = len(l.text)
					break
				}
				quoted = true
				inner := l.text[i+1 : i+1+n]
				if c == '"' {
					inner = unescapeShell(inner)
				}
				b.WriteString(inner)
				i += n + 2
			default:
				b.WriteByte(c)
				i++
			}
		}
		i = min(i, len(l.text))
		out = append(out, word{b.String(), l.part(start, i), quoted})
	}
	return out
}

func closingQuote(s string, quote byte) int {
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && quote == '"' {
			i++
		} else if s[i] == quote {
			return i
		}
	}
	return -1
}

// unescapeShell resolves what a backslash escapes in double quotes (POSIX.1-2024,
// shell command language, 2.2.3).
func unescapeShell(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte("$`\"\\\n", s[i+1]) >= 0 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// literal narrows the place of a word to its text, where that stands there as it is.
func (f *file) literal(w word) span {
	return f.literalIn(w, w.text)
}

// literalIn narrows the place of a word to a part of its text.
func (f *file) literalIn(w word, value string) span {
	form := f.text[w.at.offset:w.at.end()]
	if i := strings.LastIndex(form, value); i >= 0 && value != "" {
		return span{w.at.offset + i, len(value)}
	}
	return w.at
}

// fields divides a line at a sign and takes the escapes away that allow the sign in a
// field. escape 0: none.
func fields(l line, divider, escape byte, most int) []word {
	var out []word
	var b strings.Builder
	start := 0
	for i := 0; i <= len(l.text); i++ {
		if i == len(l.text) || l.text[i] == divider && len(out) < most-1 {
			out = append(out, word{text: b.String(), at: l.part(start, i)})
			b.Reset()
			start = i + 1
			continue
		}
		if escape != 0 && l.text[i] == escape && i+1 < len(l.text) {
			i++
		}
		b.WriteByte(l.text[i])
	}
	return out
}

// blankFields divides a line at blanks. A field may stand in double quotes, and
// with a backslash before a sign in them.
func blankFields(l line, comments string) []word {
	var out []word
	for i := 0; i < len(l.text) && len(out) < 256; {
		c := l.text[i]
		switch {
		case c == ' ' || c == '\t':
			i++
		case strings.IndexByte(comments, c) >= 0:
			return out
		case c == '"' || c == '\'':
			n := closingQuote(l.text[i+1:], '"')
			if c == '\'' {
				n = strings.IndexByte(l.text[i+1:], '\'')
			}
			if n < 0 {
				n = len(l.text) - i - 1
			}
			raw := l.text[i+1 : i+1+n]
			if c == '"' {
				raw = unescapeC(raw)
			}
			out = append(out, word{raw, l.part(i+1, i+1+n), true})
			i += n + 2
		default:
			start := i
			for i < len(l.text) && l.text[i] != ' ' && l.text[i] != '\t' {
				if q := l.text[i]; (q == '"' || q == '\'') && i > start && l.text[i-1] == '=' {
					if n := closingQuote(l.text[i+1:], q); n >= 0 {
						i += n + 1
					}
				}
				i++
			}
			out = append(out, word{text: l.text[start:i], at: l.part(start, i)})
		}
	}
	return out
}
