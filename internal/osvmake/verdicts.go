package osvmake

import (
	"cmp"
	"slices"
	"strings"
)

// Verdict says which records apply to an installed package.
type Verdict struct {
	Type    string // of package URLs
	Release Release
	Package string // as it is installed
	Version string // with the epoch, if it has one
	Module  string // label of an RPM's module, with version and context; empty if it is of none

	Vulnerable []string // ids of the records that apply, sorted
}

// Verdicts are the verdicts on each version of each package of each release.
func Verdicts() []Verdict {
	var out []Verdict
	for _, s := range Systems() {
		records := s.make()
		labels := []string{""}
		for _, m := range s.modules {
			labels = append(labels, m+":8060020990101:0123abcd")
		}
		for release := range s.Releases {
			for pkg := range packages {
				for step := range s.Ladder {
					for _, label := range labels {
						v := Verdict{Type: s.Type, Release: s.Releases[release], Package: s.installed(pkg), Version: s.Ladder[step], Module: label}
						for _, m := range records {
							if m.pkg == pkg && m.applies(release, step, label) {
								v.Vulnerable = append(v.Vulnerable, m.id)
							}
						}
						slices.Sort(v.Vulnerable)
						out = append(out, v)
					}
				}
			}
		}
	}
	return out
}

func (s System) installed(pkg int) string {
	if s.shown != nil {
		return s.shown(pkg)
	}
	return s.named(pkg)
}

// applies evaluates a record as the schema says. A record about a module is only about
// packages of it; one that names none is about all.
func (m made) applies(release, step int, label string) bool {
	if m.withdrawn {
		return false
	}
	for _, a := range m.affected {
		if a.release == release && (a.module == "" || strings.HasPrefix(label, a.module+":")) && a.has(step) {
			return true
		}
	}
	return false
}

func (a affected) has(step int) bool {
	if slices.Contains(a.versions, step) {
		return true
	}
	for _, events := range a.ranges {
		if beforeLimits(events, step) && included(events, step) {
			return true
		}
	}
	return false
}

func beforeLimits(events []event, step int) bool {
	limited := false
	for _, e := range events {
		if e.kind == limit {
			limited = true
			if step < e.step {
				return true
			}
		}
	}
	return !limited
}

func included(events []event, step int) bool {
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Compare(a.step, b.step) })
	vulnerable := false
	for _, e := range events {
		switch {
		case e.kind == introduced && step >= e.step:
			vulnerable = true
		case e.kind == fixed && step >= e.step, e.kind == lastAffected && step > e.step:
			vulnerable = false
		}
	}
	return vulnerable
}
