package report

import (
	"cmp"
	"slices"

	"github.com/imgaudit/imgaudit/pkg/finding"
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
