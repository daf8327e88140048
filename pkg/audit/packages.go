package audit

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// packaging is the run of a [Packager]; its zero value catalogues nothing.
type packaging struct {
	ctx       context.Context
	end       time.Time // of the time for the whole run; zero for none
	keep      layers.Scanner
	catalogue func(context.Context, layers.Source, *layers.Image, *layers.View) (finding.Bill, error)
}

// packaging prepares the run of the packager, if one was asked for.
func (p *plan) packaging(ctx context.Context, began time.Time) (packaging, error) {
	if !p.does(SBOM) && !p.does(Vulnerability) {
		return packaging{}, nil
	}
	run := packaging{ctx: ctx}
	if p.Timeout > 0 {
		run.end = began.Add(p.Timeout)
	}
	var err error
	if run.keep, run.catalogue, err = p.Packages.Packages(ctx); err != nil {
		return packaging{}, fmt.Errorf("preparing to catalogue packages: %w", err)
	}
	return run, nil
}

// with adds the scanner that keeps files to others.
func (r packaging) with(scanners []layers.Scanner) []layers.Scanner {
	if r.keep == nil {
		return scanners
	}
	return append(scanners, r.keep)
}

func (r packaging) close() {
	if c, ok := r.keep.(io.Closer); ok {
		c.Close()
	}
}

// bills gives the bill of materials of each image. Where there is no view, because
// no manifest was seen, there are no packages, and the bill is not complete. A bill
// that could not be made, for want of time say, is a gap.
func (r packaging) bills(source layers.Source, result *Result) ([]finding.Bill, error) {
	if r.catalogue == nil {
		return nil, nil
	}
	ctx, cancel := r.deadline(r.ctx)
	defer cancel()
	bills := make([]finding.Bill, len(result.Images))
	for i, image := range result.Images {
		if result.Views[i] == nil {
			continue
		}
		bill, err := r.catalogue(ctx, source, image, result.Views[i])
		switch {
		case r.ctx.Err() != nil:
			return nil, r.ctx.Err()
		case ctx.Err() != nil && outOfTime(image):
		case ctx.Err() != nil:
			image.Gaps = append(image.Gaps, layers.Remark{Reason: layers.ReasonDeadline, Detail: "the time limit was reached before the packages were catalogued"})
		case err != nil:
			image.Gaps = append(image.Gaps, layers.Remark{Reason: layers.ReasonScannerFailed, Detail: err.Error()})
		default:
			bills[i] = bill
		}
	}
	return bills, nil
}

// deadline ends a context when the time for the whole run does.
func (r packaging) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if r.end.IsZero() {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, r.end)
}

// owners says which package of which image a file belongs to; nil if no packages are
// known.
func owners(bills []finding.Bill) func(image int, path string) string {
	if !slices.ContainsFunc(bills, func(b finding.Bill) bool { return b.Owner != nil }) {
		return nil
	}
	return func(image int, path string) string {
		if image >= len(bills) || bills[image].Owner == nil {
			return ""
		}
		return bills[image].Owner(path)
	}
}

// outOfTime reports whether the ledger of an image says already that time was short.
func outOfTime(image *layers.Image) bool {
	gaps := slices.Clone(image.Gaps)
	for _, l := range image.Layers {
		gaps = append(gaps, layerGaps(l)...)
	}
	return slices.ContainsFunc(gaps, func(g layers.Remark) bool { return g.Reason == layers.ReasonDeadline })
}
