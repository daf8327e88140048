package audit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/imgaudit/imgaudit/pkg/checks"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/report"
	"github.com/imgaudit/imgaudit/pkg/secrets"
	"github.com/imgaudit/imgaudit/pkg/suppress"
)

// Options say what is done. The zero value does all that can be done.
type Options struct {
	Open     layers.Options
	Walk     layers.WalkOptions
	Secrets  secrets.Options
	Scanners []string      // names as in [Scanners]; empty means all that can run
	Timeout  time.Duration // for the whole run; what it cuts off is a gap. 0 means none
	Now      time.Time     // what an image's age is measured against; zero means the time of the run
	Version  string        // of the calling program, for the report
	Loaded   []string      // configuration files that the caller has read, for the report

	// Suppress says what is not reported as a finding, but counted. Its Now is that of these options.
	Suppress suppress.Options

	// DenyLicenses are SPDX ids of licences that are not accepted, with * for any characters;
	// NONE for packages without one. Packages that cannot be kept without them are listed.
	DenyLicenses []string

	Packages        Packager // nil: packages are not assessed
	Vulnerabilities Matcher  // nil: vulnerabilities are not assessed

	NoDatabase  string        // why there is no Matcher, for the report; empty means that none was given
	DatabaseAge time.Duration // above it a note warns of the vulnerability database; 0 means [DefaultDatabaseAge]
}

// Packager catalogues the packages of images; package sbom has one.
type Packager interface {
	// Packages prepares one run: a scanner for the walk, which keeps what
	// catalogue needs after it, and is closed after the run if it can be. What
	// catalogue has to leave out it adds to the ledger of the image.
	Packages(ctx context.Context) (keep layers.Scanner, catalogue func(context.Context, layers.Source, *layers.Image, *layers.View) (finding.Bill, error), err error)
}

// Matcher matches packages against a vulnerability database; package vuln has one.
type Matcher interface {
	// Match gives the records that fit the packages of one image's bill.
	Match(ctx context.Context, bill finding.Bill, image finding.Subject) (finding.Matching, error)
}

// Result is the whole answer.
type Result struct {
	Report *report.Report
	Images []*layers.Image
	Views  []*layers.View // one for each image; nil for one whose manifest was never seen

	// SBOM has the bill of materials of each image, if they were asked for.
	SBOM []finding.Bill

	// Hidden are secret values that were seen but are no findings of this
	// run, because its scanners were not asked for. They are to be redacted
	// like those of the findings.
	Hidden []finding.Value
}

// Run audits one target. It fails only if nothing could be judged: a target or
// reference that cannot be opened, a manifest that cannot be read, a time limit
// that passed before any layer or configuration was seen. What else could not
// be read is in the report's coverage.
func Run(ctx context.Context, target string, opts Options) (*Result, error) {
	p, err := newPlan(opts)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	source, walk, err := p.open(ctx, target)
	if err != nil {
		return nil, err
	}
	packaging, err := p.packaging(ctx, began)
	if err != nil {
		source.Close()
		return nil, err
	}
	closed := sync.OnceFunc(packaging.close)
	defer closed()
	var result *Result
	var assessed []assessment
	var seen *checks.Seen
	// Packages are catalogued and matched while the last archives are searched, and layers
	// are judged while catalogers keep less than all processors busy.
	walk.Beside = func(walked *layers.Walked) error {
		if p.Walk.Beside != nil {
			if err := p.Walk.Beside(walked); err != nil {
				return err
			}
		}
		var err error
		if result, err = p.see(target, walked); err != nil {
			return err
		}
		var judging sync.WaitGroup
		defer judging.Wait()
		judging.Go(func() { seen = checks.See(result.Images, result.Views) })
		if result.SBOM, err = packaging.bills(source, result); err != nil {
			return err
		}
		go closed() // which takes a while where much was kept
		matching, cancel := packaging.deadline(ctx)
		defer cancel()
		assessed, err = p.assess(matching, result, subject)
		return err
	}
	walked, err := layers.Walk(ctx, source, walk, packaging.with(p.walkers())...)
	if cerr := source.Close(); err == nil && cerr != nil {
		err = fmt.Errorf("closing %s: %w", finding.EscapeText(target), cerr)
	}
	if err != nil {
		return nil, err
	}
	if err := p.judge(result, walked, seen, assessed); err != nil {
		return nil, err
	}
	return result, nil
}

// open opens the target, and leaves to the walk what is left of the time.
func (p *plan) open(ctx context.Context, target string) (layers.Source, layers.WalkOptions, error) {
	walk := p.Walk
	if p.Timeout <= 0 {
		source, err := layers.Open(ctx, target, p.Open)
		return source, walk, err
	}
	end := time.Now().Add(p.Timeout)
	ctx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	source, err := layers.Open(ctx, target, p.Open)
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("opening %s: the time limit of %v was reached; allow more time", finding.EscapeText(target), p.Timeout)
	}
	left := max(time.Until(end), 1)
	if walk.Limits.Time <= 0 || left < walk.Limits.Time {
		walk.Limits.Time = left
	}
	return source, walk, err
}
