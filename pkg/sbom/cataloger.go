package sbom

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/anchore/syft/syft"
	syftpkg "github.com/anchore/syft/syft/pkg"
	syftsbom "github.com/anchore/syft/syft/sbom"
	syftsource "github.com/anchore/syft/syft/source"
	_ "github.com/glebarez/go-sqlite" // RPM databases; the driver that Grype brings as well

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// Cataloger catalogues packages with Syft. The zero value works.
type Cataloger struct {
	MemoryBytes int64  // of small files that are kept in memory; 0 means 64 MiB
	DiskBytes   int64  // of the temporary file for others; 0 means 16 GiB
	TempDir     string // for that file; empty means the system's
	Parallel    int    // catalogers that run at once; 0 means Syft's default

	// Scope says of which layers the packages of documents are; empty means Squashed.
	Scope Scope

	// PackagesOnly leaves out what only documents show: which files belong to which
	// package, with their digests. It saves some time where no document is written.
	PackagesOnly bool

	// Done is called after each image with what it took, if it is not nil.
	Done func(Cost)
}

// Scope is what a bill of materials is of.
type Scope string

// The scopes, which Syft has under the same names.
const (
	Squashed  Scope = "squashed"   // what the final image shows
	AllLayers Scope = "all-layers" // what any layer has, hidden or not
)

// Scopes lists the names of the scopes.
func Scopes() []string { return []string{string(Squashed), string(AllLayers)} }

// Cost is what the bill of materials of one image took.
type Cost struct {
	MemoryBytes int64 // kept in memory, over the whole run
	DiskBytes   int64 // kept in the temporary file, over the whole run
	Again       int   // readings of a layer beyond the one walk

	Missed []string // files that these were for
}

// Packages prepares one run: a scanner for the walk, which keeps what catalogue
// needs after it, and is to be closed when no bill of the run is asked for any
// more.
func (c Cataloger) Packages(context.Context) (layers.Scanner, func(context.Context, layers.Source, *layers.Image, *layers.View) (finding.Bill, error), error) {
	r := &run{Cataloger: c, config: config(c.Parallel)}
	switch c.Scope {
	case "", Squashed:
	case AllLayers:
		r.config.Search.Scope = syftsource.AllLayersScope
	default:
		return nil, nil, fmt.Errorf("unknown scope %q of an SBOM: one of %s", c.Scope, strings.Join(Scopes(), ", "))
	}
	r.config.Relationships.PackageFileOwnership = !c.PackagesOnly
	k := &keeper{
		plan:   newPlan(),
		byType: typeCatalogers(r.config.Packages),

		classifiers: classifiersOf(&r.config.Packages.Binary),
		digest:      !c.PackagesOnly,
		store:       &store{memory: cmp.Or(c.MemoryBytes, 64<<20), disk: cmp.Or(c.DiskBytes, 16<<30), dir: c.TempDir},
	}
	r.keeper = k
	return k, r.catalogue, nil
}

// config is Syft's own configuration without its catalogers of files, which would read
// them again, and without CPE names: see describeFiles and addCPEs.
func config(parallel int) *syft.CreateSBOMConfig {
	cfg := syft.DefaultCreateSBOMConfig().WithoutFiles()
	cfg.DataGeneration.GenerateCPEs = false
	return selective(cfg.WithParallelism(parallel).WithTool("imgaudit", "").WithUnknownsConfig(quiet()))
}

type run struct {
	Cataloger
	keeper   *keeper
	config   *syft.CreateSBOMConfig
	licences licenceScanner
}

// catalogue gives the bill of materials of one image. What it had to leave out
// is added to the image's ledger.
func (r *run) catalogue(ctx context.Context, source layers.Source, image *layers.Image, view *layers.View) (finding.Bill, error) {
	again := &again{
		ctx: ctx, source: source, image: image, store: r.keeper.store,
		reads: map[int]int{}, more: map[layers.Ref]*content{}, lost: map[layers.Ref]error{}, paths: map[layers.Ref]lostEntry{},
	}
	res := &resolver{image: image, again: again}
	src := newSource(image, res)
	s := &syftsbom.SBOM{Source: src.Describe(), Artifacts: syftsbom.Artifacts{Packages: syftpkg.NewCollection()}}
	s.Descriptor = syftsbom.Descriptor{Name: "imgaudit"}
	t := newPast(image, view, r.keeper.plan)
	var packages []syftpkg.Package // of the final view; the collection copies each whenever it lists them
	lower := r.catalogueEras(ctx, t, again)
	defer lower.end()
	if asked(image) {
		refs := &references{}
		res.index = newPartialIndex(view, refs, nil)
		wanted := res.wanted(r.keeper.plan)
		if r.Scope == AllLayers {
			src.layered = newLayered(res, refs)
			for _, step := range src.layered.steps {
				maps.Copy(wanted, step.wanted(r.keeper.plan))
			}
		}
		again.fetch(wanted)
		var gaps []layers.Remark
		var err error
		s, gaps, err = r.create(ctx, src)
		image.Gaps = layers.AddRemarks(image.Gaps, gaps...)
		if err != nil {
			return finding.Bill{}, err
		}
		packages = s.Artifacts.Packages.Sorted()
		image.Notes = layers.AddRemarks(image.Notes, puzzling(s, packages, res)...)
		if r.keeper.digest {
			if err := src.describeFiles(s); err != nil {
				return finding.Bill{}, fmt.Errorf("describing the files of packages: %w", err)
			}
		}
	}
	lower.mayReadAgain()
	d := &document{image: image, sbom: s, visible: s}
	if src.layered != nil {
		d.visible, d.hidden = src.layered.part(s, t)
		packages = d.visible.Artifacts.Packages.Sorted()
	}
	d.bill = finding.Bill{Others: res.others(), Owner: ownedFiles(packages)}
	for _, p := range packages {
		d.bill.Packages = append(d.bill.Packages, res.describe(p))
	}
	slices.SortFunc(d.bill.Packages, comparePackages)
	if src.layered != nil {
		src.layered.hidden(t, &d.bill, d.hidden)
	} else {
		var err error
		if d.hidden, err = t.hidden(lower.found, &d.bill, s, packages); err != nil {
			return finding.Bill{}, err
		}
	}
	t.attribute(d.bill.Packages, packages, res)
	d.name = sync.OnceFunc(d.addCPEs)
	d.bill.Complete = r.remark(image, again)
	bill := d.bill
	bill.Document = d
	if r.Done != nil {
		r.Done(Cost{r.keeper.store.inMemory.Load(), r.keeper.store.onDisk.Load(), again.count(), again.missed()})
	}
	return bill, nil
}

// asked reports whether the catalogers ask for anything in any layer. Nothing of an
// image where they do not is a package.
func asked(image *layers.Image) bool {
	for i := range image.Layers {
		if k := keptOf(image, i); k != nil && k.asked {
			return true
		}
	}
	return false
}

// remark writes what could not be had into the image's ledger and says whether
// the bill is complete.
func (r *run) remark(image *layers.Image, again *again) (complete bool) {
	complete = len(image.Gaps) == 0 // of the walk, or of a cataloger that failed
	for _, l := range image.Layers {
		complete = complete && l.Unreadable == nil && l.Facts.Complete()
	}
	if len(again.lost) == 0 {
		return complete
	}
	gap := layers.Remark{Reason: "not-kept", Detail: "files that may describe packages were not kept and could not be read again"}
	for _, e := range again.paths {
		gap.Files++
		gap.Bytes += e.size
		gap.Examples = append(gap.Examples, e.path)
	}
	slices.Sort(gap.Examples)
	gap.Examples = gap.Examples[:min(len(gap.Examples), 5)]
	image.Gaps = append(image.Gaps, gap)
	return false
}

// wanted are the files that the catalogers ask for first.
func (r *resolver) wanted(p *plan) map[layers.Ref]bool {
	refs := map[layers.Ref]bool{}
	for _, glob := range p.all {
		for _, m := range r.glob(glob) {
			if e := r.content(m.node); e.Type == layers.Regular && e.Size > 0 {
				refs[m.node.origin] = true
			}
		}
	}
	for _, n := range r.programs() {
		if r.executable(n).catalogers != 0 {
			refs[n.origin] = true
		}
	}
	return refs
}

func comparePackages(a, b finding.Package) int {
	return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Version, b.Version), strings.Compare(a.Type, b.Type),
		strings.Compare(a.PURL, b.PURL), slices.Compare(a.Paths, b.Paths))
}

// ownedFiles answers which package lists a file. The lists are read when that is first
// asked.
func ownedFiles(packages []syftpkg.Package) func(path string) string {
	byPath := sync.OnceValue(func() map[string]string {
		owner := map[string]string{}
		for _, p := range packages {
			lists, ok := p.Metadata.(syftpkg.FileOwner)
			if !ok {
				continue
			}
			for _, path := range lists.OwnedFiles() {
				owner[strings.TrimPrefix(path, "/")] = strings.TrimSpace(p.Name + " " + p.Version)
			}
		}
		return owner
	})
	return func(path string) string {
		if name, ok := byPath()[path]; ok {
			return name
		}
		// A database may know a file by its place before /bin and /lib became links.
		return byPath()[strings.TrimPrefix(path, "usr/")]
	}
}
