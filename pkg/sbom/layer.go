package sbom

import (
	"slices"

	syftpkg "github.com/anchore/syft/syft/pkg"

	"github.com/imgaudit/imgaudit/internal/stanza"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// describe gives a package with the layer that brought it, as far as the view alone
// tells, and as the one that changed it the last that wrote a file of its own, or -1.
func (r *resolver) describe(p syftpkg.Package) finding.Package {
	d := finding.Package{
		ID: string(p.ID()), Name: p.Name, Version: p.Version, Type: string(p.Type), PURL: p.PURL,
		Paths: paths(p), Licenses: licensesOf(p),
	}
	files := r.filesOf(p)
	d.Layer, d.Changed = r.broughtBy(p, files), files.last
	for _, l := range p.Locations.ToSlice() {
		if n := r.located(l); n != nil && !shared(p, n.path) {
			d.Changed = max(d.Changed, n.ref.Layer)
		}
	}
	return d
}

// licensesOf lists the licences of a package: their SPDX expressions, else their words.
func licensesOf(p syftpkg.Package) []string {
	var all []string
	for _, l := range p.Licenses.ToUnorderedSlice() {
		name := l.SPDXExpression
		if name == "" {
			name = l.Value
		}
		if name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// shared reports whether a file that gives evidence of a package describes others too,
// and so is written again by layers that do not touch the package.
func shared(p syftpkg.Package, path string) bool {
	return p.Type == syftpkg.RpmPkg || textDatabase(path[1:])
}

// broughtBy gives the layer that brought a package: of one that lists its files
// the layer with most of them, since a package database is written anew by every
// layer that installs; else the layer of what gives evidence of it.
func (r *resolver) broughtBy(p syftpkg.Package, files filesOf) int {
	if deb, ok := p.Metadata.(syftpkg.DpkgDBEntry); ok {
		for _, name := range []string{deb.Package, deb.Package + ":" + deb.Architecture} {
			if n := r.find("/var/lib/dpkg/info/" + name + ".list"); n != nil {
				return n.ref.Layer
			}
		}
	}
	if files.most >= 0 {
		return files.most
	}
	layer := -1
	for _, l := range p.Locations.ToSlice() {
		n := r.located(l)
		if n == nil {
			continue
		}
		if l.Annotations[syftpkg.EvidenceAnnotationKey] == syftpkg.PrimaryEvidenceAnnotation {
			return n.ref.Layer
		}
		layer = max(layer, n.ref.Layer)
	}
	return layer
}

// filesOf is where the files lie that a package lists: the layer with most of them, and
// the last one with any; -1 without files.
type filesOf struct{ most, last int }

func (r *resolver) filesOf(p syftpkg.Package) filesOf {
	f := filesOf{-1, -1}
	owner, ok := p.Metadata.(syftpkg.FileOwner)
	if !ok {
		return f
	}
	count := map[int]int{}
	for _, path := range owner.OwnedFiles() {
		n := r.find(path)
		if n == nil || n.entry.Type == layers.Directory {
			continue
		}
		layer := n.ref.Layer
		count[layer]++
		if c := count[layer]; f.most < 0 || c > count[f.most] || c == count[f.most] && layer < f.most {
			f.most = layer
		}
		f.last = max(f.last, layer)
	}
	return f
}

// attribute corrects the layers that brought packages of the final view by what lower
// layers had: a file that was only written again was there before, and a database that
// was written again may have listed a package before.
func (t *past) attribute(described []finding.Package, packages []syftpkg.Package, r *resolver) {
	byID := map[string]*finding.Package{}
	for i := range described {
		byID[described[i].ID] = &described[i]
	}
	for _, p := range packages {
		d := byID[string(p.ID())]
		if d == nil {
			continue
		}
		for _, l := range p.Locations.ToSlice() {
			n := r.located(l)
			if n == nil || l.Annotations[syftpkg.EvidenceAnnotationKey] != syftpkg.PrimaryEvidenceAnnotation {
				continue
			}
			if layer, ok := t.first[n.path[1:]][listed(p)]; ok {
				d.Layer = layer
				break
			}
			d.Layer = min(d.Layer, t.sinceLayer(n.ref))
			if layer, ok := t.earlier[place(p, n.path[1:])]; ok {
				d.Layer = min(d.Layer, layer)
			}
		}
		d.Changed = max(d.Changed, d.Layer)
	}
}

// listed is what a database with stanzas calls a package.
func listed(p syftpkg.Package) stanza.ID {
	switch m := p.Metadata.(type) {
	case syftpkg.DpkgDBEntry:
		return stanza.ID{Name: m.Package, Version: m.Version, Architecture: m.Architecture}
	case syftpkg.ApkDBEntry:
		return stanza.ID{Name: m.Package, Version: m.Version, Architecture: m.Architecture}
	}
	return stanza.ID{Name: p.Name, Version: p.Version}
}
