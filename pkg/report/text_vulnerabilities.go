package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// What is shown of vulnerabilities before -v or JSON must be asked.
const (
	maxPackages = 12
	maxFlaws    = 4 // of one package
	maxLayers   = 2 // of one package
	maxFixes    = 2 // versions
)

// vulnerabilities writes the packages that have flaws, the most urgent first.
func (t *text) vulnerabilities() {
	packages := byPackage(t.r.Findings)
	n := 0
	for _, p := range packages {
		n += len(p.findings)
	}
	if n == 0 {
		t.noneKnown()
		return
	}
	t.heading("Vulnerabilities" + t.paint(quiet, "  "+number10(int64(n))))
	t.items("  ", plain, t.vulnerabilitySums(packages))
	t.databases()
	shown := packages
	if !t.opts.Verbose {
		minor := slices.IndexFunc(packages, func(p *vulnerable) bool { return !p.matters() })
		if minor >= 0 {
			shown = packages[:minor]
		}
		if len(shown) > maxPackages+1 {
			shown = shown[:maxPackages]
		}
	}
	for _, p := range shown {
		t.blank()
		t.vulnerable(p)
	}
	if rest := packages[len(shown):]; len(rest) > 0 {
		t.blank()
		t.words("  … ", plain, fmt.Sprintf("%s with %s: %s.", count(len(rest), "more package"), severities(rest), list(packageNames(rest), 5)))
		t.words("    ", quiet, "-v shows them all; -o json=FILE writes them for other programs.")
	}
}

// vulnerabilitySums are the figures over all packages.
func (t *text) vulnerabilitySums(packages []*vulnerable) []string {
	var fixable, hidden, known int
	for _, p := range packages {
		fixable += p.fixable
		for _, f := range p.findings {
			if !f.Visible {
				hidden++
			}
			if f.Vulnerability.KEV != nil {
				known++
			}
		}
	}
	sums := []string{severities(packages), "in " + count(len(packages), "package"), number10(int64(fixable)) + " with a fix"}
	if known > 0 {
		sums = append(sums, t.paint(critical, number10(int64(known))+" known to be exploited"))
	}
	if hidden > 0 {
		sums = append(sums, number10(int64(hidden))+" in packages that no final file shows")
	}
	return sums
}

// severities counts findings by severity in words.
func severities(packages []*vulnerable) string {
	counts, unrated := map[finding.Severity]int{}, 0
	for _, p := range packages {
		for _, f := range p.findings {
			if f.Vulnerability.Rating == "unknown" && len(f.Vulnerability.CVSS) == 0 {
				unrated++
				continue
			}
			counts[f.Severity]++
		}
	}
	var parts []string
	for _, s := range finding.Severities() {
		if n := counts[s]; n > 0 {
			parts = append(parts, number10(int64(n))+" "+string(s))
		}
	}
	if unrated > 0 {
		parts = append(parts, number10(int64(unrated))+" that nobody rated")
	}
	return strings.Join(parts, ", ")
}

// vulnerable writes one package: what is wrong, where it is, what to do.
func (t *text) vulnerable(p *vulnerable) {
	sign := "●"
	if !p.visible {
		sign = "○"
	}
	worst := p.findings[0].Severity
	for _, f := range p.findings {
		if f.Severity.Rank() > worst.Rank() {
			worst = f.Severity
		}
	}
	head := t.paint(severityMood(worst), "  "+sign+" ")
	name := strings.TrimSpace(p.Name + " " + p.Version)
	t.line(head, t.paint(strong, middle(name, t.width-7-columns(p.Type))), "  ", t.paint(quiet, p.Type))
	about := []string{severities([]*vulnerable{p})}
	switch {
	case p.fixable == len(p.findings):
		about = append(about, "fixed in "+newest(p.fixes))
	case p.fixable > 0:
		about = append(about, number10(int64(p.fixable))+" fixed in "+newest(p.fixes))
	default:
		about = append(about, "no fix")
	}
	if p.kev {
		text := "known to be exploited"
		if p.ransom {
			text += ", by ransomware too"
		}
		about = append(about, t.paint(critical, text))
	}
	if p.epss >= 0.01 {
		about = append(about, "EPSS "+likely(p.epss))
	}
	if !p.visible {
		about = append(about, t.paint(medium, "in no file of the final image, still recoverable"))
	}
	t.items("    ", plain, about)
	t.whereabouts(p)
	t.flaws(p)
	t.words("    → ", quiet, p.remedy().Remediation)
}

// likely gives a share of one: "0.4 %", "91 %".
func likely(share float64) string {
	p := share * 100
	if p < 10 {
		return strconv.FormatFloat(p, 'f', 1, 64) + " %"
	}
	return strconv.FormatFloat(p, 'f', 0, 64) + " %"
}

// flaws names the flaws of a package; with -v each with all that is known of it.
func (t *text) flaws(p *vulnerable) {
	if t.opts.Verbose {
		for _, f := range p.findings {
			t.items("    ", plain, t.flaw(f))
		}
		return
	}
	var items []string
	shown := p.findings
	if len(shown) > maxFlaws+1 {
		shown = shown[:maxFlaws]
	}
	for _, f := range shown {
		items = append(items, t.paint(severityMood(f.Severity), f.Rule))
	}
	if n := len(p.findings) - len(shown); n > 0 {
		items = append(items, t.paint(quiet, "and "+number10(int64(n))+" more"))
	}
	t.items("    ", plain, items)
}

func (t *text) flaw(f finding.Finding) []string {
	v := f.Vulnerability
	about := []string{t.paint(severityMood(f.Severity), f.Rule+" "+string(f.Severity))}
	if v.Rating != string(f.Severity) && v.Rating != "" {
		about[0] += " (rated " + v.Rating + ")"
	}
	if len(v.Aliases) > 0 {
		about = append(about, "also "+list(v.Aliases, 2))
	}
	if len(v.CVSS) > 0 {
		about = append(about, fmt.Sprintf("CVSS %.1f (v%s)", v.CVSS[0].Score, v.CVSS[0].Version))
	}
	if v.EPSS != nil {
		about = append(about, "EPSS "+likely(v.EPSS.Probability))
	}
	if v.KEV != nil {
		about = append(about, "exploited since "+v.KEV.Added)
	}
	switch v.Fix.State {
	case finding.Fixed:
		about = append(about, "fixed in "+list(v.Fix.Versions, maxFixes))
	case finding.WontFix:
		about = append(about, "will not be fixed")
	}
	if f.Confidence != finding.Sure {
		about = append(about, "confidence "+string(f.Confidence))
	}
	if v.VEX != nil {
		about = append(about, statedBy(v.VEX))
	}
	return about
}

// statedBy says what a statement says, by whom, and why.
func statedBy(s *finding.VEXStatement) string {
	out := strings.ReplaceAll(s.Status, "_", " ") + " by " + s.From
	for _, more := range []string{s.Reason, s.Action} {
		if more != "" {
			out += ": " + more
		}
	}
	return out
}
