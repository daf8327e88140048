package report

import (
	"io"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// writeText writes the report for people: what was looked at, the verdict, the
// score, the layers, the findings, what could not be read, and what to do first.
func writeText(w io.Writer, r *Report, opts TextOptions) error {
	p := &page{out: &stickyWriter{w: w}, width: opts.Width, color: opts.Color}
	if p.width == 0 {
		p.width = defaultWidth
	}
	p.width = min(max(p.width, minWidth), maxWidth)

	t := &text{page: p, r: printable(r), opts: opts}
	t.opts.Target = oneLine(opts.Target)
	t.header()
	t.verdict()
	if !opts.Layers {
		t.scores()
	}
	t.layers()
	if !opts.Layers {
		t.findings()
	}
	t.ledger()
	if !opts.Layers {
		t.advice()
	}
	return p.out.err
}

// text is one text report that is being written.
type text struct {
	*page
	r    *Report
	opts TextOptions
}

// printable gives a copy in which no string can move the cursor or break a line.
// Values, which only a report that shows secrets still has, are the exception: see [shownAs].
func printable(r *Report) *Report {
	c := copier{text: oneLine, prose: oneLine, all: true, keepValues: true}
	return c.report(r)
}

// oneLine makes text of one line of it: line breaks and tabs become spaces, all
// else that is no printable character is escaped.
func oneLine(s string) string {
	if strings.ContainsAny(s, "\t\r\n") {
		s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\t' || r == '\r' || r == '\n' }), " ")
	}
	return finding.EscapeText(s)
}
