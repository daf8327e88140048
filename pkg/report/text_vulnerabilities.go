package report

import (
	"cmp"
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

// vulnerable is one package with all that is known to be wrong with it.
type vulnerable struct {
	finding.VulnerablePackage
	findings []finding.Finding // worst first
	places   []finding.Location
	fixes    []string // versions to upgrade to, each once
	fixable  int
	visible  bool
	kev      bool
	ransom   bool
	epss     float64 // the highest
}

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

// byPackage groups the findings on vulnerabilities.
func byPackage(all []finding.Finding) []*vulnerable {
	at := map[finding.VulnerablePackage]*vulnerable{}
	var packages []*vulnerable
	for _, f := range all {
		v := f.Vulnerability
		if f.Category != finding.Vulnerability || v == nil {
			continue
		}
		key := finding.VulnerablePackage{Name: v.Package.Name, Version: v.Package.Version, Type: v.Package.Type, Hidden: v.Package.Hidden}
		p := at[key]
		if p == nil {
			p = &vulnerable{VulnerablePackage: key}
			at[key] = p
			packages = append(packages, p)
		}
		p.add(f)
	}
	for _, p := range packages {
		slices.SortStableFunc(p.findings, func(a, b finding.Finding) int {
			return cmp.Or(compareBools(a.Vulnerability.KEV != nil, b.Vulnerability.KEV != nil), -cmp.Compare(a.Severity.Rank(), b.Severity.Rank()),
				-cmp.Compare(probability(a), probability(b)), cmp.Compare(a.Rule, b.Rule))
		})
	}
	slices.SortStableFunc(packages, func(a, b *vulnerable) int {
		return cmp.Or(compareBools(a.kev, b.kev), -cmp.Compare(a.worst(), b.worst()), compareBools(a.visible, b.visible),
			-cmp.Compare(len(a.findings), len(b.findings)), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Type, b.Type))
	})
	return packages
}

func (p *vulnerable) add(f finding.Finding) {
	v := f.Vulnerability
	p.findings = append(p.findings, f)
	p.visible = p.visible || f.Visible
	p.epss = max(p.epss, probability(f))
	if v.KEV != nil {
		p.kev, p.ransom = true, p.ransom || v.KEV.Ransomware
	}
	if v.Fix.State == finding.Fixed {
		p.fixable++
		if to := v.Fix.Upgrade; to != "" && !slices.Contains(p.fixes, to) {
			p.fixes = append(p.fixes, to)
		}
	}
	for _, l := range f.Locations {
		if !slices.ContainsFunc(p.places, func(o finding.Location) bool {
			return o.Image == l.Image && index(o.Layer) == index(l.Layer) && o.Path == l.Path
		}) {
			p.places = append(p.places, l)
		}
	}
}

// worst is the rank of the worst severity.
func (p *vulnerable) worst() int {
	rank := 0
	for _, f := range p.findings {
		rank = max(rank, f.Severity.Rank())
	}
	return rank
}

// matters tells packages that are shown by themselves from those that are counted.
func (p *vulnerable) matters() bool { return p.kev || p.worst() >= finding.Medium.Rank() }

// base reports whether every place of it belongs to the base image.
func (p *vulnerable) base() bool {
	return !slices.ContainsFunc(p.places, func(l finding.Location) bool { return !l.Base })
}

// compareBools puts true first.
func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func probability(f finding.Finding) float64 {
	if e := f.Vulnerability.EPSS; e != nil {
		return e.Probability
	}
	return 0
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

// remedy gives the finding whose remedy stands for all: that of the newest version to upgrade
// to, or the first.
func (p *vulnerable) remedy() finding.Finding {
	for _, f := range p.findings {
		if to := f.Vulnerability.Fix.Upgrade; to != "" && to == newest(p.fixes) {
			return f
		}
	}
	return p.findings[0]
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
		about = append(about, fmt.Sprintf("CVSS %.1f", v.CVSS[0].Score))
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
		about = append(about, strings.TrimSpace(strings.ReplaceAll(v.VEX.Status, "_", " ")+" by "+v.VEX.From+" "+v.VEX.Action))
	}
	return about
}

// whereabouts writes the layers that a package is in.
func (t *text) whereabouts(p *vulnerable) {
	type spot struct {
		key   string
		place finding.Location
		paths []string
	}
	var spots []*spot
	for _, l := range p.places {
		key := fmt.Sprint(l.Image, index(l.Layer), l.Fate, index(l.FateLayer))
		i := slices.IndexFunc(spots, func(s *spot) bool { return s.key == key })
		if i < 0 {
			i = len(spots)
			spots = append(spots, &spot{key: key, place: l})
		}
		if l.Path != "" {
			spots[i].paths = append(spots[i].paths, l.Path)
		}
	}
	most := maxLayers
	if t.opts.Verbose {
		most = len(spots)
	}
	for i, s := range spots {
		if i >= most && len(spots) > most+1 {
			t.line("    ", t.paint(quiet, "and "+count(len(spots)-i, "more layer")))
			return
		}
		l := s.place
		where := ""
		if l.Layer != nil {
			where = "layer " + index(l.Layer)
		}
		if l.Base {
			where += " (base)"
		}
		if len(t.r.Images) > 1 {
			where = strings.TrimSpace(where + " in " + middle(t.imageLabel(l.Image), 40))
		}
		if where != "" {
			t.instruction("    "+where+" by ", l.Instruction)
		}
		if lost := lostBy(l); lost != "" {
			t.instruction("      ○ "+lost+" in layer "+index(l.FateLayer)+" by ", l.FateInstruction)
		}
		if !systemPackage(p.Type) {
			for _, path := range s.paths[:min(len(s.paths), maxLayers)] {
				t.line("      ", t.paint(quiet, middle(path, t.width-6)))
			}
			if n := len(s.paths) - maxLayers; n > 0 {
				t.line("      ", t.paint(quiet, "and "+count(n, "more place")))
			}
		}
	}
}

// instruction writes what did something; without one the head stands alone.
func (t *text) instruction(head string, instruction *string) {
	by := short(instruction)
	if by == "" {
		head = strings.TrimSuffix(head, " by ")
	}
	t.line(head, t.paint(quiet, end(by, t.width-columns(head))))
}

// systemPackage tells packages whose one place is the distribution's database.
func systemPackage(kind string) bool {
	return slices.Contains([]string{"deb", "rpm", "apk", "alpm", "portage"}, kind)
}

// noneKnown says that images were assessed and nothing is known to be wrong.
func (t *text) noneKnown() {
	if slices.ContainsFunc(t.r.Vulnerabilities, func(v Vulnerabilities) bool { return v.Assessed }) {
		t.heading("Vulnerabilities")
		if slices.ContainsFunc(t.r.Vulnerabilities, func(v Vulnerabilities) bool { return len(v.Remarks) > 0 }) {
			t.line("  ", "None known to the database.")
		} else {
			t.line("  ", t.paint(good, "✓ None known."))
		}
		t.databases()
	}
}

// databases says what was asked, and what was not reported.
func (t *text) databases() {
	var said []string
	say := func(text string) {
		if !slices.Contains(said, text) {
			said = append(said, text)
			t.words("  ", quiet, text)
		}
	}
	for _, v := range t.r.Vulnerabilities {
		if d := v.Database; d != nil {
			text := "By the database of " + cmp.Or(strings.SplitN(d.Built, "T", 2)[0], "an unknown date")
			if d.Newest != "" && d.Newest < d.Built { // both in UTC
				text += ", whose newest data are of " + strings.SplitN(d.Newest, "T", 2)[0]
			}
			if d.AgeDays != nil && *d.AgeDays > 0 {
				text += ", " + count(*d.AgeDays, "day") + " old"
			}
			if d.Old {
				text += ": what has become known since is not in it"
			}
			say(text + ".")
		}
		for _, r := range v.Remarks {
			say("! " + r)
		}
	}
	n := 0
	for _, v := range t.r.Vulnerabilities {
		n += v.Suppressed
	}
	if n > 0 {
		say(count(n, "more match/more matches") + " " + either(n, "is", "are") + " suppressed; -v lists them.")
	}
}

// notAssessed says which images' vulnerabilities nobody looked at, and why.
func (t *text) notAssessed() {
	byReason := map[string][]int{}
	var reasons []string
	for _, v := range t.r.Vulnerabilities {
		if !v.Assessed {
			if byReason[v.Reason] == nil {
				reasons = append(reasons, v.Reason)
			}
			byReason[v.Reason] = append(byReason[v.Reason], v.Image)
		}
	}
	for _, reason := range reasons {
		what := "Vulnerabilities were not assessed"
		if len(byReason[reason]) < len(t.r.Images) {
			what = "Vulnerabilities of " + count(len(byReason[reason]), "image") + " were not assessed"
		}
		t.words("", medium, what+": "+reason+".")
	}
}
