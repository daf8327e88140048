// Package grypeconfig reads the rules by which Grype ignores matches out of its
// configuration file, .grype.yaml. It imports nothing of Grype, so that it can be fuzzed.
package grypeconfig

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"

	"gopkg.in/yaml.v3"
)

// The bounds of a file.
const (
	maxBytes = 1 << 20
	maxRules = 10000
)

// Rule is one entry of the list "ignore". A match has to fit every field that is set; a
// rule that sets none of those that are compared fits nothing.
type Rule struct {
	Vulnerability    string  `yaml:"vulnerability"`
	IncludeAliases   bool    `yaml:"include-aliases"`
	Reason           string  `yaml:"reason"`
	Namespace        string  `yaml:"namespace"`
	FixState         string  `yaml:"fix-state"`
	Package          Package `yaml:"package"`
	VexStatus        string  `yaml:"vex-status"` // Grype leaves such rules to VEX documents
	VexJustification string  `yaml:"vex-justification"`
	MatchType        string  `yaml:"match-type"`

	Line int `yaml:"-"` // where it stands in the file
}

// Package is what a rule says of packages. Names and the name of what a package was built
// from may be regular expressions, the location a pattern with stars.
type Package struct {
	Name         string `yaml:"name"`
	Version      string `yaml:"version"`
	Language     string `yaml:"language"`
	Type         string `yaml:"type"`
	Location     string `yaml:"location"`
	UpstreamName string `yaml:"upstream-name"`
}

// Read reads the rules of a configuration file. What else stands in it is left out. A
// field of a rule that Grype does not know, or a name that is no regular expression, is an
// error: a rule that was mistyped must not be lost.
func Read(r io.Reader) ([]Rule, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxBytes {
		return nil, fmt.Errorf("it has more than %d bytes", maxBytes)
	}
	var file struct {
		Ignore []yaml.Node `yaml:"ignore"`
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return nil, err
	}
	if len(file.Ignore) > maxRules {
		return nil, fmt.Errorf("it has more than %d rules", maxRules)
	}
	var rules []Rule
	for i := range file.Ignore {
		rule, err := strict(&file.Ignore[i])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", file.Ignore[i].Line, err)
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

func strict(node *yaml.Node) (Rule, error) {
	rule := Rule{Line: node.Line}
	if node.Kind != yaml.MappingNode {
		return rule, errors.New("a rule is made of keys and values, such as vulnerability: CVE-2024-1")
	}
	// Only a decoder of bytes tells unknown fields.
	raw, err := yaml.Marshal(node)
	if err != nil {
		return rule, err
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&rule); err != nil {
		return rule, fmt.Errorf("reading a rule: %w", err)
	}
	for _, name := range []string{rule.Package.Name, rule.Package.UpstreamName} {
		if _, err := regexp.Compile("^" + name + "$"); err != nil {
			return rule, fmt.Errorf("package name %q: %w", name, err)
		}
	}
	same := rule
	same.Line, same.Reason, same.IncludeAliases = 0, "", false
	if same == (Rule{}) {
		return rule, errors.New("the rule names nothing, so that it would ignore nothing")
	}
	return rule, nil
}
