package secrets

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"
	"github.com/spf13/viper"
	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/detect"
	"github.com/zricethezav/gitleaks/v8/report"
)

// The oracle is gitleaks' own detector with its default rules. Its path
// allow-lists are taken out, as ours ignores them; inline allow comments are ignored.
//
// Wanted differences, which these tests steer clear of:
//   - (?i) in gitleaks also takes the long s (U+017F) and the Kelvin sign
//     (U+212A) for letters. Ours does not where it looks for a run: nobody spells
//     a variable's name with them.
//   - Allow-lists that look at the line see, in gitleaks, all of the text from
//     its beginning when the match is on a last line without newline: a mistake of
//     its location code. Ours see the line. The tests end texts with a newline.
//   - Matches longer than the engine's reach (32 KiB after a run).
//   - Texts whose line around a match is longer than 4 KiB on a side.
var oracle = sync.OnceValues(func() (*detect.Detector, error) {
	zerolog.SetGlobalLevel(zerolog.Disabled)
	raw, err := writtenDefaults()
	if err != nil {
		return nil, err
	}
	raw.AllowList.Paths = nil //nolint:staticcheck // gitleaks' own default rules use the old form
	for i := range raw.Rules {
		kept := raw.Rules[i].Allowlists[:0]
		for _, a := range raw.Rules[i].Allowlists {
			if len(a.Paths) > 0 && (strings.EqualFold(a.Condition, "and") || len(a.Regexes)+len(a.StopWords) == 0) {
				continue
			}
			a.Paths = nil
			kept = append(kept, a)
		}
		raw.Rules[i].Allowlists = kept
	}
	cfg, err := raw.Translate()
	if err != nil {
		return nil, err
	}
	d := detect.NewDetector(cfg)
	d.IgnoreGitleaksAllow = true
	return d, nil
})

// writtenDefaults are gitleaks' default rules as its file has them.
func writtenDefaults() (raw config.ViperConfig, err error) {
	v := viper.New()
	v.SetConfigType("toml")
	if err = v.ReadConfig(strings.NewReader(config.DefaultConfig)); err == nil {
		err = v.Unmarshal(&raw)
	}
	return raw, err
}

var defaultEngine = sync.OnceValues(func() (*engine, error) {
	rules, err := defaultRules()
	if err != nil {
		return nil, err
	}
	return newEngine(rules)
})

func mustEngine(t testing.TB) *engine {
	t.Helper()
	e, err := defaultEngine()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// compare gives the number of findings both agree on, and what they differ in.
func compare(t testing.TB, path string, content []byte) (int, []string, map[string]int) {
	t.Helper()
	d, err := oracle()
	if err != nil {
		t.Fatal(err)
	}
	e := mustEngine(t)
	theirs := map[string]int{}
	fragment := detect.Fragment{Raw: string(content), FilePath: path} //nolint:staticcheck // Detect takes no other
	for _, f := range d.Detect(fragment) {
		if f.Match == "file detected: "+path {
			continue
		}
		theirs[fmt.Sprintf("%s line %d %q in %q", f.RuleID, f.StartLine, f.Secret, f.Match)]++
	}
	ours := map[string]int{}
	fired := map[string]int{}
	for _, f := range likeGitleaks(e, content, e.scan(text{bytes: content, to: len(content), first: true, last: true, path: path})) {
		ours[fmt.Sprintf("%s line %d %q in %q", f.RuleID, f.StartLine, f.Secret, f.Match)]++
		fired[f.RuleID]++
	}
	var diffs []string
	same := 0
	for k, n := range theirs {
		same += min(n, ours[k])
		if ours[k] < n {
			diffs = append(diffs, "missed: "+k)
		}
	}
	for k, n := range ours {
		if theirs[k] < n {
			diffs = append(diffs, "extra: "+k)
		}
	}
	slices.Sort(diffs)
	return same, diffs, fired
}

// likeGitleaks writes matches as gitleaks' findings and filters generic ones as it does.
func likeGitleaks(e *engine, content []byte, ms []match) []report.Finding {
	var all, out []report.Finding
	for _, m := range ms {
		all = append(all, report.Finding{
			RuleID: e.rules[m.rule].id, Secret: m.secret,
			Match:     string(content[m.start:m.end]),
			StartLine: bytes.Count(content[:m.start], []byte("\n")),
		})
	}
	for _, f := range all {
		generic := strings.Contains(f.RuleID, "generic")
		if !generic || !slices.ContainsFunc(all, func(g report.Finding) bool {
			return g.StartLine == f.StartLine && g.RuleID != f.RuleID && strings.Contains(g.Secret, f.Secret)
		}) {
			out = append(out, f)
		}
	}
	return out
}

// speak writes a random text that an expression matches, most of the time.
func speak(r *rand.Rand, re *syntax.Regexp, b *strings.Builder) {
	switch re.Op {
	case syntax.OpLiteral:
		for _, c := range re.Rune {
			if re.Flags&syntax.FoldCase != 0 && r.IntN(3) == 0 {
				b.WriteString(strings.ToUpper(string(c)))
			} else if re.Flags&syntax.FoldCase != 0 && r.IntN(3) > 0 {
				b.WriteString(strings.ToLower(string(c)))
			} else {
				b.WriteRune(c)
			}
		}
	case syntax.OpCharClass:
		b.WriteRune(oneOf(r, re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte(" abcdefghijklmnopqrstuvwxyz0123456789\"'=:;/-_"[r.IntN(45)])
	case syntax.OpCapture:
		speak(r, re.Sub[0], b)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			speak(r, sub, b)
		}
	case syntax.OpAlternate:
		speak(r, re.Sub[r.IntN(len(re.Sub))], b)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		least, most := 0, 8
		switch re.Op {
		case syntax.OpPlus:
			least = 1
		case syntax.OpQuest:
			most = 1
		case syntax.OpRepeat:
			least, most = re.Min, re.Max
			if most < 0 {
				most = least + 30
			}
		}
		for range least + r.IntN(most-least+1)/(1+r.IntN(3)) {
			speak(r, re.Sub[0], b)
		}
	}
}

// oneOf picks a rune of a class: ASCII without control characters, mostly.
func oneOf(r *rand.Rand, ranges []rune) rune {
	var all []rune
	for i := 0; i+1 < len(ranges); i += 2 {
		for c := ranges[i]; c <= min(ranges[i+1], 0x7e); c++ {
			if c >= ' ' || len(ranges) <= 12 {
				all = append(all, c)
			}
		}
	}
	if len(all) == 0 {
		return 'é'
	}
	return all[r.IntN(len(all))]
}

// around puts something before and after a generated match.
func around(r *rand.Rand, s string) string {
	before := []string{"", " ", "\n", "x", "é", "token = ", "\"", "key: '", "-", ".", "_", "\x00", "https://", "A"}
	after := []string{"", " ", "\n", "\"", "'", ";", "x", "0", "é", "\\n", "-", "=", "\x00\xff", "\r\n", "`", ",", ")"}
	return before[r.IntN(len(before))] + s + after[r.IntN(len(after))]
}

// mutate changes a few bytes.
func mutate(r *rand.Rand, s string) string {
	b := []byte(s)
	for range r.IntN(3) {
		if len(b) == 0 {
			break
		}
		i := r.IntN(len(b))
		switch r.IntN(4) {
		case 0:
			b[i] = "aZ09_-= \n\"'./:"[r.IntN(14)]
		case 1:
			b = slices.Delete(b, i, i+1)
		case 2:
			b = slices.Insert(b, i, b[r.IntN(len(b))])
		case 3:
			b[i] ^= 0x20
		}
	}
	return string(b)
}

var (
	flagSeed    = flag.Uint64("seed", 1, "of generated text")
	flagRounds  = flag.Int("rounds", 3, "generated texts for each rule")
	flagCorpus  = flag.Int64("corpus", 20, "megabytes of real text that are compared with gitleaks")
	flagReal    = flag.String("real", "", "directory of real content to compare, instead of the usual ones")
	pathsByRule = map[string]string{
		"freemius-secret-key": "a/config.php", "hashicorp-tf-password": "main.tf",
		"kubernetes-secret-yaml": "k8s/secret.yaml", "nuget-config-password": "NuGet.Config",
	}
)

func TestEngineFindsInGeneratedTextWhatGitleaksFinds(t *testing.T) {
	e := mustEngine(t)
	r := rand.New(rand.NewPCG(*flagSeed, 7))
	total, rounds := 0, *flagRounds
	if testing.Short() {
		rounds = 1
	}
	for _, rule := range e.rules {
		re, err := syntax.Parse(rule.expr.String(), syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		fired := 0
		for round := range rounds {
			var b strings.Builder
			if round%2 == 0 { // opens the gate, if there is one
				b.WriteString(strings.Join(rule.keywords, "\n") + "\n")
			}
			for range 40 {
				var s strings.Builder
				speak(r, re, &s)
				line := s.String()
				if r.IntN(3) == 0 {
					line = mutate(r, line)
				}
				b.WriteString(around(r, line))
				if r.IntN(3) > 0 {
					b.WriteString("\n")
				}
			}
			b.WriteString("\n")
			same, diffs, by := compare(t, pathsByRule[rule.id], []byte(b.String()))
			total += same
			fired += by[rule.id]
			for _, d := range diffs {
				t.Errorf("%s: %s", rule.id, d)
			}
		}
		if fired == 0 {
			t.Errorf("%s: never fired", rule.id)
		}
	}
	t.Logf("%d findings agree", total)
}

func TestEngineFindsInRealFilesWhatGitleaksFinds(t *testing.T) {
	budget := *flagCorpus << 20
	if testing.Short() {
		budget = 2 << 20
	}
	roots := []string{"/usr/share/doc", "/usr/lib/python3", filepath.Join(build(), "pkg/mod/github.com"), "/usr/bin"}
	if *flagReal != "" {
		roots = []string{*flagReal}
	}
	total, read := 0, int64(0)
	for _, root := range roots {
		left := budget / int64(len(roots))
		_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || left <= 0 || !d.Type().IsRegular() {
				return nil
			}
			content, err := os.ReadFile(path)
			if err != nil || len(content) > 1<<20 {
				return nil
			}
			left -= int64(len(content))
			read += int64(len(content))
			same, diffs, _ := compare(t, filepath.Base(path), append(content, '\n'))
			total += same
			for _, d := range diffs {
				t.Errorf("%s: %.300s", path, d)
			}
			return nil
		})
	}
	t.Logf("%d findings agree in %d bytes", total, read)
}

func build() string {
	if p := os.Getenv("GOPATH"); p != "" {
		return p
	}
	home, _ := os.UserHomeDir()
	return filepath.Join(home, "go")
}
