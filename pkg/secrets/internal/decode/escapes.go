package decode

import (
	"bytes"
	"html"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// escapes decodes the lines that hold escapes of JSON and programming languages, entities of
// HTML, or percent encoding.
func (f *finder) escapes(b []byte, outer *Part, depth int) {
	f.lines(b, []byte(`\u00`), "escapes", unescape, outer, depth)
	f.lines(b, []byte(`\x`), "escapes", unescape, outer, depth)
	f.lines(b, []byte("&#"), "html", func(line []byte) []byte { return []byte(html.UnescapeString(string(line))) }, outer, depth)
	f.percent(b, outer, depth)
}

// lines decodes each line in which a mark stands.
func (f *finder) lines(b, mark []byte, name string, decode func([]byte) []byte, outer *Part, depth int) {
	for from := 0; from < len(b) && f.left > 0; {
		i := bytes.Index(b[from:], mark)
		if i < 0 {
			return
		}
		start, end := lineAround(b, from+i, from)
		from = end
		line := b[start:end]
		if !readable(line) {
			continue
		}
		if out := decode(line); !bytes.Equal(out, line) && readable(out) {
			f.found(name, start, end, out, outer, depth)
		}
	}
}

// lineAround gives the line that a place stands on, or what is near of it.
func lineAround(b []byte, at, from int) (start, end int) {
	start, end = max(from, at-maxLine), min(len(b), at+maxLine)
	if i := bytes.LastIndexByte(b[start:at], '\n'); i >= 0 {
		start += i + 1
	}
	if i := bytes.IndexByte(b[at:end], '\n'); i >= 0 {
		end = at + i
	}
	return start, max(end, at+1)
}

// unescape decodes \uXXXX, \xNN, and the escapes of one letter.
func unescape(line []byte) []byte {
	out := make([]byte, 0, len(line))
	for i := 0; i < len(line); i++ {
		if line[i] != '\\' || i+1 >= len(line) {
			out = append(out, line[i])
			continue
		}
		i++
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

func hexAt(b []byte, at, n int) (uint64, bool) {
	if at+n > len(b) {
		return 0, false
	}
	v, err := strconv.ParseUint(string(b[at:at+n]), 16, 32)
	return v, err == nil
}

// percent decodes words with percent encoding.
func (f *finder) percent(b []byte, outer *Part, depth int) {
	for from := 0; from < len(b) && f.left > 0; {
		i := bytes.IndexByte(b[from:], '%')
		if i < 0 {
			return
		}
		at := from + i
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
		if len(out) >= 8 && readable(out) {
			f.found("percent", start, end, out, outer, depth)
		}
	}
}

// wordByte reports whether a byte may stand in a word of a URL.
func wordByte(c byte) bool {
	return c > ' ' && c < 0x7f && c != '"' && c != '\'' && c != '<' && c != '>' && c != '`'
}
