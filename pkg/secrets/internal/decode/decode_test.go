package decode

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// parts gives all that is found, and checks that it lies where it says.
func parts(t testing.TB, content []byte) []Part {
	t.Helper()
	var all []Part
	Each(content, false, func(p Part) {
		if p.Start < 0 || p.End > len(content) || p.Start >= p.End {
			t.Errorf("a part from %d to %d of %d bytes", p.Start, p.End, len(content))
		}
		p.Content = bytes.Clone(p.Content)
		all = append(all, p)
	})
	return all
}

func wrapped(s string, width int, end string) string {
	var b strings.Builder
	for len(s) > width {
		b.WriteString(s[:width] + end)
		s = s[width:]
	}
	return b.String() + s
}

func utf16Of(s string, big bool) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

func utf32Of(s string, big bool) string {
	var b []byte
	for _, r := range s {
		if big {
			b = append(b, 0, 0, byte(r>>8), byte(r))
		} else {
			b = append(b, byte(r), byte(r>>8), 0, 0)
		}
	}
	return string(b)
}

func gzipOf(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, s)
	w.Close()
	return b.String()
}

func zlibOf(s string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = io.WriteString(w, s)
	w.Close()
	return b.String()
}

func std(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// token makes a secret that differs each time.
func token(r *rand.Rand) string {
	const chars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	b := make([]byte, 32)
	for i := range b {
		b[i] = chars[r.IntN(len(chars))]
	}
	return string(b)
}

func TestWhatIsEncodedIsFound(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		encoding string
		form     func(secret string) string
	}{
		{"base64", std},
		{"base64", func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }},
		{"base64", func(s string) string { return wrapped(std(s), 64, "\n") }},
		{"base64", func(s string) string { return wrapped(std(s), 76, "\r\n") }},
		{"base64", func(s string) string { return wrapped(std(s), 64, "\n    ") }},
		{"base64", func(s string) string { return wrapped(std(s), 64, `\n`) }},
		{"base64 > base64", func(s string) string { return std(std(s)) }},
		{"base64 > gzip", func(s string) string { return std(gzipOf(s)) }},
		{"base64 > base64 > gzip", func(s string) string { return std(std(gzipOf(s))) }},
		{"base64 > zlib", func(s string) string { return std(zlibOf(s)) }},
		{"base64 > utf-16", func(s string) string { return std(utf16Of(s, false)) }},
		{"hex", func(s string) string { return hex.EncodeToString([]byte(s)) }},
		{"hex > base64", func(s string) string { return hex.EncodeToString([]byte(std(s))) }},
		{"utf-16", func(s string) string { return utf16Of(s, false) }},
		{"utf-16", func(s string) string { return utf16Of(s, true) }},
		{"utf-32", func(s string) string { return utf32Of(s, false) }},
		{"utf-32", func(s string) string { return utf32Of(s, true) }},
		{"escapes", func(s string) string {
			var b strings.Builder
			for i, ch := range s {
				if i%3 == 0 {
					fmt.Fprintf(&b, `\u%04x`, ch)
				} else {
					b.WriteRune(ch)
				}
			}
			return b.String()
		}},
		{"escapes", func(s string) string {
			var b strings.Builder
			for _, ch := range []byte(s) {
				fmt.Fprintf(&b, `\x%02x`, ch)
			}
			return b.String()
		}},
		{"html", func(s string) string {
			var b strings.Builder
			for _, ch := range s {
				fmt.Fprintf(&b, "&#%d;", ch)
			}
			return b.String()
		}},
		{"percent", func(s string) string { return url.QueryEscape("p=" + s + "/ :") }},
	} {
		for pad := range 9 {
			secret := fmt.Sprintf("config:\n  api_token = %s\n  host = example.test, port = %d", token(r), pad)
			if c.encoding == "percent" || c.encoding == "escapes" || c.encoding == "html" {
				secret = "api_token=" + token(r)
			}
			before := strings.Repeat("x", pad) + "\nvalue: \""
			content := []byte("a line of ordinary text, and one more word" + before + c.form(secret) + "\"\nthe end of the file\n")
			found := false
			for _, p := range parts(t, content) {
				if p.Encoding == c.encoding && bytes.Contains(p.Content, []byte(secret)) {
					found = true
				}
			}
			if !found {
				t.Errorf("%s, %d before it: not found in %.80q; parts %+.300v", c.encoding, pad, content, parts(t, content))
			}
		}
	}
}

func TestWhatIsNoEncodingGivesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	noise := make([]byte, 1<<20)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	sums := ""
	for range 200 {
		b := make([]byte, 32)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		sums += hex.EncodeToString(b) + "  usr/share/some/path/of/a/file/in/a/package\nsha512-" + base64.StdEncoding.EncodeToString(append(b, b...)) + "\n"
	}
	for name, content := range map[string]string{
		"noise": string(noise), "digests": sums,
		"names": strings.Repeat("getElementByIdentifierOrNameFromRegistry usr/lib/x86_64/linux/gnu/thing/other_thing/more\n", 100),
		"zeros": strings.Repeat("\x00", 1<<16), "text": strings.Repeat("The quick brown fox; 100 % of it jumps over 25% of dogs.\n", 100),
		"code": strings.Repeat(`printf("%d items\n", n); if (c == '\\') return "\t";`+"\n", 100),
	} {
		if all := parts(t, []byte(content)); len(all) > 0 {
			t.Errorf("%s: %d parts, the first %s %.60q", name, len(all), all[0].Encoding, all[0].Content)
		}
	}
}

func TestBombsAreBounded(t *testing.T) {
	bomb := std(gzipOf(strings.Repeat("bomb ", 20<<20)))
	sum := 0
	whole := Each([]byte(strings.Repeat(bomb+"\n\n", 50)), false, func(p Part) { sum += len(p.Content) })
	if whole || sum > maxDecoded {
		t.Errorf("%d bytes were decoded, all of it: %v", sum, whole)
	}
}

func TestContentThatIsOneZlibStreamIsDecoded(t *testing.T) {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write([]byte(strings.Repeat("a line of text\n", 40)))
	_ = w.Close()
	var got []string
	Each(b.Bytes(), true, func(p Part) {
		got = append(got, fmt.Sprintf("%s %d %d %d", p.Encoding, p.Start, p.End, len(p.Content)))
	})
	if want := fmt.Sprintf("zlib 0 %d %d", b.Len(), 40*15); len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzEach(f *testing.F) {
	for _, s := range []string{
		std("api_token = abcdefghijklmnop"), wrapped(std(strings.Repeat("secret ", 30)), 64, "\n"), utf16Of("some wide text in here", false), utf32Of("some wide text in here", true),
		hex.EncodeToString([]byte("hexadecimal digits")), `\u0041\x42 &#67; %44%45%46%47%48%49%50%51`, std(gzipOf("compressed")), std(std(std("deep"))), `\ud83d\ude00 \u00`, "&#x", "%", `\`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		before := bytes.Clone(content)
		sum := 0
		for _, p := range parts(t, content) {
			sum += len(p.Content)
		}
		if sum > maxDecoded || !bytes.Equal(before, content) {
			t.Errorf("%d bytes decoded, content changed: %v", sum, !bytes.Equal(before, content))
		}
	})
}

func BenchmarkEach(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 6))
	noise := make([]byte, 8<<20)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	binary := bytes.Clone(noise)
	for i := range binary {
		if r.IntN(3) == 0 {
			binary[i] = 0
		}
	}
	for name, content := range map[string][]byte{
		"noise": noise, "binary": binary,
		"text":   []byte(strings.Repeat("The quick brown fox jumps over the lazy dog, says /usr/share/doc/fox.\n", 100_000)),
		"base64": []byte(wrapped(std(strings.Repeat("text that is encoded. ", 300_000)), 76, "\n")),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			for b.Loop() {
				for at := 0; at < len(content); at += 256 << 10 {
					Each(content[at:min(len(content), at+256<<10)], name == "binary" || name == "noise", func(Part) {})
				}
			}
		})
	}
}

func TestTextsInTextsAreDecodedWithTheirLines(t *testing.T) {
	const file = "first line\nsecond: \"quoted\"\n"
	for name, c := range map[string]struct{ content, encoding string }{
		"a file in JSON":                   {`{"path": "etc/x", "content": "first line\nsecond: \"quoted\"\n"}`, "string"},
		"a file in YAML":                   {"files:\n  x: \"first line\\nsecond: \\\"quoted\\\"\\n\"\n", "string"},
		"a file in source code":            {`const data = "first line\nsecond: \"quoted\"\n";`, "string"},
		"a string of escapes alone":        {`{"content":"` + unicodeEscapes(file) + `"}`, "string"},
		"a page of several lines":          {"<html><pre class=\"x\">first line\nsecond&#58; &quot;quoted&quot;\n</pre></html>", "html"},
		"JSON in an attribute of HTML":     {"<div data-x=\"{&quot;first line\nsecond: &quot;quoted&quot;\n", "html"},
		"a field of a form":                {"user=x&body=" + url.PathEscape(file) + "&end=1", "percent"},
		"a file in JSON in a string again": {`{"log": "{\"content\": \"first line\\nsecond: \\\"quoted\\\"\\n\"}"}`, "string > string"},
	} {
		t.Run(name, func(t *testing.T) {
			want := file
			if c.encoding == "html" && strings.Contains(name, "attribute") {
				want = `second: "quoted"`
			}
			all := parts(t, []byte(c.content))
			for _, p := range all {
				if p.Encoding == c.encoding && (string(p.Content) == want || strings.Contains(name, "attribute") && strings.Contains(string(p.Content), want)) {
					return
				}
			}
			t.Errorf("not found in %+v", all)
		})
	}
	for name, content := range map[string]string{
		"a short message":         `printf("a\n", x)`,
		"an argument":             `log.Printf("some message of a program %d\n", n)`,
		"no end":                  `x: "first line\nsecond`,
		"the end of another line": "x: \"first line\nsecond\\n\"",
	} {
		if all := parts(t, []byte(content)); len(all) > 0 {
			t.Errorf("%s: %+v", name, all)
		}
	}
}

func unicodeEscapes(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, `\u%04x`, u)
	}
	return b.String()
}

// Every escape might begin a search through all that was before it.
func TestEscapesWithoutEndTakeLinearTime(t *testing.T) {
	for name, unit := range map[string]string{"ends of lines": `\n`, "quotes and ends": `="\n`, "entities": "&#65", "open tags": "<&#65;", "JSON": `"{\"`} {
		content := []byte(strings.Repeat(unit, 4<<20/len(unit)))
		begun := time.Now()
		for at := 0; at < len(content); at += 256 << 10 {
			Each(content[at:min(len(content), at+256<<10)], false, func(Part) {})
		}
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("%s: %s", name, took)
		}
	}
}
