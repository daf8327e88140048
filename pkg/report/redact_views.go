package report

import (
	"html"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDecodings is how many escapes within each other are undone: a JSON string
// within a shell's string, say.
const maxDecodings = 2

// minUnwrapped is the length from which a value is looked for across line breaks.
const minUnwrapped = 16

// view is a text as it reads after some decoding, and where each of its bytes
// stands in the original. Without positions it is the original itself.
type view struct {
	text       string
	start, end []int32
	unwrapped  bool
}

// span turns a stretch of the view into one of the original.
func (v view) span(start, end int) (int, int) {
	if v.start == nil {
		return start, end
	}
	return int(v.start[start]), int(v.end[end-1])
}

// decoder gives the view with one kind of escapes undone; false if it has none.
type decoder func(view) (view, bool)

func decodeBackslash(v view) (view, bool) {
	return rewrite(v, `\`, func(s string) (string, int) {
		if len(s) < 2 {
			return "", 0
		}
		switch c := s[1]; c {
		case 'n':
			return "\n", 2
		case 'r':
			return "\r", 2
		case 't':
			return "\t", 2
		case 'a', 'b', 'f', 'v':
			return string("\a\b\f\v"[strings.IndexByte("abfv", c)]), 2
		case 'x':
			if b, ok := number(s, 2, 2, 16); ok {
				return string([]byte{byte(b)}), 4
			}
		case 'U':
			if r, ok := number(s, 2, 8, 16); ok {
				return string(rune(r)), 10
			}
		case 'u':
			if r, ok := number(s, 2, 4, 16); ok {
				if strings.HasPrefix(s[6:], `\u`) && utf16.IsSurrogate(rune(r)) {
					if low, ok := number(s, 8, 4, 16); ok {
						return string(utf16.DecodeRune(rune(r), rune(low))), 12
					}
				}
				return string(rune(r)), 6
			}
		case '0', '1', '2', '3':
			if b, ok := number(s, 1, 3, 8); ok {
				return string([]byte{byte(b)}), 4
			}
		}
		_, n := utf8.DecodeRuneInString(s[1:])
		return s[1 : 1+n], 1 + n
	})
}

func decodePercent(v view) (view, bool) {
	return rewrite(v, "%", percent)
}

// decodeForm is decodePercent for HTML forms, where a plus is a space.
func decodeForm(v view) (view, bool) {
	return rewrite(v, "+%", func(s string) (string, int) {
		if s[0] == '+' {
			return " ", 1
		}
		return percent(s)
	})
}

func percent(s string) (string, int) {
	if b, ok := number(s, 1, 2, 16); ok {
		return string([]byte{byte(b)}), 3
	}
	return "", 0
}

func decodeHTML(v view) (view, bool) {
	return rewrite(v, "&", func(s string) (string, int) {
		n := strings.IndexByte(s[:min(len(s), maxEntity)], ';') + 1
		if text := html.UnescapeString(s[:n]); text != s[:n] {
			return text, n
		}
		return "", 0
	})
}

// maxEntity is the length of the longest character reference that is undone.
const maxEntity = 12

// unwrap joins lines: a line break goes, with a backslash before it and the
// spaces around it.
func unwrap(v view) (view, bool) {
	if !strings.ContainsAny(v.text, "\r\n") {
		return view{}, false
	}
	next, ok := rewrite(v, "\\\r\n \t", func(s string) (string, int) {
		n := len(s) - len(strings.TrimLeft(s, "\\\r\n \t"))
		if !strings.ContainsAny(s[:n], "\r\n") {
			return s[:n], n
		}
		return "", n
	})
	next.unwrapped = true
	return next, ok
}

// rewrite makes a view with every escape undone. At each byte of intro, undo
// gives the text that stands there and the length of the escape; a length of 0
// means that it is none.
func rewrite(v view, intro string, undo func(s string) (string, int)) (view, bool) {
	first := strings.IndexAny(v.text, intro)
	if first < 0 {
		return view{}, false
	}
	n := len(v.text)
	out := make([]byte, 0, n)
	next := view{unwrapped: v.unwrapped, start: make([]int32, 0, n), end: make([]int32, 0, n)}
	keep := func(from, to int) {
		out = append(out, v.text[from:to]...)
		for i := from; i < to; i++ {
			start, end := v.span(i, i+1)
			next.start, next.end = append(next.start, int32(start)), append(next.end, int32(end))
		}
	}
	at := 0
	for i := first; i < n; {
		text, size := undo(v.text[i:])
		if size == 0 {
			size = 1
		} else if text != v.text[i:i+size] {
			keep(at, i)
			at = i + size
			start, end := v.span(i, at)
			for k := range len(text) {
				out = append(out, text[k])
				next.start, next.end = append(next.start, int32(start)), append(next.end, int32(end))
			}
		}
		i += size
		skip := strings.IndexAny(v.text[i:], intro)
		if skip < 0 {
			break
		}
		i += skip
	}
	if at == 0 {
		return view{}, false
	}
	keep(at, n)
	next.text = string(out)
	return next, true
}

// number reads digits of s from a position on; false if they are not all there.
func number(s string, at, digits, base int) (uint64, bool) {
	if len(s) < at+digits || strings.ContainsAny(s[at:at+digits], "+-_") {
		return 0, false
	}
	n, err := strconv.ParseUint(s[at:at+digits], base, 32)
	return n, err == nil && (base != 8 || n < 256)
}
