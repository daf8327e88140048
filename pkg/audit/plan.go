package audit

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/imgaudit/imgaudit/internal/licence"
	"github.com/imgaudit/imgaudit/pkg/checks"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/secrets"
)

// The names of what can be asked for in [Options.Scanners]. What the walk itself
// finds out about a tar (category integrity) is always reported.
const (
	Secret        = "secret"
	Hygiene       = "hygiene"
	Config        = "config"
	SBOM          = "sbom"
	Vulnerability = "vulnerability"
)

// Scanners lists all names that [Options.Scanners] may hold.
func Scanners() []string { return []string{Secret, Hygiene, Config, SBOM, Vulnerability} }

// Rules is the catalogue of every rule that a run can report, by id.
func Rules() ([]finding.Rule, error) {
	scanner, err := secrets.New(secrets.Options{})
	if err != nil {
		return nil, fmt.Errorf("loading the rules for secrets: %w", err)
	}
	rules := slices.Concat(scanner.Rules(), checks.Rules())
	slices.SortFunc(rules, func(a, b finding.Rule) int { return strings.Compare(a.ID, b.ID) })
	return rules, nil
}

// plan is what one run does: options that were checked, and the scanners.
type plan struct {
	Options
	asked   []string // scanners that run, in the order of Scanners
	secrets *secrets.Scanner
	denied  licence.Denied
}

func newPlan(opts Options) (*plan, error) {
	asked, err := ask(opts)
	if err != nil {
		return nil, err
	}
	// Secrets are looked for in configuration and history in any case: what
	// is not reported must still be redacted.
	scanner, err := secrets.New(opts.Secrets)
	if err != nil {
		return nil, fmt.Errorf("loading the rules for secrets: %w", err)
	}
	denied, err := licence.Deny(opts.DenyLicenses)
	if err != nil {
		return nil, fmt.Errorf("reading the denied licences: %w", err)
	}
	p := &plan{Options: opts, asked: asked, secrets: scanner, denied: denied}
	p.Open.Beside = p.Open.Beside || p.does(SBOM) || p.does(Vulnerability)
	return p, nil
}

func ask(opts Options) ([]string, error) {
	can := map[string]bool{
		Secret: true, Hygiene: true, Config: true,
		SBOM: opts.Packages != nil, Vulnerability: opts.Packages != nil && opts.Vulnerabilities != nil,
	}
	for _, name := range opts.Scanners {
		runs, known := can[name]
		switch {
		case !known:
			return nil, fmt.Errorf("unknown scanner %q: one of %s", name, strings.Join(Scanners(), ", "))
		case !runs:
			return nil, fmt.Errorf("scanner %q is not part of this program", name)
		}
	}
	asked := Scanners()
	return slices.DeleteFunc(asked, func(name string) bool {
		return !can[name] || len(opts.Scanners) > 0 && !slices.Contains(opts.Scanners, name)
	}), nil
}

func (p *plan) does(scanner string) bool { return slices.Contains(p.asked, scanner) }

// walkers are the scanners that look at the content of layers.
func (p *plan) walkers() []layers.Scanner {
	var all []layers.Scanner
	if p.does(Secret) {
		all = append(all, p.secrets)
	}
	if p.does(Config) {
		all = append(all, checks.Scanner{})
	}
	return all
}

// now is what ages are measured against.
func (p *plan) now() time.Time {
	if p.Now.IsZero() {
		return time.Now()
	}
	return p.Now
}

// RuleSets names the sets of rules with their versions, for people who compare
// two reports.
func RuleSets() ([]string, error) {
	scanner, err := secrets.New(secrets.Options{})
	if err != nil {
		return nil, fmt.Errorf("loading the rules for secrets: %w", err)
	}
	return ruleSets(scanner), nil
}

func ruleSets(scanner *secrets.Scanner) []string {
	return []string{
		fmt.Sprintf("secrets: %d rules, gitleaks %s and own", len(scanner.Rules()), moduleVersion("github.com/zricethezav/gitleaks/v8")),
		fmt.Sprintf("checks: %d rules", len(checks.Rules())),
	}
}

// moduleVersion is the version of a module that the program is built with.
func moduleVersion(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return "of unknown version"
}
