package report

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// shortValue is the length below which a value is replaced only where it stands
// between non-alphanumerics: "app" must not wreck every path that holds it.
const shortValue = 6

// minPiece is the length from which one line of a key is secret by itself.
const minPiece = 16

// pattern is one text to look for and what to write instead. Escaped forms need
// no patterns: the text is unescaped before it is searched. What cannot be
// undone without knowing the value is listed here: base64 inside other base64,
// hexadecimal, and escapes that lose something.
type pattern struct {
	text, mark string
	word       bool // of a value that is one plain word
	piece      bool // one line of a value of several
	base64     bool // also take the characters at the edges that hold some bits of the value
	left       bool // … before the text
	right      bool // … behind it
}

// Of a value longer than maxValue only the beginning is looked for, and of one
// longer than chunkSize each chunk by itself: nobody prints a value of megabytes, and an
// image must not choose how much memory the redactor takes.
const (
	maxValue  = 64 << 10
	chunkSize = 4 << 10
)

func longPatterns(v, mark string) []pattern {
	var ps []pattern
	if len(v) > chunkSize {
		for chunk := range slices.Chunk([]byte(v[:min(len(v), maxValue)]), chunkSize) {
			for _, p := range longPatterns(string(chunk), mark) {
				if len(p.text) >= minPiece {
					p.piece = true
					ps = append(ps, p)
				}
			}
		}
		return ps
	}
	for _, form := range lineForms(v) {
		ps = append(ps, pattern{text: form, mark: mark})
		ps = append(ps, base64Patterns(form, mark)...)
		ps = append(ps, hexPatterns(form, mark)...)
	}
	for _, form := range []string{finding.EscapeText(v), finding.EscapePath(v), string([]rune(v))} {
		ps = append(ps, pattern{text: form, mark: mark})
	}
	for _, piece := range pieces(v) {
		ps = append(ps, pattern{text: piece, mark: mark, piece: true})
	}
	return ps
}

func shortPatterns(v, mark string) []pattern {
	ps := []pattern{
		{text: v, mark: mark},
		{text: finding.EscapeText(v), mark: mark},
		{text: string([]rune(v)), mark: mark},
	}
	for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		ps = append(ps, pattern{text: e.EncodeToString([]byte(v)), mark: mark})
	}
	return append(ps, hexPatterns(v, mark)...)
}

// isPlainWord reports whether a value could as well be a word of a sentence.
func isPlainWord(v string) bool {
	for i := range len(v) {
		if c := v[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return len(v) <= maxWord
}

const maxWord = 12

// lineForms lists the value, without white space around it, and with the other line ends.
func lineForms(v string) []string {
	forms := []string{v}
	if t := strings.TrimSpace(v); t != v && len(t) >= shortValue {
		forms = append(forms, t)
	}
	for _, f := range forms {
		if plain := strings.ReplaceAll(f, "\r\n", "\n"); strings.Contains(plain, "\n") {
			forms = append(forms, plain, strings.ReplaceAll(plain, "\n", "\r\n"))
		}
	}
	return forms
}

// pieces lists the lines of a value of several lines that are secret by
// themselves, and all of them in one. A line of prose or a key's header is none.
func pieces(v string) []string {
	if decoded, ok := decodeBackslash(view{text: v}); ok {
		v = decoded.text
	}
	if !strings.ContainsAny(v, "\r\n") {
		return nil
	}
	var lines []string
	for _, line := range strings.Fields(v) {
		if isBase64(line) && (len(line) >= minPiece || len(lines) > 0) {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	out := []string{strings.Join(lines, "")}
	for _, line := range lines {
		if len(line) >= minPiece {
			out = append(out, line)
		}
	}
	return out
}

func hexPatterns(v, mark string) []pattern {
	h := hex.EncodeToString([]byte(v))
	return []pattern{{text: h, mark: mark}, {text: strings.ToUpper(h), mark: mark}}
}

// base64Patterns lists the characters that the value alone decides when it
// stands at each of the three alignments within a longer base64 text.
func base64Patterns(v, mark string) []pattern {
	var ps []pattern
	for shift := range 3 {
		from, to := (8*shift+5)/6, 8*(shift+len(v))/6
		padded := make([]byte, shift+len(v))
		copy(padded[shift:], v)
		p := pattern{mark: mark, base64: true, left: shift > 0, right: (shift+len(v))%3 != 0}
		p.text = base64.RawStdEncoding.EncodeToString(padded)[from:to]
		ps = append(ps, p)
		if url := strings.NewReplacer("+", "-", "/", "_").Replace(p.text); url != p.text {
			p.text = url
			ps = append(ps, p)
		}
	}
	return ps
}

// widen takes in the characters at the edges that share bits with the value, and
// the padding.
func (p *pattern) widen(s string, start, end int) (int, int) {
	if p.left && start > 0 && isBase64(s[start-1:start]) {
		start--
	}
	if p.right && end < len(s) && isBase64(s[end:end+1]) {
		end++
		for range 2 {
			if end < len(s) && s[end] == '=' {
				end++
			}
		}
	}
	return start, end
}

// isBase64 reports whether s has only characters of either alphabet, or padding.
func isBase64(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 0x80 || !isWord(c) && !strings.ContainsRune("+/-_=", rune(c)) {
			return false
		}
	}
	return true
}
