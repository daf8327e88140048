package sbom

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/anchore/syft/syft/cataloging"
	"github.com/anchore/syft/syft/cpe"
	syftpkg "github.com/anchore/syft/syft/pkg"
	cpes "github.com/anchore/syft/syft/pkg/cataloger/common/cpe"
	syftsbom "github.com/anchore/syft/syft/sbom"

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
			all := withCPEs(old)
			done[old], done[all] = all, all
		}
		s.Artifacts.Packages = done[old]
	}
}

func withCPEs(packages *syftpkg.Collection) *syftpkg.Collection {
	var all []syftpkg.Package
	for p := range packages.Enumerate() {
		all = append(all, p)
	}
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(all)); i = next.Add(1) - 1 {
				all[i].CPEs = cpesOf(all[i])
			}
		})
	}
	workers.Wait()
	return syftpkg.NewCollection(all...)
}

// cpesOf gives the CPE names of a package as Syft's own run does: those that its cataloger knew,
// else those of the dictionary, else guesses. A package that none can be made of has none.
func cpesOf(p syftpkg.Package) (all []cpe.CPE) {
	defer func() {
		if recover() != nil {
			all = p.CPEs
		}
	}()
	if slices.ContainsFunc(p.CPEs, func(c cpe.CPE) bool { return c.Source != cpe.GeneratedSource }) {
		return p.CPEs
	}
	if p.Version == cataloging.UnknownStubValue { // Syft says so where there is none, when it has named the package
		p.Version = ""
	}
	known, ok := cpes.DictionaryFind(p)
	if !ok {
		known = cpes.Generate(p)
	}
	return slices.Concat(p.CPEs, known)
}
