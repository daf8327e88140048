package report

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

func hide(values ...string) *Redactor {
	var s []Secret
	for _, v := range values {
		s = append(s, Secret{Value: finding.Hide(v), Redacted: "<hidden>"})
	}
	return NewRedactor(s...)
}

// forms are the ways in which a value stands in text. All of them are exact inverses
// of something that programs write.
func forms() map[string]func(string) string {
	b64 := func(e *base64.Encoding, before, after string) func(string) string {
		return func(s string) string { return e.EncodeToString([]byte(before + s + after)) }
	}
	asJSON := func(s string) string {
		b, _ := json.Marshal(s)
		return string(b[1 : len(b)-1])
	}
	everyByte := func(format string) func(string) string {
		return func(s string) string {
			var b strings.Builder
			for i := range len(s) {
				fmt.Fprintf(&b, format, s[i])
			}
			return b.String()
		}
	}
	return map[string]func(string) string{
		"raw":                        func(s string) string { return s },
		"JSON":                       asJSON,
		"JSON with escaped slashes":  func(s string) string { return strings.ReplaceAll(asJSON(s), "/", `\/`) },
		"JSON in JSON":               func(s string) string { return asJSON(asJSON(s)) },
		"Go quoted":                  func(s string) string { q := strconv.Quote(s); return q[1 : len(q)-1] },
		"Go quoted in ASCII":         func(s string) string { q := strconv.QuoteToASCII(s); return q[1 : len(q)-1] },
		"URL query":                  url.QueryEscape,
		"URL path":                   url.PathEscape,
		"URL path in lower case":     everyByte("%%%02x"),
		"URL in HTML":                func(s string) string { return html.EscapeString(url.QueryEscape(s)) },
		"HTML":                       html.EscapeString,
		"HTML in JSON":               func(s string) string { return asJSON(html.EscapeString(s)) },
		"escaped text":               finding.EscapeText,
		"escaped path":               finding.EscapePath,
		"every byte in hexadecimal":  everyByte(`\x%02x`),
		"every byte in octal":        everyByte(`\%03o`),
		"hexadecimal":                func(s string) string { return hex.EncodeToString([]byte(s)) },
		"HEXADECIMAL":                func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
		"base64":                     b64(base64.StdEncoding, "", ""),
		"base64 without padding":     b64(base64.RawStdEncoding, "", ""),
		"base64 for URLs":            b64(base64.URLEncoding, "", ""),
		"base64 in base64, shift 1":  b64(base64.StdEncoding, "u:xy", ""),
		"base64 in base64, shift 2":  b64(base64.RawURLEncoding, "user:", "@host"),
		"base64 in base64, in front": b64(base64.StdEncoding, "", ":tail"),
		"base64 in JSON":             func(s string) string { return strings.ReplaceAll(b64(base64.StdEncoding, "ab", "z")(s), "/", `\/`) },
		"base64 in a URL":            func(s string) string { return url.QueryEscape(b64(base64.StdEncoding, "ab", "z")(s)) },
		"base64 in lines of 76":      func(s string) string { return wrap(b64(base64.StdEncoding, "some text before", "and after")(s), 76) },
	}
}

func wrap(s string, width int) string {
	var b strings.Builder
	for len(s) > width {
		b.WriteString(s[:width] + "\n")
		s = s[width:]
	}
	return b.String() + s
}

func values() map[string]string {
	m := newMaker(9)
	return map[string]string{
		"a token":            "tok" + "_" + m.chars(alnum, 36),
		"of 6 bytes":         m.chars(alnum, 6),
		"with punctuation":   `p@ss/w+rd?&<x>"'\=` + m.chars(alnum, 8),
		"with spaces":        "correct horse " + m.chars(alnum, 6) + " staple",
		"not ASCII":          "pässwörd→" + m.chars(alnum, 6) + "😀",
		"not UTF-8":          "abc\xff\xfe" + m.chars(alnum, 9) + "\x00\x1b",
		"with percent signs": "100%41" + m.chars(alnum, 8) + "%zz%",
		"with backslashes":   `C:\new\table\x41` + m.chars(alnum, 6),
		"with an entity":     "a&amp;b&#65;" + m.chars(alnum, 5),
		"a private key":      m.pem(),
	}
}

func TestAValueIsReplacedInEveryForm(t *testing.T) {
	for what, value := range values() {
		r := hide(value)
		for form, encode := range forms() {
			encoded := encode(value)
			for _, around := range [][2]string{{"", ""}, {"key=", " # done"}, {`{"a":"`, `"}`}, {"x", "y"}} {
				if around[0] == "x" && strings.Contains(form, "64") {
					continue // one letter more is another base64
				}
				got := r.String(around[0] + encoded + around[1])
				if want := around[0] + "<hidden>" + around[1]; got != want && !strings.Contains(form, "in base64") && !strings.Contains(form, "base64 in") {
					t.Errorf("a value %s as %s between %q: %q", what, form, around, got)
				}
				if strings.Contains(got, encoded) || leaks(got, value) {
					t.Errorf("a value %s as %s leaks: %q", what, form, got)
				}
			}
		}
	}
}

// leaks reports whether text still tells the value, by decoders of its own.
func leaks(text, value string) bool {
	candidates := []string{text, html.UnescapeString(text)}
	if u, err := url.QueryUnescape(text); err == nil {
		candidates = append(candidates, u)
	}
	if u, err := strconv.Unquote(`"` + text + `"`); err == nil {
		candidates = append(candidates, u)
	}
	for _, c := range candidates {
		if strings.Contains(c, value) {
			return true
		}
	}
	return false
}

func TestALineOfAKeyIsReplacedByItself(t *testing.T) {
	key := newMaker(4).pem()
	lines := strings.Split(strings.TrimSpace(key), "\n")
	body := strings.Join(lines[1:len(lines)-1], "")
	r := hide(key)
	for name, text := range map[string]string{
		"one line":                lines[3],
		"one line, escaped":       `"` + lines[2] + `\n` + lines[3] + `\n"`,
		"CRLF":                    strings.ReplaceAll(key, "\n", "\r\n"),
		"CRLF, escaped":           strings.ReplaceAll(key, "\n", `\r\n`),
		"escaped newlines":        strings.ReplaceAll(key, "\n", `\n`),
		"twice escaped newlines":  strings.ReplaceAll(key, "\n", `\\n`),
		"spaces for newlines":     strings.ReplaceAll(key, "\n", " "),
		"indented":                strings.ReplaceAll(key, "\n", "\n    "),
		"wrapped at another line": wrap(body, 76),
		"in one line":             body,
		"without its header":      strings.Join(lines[1:], "\n"),
	} {
		got := r.String(text)
		for _, line := range lines[1 : len(lines)-1] {
			for i := 0; i+minPiece <= len(line); i++ {
				if strings.Contains(got, line[i:i+minPiece]) {
					t.Fatalf("%s: %q is left in %q", name, line[i:i+minPiece], got)
				}
			}
		}
		if strings.Count(got, "<hidden>") != 1 {
			t.Errorf("%s: not one mark in %q", name, got)
		}
	}
	for _, header := range []string{lines[0], lines[len(lines)-1], "-----BEGIN CERTIFICATE-----"} {
		if got := r.String(header); got != header {
			t.Errorf("the header %q became %q", header, got)
		}
	}
	// A key that a .env file holds in one line.
	if got := hide(strings.ReplaceAll(key, "\n", `\n`)).String(key); strings.Contains(got, lines[2]) {
		t.Errorf("a key with escaped newlines is left in %q", got)
	}
}

func TestOverlappingValuesAreReplacedAsAWhole(t *testing.T) {
	r := NewRedactor(
		Secret{finding.Hide("abcdefgh"), "<1>"}, Secret{finding.Hide("abcdefghijkl"), "<2>"},
		Secret{finding.Hide("ijklmnopqrstuv"), "<3>"}, Secret{finding.Hide("efghij"), "<4>"})
	for text, want := range map[string]string{
		"abcdefgh":                         "<1>",
		"abcdefghijk":                      "<1>k", // <4> reaches two further
		"abcdefghijkl":                     "<2>",
		"abcdefghijklmnopqrst":             "<2>mnopqrst",
		"abcdefghijklmnopqrstuv abcdefgh,": "<3> <1>,",
		"xefghijx":                         "x<4>x",
	} {
		if got := r.String(text); got != want {
			t.Errorf("%s became %s, not %s", text, got, want)
		}
	}
}

func TestAShortValueIsReplacedOnlyBetweenOtherCharacters(t *testing.T) {
	r := hide("app", "a-b", "a-b-x", "s3c!")
	for text, want := range map[string]string{
		"app":                  "<hidden>",
		"PASSWORD=app":         "PASSWORD=<hidden>",
		"PASSWORD=app\nUSER=x": "PASSWORD=<hidden>\nUSER=x",
		`"line\napp\n"`:        `"line\n<hidden>\n"`,
		"apple wrapper":        "apple wrapper",
		"x-a-b-c":              "x-<hidden>-c",
		"xa-b":                 "xa-b",
		"a-b-xy":               "<hidden>-xy",
		"pw=s3c%21&":           "pw=<hidden>&",
		"YXBw":                 "<hidden>",
		"YXBwbGU=":             "YXBwbGU=",
		"617070":               "<hidden>",
	} {
		if got := r.String(text); got != want {
			t.Errorf("%s became %s, not %s", text, got, want)
		}
	}
}

func TestARedactorWithoutValuesChangesNothing(t *testing.T) {
	for _, r := range []*Redactor{nil, {}, NewRedactor(), NewRedactor(Secret{})} {
		if got := r.String("a %41 b"); got != "a %41 b" {
			t.Errorf("got %q", got)
		}
		var b strings.Builder
		w := r.Writer(&b)
		fmt.Fprint(w, "a %41 ")
		fmt.Fprint(w, "b")
		if err := w.Close(); err != nil || b.String() != "a %41 b" {
			t.Errorf("wrote %q (%v)", b.String(), err)
		}
		if got := r.Report(sample()); got.Findings[0].Title != sample().Findings[0].Title || got.Findings[0].Secret.Value.Reveal() != "" {
			t.Errorf("the report became %+v", got.Findings[0])
		}
	}
}

func TestAMarkNeverHoldsItsValue(t *testing.T) {
	r := NewRedactor(Secret{finding.Hide("swordfish-42"), "pw:swordfish-42"})
	if got := r.String("x swordfish-42 y"); got != "x ****(12) y" {
		t.Errorf("got %q", got)
	}
}

// FuzzRedactor plants a value in some form in a text.
func FuzzRedactor(f *testing.F) {
	f.Add("tok_0123456789abc", "KEY=", " # end", uint(0))
	f.Add("p&ss<\"word\\", "%2", "\\u00", uint(7))
	f.Add("aaaaaaaa", "aaaaaaaaa", "aaa", uint(16))
	f.Add("\xff\xfe\n\r\n\x00zz", "\\", "%", uint(3))
	all := forms()
	names := slices.Sorted(maps.Keys(all))
	f.Fuzz(func(t *testing.T, value, before, after string, form uint) {
		if len(value) < shortValue || len(value) > 4096 {
			return
		}
		name := names[form%uint(len(names))]
		encoded := all[name](value)
		r := hide(value)
		text := before + encoded + after
		got := r.String(text)
		switch {
		case strings.Contains("<hidden>", value):
		case strings.Contains(got, value) && !strings.Contains(before+"<hidden>"+after, value) && !joins(got, value):
			t.Errorf("%q is left in %q", value, got)
		}
		// What stands before an escape may be part of another one: then it is none.
		if !strings.ContainsAny(before+after, `\%&`) && strings.Contains(got, encoded) && !strings.Contains("<hidden>", encoded) && !joins(got, encoded) {
			t.Errorf("%q as %s is left in %q", value, name, got)
		}
		if utf8.ValidString(text) && !utf8.ValidString(got) && utf8.ValidString(value) {
			t.Errorf("%q became %q, which is not UTF-8", text, got)
		}
		if other := hide("\x01\x02\x03\x04\x05\x06\x07\x08"); !strings.Contains(text, "\x01") && !strings.ContainsAny(text, `\%&A0`) {
			if same := other.String(text); same != text {
				t.Errorf("without a value %q became %q", text, same)
			}
		}
		// A stream gives the same as one string, however it is cut.
		var b strings.Builder
		w := r.Writer(&b)
		cut := 0
		if len(text) > 0 {
			cut = int(form) % len(text)
		}
		_, _ = w.Write([]byte(text[:cut]))
		_, _ = w.Write([]byte(text[cut:]))
		_ = w.Close()
		if strings.Contains(b.String(), value) && !strings.Contains(got, value) {
			t.Errorf("cut at %d, %q is left in the stream %q", cut, value, b.String())
		}
	})
}

// joins reports whether a value appears only because a mark stands in the text.
func joins(text, value string) bool {
	for _, part := range strings.Split(text, "<hidden>") {
		if strings.Contains(part, value) {
			return false
		}
	}
	return true
}

func TestALongValueIsReplacedInChunks(t *testing.T) {
	m := newMaker(13)
	value := m.chars(alnum, maxValue+5000)
	r := hide(value)
	if got := r.String("x " + value[:maxValue] + " y"); got != "x <hidden> y" {
		t.Errorf("a value became %.100q", got)
	}
	if got := r.String(base64.StdEncoding.EncodeToString([]byte(value[:maxValue]))); strings.Contains(got, base64.StdEncoding.EncodeToString([]byte(value[300:420]))) {
		t.Error("a part of a value in base64 is left")
	}
	if n := len(r.long.patterns); n > 200 {
		t.Errorf("%d patterns", n)
	}
}

func TestNoBitOfAValueIsLeftAroundItInBase64(t *testing.T) {
	value := newMaker(14).chars(alnum, 20)
	r := hide(value)
	for before, want := range map[string]string{
		// Of the first text only the characters that no bit of the value is in may stay.
		"":    "<hidden>",
		"a":   "Y<hidden>",
		"ab":  "YW<hidden>",
		"abc": "YWJj<hidden>",
	} {
		if got := r.String(base64.StdEncoding.EncodeToString([]byte(before + value))); got != want {
			t.Errorf("behind %q: %s, not %s", before, got, want)
		}
	}
}
