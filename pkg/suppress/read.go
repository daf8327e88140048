package suppress

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// The bounds of a file.
const (
	maxLine  = 64 << 10
	maxLines = 1 << 20
)

// Read reads an ignore file. Its name tells the kind: .gitleaksignore, .trivyignore and
// .dockleignore are read as their programs do, every other as this project's own.
func Read(name string, r io.Reader) ([]Rule, error) {
	parse := own
	base := filepath.Base(name)
	switch base {
	case ".gitleaksignore":
		parse = gitleaks
	case ".trivyignore":
		parse = trivy
	case ".dockleignore":
		parse = dockle
	}
	var rules []Rule
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		if n > maxLines {
			return nil, fmt.Errorf("reading %s: it has more than %d lines", name, maxLines)
		}
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		found, err := parse(line)
		if err != nil {
			return nil, fmt.Errorf("reading %s, line %d: %w", name, n, err)
		}
		for _, rule := range found {
			rule.From = fmt.Sprintf("%s:%d", base, n)
			rules = append(rules, rule)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return rules, nil
}

const grammar = "a line is made of id=, rule=, path=, layer=, base, until=YYYY-MM-DD and reason="

// own reads a line such as
//
//	rule=generic-api-key path=usr/share/** until=2027-01-31 reason="examples of the manuals"
func own(line string) ([]Rule, error) {
	words, err := split(line)
	if err != nil {
		return nil, err
	}
	var r Rule
	for _, w := range words {
		key, value, ok := strings.Cut(w, "=")
		if !ok && w == "base" {
			r.Base = true
			continue
		}
		if !ok || value == "" {
			return nil, fmt.Errorf("%q is not understood: %s", w, grammar)
		}
		switch key {
		case "id":
			if len(value) < 8 {
				return nil, errors.New("an id has at least 8 characters")
			}
			r.ID = value
		case "rule":
			r.Rule = value
		case "path":
			r.Path = value
		case "layer":
			if len(strings.TrimPrefix(value, "sha256:")) < 8 {
				return nil, errors.New("a layer has at least 8 digits of its diffID")
			}
			r.Layer = value
		case "until":
			if r.Expires, err = time.Parse(time.DateOnly, value); err != nil {
				return nil, fmt.Errorf("%q is no date: write it as 2027-01-31", value)
			}
		case "reason":
			r.Reason = value
		default:
			return nil, fmt.Errorf("%q is not known: %s", key, grammar)
		}
	}
	if r.ID == "" && r.Rule == "" && r.Path == "" && r.Layer == "" && !r.Base {
		return nil, errors.New("the line names nothing; " + grammar)
	}
	if r.Reason == "" {
		return nil, errors.New(`a reason is missing, as in reason="rotated in May"`)
	}
	return []Rule{r}, nil
}

// split divides a line at blanks outside quotes.
func split(line string) ([]string, error) {
	var words []string
	var b strings.Builder
	quoted, any := false, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && quoted && i+1 < len(line):
			i++
			b.WriteByte(line[i])
		case c == '"':
			quoted, any = !quoted, true
		case (c == ' ' || c == '\t') && !quoted:
			if any {
				words = append(words, b.String())
			}
			b.Reset()
			any = false
		case c == '#' && !quoted && !any:
			return words, nil
		default:
			any = true
			b.WriteByte(c)
		}
	}
	if quoted {
		return nil, errors.New("a quote is not closed")
	}
	if any {
		words = append(words, b.String())
	}
	return words, nil
}

// gitleaks reads a fingerprint: path:rule:line, or commit:path:rule:line.
func gitleaks(line string) ([]Rule, error) {
	parts := strings.Split(line, ":")
	r := Rule{Reason: "listed in .gitleaksignore"}
	if len(parts) < 3 {
		return nil, errors.New("a fingerprint of gitleaks is path:rule:line, or commit:path:rule:line")
	}
	n, err := strconv.Atoi(parts[len(parts)-1])
	if err != nil {
		return nil, fmt.Errorf("%q is no number of a line", parts[len(parts)-1])
	}
	r.Line, r.Rule = n, parts[len(parts)-2]
	rest := parts[:len(parts)-2]
	if len(rest) > 1 && len(rest[0]) == 40 {
		r.Commit, rest = rest[0], rest[1:]
	}
	r.Path = strings.ReplaceAll(finding.EscapePath(strings.TrimPrefix(strings.Join(rest, ":"), "/")), "*", "**")
	return []Rule{r}, nil
}

// trivyRules are checks and rules of Trivy that have another name here.
var trivyRules = map[string][]string{
	"DS002": {"image-user-root"}, "DS026": {"image-no-healthcheck"}, "DS005": {"image-add"}, "DS001": {"image-latest-tag"}, "DS004": {"image-ssh-port"},
	"DS010": {"image-sudo"}, "DS017": {"image-update-alone"}, "DS031": {"image-secret-env-name", "credential-variable"},
	"aws-access-key-id": {"aws-access-token"}, "aws-secret-access-key": {"aws-secret-access-key"},
	"jwt-token": {"jwt"}, "dockerconfig-secret": {"credential-file"}, "hugging-face-access-token": {"huggingface-access-token"},
	"github-fine-grained-pat": {"github-fine-grained-pat"}, "slack-access-token": {"slack-*"}, "stripe-secret-token": {"stripe-access-token"},
}

var trivyCheck = regexp.MustCompile(`^(?:AVD-)?([A-Z]+)-?(\d{3,4})$`)

// trivy reads the id of a vulnerability, check or rule, and exp:YYYY-MM-DD.
func trivy(line string) ([]Rule, error) {
	line, _, _ = strings.Cut(line, " #")
	words := strings.Fields(line)
	r := Rule{Reason: "listed in .trivyignore"}
	for _, w := range words[1:] {
		day, ok := strings.CutPrefix(w, "exp:")
		if !ok {
			continue // terms for other kinds of targets
		}
		var err error
		if r.Expires, err = time.Parse(time.DateOnly, day); err != nil {
			return nil, fmt.Errorf("%q is no date: write it as 2027-01-31", day)
		}
		r.Expires = r.Expires.AddDate(0, 0, -1) // Trivy's rules end when the day begins
	}
	key := words[0]
	if m := trivyCheck.FindStringSubmatch(key); m != nil { // AVD-DS-0002, DS-0002 and DS002 are one
		key = m[1] + fmt.Sprintf("%03s", strings.TrimLeft(m[2], "0"))
	}
	return named(r, words[0], trivyRules, key), nil
}

// dockleRules are Dockle's checks.
var dockleRules = map[string][]string{
	"CIS-DI-0001": {"image-user-root"}, "CIS-DI-0006": {"image-no-healthcheck"}, "CIS-DI-0007": {"image-update-alone"},
	"CIS-DI-0008": {"image-setuid", "image-usual-setuid"}, "CIS-DI-0009": {"image-add"},
	"CIS-DI-0010": {"image-secret-env-name", "credential-variable", "image-credential-file"}, "DKL-DI-0001": {"image-sudo"}, "DKL-DI-0005": {"image-package-cache"},
	"DKL-DI-0006": {"image-latest-tag"}, "DKL-LI-0001": {"image-empty-password", "guessable-password"}, "DKL-LI-0003": {"image-git-dir", "image-vcs-dir"},
}

// dockle reads the id of a check.
func dockle(line string) ([]Rule, error) {
	id, _, _ := strings.Cut(line, "#")
	id = strings.TrimSpace(id)
	return named(Rule{Reason: "listed in .dockleignore"}, id, dockleRules, id), nil
}

// named gives a rule for each of our names of another scanner's check.
func named(r Rule, id string, names map[string][]string, key string) []Rule {
	ours, ok := names[key]
	if !ok {
		ours, ok = names[id]
	}
	if !ok {
		ours = []string{id}
	}
	var out []Rule
	for _, name := range ours {
		r.Rule = name
		out = append(out, r)
	}
	return out
}

// Known is what a report of an earlier run knew: findings with their places.
type Known struct {
	from   string
	places map[[2]string]bool // id and path
	ids    map[string]bool    // of vulnerabilities, those that were suppressed too
}

// Baseline reads a report in JSON. A place of a finding that it has is silenced; a new place of
// an old secret is new.
func Baseline(name string, r io.Reader) (*Known, error) {
	report, err := earlier(name, r)
	if err != nil {
		return nil, fmt.Errorf("reading the baseline %s: %w", name, err)
	}
	k := &Known{from: filepath.Base(name), places: map[[2]string]bool{}}
	for _, f := range report.Findings {
		for _, l := range f.Locations {
			k.places[[2]string{f.ID, l.Path}] = true
		}
	}
	return k, nil
}

// Vulnerabilities reads a report in JSON for [Options.Since]: the vulnerabilities that it has, also as
// suppressed. It fails for a report in which none were looked for.
func Vulnerabilities(name string, r io.Reader) (*Known, error) {
	report, err := earlier(name, r)
	if err != nil {
		return nil, fmt.Errorf("reading the report %s: %w", name, err)
	}
	k := &Known{from: filepath.Base(name), ids: map[string]bool{}}
	assessed := false
	for _, v := range report.Vulnerabilities {
		assessed = assessed || v.Assessed
	}
	if !assessed {
		return nil, fmt.Errorf("reading the report %s: no vulnerabilities were assessed in it", name)
	}
	for _, f := range report.Findings {
		if f.Category == finding.Vulnerability {
			k.ids[f.ID] = true
		}
	}
	for _, s := range report.Suppressed {
		if s.Package != "" {
			k.ids[s.Finding] = true
		}
	}
	return k, nil
}

// earlierReport is what of a report counts here.
type earlierReport struct {
	Schema     string            `json:"schema"`
	Findings   []finding.Finding `json:"findings"`
	Suppressed []struct {
		Finding string `json:"finding"`
		Package string `json:"package"`
	} `json:"suppressed"`
	Vulnerabilities []struct {
		Assessed bool `json:"assessed"`
	} `json:"vulnerabilities"`
}

func earlier(name string, r io.Reader) (earlierReport, error) {
	var report earlierReport
	if err := json.NewDecoder(r).Decode(&report); err != nil {
		return report, err
	}
	if !strings.HasPrefix(report.Schema, "imgaudit.report/") {
		return report, fmt.Errorf("it is no report of imgaudit; write one with -o json=%s", filepath.Base(name))
	}
	return report, nil
}
