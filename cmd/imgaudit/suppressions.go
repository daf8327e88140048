package main

import (
	"os"

	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/secrets"
	"github.com/imgaudit/imgaudit/pkg/suppress"
)

// readSuppressions reads the files that say what is looked for and what is not reported.
func (s *settings) readSuppressions(opts *audit.Options) error {
	opts.Suppress.Comments = !s.noComments
	for _, name := range s.ignoreFiles {
		f, err := os.Open(name)
		if err != nil {
			return usagef("name a file that is there", "reading --ignore-file: %v", err)
		}
		rules, err := suppress.Read(name, f)
		f.Close()
		if err != nil {
			return usagef("", "%v", err)
		}
		opts.Suppress.Rules = append(opts.Suppress.Rules, rules...)
		opts.Loaded = append(opts.Loaded, name)
	}
	if s.baseline != "" {
		f, err := os.Open(s.baseline)
		if err != nil {
			return usagef("write one with -o json=FILE", "reading --baseline: %v", err)
		}
		defer f.Close()
		if opts.Suppress.Baseline, err = suppress.Baseline(s.baseline, f); err != nil {
			return usagef("", "%v", err)
		}
		opts.Loaded = append(opts.Loaded, s.baseline)
	}
	if s.rules != "" {
		var err error
		if opts.Secrets.Rules, err = secrets.LoadRules(s.rules); err != nil {
			return usagef("", "%v", err)
		}
		opts.Loaded = append(opts.Loaded, s.rules)
	}
	return nil
}
