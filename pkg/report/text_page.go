package report

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/imgaudit/imgaudit/pkg/finding"
)

const (
	defaultWidth = 100
	minWidth     = 60
	maxWidth     = 160 // longer lines are hard to read
)

// page is what text is written on: lines that are never wider than the page.
type page struct {
	out   *stickyWriter
	width int
	color bool
}

// mood is what a piece of text wants to say; colours follow from it.
type mood int

const (
	plain mood = iota
	strong
	quiet
	good
	bad
	critical
	high
	medium
	low
)

// The moods in the 16 colours of a terminal, which the user's theme makes
// readable on light and dark. Words or signs always say the same.
func (m mood) style() lipgloss.Style {
	colors := map[mood]color.Color{good: lipgloss.Green, bad: lipgloss.Red, critical: lipgloss.Red, high: lipgloss.Red, medium: lipgloss.Yellow, low: lipgloss.Cyan}
	s := lipgloss.NewStyle()
	if c, ok := colors[m]; ok {
		s = s.Foreground(c)
	}
	switch m {
	case strong, critical, bad, good:
		s = s.Bold(true)
	case quiet:
		s = s.Faint(true)
	}
	return s
}

// severityMoods are the colours of severities.
func severityMood(s finding.Severity) mood {
	switch s {
	case finding.Critical:
		return critical
	case finding.High:
		return high
	case finding.Medium:
		return medium
	case finding.Low:
		return low
	}
	return quiet
}

func (p *page) paint(m mood, s string) string {
	if !p.color || m == plain || s == "" {
		return s
	}
	return m.style().Render(s)
}

// line writes one line, cut to the width of the page.
func (p *page) line(parts ...string) {
	s := strings.Join(parts, "")
	if columns(s) > p.width {
		s = ansi.Truncate(s, p.width, "…")
	}
	p.out.print(strings.TrimRight(s, " ") + "\n")
}

func (p *page) blank() { p.out.print("\n") }

// heading writes a title with a thin rule to the right edge.
func (p *page) heading(title string) {
	p.blank()
	rule := p.width - columns(title) - 1
	p.line(p.paint(strong, title), " ", p.paint(quiet, strings.Repeat("─", max(rule, 0))))
}

// words writes text broken between its words. The first line begins with head,
// the others with as many spaces.
func (p *page) words(head string, m mood, text string) {
	indent := columns(head)
	for i, l := range wrapWords(text, p.width-indent) {
		if i > 0 {
			head = strings.Repeat(" ", indent)
		}
		p.line(head, p.paint(m, l))
	}
}

// wrapWords breaks text into lines of at most width cells; a longer word is cut in its middle.
func wrapWords(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		word = middle(word, width)
		switch {
		case line == "":
			line = word
		case columns(line)+1+columns(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// end cuts text to width cells at its end.
func end(s string, width int) string { return ansi.Truncate(s, max(width, 0), "…") }

// middle cuts text to width cells in its middle: a path is known by its
// beginning and, more so, by its end.
func middle(s string, width int) string {
	total := columns(s)
	if total <= width {
		return s
	}
	if width < 2 {
		return end(s, width)
	}
	tail := (width - 1) * 2 / 3
	head := ansi.Truncate(s, width-1-tail, "")
	rest := ""
	for cut := total - tail; cut < total; cut++ { // further if a wide character lies across the cut
		if rest = ansi.TruncateLeft(s, cut, ""); columns(rest) <= tail {
			break
		}
		rest = ""
	}
	return head + "…" + rest
}

// pad fills text with spaces to width cells, on its right or, if right is true, on its left.
func pad(s string, width int, right bool) string {
	space := strings.Repeat(" ", max(width-columns(s), 0))
	if right {
		return space + s
	}
	return s + space
}

// columns is how many cells of a terminal a text takes.
func columns(s string) int { return ansi.StringWidth(s) }
