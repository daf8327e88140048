package secrets

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/viper"
	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/detect"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

func rulesIn(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rules.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const userRules = `
title = "ours"

[[rules]]
id = "acme-token"
description = "Acme"
regex = '''\b(acme_[a-z0-9]{16})\b'''
secretGroup = 1
entropy = 2.5
keywords = ["acme_"]
  [[rules.allowlists]]
  regexes = ['''acme_test[a-z0-9]+''']
  [[rules.allowlists]]
  paths = ['''^fixtures/''']

[[rules]]
id = "acme-host"
regex = '''acme-host: [a-z.]+'''
skipReport = true

[[rules]]
id = "acme-pair"
regex = '''acme-password: (\S{6,30})'''
  [[rules.required]]
  id = "acme-host"
  withinLines = 2

[[rules]]
id = "acme-yaml"
regex = '''pin: (\d{8})'''
path = '''\.ya?ml$'''

[[rules]]
id = "acme-key-file"
path = '''\.acmekey$'''

[[allowlists]]
paths = ['''^third_party/''']
stopwords = []
`

const userText = `token acme_q8zk2lw9xv4tb7rn
token acme_testq8zk2lw9xv4t
token acme_aaaaaaaaaaaaaaaa
acme-password: far-from-host
line
line
line
acme-host: a.example
line
acme-password: near-the-host
pin: 12345678
`

func TestAUsersRulesFindWhatGitleaksFindsWithThem(t *testing.T) {
	path := rulesIn(t, userRules)
	set, err := LoadRules(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Options{Rules: set})
	if err != nil {
		t.Fatal(err)
	}
	v := viper.New()
	v.SetConfigFile(path)
	if err := v.ReadInConfig(); err != nil {
		t.Fatal(err)
	}
	var raw config.ViperConfig
	if err := v.Unmarshal(&raw); err != nil {
		t.Fatal(err)
	}
	cfg, err := raw.Translate()
	if err != nil {
		t.Fatal(err)
	}
	oracle := detect.NewDetector(cfg)
	for _, name := range []string{"a.txt", "a.yaml"} {
		var want, got []string
		for _, f := range oracle.Detect(detect.Fragment{Raw: userText, FilePath: name}) { //nolint:staticcheck // its successor is not there yet
			want = append(want, fmt.Sprintf("%s %s %d", f.RuleID, f.Secret, f.StartLine+1))
		}
		for _, f := range scanLayer(t, s, 100, member{name, []byte(userText)}).Found.(*LayerFacts).Files {
			for _, h := range f.Hits {
				if strings.HasPrefix(h.Rule, "acme-") {
					got = append(got, fmt.Sprintf("%s %s %d", h.Rule, h.Value.Reveal(), h.Line))
				}
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if len(want) < 2 || !slices.Equal(got, want) {
			t.Errorf("%s:\ngot  %q\nwant %q", name, got, want)
		}
	}
	if len(set.Allowed) != 2 || set.Allowed[0].Rule != "acme-token" || set.Allowed[0].Path.String() != "^fixtures/" || set.Allowed[1] != (AllowedPath{"", set.Allowed[1].Path}) {
		t.Errorf("allowed %+v", set.Allowed)
	}
	files := scanLayer(t, s, 100, member{"x/a.acmekey", []byte("nothing")}).Found.(*LayerFacts).Files
	if len(files) != 1 || files[0].Hits[0].Rule != "acme-key-file" {
		t.Errorf("by its name: %+v", files)
	}
	if slices.ContainsFunc(s.Rules(), func(r finding.Rule) bool { return r.ID == "github-pat" }) {
		t.Error("gitleaks' own rules are there as well")
	}
}

func TestAFileOfRulesMayExtendGitleaksOwn(t *testing.T) {
	set, err := LoadRules(rulesIn(t, "[extend]\nuseDefault = true\ndisabledRules = [\"slack-bot-token\"]\n[[rules]]\nid = \"acme\"\nregex = '''acme_[a-z]{9}'''\n[[allowlists]]\npaths = ['''^mine/''']\n"))
	if err != nil {
		t.Fatal(err)
	}
	has := func(id string) bool { return slices.ContainsFunc(set.rules, func(r rule) bool { return r.id == id }) }
	if !has("acme") || !has("github-pat") || has("slack-bot-token") {
		t.Errorf("acme %v, github-pat %v, slack-bot-token %v", has("acme"), has("github-pat"), has("slack-bot-token"))
	}
	if len(set.Allowed) != 1 || set.Allowed[0].Path.String() != "^mine/" {
		t.Errorf("allowed: %+v", set.Allowed)
	}
}

func TestFilesOfRulesThatAreWrongAreErrors(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"no TOML":                         {"[[rules", "reading rules from"},
		"an expression that is none":      {"[[rules]]\nid = \"a\"\nregex = '''a(b'''\n", "missing closing"},
		"no rules":                        {"title = \"x\"\n", "it has no rules"},
		"a rule without id":               {"[[rules]]\nregex = '''abc'''\n", "id"},
		"a URL to extend":                 {"[extend]\nurl = \"https://x.example/r.toml\"\n[[rules]]\nid = \"a\"\nregex = '''abc'''\n", "nothing is fetched"},
		"a required rule that is nowhere": {"[[rules]]\nid = \"a\"\nregex = '''abc'''\n[[rules.required]]\nid = \"b\"\n", "does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := LoadRules(rulesIn(t, c.text)); err == nil || !regexp.MustCompile(regexp.QuoteMeta(c.want)).MatchString(err.Error()) {
				t.Errorf("%v", err)
			}
		})
	}
	if _, err := LoadRules(filepath.Join(t.TempDir(), "none.toml")); err == nil {
		t.Error("a file that is not there is read")
	}
}

func TestATokenOfAFormOfItsOwnMayEndAtAnySign(t *testing.T) {
	s := mustScanner(t)
	random := rand.New(rand.NewPCG(81, 82))
	key := "AIza"
	for range 35 {
		key += string("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"[random.IntN(56)])
	}
	for name, line := range map[string]string{
		"in a URL":             "https://maps.example.com/api?key=" + key + "&v=3",
		"in XML":               "<string>" + key + "</string>",
		"in brackets":          "f(" + key + ")",
		"in a list":            "[" + key + "," + key + "]",
		"at a sentence's end":  "it was " + key + ".",
		"in quotes, as before": `"` + key + `"`,
	} {
		files := scanLayer(t, s, 100, member{"a.txt", []byte(line + "\n")}).Found.(*LayerFacts).Files
		if len(files) != 1 || files[0].Hits[0].Rule != "gcp-api-key" || files[0].Hits[0].Value.Reveal() != key {
			t.Errorf("%s: %+v", name, files)
		}
	}
	for name, line := range map[string]string{"too long": `"` + key + `x"`, "part of a path": key + "/x"} {
		if files := scanLayer(t, s, 100, member{"a.txt", []byte(line + "\n")}).Found.(*LayerFacts).Files; len(files) != 0 {
			t.Errorf("%s: %+v", name, files)
		}
	}
	n := 0
	for _, r := range s.engine.rules {
		if r.expr != nil && strings.HasSuffix(r.expr.String(), `(?:[^A-Za-z0-9_/+=-]|\\[nr]|$)`) {
			n++
		}
	}
	if n < 35 {
		t.Errorf("%d rules are widened", n)
	}
}

func TestWhatBeginsATokenIsNoneByItself(t *testing.T) {
	s := mustScanner(t)
	begin := "bedrock-api-key-" + base64.StdEncoding.EncodeToString([]byte("bedrock.amazonaws.com"))
	rest := base64.StdEncoding.EncodeToString([]byte("/?Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260101T000000Z"))
	for line, want := range map[string]string{begin + rest: begin + rest, "prefix = \"" + begin + "\"": ""} {
		got := ""
		for _, f := range scanLayer(t, s, 100, member{"a.txt", []byte(line + "\n")}).Found.(*LayerFacts).Files {
			for _, h := range f.Hits {
				if h.Rule == "aws-amazon-bedrock-api-key-short-lived" {
					got = h.Value.Reveal()
				}
			}
		}
		if got != want {
			t.Errorf("%s: found %q, want %q", line, got, want)
		}
	}
}
