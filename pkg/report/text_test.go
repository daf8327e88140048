package report

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"
	"github.com/imgaudit/imgaudit/pkg/finding"
)

var update = flag.Bool("update", false, "write the golden files anew")

// texts are the sample reports whose text is kept in golden files.
func texts() map[string]*Report {
	return map[string]*Report{"rich": sample(), "clean": clean(), "gaps": gapped(), "several": several(), "huge": huge(500), "scored": scored(), "packaged": packaged(), "vulnerable": vulnerableImage(), "unassessed": unassessed()}
}

func TestTextReportsLookAsTheyDid(t *testing.T) {
	for name, r := range texts() {
		for _, width := range []int{60, 80, 120} {
			file := filepath.Join("testdata", fmt.Sprintf("%s-%d.txt", name, width))
			got := write(t, "text", r, WriterOptions{Text: TextOptions{Width: width}})
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s is another text now; look at it and run the test with -update", file)
			}
		}
	}
}

func TestColoursLoseNothing(t *testing.T) {
	for name, r := range texts() {
		plain := write(t, "text", r, WriterOptions{})
		coloured := write(t, "text", r, WriterOptions{Text: TextOptions{Color: true}})
		if coloured == plain {
			t.Errorf("%s: no colours", name)
		}
		// Spaces at the end of a line may be coloured, and stay.
		var lines []string
		for _, l := range strings.Split(ansi.Strip(coloured), "\n") {
			lines = append(lines, strings.TrimRight(l, " "))
		}
		if strings.Join(lines, "\n") != plain {
			t.Errorf("%s: the words differ with colours", name)
		}
	}
}

func TestABigReportIsShortAndPointsToMore(t *testing.T) {
	text := write(t, "text", huge(5000), WriterOptions{})
	if n := strings.Count(text, "\n"); n > 300 {
		t.Errorf("%d lines", n)
	}
	checkText(t, text, defaultWidth, false)
	for _, want := range []string{"5,000 findings", "-v shows them all; -o json=FILE", "and 988 more"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
	all := write(t, "text", huge(5000), WriterOptions{Text: TextOptions{Verbose: true, Width: 160}})
	for i := range 5000 {
		if path := fmt.Sprintf("srv/app/data/%05d.json:%d", i, i+1); !strings.Contains(all, path) {
			t.Fatalf("%s is not in the verbose report", path)
		}
	}
}

func TestEveryFindingIsNamedOrCounted(t *testing.T) {
	r := sample()
	text := write(t, "text", r, WriterOptions{Text: TextOptions{Width: 160}})
	for _, f := range r.Findings {
		if !strings.Contains(text, f.Rule) || !strings.Contains(text, f.Title) {
			t.Errorf("%s is not in the report", f.Rule)
		}
		if f.Secret != nil && !strings.Contains(text, f.Secret.Redacted) {
			t.Errorf("%s is not in the report", f.Secret.Redacted)
		}
		if f.Secret != nil && strings.Contains(text, f.Secret.Value.Reveal()) {
			t.Errorf("the value of %s is in the report", f.Rule)
		}
	}
}

func TestGapsAreLoud(t *testing.T) {
	for name, c := range map[string]struct {
		r    *Report
		want []string
	}{
		"with findings":    {gapped(), []string{"! Incomplete: 3 parts could not be read", "Not read", "layer 7: truncated", "srv/app/vendor/weird.zip", "gap", "Scan again: 3 parts"}},
		"without findings": {&Report{Coverage: Coverage{Gaps: []LedgerLine{{Reason: "missing-blob"}}}}, []string{"! Nothing found in what could be read", "! missing-blob", "Scan again"}},
		"without any line": {&Report{}, []string{"! Nothing found in what could be read", "Not read", "not everything could be read"}},
		"none":             {clean(), []string{"✓ Nothing found.", "Everything was read: 3,412 files, 78.5 MB."}},
	} {
		text := write(t, "text", c.r, WriterOptions{})
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", name, want, text)
			}
		}
		if loud := strings.Contains(text, "Not read"); loud != (name != "none") {
			t.Errorf("%s: speaks of what was not read: %v", name, loud)
		}
	}
}

// checkText holds a text report against what must be true of each.
func checkText(t *testing.T, text string, width int, color bool) {
	t.Helper()
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if n := ansi.StringWidth(line); n > width {
			t.Errorf("line %d has %d cells of %d: %q", i+1, n, width, line)
		}
		if strings.HasSuffix(line, " ") {
			t.Errorf("line %d ends with a space: %q", i+1, line)
		}
		if color {
			line = sgr.ReplaceAllString(line, "")
		}
		for _, r := range line {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
				t.Errorf("line %d has %U: %q", i+1, r, line)
				break
			}
		}
	}
}

var sgr = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// nasty are pieces of what a stranger may write into an image.
var nasty = []string{"\x1b[31m", "\x1b]0;title\a", "\r", "\n", "\t", "\u009b2J", "\u202e", "\u200b", "\u2028", "日本語", "é", "e\u0301", "👩‍🚀", "🇩🇪", "\xff", "\x00",
	"a", "very-long-word-without-any-space-", "/", " ", "RUN ", "|2 A=b /bin/sh -c ", "config!/env/", "history!/3", "****(20)", "'", "%s%n", "ｆｕｌｌ", "\u0300\u0301\u0302"}

// scramble fills every field of a report with something.
func scramble(m maker, v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.String:
		var b strings.Builder
		for range m.IntN(6) * m.IntN(4) {
			b.WriteString(nasty[m.IntN(len(nasty))])
		}
		switch v.Type() {
		case reflect.TypeFor[finding.Severity]():
			v.SetString(string(append(finding.Severities(), "odd\x1b")[m.IntN(6)]))
		case reflect.TypeFor[finding.Category]():
			v.SetString([]string{"secret", "hygiene", "integrity", "config", "\x1b"}[m.IntN(5)])
		case reflect.TypeFor[finding.Fate]():
			v.SetString([]string{"present", "deleted", "overwritten", "unknown", "\x1b"}[m.IntN(5)])
		default:
			v.SetString(b.String())
		}
	case reflect.Struct:
		if v.Type() == valueType {
			v.Set(reflect.ValueOf(finding.Hide(m.chars(alnum, 20))))
			return
		}
		for i := range v.NumField() {
			scramble(m, v.Field(i), depth+1)
		}
	case reflect.Pointer:
		if m.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			scramble(m, v.Elem(), depth+1)
		}
	case reflect.Slice:
		n := m.IntN(5)
		if depth == 1 && m.IntN(4) == 0 {
			n = 30
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			scramble(m, v.Index(i), depth+1)
		}
	case reflect.Bool:
		v.SetBool(m.IntN(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt([]int64{0, 1, 2, 3, -1, 1 << 40, -1 << 62, 1<<63 - 1}[m.IntN(8)])
		if m.IntN(2) == 0 {
			v.SetInt(int64(m.IntN(12)))
		}
	}
}

func TestNoLineIsTooWideAndNothingRawGetsOut(t *testing.T) {
	for seed := range uint64(300) {
		m := newMaker(seed)
		var r Report
		scramble(m, reflect.ValueOf(&r).Elem(), 0)
		opts := TextOptions{Width: []int{1, 60, 61, 79, 80, 100, 133, 500}[m.IntN(8)], Color: m.IntN(2) == 0, Verbose: m.IntN(3) == 0, Target: nasty[m.IntN(len(nasty))]}
		text := write(t, "text", &r, WriterOptions{Text: opts, ShowSecrets: m.IntN(2) == 0})
		checkText(t, text, min(max(opts.Width, minWidth), maxWidth), opts.Color)
		if t.Failed() {
			t.Fatalf("seed %d, %+v", seed, opts)
		}
	}
	for name, r := range texts() {
		for width := minWidth; width <= 140; width += 7 {
			for _, color := range []bool{false, true} {
				checkText(t, write(t, "text", r, WriterOptions{Text: TextOptions{Width: width, Color: color}}), width, color)
			}
		}
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("RUN x\x1b[2J", "etc/\u202epasswd", uint8(20), true)
	f.Add("日本語日本語日本語", "日本/語", uint8(0), false)
	f.Fuzz(func(t *testing.T, instruction, path string, extra uint8, color bool) {
		m := newMaker(1)
		im := m.image(instruction)
		im.Layers[3].Instruction = &instruction
		s := m.secret("rule", instruction, m.chars(alnum, 20), finding.High, finding.Sure, im.at(3, path, 1, im.lost(finding.Deleted, finding.Whiteout, 5)))
		h := m.hygiene("rule", path, finding.Hygiene, finding.Low, instruction, im.at(-1, "history!/3", 0, said(instruction)))
		r := &Report{Images: []Image{im}, Findings: []finding.Finding{s, h}, Coverage: Coverage{Gaps: []LedgerLine{{Reason: path, Detail: instruction, Examples: []string{path}}}}}
		width := minWidth + int(extra)
		checkText(t, write(t, "text", r, WriterOptions{Text: TextOptions{Width: width, Color: color}}), min(width, maxWidth), color)
	})
}

func TestPiecesOfTextAreCutToTheirWidth(t *testing.T) {
	m := newMaker(11)
	for range 3000 {
		var b strings.Builder
		for range m.IntN(12) {
			b.WriteString(oneLine(nasty[m.IntN(len(nasty))]))
		}
		s, n := b.String(), 1+m.IntN(70)
		for name, got := range map[string]string{"middle": middle(s, n), "end": end(s, n), "around": around(s, "****(20)", n)} {
			if columns(got) > n {
				t.Fatalf("%s(%q, %d) = %q has %d cells", name, s, n, got, columns(got))
			}
			if name != "around" && columns(s) <= n && got != s {
				t.Fatalf("%s(%q, %d) = %q", name, s, n, got)
			}
		}
	}
	for _, c := range []struct{ got, want string }{
		{middle("srv/app/node_modules/x/config.js", 20), "srv/app…/x/config.js"},
		{middle("日本語日本語日本語", 10), "日…日本語"},
		{around("RUN |2 AAAAAAAAAAAAAAAAAAAAAAAAAAAA TOKEN=****(20) sh -c x", "****(20)", 24), "… TOKEN=****(20) sh -c x"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestNumbersReadWell(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{size(0), "0 B"}, {size(999), "999 B"}, {size(1000), "1.0 kB"}, {size(999_949), "999.9 kB"}, {size(999_950), "1.0 MB"}, {size(78_450_211), "78.5 MB"}, {size(5e12), "5.0 TB"}, {size(-1), "?"},
		{number10(0), "0"}, {number10(999), "999"}, {number10(1000), "1,000"}, {number10(-1234567), "-1,234,567"},
		{count(1, "file"), "1 file"}, {count(0, "file"), "0 files"},
		{list([]string{"a"}, 3), "a"}, {list([]string{"a", "b", "c"}, 3), "a, b and c"}, {list([]string{"a", "b", "c"}, 2), "a, b and 1 more"},
		{short(ptr("RUN |1 A=b /bin/sh -c make # buildkit")), "RUN make"}, {short(ptr("RUN /bin/sh -c make")), "RUN make"}, {short(nil), ""},
		{shellQuote("it's"), `'it'\''s'`}, {shellQuote("a/b:c"), "a/b:c"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
