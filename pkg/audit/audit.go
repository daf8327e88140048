// Package audit is the front door: it opens a target, walks it once with every
// scanner that was asked for, and joins what they found into one report.
package audit

import (
	"context"
	"errors"

	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/report"
)

// Options say what is done. The zero value does all that can be done.
type Options struct {
	Open     layers.Options
	Walk     layers.WalkOptions
	Scanners []string // of secret, hygiene, config, sbom, vulnerability; empty means all that can run
	Version  string   // of the calling program, for the report

	Packages        Packager // nil: packages are not assessed
	Vulnerabilities Matcher  // nil: vulnerabilities are not assessed
}

// Packager catalogues the packages of an image.
type Packager interface{}

// Matcher matches packages against a vulnerability database.
type Matcher interface{}

// Result is the whole answer.
type Result struct {
	Report *report.Report
	Images []*layers.Image
	Views  []*layers.View // one for each image
}

// Run audits one target. It fails only if nothing could be judged; what could
// not be read is in the report's coverage.
func Run(ctx context.Context, target string, opts Options) (*Result, error) {
	return nil, errors.New("not built yet")
}
