package sbom

import (
	"context"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/anchore/syft/syft/file"
	syftpkg "github.com/anchore/syft/syft/pkg"
	syftsbom "github.com/anchore/syft/syft/sbom"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// layered answers Syft's catalogers from every layer of an image, as Syft's own
// resolver of that scope does: globs match what is seen when a layer has been laid, for
// each of them; paths and types what a layer itself has.
type layered struct {
	*resolver             // of the final view
	steps     []*resolver // by layer, what is seen when it has been laid; layers that change nothing share one
}

var _ ofExecutables = (*layered)(nil)

// maxLayeredFiles is how many files the indexes of all steps hold, some 500 bytes each.
// Beyond it they hold those only that were kept: lists of files that packages own
// may then lack some of lower layers.
const maxLayeredFiles = 1_000_000

func newLayered(final *resolver, refs *references) *layered {
	l := &layered{resolver: final, steps: make([]*resolver, len(final.image.Layers))}
	changes := changingLayers(final)
	var wanted func(*node) bool // all
	if len(final.nodes)*len(changes) > maxLayeredFiles {
		wanted = final.matters
	}
	for i := len(l.steps) - 1; i >= 0; i-- {
		if next := i + 1; next < len(l.steps) && !changes[next] {
			l.steps[i] = l.steps[next]
			continue
		}
		step := &resolver{index: final.index, image: final.image, again: final.again}
		if i < len(l.steps)-1 {
			step.index = newPartialIndex(layers.NewView(final.image.Layers[:i+1]), refs, wanted)
		}
		l.steps[i] = step
	}
	return l
}

// matters reports whether a file can be asked for, or leads to one.
func (r *resolver) matters(n *node) bool {
	if n.entry.Type == layers.Symlink || n.entry.Type == layers.Directory {
		return true
	}
	k := keptOf(r.image, n.origin.Layer)
	return k != nil && (k.files[n.origin.Seq] != nil || k.executables[n.origin.Seq].mime != "" || n.origin != n.ref)
}

// changingLayers are those that bring or hide anything that can be asked for.
func changingLayers(r *resolver) map[int]bool {
	changes := map[int]bool{}
	for i := range r.image.Layers {
		facts := r.image.Layers[i].Facts
		if facts == nil {
			continue
		}
		for j := range facts.Entries {
			e := &facts.Entries[j]
			ref := layers.Ref{Layer: i, Seq: e.Seq}
			n := node{ref: ref, origin: r.view.Origin(ref), entry: e}
			if e.Type == layers.Directory || !r.matters(&n) {
				continue
			}
			changes[i] = true
			if o := r.view.Outcome(ref); o.Fate == finding.Deleted || o.Fate == finding.Overwritten {
				changes[o.Layer] = true
			}
		}
	}
	return changes
}

func (l *layered) HasPath(p string) bool {
	return slices.ContainsFunc(l.steps, func(s *resolver) bool { return s.exists(p) })
}

// found collects locations, each file once.
type found struct {
	uniqueLocations
	final *resolver
}

// put adds a file that is reached by a path, and says whether it is to be seen in the
// final view, and so reached.
func (f *found) put(step *resolver, p string, n *node) {
	before := len(f.list)
	f.add(step, p, n)
	if len(f.list) == before {
		return
	}
	seen := file.VisibleAnnotation
	for _, way := range []string{n.path, p} {
		if t := f.final.find(way); t == nil || t.ref != n.ref {
			seen = file.HiddenAnnotation
		}
	}
	l := &f.list[before]
	l.Annotations[file.VisibleAnnotationKey] = seen
}

func (l *layered) FilesByPath(paths ...string) ([]file.Location, error) {
	all := found{final: l.resolver}
	for _, p := range paths {
		for i, step := range l.steps {
			l.inLayer(&all, i, step, path.Clean("/"+p))
		}
	}
	return all.list, nil
}

// inLayer adds what a path leads to in a layer by itself. A link that leads out of the layer
// leads to whatever this layer and higher ones show there.
func (l *layered) inLayer(all *found, i int, step *resolver, p string) {
	n := step.find(p)
	own := step.named(p)
	isLink := own != nil && own.entry.Type == layers.Symlink && own.ref.Layer == i
	switch {
	case n != nil && n.ref.Layer == i && n.entry.Type != layers.Directory && (isLink || n.path == p || step.linksOf(i, p)):
		all.put(step, p, n)
	case isLink:
		for _, later := range l.steps[i:] {
			if t := later.find(p); t != nil && t.entry.Type != layers.Directory {
				all.put(later, p, t)
			}
		}
	}
}

// linksOf reports whether a path goes through a link of a layer.
func (x *index) linksOf(layer int, p string) bool {
	return slices.ContainsFunc(x.links, func(l dirLink) bool { return l.layer == layer && strings.HasPrefix(p, l.from+"/") })
}

func (l *layered) FilesByGlob(patterns ...string) ([]file.Location, error) {
	all := found{final: l.resolver}
	for _, pattern := range patterns {
		for i, step := range l.steps {
			if i > 0 && step == l.steps[i-1] {
				continue
			}
			for _, m := range step.glob(pattern) {
				all.put(step, m.path, m.node)
			}
		}
	}
	return all.list, nil
}

func (l *layered) FilesByMIMEType(types ...string) ([]file.Location, error) {
	return l.executables(types, func(executable) bool { return true }), nil
}

func (l *layered) executables(types []string, wanted func(executable) bool) []file.Location {
	all := found{final: l.resolver}
	for i, step := range l.steps {
		for _, n := range step.programs() {
			if n.ref.Layer != i {
				continue
			}
			if x := step.executable(n); slices.Contains(types, x.mime) && wanted(x) {
				all.put(step, n.path, n)
			}
		}
	}
	return all.list
}

// of gives the resolver of the layer that a location lies in, and of those below it.
func (l *layered) of(at file.Location) *resolver {
	if ref, ok := l.refs.ref(at.Reference()); ok {
		return l.steps[ref.Layer]
	}
	for i, layer := range l.image.Layers { // what lies in an archive has lost its reference
		if diffID(layer) != at.FileSystemID {
			continue
		}
		if n := l.steps[i].named(at.RealPath); n != nil && n.ref.Layer == i {
			return l.steps[i]
		}
	}
	return l.resolver
}

func (l *layered) RelativeFileByPath(at file.Location, p string) *file.Location {
	step := l.of(at)
	n := step.find(p)
	if n == nil || n.entry.Type == layers.Directory {
		return nil
	}
	one := found{final: l.resolver}
	one.put(step, p, n)
	return &one.list[0]
}

func (l *layered) FileContentsByLocation(at file.Location) (io.ReadCloser, error) {
	return l.of(at).FileContentsByLocation(at)
}

func (l *layered) FileMetadataByLocation(at file.Location) (file.Metadata, error) {
	return l.of(at).FileMetadataByLocation(at)
}

func (l *layered) AllLocations(ctx context.Context) <-chan file.Location {
	locations := make(chan file.Location, manyLocations)
	go func() {
		defer close(locations)
		for i, step := range l.steps {
			for j := range step.nodes {
				if n := &step.nodes[j]; n.ref.Layer == i && inStore(n) {
					select {
					case locations <- step.nameless(n):
					case <-ctx.Done():
						return
					}
				}
			}
		}
	}()
	return locations
}

// part tells the packages that the final view shows from those that only lower layers
// have. A package that a lower layer has at a place where the view has it too is neither.
func (l *layered) part(all *syftsbom.SBOM, t *past) (visible, hidden *syftsbom.SBOM) {
	visible, hidden = without(all), without(all)
	known := map[string]bool{}
	var others []syftpkg.Package
	for _, p := range all.Artifacts.Packages.Sorted() {
		t.met(p, l.located)
		if l.hiddenBy(t, p) >= 0 {
			others = append(others, p)
			continue
		}
		visible.Artifacts.Packages.Add(p)
		for _, key := range places(p) {
			known[key] = true
		}
	}
	for _, p := range others {
		if keys := places(p); !slices.ContainsFunc(keys, func(key string) bool { return known[key] }) {
			hidden.Artifacts.Packages.Add(p)
			for _, key := range keys {
				known[key] = true
			}
		}
	}
	visible.Relationships = among(all.Relationships, visible.Artifacts.Packages)
	hidden.Relationships = among(all.Relationships, hidden.Artifacts.Packages)
	return visible, hidden
}

// hiddenBy gives the layer that hid the last file which shows a package; -1 if one is
// to be seen.
func (l *layered) hiddenBy(t *past, p syftpkg.Package) int {
	by, all := -1, p.Locations.ToSlice()
	primary := func(l file.Location) bool {
		return l.Annotations[syftpkg.EvidenceAnnotationKey] == syftpkg.PrimaryEvidenceAnnotation
	}
	some := slices.ContainsFunc(all, primary)
	for _, at := range all {
		n := l.located(at)
		if n == nil || some && !primary(at) {
			continue
		}
		o := t.view.Outcome(n.ref)
		if o.Fate != finding.Deleted && o.Fate != finding.Overwritten {
			return -1
		}
		by = max(by, o.Layer)
	}
	return by
}

// hidden describes the packages that only lower layers have.
func (l *layered) hidden(t *past, bill *finding.Bill, packages *syftsbom.SBOM) {
	for p := range packages.Artifacts.Packages.Enumerate() {
		by := l.hiddenBy(t, p)
		bill.Hidden = append(bill.Hidden, t.describe(p, l.steps[max(by-1, 0)], by, bill))
	}
	slices.SortFunc(bill.Hidden, compareHidden)
}

// located gives the file that a location names.
func (l *layered) located(at file.Location) *node { return l.of(at).located(at) }
