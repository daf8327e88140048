package secrets

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"

	"github.com/spf13/viper"
	"github.com/zricethezav/gitleaks/v8/config"
)

// RuleSet is rules for secrets that a user has written, in the format of gitleaks.
type RuleSet struct {
	// Name is the file's.
	Name string

	// Allowed are the paths that the file's own allow-lists let pass, for the caller to suppress
	// what lies there. Gitleaks' default ones are not among them: no path is exempt by itself.
	Allowed []AllowedPath

	rules  []rule
	byPath []rule // that look at names alone
}

// AllowedPath is a path that an allow-list names.
type AllowedPath struct {
	Rule string // the rule that it is for; empty for all
	Path *regexp.Regexp
}

// maxRuleFile is the largest file of rules that is read, in bytes.
const maxRuleFile = 8 << 20

// LoadRules reads a file of rules in TOML, and those that it extends: gitleaks' default ones, or
// another file's. Gitleaks' loader keeps state, so that a process should load files that extend others once only.
func LoadRules(path string) (set *RuleSet, err error) {
	defer func() {
		if p := recover(); p != nil { // an expression that does not compile
			set, err = nil, fmt.Errorf("reading rules from %s: %v", path, p)
		}
	}()
	if info, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("reading rules: %w", err)
	} else if info.Size() > maxRuleFile {
		return nil, fmt.Errorf("reading rules from %s: it has more than %d bytes", path, maxRuleFile)
	}
	standard, err := loadGitleaks()
	if err != nil {
		return nil, err
	}
	v := viper.New()
	v.SetConfigFile(path)
	v.SetConfigType("toml")
	if err := v.ReadInConfig(); err != nil {
		return nil, fmt.Errorf("reading rules from %s: %w", path, err)
	}
	var raw config.ViperConfig
	if err := v.Unmarshal(&raw); err != nil {
		return nil, fmt.Errorf("reading rules from %s: %w", path, err)
	}
	if raw.Extend.URL != "" {
		return nil, fmt.Errorf("reading rules from %s: extend.url is not followed, nothing is fetched; save the file and use extend.path", path)
	}
	cfg, err := raw.Translate()
	if err != nil {
		return nil, fmt.Errorf("reading rules from %s: %w", path, err)
	}
	if len(cfg.Rules) == 0 {
		return nil, fmt.Errorf("reading rules from %s: %w", path, errors.New("it has no rules; add [extend] useDefault = true to change gitleaks' own"))
	}
	set = &RuleSet{Name: path, rules: engineRules(cfg)}
	for _, r := range cfg.GetOrderedRules() {
		if r.RuleID == "" {
			return nil, fmt.Errorf("reading rules from %s: a rule has no id", path)
		}
		if r.Regex == nil && r.Path != nil && !r.SkipReport && standard.Rules[r.RuleID].Path == nil {
			set.byPath = append(set.byPath, rule{id: r.RuleID, path: r.Path})
			set.rules = append(set.rules, rule{id: r.RuleID})
		}
		set.allow(r.RuleID, r.Allowlists, standard.Rules[r.RuleID].Allowlists)
	}
	set.allow("", cfg.Allowlists, standard.Allowlists)
	for i := range set.rules {
		r := &set.rules[i]
		if _, known := standard.Rules[r.id]; !known {
			r.users = cmp.Or(cfg.Rules[r.id].Description, r.id)
		}
	}
	return set, nil
}

// allow keeps the allow-lists that go by paths alone and are the user's.
func (s *RuleSet) allow(rule string, lists, standard []*config.Allowlist) {
	known := map[string]bool{}
	for _, a := range standard {
		for _, p := range a.Paths {
			known[p.String()] = true
		}
	}
	for _, a := range lists {
		if a.MatchCondition != config.AllowlistMatchOr && (len(a.Regexes) > 0 || len(a.StopWords) > 0 || len(a.Commits) > 0) {
			continue
		}
		for _, p := range a.Paths {
			if !known[p.String()] {
				s.Allowed = append(s.Allowed, AllowedPath{rule, p})
			}
		}
	}
}

// complete leaves out hits of rules that require others which did not match near them, and
// of rules that are there to be required alone. before are the newlines before each piece.
func (s *Scanner) complete(hits []rawHit, before []int) []rawHit {
	rules := s.engine.rules
	if !slices.ContainsFunc(hits, func(h rawHit) bool {
		return h.rule < len(rules) && (rules[h.rule].hidden || len(rules[h.rule].required) > 0)
	}) {
		return hits
	}
	line := func(h rawHit) int { return before[min(h.piece, len(before)-1)] + h.line }
	near := func(h rawHit, r *config.Required) bool {
		return slices.ContainsFunc(hits, func(o rawHit) bool {
			return rules[o.rule].id == r.RuleID && (r.WithinLines == nil || distance(line(h), line(o)) <= *r.WithinLines) &&
				(r.WithinColumns == nil || distance(h.column, o.column) <= *r.WithinColumns)
		})
	}
	var out []rawHit
	for _, h := range hits {
		r := &rules[h.rule]
		if r.hidden || slices.ContainsFunc(r.required, func(q *config.Required) bool { return !near(h, q) }) {
			continue
		}
		out = append(out, h)
	}
	return out
}

func distance(a, b int) int { return max(a-b, b-a) }

// byPath adds the hits of rules that look at a file's name alone.
func (l *layerScan) byPath(f *fileScan) {
	for _, r := range l.s.byPath {
		if r.path.MatchString(f.path) {
			l.keep(piece{file: f}, []rawHit{{match: match{rule: l.s.byID[r.id]}, base: apartSpace, facts: []string{"the file's name is that of a file with secrets"}}})
		}
	}
}
