package audit

import (
	"cmp"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/internal/licence"
	"github.com/imgaudit/imgaudit/pkg/checks"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/report"
)

// summaries are what a report says of bills of materials.
func summaries(images []*layers.Image, bills []finding.Bill, denied licence.Denied) []report.SBOM {
	all := make([]report.SBOM, 0, len(bills))
	for i, b := range bills {
		s := report.SBOM{Image: i, Packages: len(b.Packages), ByType: map[string]int{}, Denied: []report.DeniedPackage{}, Hidden: []report.HiddenPackage{}, Documents: documents(b), Complete: b.Complete}
		for _, p := range b.Packages {
			s.ByType[p.Type]++
			s.Denied = deny(s.Denied, layersOf{images[i], b.Layers}, p, denied, false)
		}
		s.Licenses, s.Unlicensed = licenses(b.Packages)
		for _, h := range b.Hidden {
			s.Hidden = append(s.Hidden, describeHidden(layersOf{images[i], b.Layers}, h))
			s.Denied = deny(s.Denied, layersOf{images[i], b.Layers}, h.Package, denied, true)
		}
		all = append(all, s)
	}
	return all
}

// documents says how the bills of materials that lay in and beside an image fit its packages.
func documents(b finding.Bill) []report.Document {
	all := []report.Document{}
	for _, c := range checks.Compare(b) {
		d := report.Document{Path: c.Path, Format: c.Format, Digest: c.Digest, Whole: c.Whole, Packages: c.Listed}
		if c.Layer >= 0 {
			d.Layer = &c.Layer
		}
		if c.Judged {
			d.Missing = &c.Missing
		}
		if c.Whole {
			d.Omitted = &c.Omitted
		}
		all = append(all, d)
	}
	return all
}

// licenses counts packages by their licences; one with several counts for each.
func licenses(packages []finding.Package) (counts []report.LicenseCount, without int) {
	byName := map[string]int{}
	for _, p := range packages {
		if len(p.Licenses) == 0 {
			without++
		}
		for _, l := range p.Licenses {
			byName[l]++
		}
	}
	counts = []report.LicenseCount{}
	for l, n := range byName {
		counts = append(counts, report.LicenseCount{License: l, Packages: n})
	}
	slices.SortFunc(counts, func(a, b report.LicenseCount) int {
		return cmp.Or(b.Packages-a.Packages, strings.Compare(a.License, b.License))
	})
	return counts, without
}

// deny adds a package to a list if its licences are denied.
func deny(to []report.DeniedPackage, in layersOf, p finding.Package, denied licence.Denied, hidden bool) []report.DeniedPackage {
	by, ok := denied.Any(p.Licenses)
	if !ok {
		return to
	}
	d := report.DeniedPackage{
		Name: p.Name, Version: p.Version, Type: p.Type, PURL: p.PURL, Licenses: append([]string{}, p.Licenses...), By: by, Hidden: hidden,
	}
	d.Layer, d.Instruction = in.named(p.Layer)
	return append(to, d)
}

func describeHidden(in layersOf, h finding.Hidden) report.HiddenPackage {
	d := report.HiddenPackage{
		Name: h.Name, Version: h.Version, Type: h.Type, PURL: h.PURL, Paths: []string{},
		Fate: h.Fate, FateBy: h.FateBy, Successor: h.Successor,
	}
	for _, p := range h.Paths {
		d.Paths = append(d.Paths, finding.EscapePath(p))
	}
	d.Layer, d.Instruction = in.named(h.Layer)
	d.FateLayer, d.FateInstruction = in.named(h.FateLayer)
	return d
}

// layersOf are the layers of an image, or what a document says of them where the image is
// not at hand.
type layersOf struct {
	image *layers.Image
	said  []finding.BillLayer
}

// layer gives a layer, and whether it belongs to the base image; nil if it is not known.
func (o layersOf) layer(i int) (_ *finding.BillLayer, base bool) {
	switch {
	case i < 0:
	case i < len(o.image.Layers):
		in := o.image.Layers[i]
		return &finding.BillLayer{DiffID: describeLayer(in).DiffID, Instruction: in.Instruction}, in.Base
	case i < len(o.said):
		return &o.said[i], false
	}
	return nil, false
}

// named gives a layer's number and instruction; nil for what is not known.
func (o layersOf) named(i int) (*int, *string) {
	in, _ := o.layer(i)
	if in == nil {
		return nil, nil
	}
	return &i, in.Instruction
}
