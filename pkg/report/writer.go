package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// Writer writes a report in one format. Unless secrets were asked for, what it
// writes has gone through a [Redactor].
type Writer interface {
	Write(w io.Writer, r *Report) error
}

// WriterOptions say how a report is written. The zero value is right for files.
type WriterOptions struct {
	// Redactor hides secrets. Nil means one that is made of the report's own
	// findings; a caller that knows of more values, of suppressed findings say,
	// gives its own.
	Redactor *Redactor

	// ShowSecrets writes every value as it is, and adds it to JSON as "value".
	ShowSecrets bool

	Text TextOptions
}

// TextOptions say how the text report looks.
type TextOptions struct {
	Width   int  // columns; 0 means 100, and less than 60 means 60
	Color   bool // the 16 colours of the terminal; without, words and signs say the same
	Verbose bool // every finding and every place, however many
	Layers  bool // the table of layers and what could not be read, without the findings

	// Target is what the user typed, for the commands that the report suggests.
	// Empty means the reference of the image.
	Target string
}

// Formats lists the names that [NewWriter] knows.
func Formats() []string { return []string{"text", "json", "jsonl"} }

// NewWriter gives the writer of a format.
func NewWriter(format string, opts WriterOptions) (Writer, error) {
	switch format {
	case "text":
		return safeWriter{opts, func(w io.Writer, r *Report) error { return writeText(w, r, opts.Text) }}, nil
	case "json":
		return safeWriter{opts, writeJSON}, nil
	case "jsonl":
		return safeWriter{opts, writeJSONL}, nil
	}
	return nil, fmt.Errorf("unknown report format %q: one of %s", format, strings.Join(Formats(), ", "))
}

// safeWriter gives a format its own copy of the report: redacted, or with the
// secrets shown. No format ever sees anything else.
type safeWriter struct {
	opts   WriterOptions
	format func(w io.Writer, r *Report) error
}

func (s safeWriter) Write(w io.Writer, r *Report) error {
	var own *Report
	switch {
	case s.opts.ShowSecrets:
		own = clone(r)
	case s.opts.Redactor != nil:
		own = s.opts.Redactor.Report(r)
	default:
		own = NewRedactor(Secrets(r)...).Report(r)
	}
	own.settle()
	b := bufio.NewWriter(w)
	if err := s.format(b, own); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// settle fills in what follows from other fields and what the contract does not
// let be empty.
func (r *Report) settle() {
	r.Schema = SchemaID
	if r.Tool.Name == "" {
		r.Tool.Name = "imgaudit"
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if !slices.Contains(finding.Confidences(), f.Confidence) {
			f.Confidence = finding.Unsure
		}
		for j := range f.Locations {
			l := &f.Locations[j]
			if l.Fate == "" {
				l.Fate = finding.Present
			}
			if l.Confidence == "" {
				l.Confidence = f.Confidence
			}
		}
	}
}
