package main

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/report"
	"github.com/imgaudit/imgaudit/pkg/sbom"
)

// output is one -o: a format, and a file or nothing for standard output.
type output struct {
	format string
	file   string
}

// formats are all that -o knows: of reports, and of bills of materials.
func formats() []string { return slices.Concat(report.Formats(), sbom.Formats()) }

func formatList() string { return strings.Join(formats(), ", ") }

// parseOutputs reads all -o; none means text to standard output.
func parseOutputs(list []string) ([]output, error) {
	if len(list) == 0 {
		list = []string{"text"}
	}
	var outputs []output
	taken := map[string]bool{}
	for _, item := range list {
		format, file, toFile := strings.Cut(item, "=")
		if !slices.Contains(formats(), format) {
			return nil, usagef("there are "+formatList(), "unknown format %q in -o", format)
		}
		if toFile && file == "" {
			return nil, usagef("write -o "+format+"=FILE", "-o %s names no file", item)
		}
		if file == "-" {
			file = ""
		}
		key := file
		if file != "" {
			key = filepath.Clean(file)
			if _, err := os.Stat(filepath.Dir(file)); err != nil {
				return nil, usagef("make the directory first", "-o %s: %v", item, err)
			}
		}
		if taken[key] {
			if file == "" {
				return nil, usagef("give all but one a file, as in -o json=report.json", "two reports cannot both go to standard output")
			}
			return nil, usagef("", "two reports cannot both go to %s", file)
		}
		taken[key] = true
		outputs = append(outputs, output{format, file})
	}
	return outputs, nil
}

// write writes a report everywhere it was asked for: files first, whole or not
// at all, then standard output.
func (p *program) write(outputs []output, r *audit.Result, s *settings, target string) error {
	slices.SortStableFunc(outputs, func(a, b output) int { return strings.Compare(b.file, a.file) })
	for _, o := range outputs {
		opts := report.WriterOptions{Redactor: redactor(r), ShowSecrets: s.showSecrets}
		opts.Text = report.TextOptions{Verbose: s.verbose, Target: cmp.Or(s.shown, target)}
		if o.file == "" {
			opts.Text.Width, opts.Text.Color = p.width(), p.color(s)
		}
		write := func(w io.Writer) error { return writeBill(w, o.format, r) }
		if !slices.Contains(sbom.Formats(), o.format) {
			w, err := report.NewWriter(o.format, opts)
			if err != nil {
				return err
			}
			write = func(to io.Writer) error { return w.Write(to, r.Report) }
		}
		var err error
		if o.file == "" {
			err = write(p.stdout)
		} else {
			err = writeFile(o.file, s.showSecrets, write)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// writeText writes a text report to standard output as its terminal likes it.
func (p *program) writeText(r *audit.Result, s *settings, opts report.TextOptions) error {
	opts.Width, opts.Color = p.width(), p.color(s)
	w, err := report.NewWriter("text", report.WriterOptions{Redactor: redactor(r), Text: opts})
	if err != nil {
		return err
	}
	return w.Write(p.stdout, r.Report)
}

// redactor hides what was found, and what was seen without being asked for.
func redactor(r *audit.Result) *report.Redactor {
	hide := report.Secrets(r.Report)
	for _, v := range r.Hidden {
		hide = append(hide, report.Secret{Value: v})
	}
	return report.NewRedactor(hide...)
}

// writeFile writes a file beside its place and moves it there when it is whole.
// What is no regular file, such as a pipe, is written in place.
func writeFile(path string, private bool, write func(io.Writer) error) (err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return fmt.Errorf("writing: %w", err)
		}
		return errors.Join(write(file), file.Close())
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	mode := os.FileMode(0o666)
	if private {
		mode = 0o600
	}
	temp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+rand.Text()[:8])
	file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			os.Remove(temp)
		}
	}()
	if err := write(file); err != nil {
		file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
