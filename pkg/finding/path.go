package finding

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// EscapePath makes a path of a layer fit for a report: UTF-8, with \xNN for
// every other byte, for control characters and for backslashes, and \x21 for a
// '!' that stands before a '/', since "!/" means "inside".
func EscapePath(path string) string {
	return escape(path, true)
}

// EscapeText is EscapePath for text that is no path: instructions, names, errors. It
// keeps backslashes and exclamation marks.
func EscapeText(s string) string {
	return escape(s, false)
}

func escape(s string, path bool) string {
	clean := true
	for i, r := range s {
		if unsafeRune(r) || path && (r == '\\' || r == '!' && strings.HasPrefix(s[i+1:], "/")) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case path && (r == '\\' || r == '!' && strings.HasPrefix(s[i+1:], "/")),
			unsafeRune(r):
			for _, c := range []byte(s[i : i+n]) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// unsafeRune reports whether a rune could move a terminal's cursor, hide text or
// reorder it. Bidirectional and zero-width format characters are of class Cf.
func unsafeRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r == 0x7f
	}
	return r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
}

// Inside names something within a file: an archive's member, a commit's file.
func Inside(path, member string) string { return path + "!/" + member }
