package secrets

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/viper"
	"github.com/zricethezav/gitleaks/v8/config"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// rule is what the engine knows of one rule.
type rule struct {
	id       string
	expr     *expression
	group    int     // of the expression that holds the secret; 0 means the first that is not empty
	entropy  float64 // the secret must have more bits for each byte; 0 means any
	keywords []string
	path     *regexp.Regexp // nil for any path
	hidden   bool           // not reported; other rules may require it
	required []*config.Required
	users    string // what a user calls the rule; empty for the rules that come with the program
	allowed  []*config.Allowlist

	// own judges a candidate of a rule of ours: the confidence in it, or ""
	// for none. It is nil for gitleaks' rules.
	own func(secret, match string) finding.Confidence
}

// gitleaks is the library's default configuration.
type gitleaks struct {
	config.Config
	exprs map[string]string // of its rules, by their ids; the rules have others in their place
}

// loadGitleaks parses gitleaks' default configuration. Expressions and stop words are kept from the
// library, which would compile them and make automata of them; that takes longer than all the rest.
// It keeps state of its own between loads and gives an empty configuration after a few, so that a
// process may do this once only; see defaultRules.
func loadGitleaks() (gitleaks, error) {
	v := viper.New()
	v.SetConfigType("toml")
	var raw config.ViperConfig
	err := v.ReadConfig(strings.NewReader(config.DefaultConfig))
	if err == nil {
		err = v.Unmarshal(&raw)
	}
	out := gitleaks{exprs: map[string]string{}}
	stopWords := map[string][][]string{} // of the rules' allow-lists
	for i := range raw.Rules {
		r := &raw.Rules[i]
		if r.Regex != "" {
			out.exprs[r.ID] = r.Regex
			r.Regex = strings.Repeat("()", r.SecretGroup+1)
		}
		for _, a := range r.Allowlists {
			stopWords[r.ID] = append(stopWords[r.ID], a.StopWords)
			a.StopWords = a.StopWords[:min(1, len(a.StopWords))]
		}
	}
	if err == nil {
		out.Config, err = raw.Translate()
	}
	if err == nil && len(out.Rules) < 200 {
		err = errors.New("there are too few of them")
	}
	if err != nil {
		return gitleaks{}, fmt.Errorf("reading gitleaks' default rules: %w", err)
	}
	for id, lists := range stopWords {
		for i, words := range lists {
			for n := range words {
				words[n] = strings.ToLower(words[n])
			}
			out.Rules[id].Allowlists[i].StopWords = words
		}
	}
	return out, nil
}

// defaultRules is the one piece of package state: an immutable value, computed
// when it is first asked for. It must be per process because gitleaks' own
// loader is.
var defaultRules = sync.OnceValues(func() ([]rule, error) {
	cfg, err := loadGitleaks()
	if err != nil {
		return nil, err
	}
	rules := engineRules(cfg.Config)
	for i := range rules {
		rules[i].expr = newExpression(cfg.exprs[rules[i].id])
	}
	return rules, nil
})

// tokenEnd is how gitleaks' rules end: at a quote, a blank or a semicolon.
const tokenEnd = `(?:[\x60'"\s;]|\\[nr]|$)`

// ownForm is how the rules for tokens begin whose first characters say what they are.
var ownForm = newExpression(`^(?:\(\?i\))?\\b\(+(?:\?:)?[A-Za-z0-9\\.-]{3,}[_.-]?`)

// gitleaks' rules for a name and a value have an operator between them that these may surround.
const (
	beforeOperator = `[\s'"]{0,3}`
	behindOperator = `[\x60'"\s=]{0,5}`
)

// widened lets a rule of gitleaks' find what it is for in more of the ways in which people write it:
//   - A token of a form of its own may end at any sign that it cannot hold: in a URL, in
//     XML, in brackets, at the end of a sentence.
//   - Of a token that begins with a fixed text, as programs that look for it hold it, more must follow.
//   - A name and a value may stand in the quotes of a string in a string (\") and in Markdown's
//     signs for code and strong text.
//
// What is found beside gitleaks' findings so has the same form.
func widened(r rule) *expression {
	if r.expr == nil || r.users != "" {
		return r.expr
	}
	expr := r.expr.String()
	switch body, ok := strings.CutSuffix(expr, tokenEnd); {
	case r.id == "aws-amazon-bedrock-api-key-short-lived":
		expr += `[A-Za-z0-9+/]{40,1000}[A-Za-z0-9+/]{0,1000}={0,2}` // the rest of a signed URL in base64
	case ok && ownForm.MatchString(expr):
		expr = body + `(?:[^A-Za-z0-9_/+=-]|\\[nr]|$)`
	case ok && strings.Contains(body, behindOperator):
		body = strings.Replace(body, beforeOperator, `[\s'"\x60\\*]{0,4}`, 1)
		body = strings.Replace(body, behindOperator, `[\x60'"\s=\\*]{0,5}`, 1)
		expr = body + `(?:[\x60'"\s;\\*]|$)`
	}
	if _, err := syntax.Parse(expr, syntax.Perl); err != nil {
		return r.expr
	}
	return newExpression(expr)
}

// engineRules turns gitleaks' rules into ours, in the order of its file.
// Left out are rules that look at names alone (pkcs12-file). Allow-lists by path
// are ignored: where a file lies does not make a secret harmless. Conditions by
// path, which say what kind of file a rule is for, are kept.
func engineRules(cfg config.Config) []rule {
	var rules []rule
	lists := map[*config.Allowlist]*config.Allowlist{} // many rules share one
	for _, r := range cfg.GetOrderedRules() {
		if r.Regex == nil {
			continue
		}
		rules = append(rules, rule{
			id: r.RuleID, expr: newExpression(r.Regex.String()), group: r.SecretGroup, entropy: r.Entropy,
			keywords: r.Keywords, path: r.Path, hidden: r.SkipReport, required: r.RequiredRules,
		})
		to := &rules[len(rules)-1]
		for _, a := range slices.Concat(cfg.Allowlists, r.Allowlists) {
			if lists[a] == nil {
				lists[a] = bare(a)
			}
			to.allowed = append(to.allowed, lists[a])
		}
	}
	return rules
}

// bare is an allow-list without what gitleaks alone needs of it: megabytes of automata for words.
func bare(a *config.Allowlist) *config.Allowlist {
	return &config.Allowlist{
		Description: a.Description, MatchCondition: a.MatchCondition, Commits: a.Commits, Paths: a.Paths,
		RegexTarget: a.RegexTarget, Regexes: a.Regexes, StopWords: a.StopWords,
	}
}
