package sbom

import (
	"cmp"
	"slices"
	"strings"

	"github.com/anchore/syft/syft/artifact"
	"github.com/anchore/syft/syft/file"
	syftpkg "github.com/anchore/syft/syft/pkg"
	syftsbom "github.com/anchore/syft/syft/sbom"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// hidden gathers the packages that were found in eras. One that is in the final image at the
// same place is none of these.
func (t *past) hidden(found <-chan eraBill, bill *finding.Bill, final *syftsbom.SBOM, packages []syftpkg.Package) (*syftsbom.SBOM, error) {
	all := without(final)
	known := map[string]bool{}
	for _, p := range packages {
		for _, key := range places(p) {
			known[key] = true
		}
	}
	for one := range found {
		s, res := one.sbom, one.resolver
		t.image.Gaps = layers.AddRemarks(t.image.Gaps, one.gaps...)
		if one.err != nil {
			return nil, one.err
		}
		t.image.Notes = layers.AddRemarks(t.image.Notes, stumbled(s, res)...)
		for _, p := range s.Artifacts.Packages.Sorted() {
			if p.Type == syftpkg.BinaryPkg && slices.ContainsFunc(paths(p), func(path string) bool { return bill.Owner(path) != "" }) {
				continue // Syft leaves out a program that an installed package lists
			}
			keys := places(p)
			t.met(p, func(l file.Location) *node {
				if n := res.located(l); n != nil && res.era.files[n.ref] {
					return n
				}
				return nil
			})
			if slices.ContainsFunc(keys, func(key string) bool { return known[key] }) {
				continue
			}
			for _, key := range keys {
				known[key] = true
			}
			all.Artifacts.Packages.Add(p)
			bill.Hidden = append(bill.Hidden, t.describe(p, res, one.by, bill))
		}
		all.Relationships = append(all.Relationships, s.Relationships...)
	}
	if len(t.garbled) > 0 {
		t.image.Notes = layers.AddRemarks(t.image.Notes, notesOn(map[string][]string{"database cataloger": t.garbled})...)
	}
	all.Relationships = among(all.Relationships, all.Artifacts.Packages)
	slices.SortFunc(bill.Hidden, compareHidden)
	return all, nil
}

func compareHidden(a, b finding.Hidden) int {
	return cmp.Or(comparePackages(a.Package, b.Package), a.Layer-b.Layer)
}

// without gives what a bill says of an image, without a package.
func without(s *syftsbom.SBOM) *syftsbom.SBOM {
	return &syftsbom.SBOM{Source: s.Source, Descriptor: s.Descriptor, Artifacts: syftsbom.Artifacts{
		Packages: syftpkg.NewCollection(), LinuxDistribution: s.Artifacts.LinuxDistribution,
	}}
}

// among gives the relationships of packages with each other.
func among(all []artifact.Relationship, packages *syftpkg.Collection) []artifact.Relationship {
	ids := map[artifact.ID]bool{}
	for p := range packages.Enumerate() {
		ids[p.ID()] = true
	}
	return slices.DeleteFunc(slices.Clone(all), func(rel artifact.Relationship) bool { return !ids[rel.From.ID()] || !ids[rel.To.ID()] })
}

// met notes that a lower layer had a package, where the file that shows it was written
// again without a deletion in between.
func (t *past) met(p syftpkg.Package, located func(file.Location) *node) {
	for _, l := range p.Locations.ToSlice() {
		n := located(l)
		if n == nil || !t.unbroken[n.ref] {
			continue
		}
		key, layer := place(p, n.path[1:]), t.sinceLayer(n.ref)
		if known, ok := t.earlier[key]; !ok || layer < known {
			t.earlier[key] = layer
		}
	}
}

// sinceLayer gives the first layer that had a file as it is.
func (t *past) sinceLayer(ref layers.Ref) int {
	if layer, ok := t.since[ref]; ok {
		return layer
	}
	return ref.Layer
}

// places names a package at each place that gives evidence of it.
func places(p syftpkg.Package) []string {
	var keys []string
	for _, path := range paths(p) {
		keys = append(keys, place(p, path))
	}
	return keys
}

func place(p syftpkg.Package, path string) string {
	return strings.Join([]string{string(p.Type), p.Name, p.Version, p.PURL, path}, "\x00")
}

// paths are those of the files that give evidence of a package, without a leading slash.
func paths(p syftpkg.Package) []string {
	var all []string
	for _, l := range p.Locations.ToSlice() {
		if path := strings.TrimPrefix(l.RealPath, "/"); !slices.Contains(all, path) {
			all = append(all, path)
		}
	}
	return all
}

// describe says what hid a package, and which version came in its place: one that the
// same file describes, or that the layer which hid it brought.
func (t *past) describe(p syftpkg.Package, r *resolver, by int, bill *finding.Bill) finding.Hidden {
	h := finding.Hidden{Package: r.describe(p), Fate: finding.Deleted, FateLayer: by}
	h.Changed = max(h.Changed, h.Layer)
	for _, l := range p.Locations.ToSlice() {
		if n := r.located(l); n != nil && r.era.has(n) {
			if o := t.view.Outcome(n.ref); o.Layer == by {
				h.FateBy = o.By
				break
			}
		}
	}
	for _, q := range bill.Packages {
		if q.Type != h.Type || q.Name != h.Name || q.Version == h.Version {
			continue
		}
		if q.Changed == by || slices.ContainsFunc(q.Paths, func(path string) bool { return slices.Contains(h.Paths, path) }) {
			h.Fate, h.Successor = finding.Overwritten, q.Version
			break
		}
	}
	return h
}
