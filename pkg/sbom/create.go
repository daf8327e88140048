package sbom

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/anchore/syft/syft"
	"github.com/anchore/syft/syft/cataloging"
	syftpkg "github.com/anchore/syft/syft/pkg"
	syftsbom "github.com/anchore/syft/syft/sbom"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// create runs the catalogers. A cataloger that fails as a whole would take all
// others with it: then it is found out and left out, which is a gap.
func (r *run) create(ctx context.Context, src *source) (s *syftsbom.SBOM, gaps []layers.Remark, err error) {
	ctx, err = r.licences.with(ctx, r.config.Licenses.Coverage)
	if err != nil {
		return nil, nil, fmt.Errorf("cataloguing packages: %w", err)
	}
	s, err = syft.CreateSBOM(ctx, src, r.config)
	if err != nil && ctx.Err() == nil {
		s, gaps, err = r.createWithoutFailing(ctx, src, err)
	}
	if ctx.Err() != nil {
		return nil, gaps, ctx.Err()
	}
	if err != nil {
		return nil, gaps, fmt.Errorf("cataloguing packages: %w", err)
	}
	return s, gaps, nil
}

func (r *run) createWithoutFailing(ctx context.Context, src *source, cause error) (_ *syftsbom.SBOM, gaps []layers.Remark, _ error) {
	names, err := catalogerNames(ctx, r.config)
	if err != nil {
		return nil, nil, cause
	}
	selection := r.config.CatalogerSelection
	var failing []string
	for _, name := range names {
		if slices.Contains(selection.RemoveNamesOrTags, name) {
			continue // ours, which do not fail
		}
		one := *r.config
		one.CatalogerSelection.DefaultNamesOrTags = []string{name}
		if _, err := syft.CreateSBOM(ctx, src, &one); err != nil {
			failing = append(failing, name)
			gaps = layers.AddRemark(gaps, layers.Remark{
				Reason: "cataloger-failed", Detail: fmt.Sprintf("Syft's %s failed, and its packages are missing: %v", name, err),
			})
		}
	}
	if len(failing) == 0 || ctx.Err() != nil {
		return nil, gaps, cause
	}
	others := *r.config
	others.CatalogerSelection.RemoveNamesOrTags = append(slices.Clone(selection.RemoveNamesOrTags), failing...)
	s, err := syft.CreateSBOM(ctx, src, &others)
	return s, gaps, err
}

// catalogerNames lists the catalogers of a configuration, as Syft names them in what
// it says about a run.
func catalogerNames(ctx context.Context, cfg *syft.CreateSBOMConfig) ([]string, error) {
	image := &layers.Image{}
	none := newSource(image, &resolver{index: newIndex(layers.NewView(nil)), image: image, again: &again{image: image}})
	none.layered = &layered{resolver: none.resolver}
	s, err := syft.CreateSBOM(ctx, none, cfg)
	if err != nil {
		return nil, err
	}
	said, err := json.Marshal(s.Descriptor.Configuration)
	if err != nil {
		return nil, err
	}
	var about struct {
		Catalogers struct {
			Used []string `json:"used"`
		} `json:"catalogers"`
	}
	err = json.Unmarshal(said, &about)
	return about.Catalogers.Used, err
}

// quiet says of which files Syft is to report that it made nothing of them: only of those
// that a cataloger stumbled over.
func quiet() cataloging.UnknownsConfig {
	return cataloging.UnknownsConfig{RemoveWhenPackagesDefined: true}
}

// databases are the files that list installed packages, each at least one.
var databases = []string{
	"**/var/lib/dpkg/status", "**/var/lib/dpkg/status.d/*", "**/lib/apk/db/installed",
	"**/{var/lib,usr/share,usr/lib/sysimage}/rpm/{Packages,Packages.db,rpmdb.sqlite}", "**/var/lib/pacman/local/*/desc",
}

// puzzling notes the files that a cataloger asked for and could not make sense of, and
// databases that gave no package.
func puzzling(s *syftsbom.SBOM, packages []syftpkg.Package, r *resolver) []layers.Remark {
	byCataloger := stumblingBlocks(s, r)
	told := map[string]bool{}
	for _, p := range packages {
		for _, l := range p.Locations.ToSlice() {
			told[l.RealPath] = true
		}
	}
	for _, paths := range byCataloger {
		for _, p := range paths {
			told[p] = true
		}
	}
	for _, glob := range databases {
		for _, m := range r.glob(glob) {
			if e := r.content(m.node); e.Size > 0 && !told[m.node.path] && path.Ext(m.node.path) != ".md5sums" {
				byCataloger["database cataloger"] = append(byCataloger["database cataloger"], m.node.path)
			}
		}
	}
	return notesOn(byCataloger)
}

// stumbled notes the files that a cataloger asked for and could not make sense of.
func stumbled(s *syftsbom.SBOM, r *resolver) []layers.Remark { return notesOn(stumblingBlocks(s, r)) }

// stumblingBlocks are the paths of such files by cataloger.
func stumblingBlocks(s *syftsbom.SBOM, r *resolver) map[string][]string {
	byCataloger := map[string][]string{}
	for where, reasons := range s.Artifacts.Unknowns {
		for _, reason := range reasons {
			name, _, _ := strings.Cut(reason, ":")
			byCataloger[name] = append(byCataloger[name], where.RealPath)
		}
	}
	r.mu.Lock()
	for name, paths := range r.troubled {
		byCataloger[name] = append(byCataloger[name], paths...)
	}
	r.mu.Unlock()
	return byCataloger
}

func notesOn(byCataloger map[string][]string) []layers.Remark {
	var notes []layers.Remark
	for name, paths := range byCataloger {
		for i := range paths {
			paths[i] = strings.TrimPrefix(paths[i], "/")
		}
		slices.Sort(paths)
		paths = slices.Compact(paths)
		notes = append(notes, layers.Remark{
			Reason: "not-catalogued", Files: int64(len(paths)), Examples: paths,
			Detail: "files that should describe packages are not as Syft's " + name + " expects them",
		})
	}
	slices.SortFunc(notes, func(a, b layers.Remark) int { return strings.Compare(a.Detail, b.Detail) })
	return notes
}
