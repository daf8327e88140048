package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// worthDoing are the packages whose flaws are worth an action: of medium severity or worse.
func worthDoing(r *Report, yes func(*vulnerable) bool) []*vulnerable {
	return slices.DeleteFunc(byPackage(r.Findings), func(p *vulnerable) bool { return !p.matters() || !yes(p) })
}

// solved are the findings on packages.
func solved(packages []*vulnerable) (fs []finding.Finding, places []finding.Location) {
	for _, p := range packages {
		fs = append(fs, p.findings...)
		places = append(places, p.places...)
	}
	return fs, places
}

// withFix are those findings that another version of the package settles.
func withFix(fs []finding.Finding) []finding.Finding {
	return slices.DeleteFunc(fs, func(f finding.Finding) bool { return f.Vulnerability.Fix.State != finding.Fixed })
}

// upgradeOwn is about packages that instructions of the image's own installed.
func upgradeOwn(r *Report) action {
	packages := worthDoing(r, func(p *vulnerable) bool { return p.visible && p.fixable > 0 && !p.base() })
	fixes := map[string][]string{} // by name
	for _, p := range packages {
		fixes[p.Name] = append(fixes[p.Name], p.fixes...)
	}
	var what []string
	for _, name := range packageNames(packages) {
		shown := name
		if name == "stdlib" {
			shown = "Go's standard library"
		}
		what = append(what, shown+" to "+newest(fixes[name]))
	}
	a := action{do: "Upgrade " + list(what, 3) + "."}
	var places []finding.Location
	a.solves, places = solved(packages)
	a.solves = withFix(a.solves)
	if len(layerSet(places)) > 0 {
		a.why = "Installed in " + layerNames(places) + "."
	}
	return a
}

// newerBase is about packages of the base image that have a fix.
func newerBase(r *Report) action {
	packages := worthDoing(r, func(p *vulnerable) bool { return p.visible && p.fixable > 0 && p.base() })
	a := action{do: "Rebuild on a newer base image: there are fixes for " + list(packageNames(packages), 3) + "."}
	fs, _ := solved(packages)
	a.solves = withFix(fs)
	return a
}

// dropHidden is about packages that a later layer deleted or replaced.
func dropHidden(r *Report) action {
	packages := worthDoing(r, func(p *vulnerable) bool { return !p.visible })
	fs, places := solved(packages)
	return action{
		do:     "Build " + list(packageNames(packages), 3) + " out of " + layerNames(places) + ".",
		why:    "No final file shows " + either(len(packages), "it", "them") + ", but whoever pulls the image has " + either(len(packages), "it", "them") + ".",
		solves: fs,
	}
}

// withoutRemedy is about attacked packages that nobody has mended.
func withoutRemedy(r *Report) action {
	packages := worthDoing(r, func(p *vulnerable) bool { return p.visible && p.fixable == 0 && p.kev })
	fs, _ := solved(packages)
	return action{
		do:     "Remove or shield " + list(packageNames(packages), 3) + ".",
		why:    "It is known to be attacked, and no version without the flaw is known.",
		solves: fs,
	}
}

func packageNames(packages []*vulnerable) []string {
	var names []string
	for _, p := range packages {
		if !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	return names
}

// newest gives the version whose numbers are the highest. Which of two is newer by the rules
// of their kind it does not know; most kinds agree where it matters.
func newest(versions []string) string {
	if len(versions) == 0 {
		return "a later version"
	}
	return slices.MaxFunc(versions, byNumbers)
}

// byNumbers compares texts, digits within them as numbers.
func byNumbers(a, b string) int {
	for a != "" && b != "" {
		x, y := digits(a), digits(b)
		if x > 0 && y > 0 {
			m, n := strings.TrimLeft(a[:x], "0"), strings.TrimLeft(b[:y], "0")
			if c := cmp.Or(cmp.Compare(len(m), len(n)), cmp.Compare(m, n)); c != 0 {
				return c
			}
			a, b = a[x:], b[y:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digits(s string) int {
	return len(s) - len(strings.TrimLeft(s, "0123456789"))
}

// settles says what an action is good for. Vulnerabilities are counted: their names say little.
func settles(fs []finding.Finding) string {
	known := 0
	for _, f := range fs {
		if f.Vulnerability == nil {
			return "Settles " + names(fs, 4) + "."
		}
		if f.Vulnerability.KEV != nil {
			known++
		}
	}
	text := "Settles " + count(len(fs), "vulnerability/vulnerabilities")
	if known > 0 {
		text += ", " + number10(int64(known)) + " of them known to be exploited"
	}
	return text + "."
}
