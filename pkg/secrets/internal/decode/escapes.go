package decode

import (
	"bytes"
	"html"
	"math/bits"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/imgaudit/imgaudit/pkg/secrets/internal/bytemask"
)

// escapes decodes the lines that hold escapes of JSON and programming languages, strings of
// several lines, the texts of HTML that hold entities, and percent encoding.
func (f *finder) escapes(b []byte, outer *Part, depth int) {
	m := &f.levels[depth-1].marks
	m.find(b)
	f.lines(b, &m[unicodeMark], outer, depth)
	f.lines(b, &m[hexMark], outer, depth)
	f.strings(b, &m[newlineMark], outer, depth)
	f.strings(b, &m[jsonMark], outer, depth)
	f.entities(b, &m[numberMark], outer, depth)
	f.entities(b, &m[quoteMark], outer, depth)
	f.percent(b, &m[percentMark], outer, depth)
}

// lines decodes each line in which a mark stands and, if most of the line is one string, that string.
func (f *finder) lines(b []byte, m *places, outer *Part, depth int) {
	text := &f.levels[depth-1].text
	for from := 0; f.left > 0; {
		at := m.next(b, from)
		if at < 0 {
			return
		}
		start, end := lineAround(b, at, from)
		from = end
		line := b[start:end]
		if !readable(line) {
			continue
		}
		out := unescape((*text)[:0], line)
		*text = out
		if bytes.Equal(out, line) || !readable(out) {
			continue
		}
		f.found("escapes", start, end, out, outer, depth)
		if open, shut := stringAround(line, at-start, 0); shut-open >= len(line)/2 {
			*text = unescape(out[:0], line[open:shut])
			f.found("string", start+open, start+shut, *text, outer, depth)
		}
	}
}

// minString is the length of the shortest string that is taken for a text of lines, in bytes.
const minString = 16

// strings decodes the strings with a mark, which those of several lines and those of JSON have, that are
// values in JSON, YAML or source code: they are often files.
func (f *finder) strings(b []byte, m *places, outer *Part, depth int) {
	text := &f.levels[depth-1].text
	for from := 0; f.left > 0; {
		at := m.next(b, from)
		if at < 0 {
			return
		}
		at += len(m.mark) - 2
		open := openBefore(b, at, from)
		from = at + 2
		if open < 0 || !isValue(b, open-1) {
			quote := bytes.IndexByte(b[from:], '"') // up to there no string begins
			if quote < 0 {
				return
			}
			from += quote
			continue
		}
		shut := shutBehind(b, at)
		from = max(from, shut)
		if shut-open < minString {
			continue
		}
		*text = unescape((*text)[:0], b[open:shut])
		if readable(*text) {
			f.found("string", open, shut, *text, outer, depth)
		}
	}
}

// isValue reports whether what begins at a place stands behind a colon or a sign of equality.
func isValue(b []byte, at int) bool {
	for at > 0 && (b[at-1] == ' ' || b[at-1] == '\t') {
		at--
	}
	return at > 0 && (b[at-1] == ':' || b[at-1] == '=')
}

// maxText is the length of the longest string, and of the longest text of HTML, that is decoded, in bytes.
const maxText = 64 << 10

// stringAround gives the inside of the double quotes that a place stands in, on one line and not before
// from; nothing if it stands in none.
func stringAround(b []byte, at, from int) (open, shut int) {
	open, shut = openBefore(b, at, from), shutBehind(b, at)
	if open < 0 || shut < 0 {
		return at, at
	}
	return open, shut
}

// openBefore gives where a string begins whose quote stands before a place; -1 if none does.
func openBefore(b []byte, at, from int) int {
	low := max(from, at-maxText-1)
	for open := at; ; open-- {
		open = low + 1 + lastOf(b[low:open], '"', '\n')
		if open <= low || b[open-1] == '\n' {
			return -1
		}
		if !escaped(b, open-1) {
			return open
		}
	}
}

// shutBehind gives where the quote stands that ends a string behind a place; -1 if none does.
func shutBehind(b []byte, at int) int {
	for shut, end := at, min(len(b), at+maxText+1); shut < end; shut += 2 { // past what is escaped
		shut += nextQuote(b[shut:end])
		if shut == end || b[shut] == '\n' {
			break
		}
		if b[shut] == '"' {
			return shut
		}
	}
	return -1
}

// lastOf gives where the last of two bytes is; -1 if there is none.
func lastOf(b []byte, one, other byte) int {
	at := len(b)
	for ; at >= 8; at -= 8 {
		v := word(b[at-8:])
		if neither := bytemask.Differ(v, one) & bytemask.Differ(v, other) & highs; neither != highs {
			return at - 1 - bits.LeadingZeros64(neither^highs)/8
		}
	}
	for at--; at >= 0 && b[at] != one && b[at] != other; at-- {
	}
	return at
}

// nextQuote gives where the first quote, backslash or end of a line is; the length if there is none.
func nextQuote(b []byte) (at int) {
	for ; at+8 <= len(b); at += 8 {
		v := word(b[at:])
		if others := bytemask.Differ(v, '"') & bytemask.Differ(v, '\n') & bytemask.Differ(v, '\\') & highs; others != highs {
			return at + bits.TrailingZeros64(others^highs)/8
		}
	}
	for at < len(b) && b[at] != '"' && b[at] != '\n' && b[at] != '\\' {
		at++
	}
	return at
}

// escaped reports whether an odd number of backslashes stands before a place.
func escaped(b []byte, at int) bool {
	n := 0
	for n < at && b[at-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

// entities decodes each text between tags of HTML or XML in which a mark stands, and lines of
// tags that have one in their attributes.
func (f *finder) entities(b []byte, m *places, outer *Part, depth int) {
	decoded := &f.levels[depth-1].text
	for from := 0; f.left > 0; {
		at := m.next(b, from)
		if at < 0 {
			return
		}
		start, end := lineAround(b, at, from)
		if low := max(from, at-maxText); low < at {
			if open := lastOf(b[low:at], '<', '>'); open >= 0 && b[low+open] == '>' {
				start = low + open + 1
				end = min(len(b), at+maxText)
				if shut := bytes.IndexByte(b[at:end], '<'); shut >= 0 {
					end = at + shut
				}
			}
		}
		from = end
		text := b[start:end]
		if !readable(text) {
			continue
		}
		*decoded = unescapeHTML((*decoded)[:0], text)
		if out := *decoded; !bytes.Equal(out, text) && readable(out) {
			f.found("html", start, end, out, outer, depth)
		}
	}
}

// unescapeHTML appends a text whose entities are decoded.
func unescapeHTML(out, text []byte) []byte {
	out = slices.Grow(out, len(text))
	for {
		start := bytes.IndexByte(text, '&')
		if start < 0 {
			return append(out, text...)
		}
		out, text = append(out, text[:start]...), text[start:]
		end := 1
		for end < len(text) && (alnumChars[text[end]] || text[end] == '#') {
			end++
		}
		if end < len(text) && text[end] == ';' {
			end++
		}
		out, text = appendEntity(out, text[:end], end < len(text)), text[end:]
	}
}

// appendEntity appends what one entity stands for, or it itself if it is none. more says that something stands behind
// it, without which the library decodes no number of one digit.
func appendEntity(out, entity []byte, more bool) []byte {
	switch string(entity) {
	case "&quot;", "&#34;":
		return append(out, '"')
	case "&#39;":
		return append(out, '\'')
	case "&amp;":
		return append(out, '&')
	case "&lt;":
		return append(out, '<')
	case "&gt;":
		return append(out, '>')
	}
	if !more {
		return append(out, html.UnescapeString(string(entity))...)
	}
	out = append(out, html.UnescapeString(string(entity)+" ")...)
	return out[:len(out)-1]
}

// lineAround gives the line that a place stands on, or what is near of it.
func lineAround(b []byte, at, from int) (start, end int) {
	start, end = max(from, at-maxLine), min(len(b), at+maxLine)
	if i := lastOf(b[start:at], '\n', '\n'); i >= 0 {
		start += i + 1
	}
	if i := bytes.IndexByte(b[at:end], '\n'); i >= 0 {
		end = at + i
	}
	return start, max(end, at+1)
}

// unescape appends what \uXXXX, \xNN, and the escapes of one letter say.
func unescape(out, line []byte) []byte {
	out = slices.Grow(out, len(line))
	for i := 0; i < len(line); i++ {
		next := bytes.IndexByte(line[i:], '\\')
		if next < 0 || i+next+1 == len(line) {
			return append(out, line[i:]...)
		}
		out = append(out, line[i:i+next]...)
		i += next + 1
		switch c := line[i]; c {
		case 'n':
			out = append(out, '\n')
		case 't':
			out = append(out, '\t')
		case 'r':
			out = append(out, '\r')
		case '"', '\'', '/', '\\':
			out = append(out, c)
		case 'x':
			v, ok := hexAt(line, i+1, 2)
			if !ok {
				out = append(out, '\\', c)
				continue
			}
			out = append(out, byte(v))
			i += 2
		case 'u':
			v, ok := hexAt(line, i+1, 4)
			if !ok {
				out = append(out, '\\', c)
				continue
			}
			i += 4
			r := rune(v)
			if utf16.IsSurrogate(r) && i+2 < len(line) && line[i+1] == '\\' && line[i+2] == 'u' {
				if low, ok := hexAt(line, i+3, 4); ok {
					r = utf16.DecodeRune(r, rune(low))
					i += 6
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, '\\', c)
		}
	}
	return out
}

// hexAt gives the number that so many digits from a place on are.
func hexAt(b []byte, at, n int) (v uint64, ok bool) {
	if at+n > len(b) {
		return 0, false
	}
	for _, c := range b[at : at+n] {
		if !hexChars[c] {
			return 0, false
		}
		v = v<<4 | uint64(c&0xf+9*(c>>6)) // a letter's lower half is from 1 on
	}
	return v, true
}

// percent decodes words with percent encoding.
func (f *finder) percent(b []byte, m *places, outer *Part, depth int) {
	for from := 0; f.left > 0; {
		at := m.next(b, from)
		if at < 0 {
			return
		}
		from = at + 1
		if at+2 >= len(b) || !hexChars[b[at+1]] || !hexChars[b[at+2]] {
			continue
		}
		start, end := at, at
		for start > 0 && at-start < maxLine && wordByte(b[start-1]) {
			start--
		}
		for end < len(b) && end-at < maxLine && wordByte(b[end]) {
			end++
		}
		from = max(end, from)
		word := b[start:end]
		if out := unpercent(word); len(out) >= 8 && readable(out) {
			f.found("percent", start, end, out, outer, depth)
		}
		f.fields(word, start, outer, depth)
	}
}

// fields decodes the fields of a form that hold several lines: files are sent so.
func (f *finder) fields(word []byte, start int, outer *Part, depth int) {
	if bytes.IndexByte(word, '&') < 0 && bytes.IndexByte(word, '=') < 0 {
		return
	}
	for at := 0; at < len(word) && f.left > 0; {
		end := len(word)
		if i := bytes.IndexByte(word[at:], '&'); i >= 0 {
			end = at + i
		}
		field := word[at:end]
		if i := bytes.IndexByte(field, '='); i >= 0 {
			value := field[i+1:]
			if out := unpercent(value); bytes.Contains(out, []byte("\n")) && len(out) >= minString && readable(out) {
				f.found("percent", start+at+i+1, start+end, out, outer, depth)
			}
		}
		at = end + 1
	}
}

// unpercent decodes what is well-formed and leaves the rest.
func unpercent(word []byte) []byte {
	out := make([]byte, 0, len(word))
	for k := 0; k < len(word); k++ {
		if word[k] == '%' && k+2 < len(word) && hexChars[word[k+1]] && hexChars[word[k+2]] {
			v, _ := hexAt(word, k+1, 2)
			out = append(out, byte(v))
			k += 2
			continue
		}
		out = append(out, word[k])
	}
	return out
}

// wordByte reports whether a byte may stand in a word of a URL.
func wordByte(c byte) bool {
	return c > ' ' && c < 0x7f && c != '"' && c != '\'' && c != '<' && c != '>' && c != '`'
}
