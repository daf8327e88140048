package vuln

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"

	"github.com/anchore/grype/grype/match"

	"github.com/imgaudit/imgaudit/pkg/vuln/internal/grypeconfig"
)

// Rule takes matches away, as an entry of the list "ignore" in a .grype.yaml does.
type Rule struct {
	grypeconfig.Rule
	From string // the file's name and the line
}

// ReadIgnore reads the list "ignore" of a .grype.yaml. Rules with a vex-status say in
// Grype which VEX statements count; here all do, and they stand for nothing.
func ReadIgnore(name string, r io.Reader) ([]Rule, error) {
	read, err := grypeconfig.Read(r)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	var rules []Rule
	for _, one := range read {
		rules = append(rules, Rule{one, fmt.Sprintf("%s:%d", filepath.Base(name), one.Line)})
	}
	return rules, nil
}

func (r Rule) why() string { return cmp.Or(r.Reason, "no reason is given") }

// rule is the rule as Grype's library takes it.
func (r Rule) rule() match.IgnoreRule {
	return match.IgnoreRule{
		Vulnerability: r.Vulnerability, IncludeAliases: r.IncludeAliases, Reason: r.Reason, Namespace: r.Namespace, FixState: r.FixState,
		Package:   match.IgnoreRulePackage(r.Package),
		VexStatus: r.VexStatus, VexJustification: r.VexJustification, MatchType: match.Type(r.MatchType),
	}
}
