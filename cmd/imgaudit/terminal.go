package main

import (
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"
)

// isTerminal reports whether something is a terminal.
func isTerminal(v any) bool {
	file, ok := v.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// width gives the columns of the report on standard output: the terminal's, else
// COLUMNS; 0 if neither says.
func (p *program) width() int {
	if file, ok := p.stdout.(*os.File); ok {
		if w, _, err := term.GetSize(int(file.Fd())); err == nil && w > 0 {
			return w
		}
	}
	if n, err := strconv.Atoi(p.variable("COLUMNS")); err == nil && n > 0 {
		return n
	}
	return 0
}

// color says whether standard output gets colours.
func (p *program) color(s *settings) bool {
	return !s.noColor && p.variable("NO_COLOR") == "" && p.variable("TERM") != "dumb" && isTerminal(p.stdout)
}

// bars gives where progress goes, or nil.
func (p *program) bars(s *settings) io.Writer {
	if s.quiet || s.noProgress || p.variable("TERM") == "dumb" || !isTerminal(p.stderr) {
		return nil
	}
	return p.stderr
}

func (p *program) variable(name string) string {
	for _, v := range p.env {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}
