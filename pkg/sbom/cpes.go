package sbom

import (
	"runtime"
	"slices"

	"github.com/anchore/syft/syft/cataloging"
	"github.com/anchore/syft/syft/cpe"
	syftpkg "github.com/anchore/syft/syft/pkg"
	cpes "github.com/anchore/syft/syft/pkg/cataloger/common/cpe"
	syftsbom "github.com/anchore/syft/syft/sbom"
	"golang.org/x/sync/errgroup"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// named gives the document of a bill, its packages with their CPE names. Syft would make these while
// it catalogues, in as much time as all else about a package takes; many scans never ask for them.
func named(bill finding.Bill) (*document, bool) {
	d, ok := bill.Document.(*document)
	if ok && d.name != nil {
		d.name()
	}
	return d, ok
}

// addCPEs names the packages of a document that Syft has just catalogued.
func (d *document) addCPEs() {
	done := map[*syftpkg.Collection]*syftpkg.Collection{} // bills share collections
	for _, s := range []*syftsbom.SBOM{d.sbom, d.visible, d.hidden} {
		old := s.Artifacts.Packages
		if done[old] == nil {
			all, nameless := withCPEs(old)
			done[old], done[all] = all, all
			d.nameless = append(d.nameless, nameless...)
		}
		s.Artifacts.Packages = done[old]
	}
}

// Nameless gives the packages of a bill, each by name and version, whose CPE names could not be made
// since Syft's code failed at it. They have none in a document, and are matched by their other names alone.
func Nameless(bill finding.Bill) []string {
	d, ok := named(bill)
	if !ok {
		return nil
	}
	return d.nameless
}

func withCPEs(packages *syftpkg.Collection) (_ *syftpkg.Collection, nameless []string) {
	var all []syftpkg.Package
	for p := range packages.Enumerate() {
		all = append(all, p)
	}
	failed := make([]bool, len(all))
	var workers errgroup.Group
	workers.SetLimit(runtime.GOMAXPROCS(0))
	for i := range all {
		workers.Go(func() error {
			names, ok := cpesOf(all[i], cpes.Generate)
			all[i].CPEs, failed[i] = names, !ok
			return nil
		})
	}
	_ = workers.Wait() // no one fails
	for i, p := range all {
		if failed[i] {
			nameless = append(nameless, p.Name+" "+p.Version)
		}
	}
	return syftpkg.NewCollection(all...), nameless
}

// cpesOf gives the CPE names of a package as Syft's own run does: those that its cataloger knew,
// else those of the dictionary, else guesses. It is false if Syft's code, which guesses, panics.
func cpesOf(p syftpkg.Package, guess func(syftpkg.Package) []cpe.CPE) (all []cpe.CPE, ok bool) {
	defer func() {
		if recover() != nil {
			all = p.CPEs
		}
	}()
	if slices.ContainsFunc(p.CPEs, func(c cpe.CPE) bool { return c.Source != cpe.GeneratedSource }) {
		return p.CPEs, true
	}
	if p.Version == cataloging.UnknownStubValue { // Syft says so where there is none, when it has named the package
		p.Version = ""
	}
	known, found := cpes.DictionaryFind(p)
	if !found {
		known = guess(p)
	}
	return slices.Concat(p.CPEs, known), true
}
