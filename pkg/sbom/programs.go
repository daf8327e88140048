package sbom

import (
	"context"
	"errors"
	"path"

	"github.com/anchore/syft/syft/artifact"
	"github.com/anchore/syft/syft/file"
	programs "github.com/anchore/syft/syft/file/cataloger/executable"
	syftpkg "github.com/anchore/syft/syft/pkg"
	syftsbom "github.com/anchore/syft/syft/sbom"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// Bounds of a look at the tables of an executable. Syft reads those of symbols three times, and
// each time Go takes them into memory whole, in some four times as many bytes.
const (
	maxTables    = 64 << 20 // bytes that are read of one executable
	maxLibraries = 1000     // that one executable is linked with
)

var errTables = errors.New("the tables of the executable are too large")

// featuresOf gives what Syft says of an executable: its format, hardening and the libraries
// that it is linked with; nil if that cannot be said, with true if it would cost too much.
func (k *keeper) featuresOf(path, mime string, c *content) (_ *file.Executable, tooMuch bool) {
	r := newAlone(k.plan, path, mime, c)
	r.most = maxTables
	// An error is about parts of which nothing can be said.
	all, _ := programs.NewCataloger(programs.DefaultConfig()).CatalogCtx(context.Background(), r)
	x, ok := all[r.location.Coordinates]
	switch {
	case r.over || ok && len(x.ImportedLibraries) > maxLibraries:
		return nil, true
	case !ok:
		return nil, false
	}
	return &x, false
}

// describePrograms adds to a bill what the walk has seen of all executables, and which
// packages are linked with which.
func describePrograms(s *syftsbom.SBOM, in ofExecutables) error {
	all := map[file.Coordinates]file.Executable{}
	tooMuch := layers.Remark{Reason: "executable-limit", Detail: errTables.Error() + "; documents do not say how it is hardened and what it is linked with"}
	for _, l := range in.executables(programs.DefaultConfig().MIMETypes, func(x executable) bool { return x.features != nil || x.tooMuch }) {
		r := in.of(l)
		if x := r.executable(r.located(l)); x.features != nil {
			all[l.Coordinates] = *x.features
			continue
		}
		tooMuch.Files++
		tooMuch.Examples = append(tooMuch.Examples, l.RealPath[1:])
	}
	if tooMuch.Files > 0 {
		image := in.of(file.Location{}).image
		tooMuch.Examples = tooMuch.Examples[:min(len(tooMuch.Examples), 5)]
		image.Notes = layers.AddRemark(image.Notes, tooMuch)
	}
	if len(all) == 0 {
		return nil
	}
	s.Artifacts.Executables = all
	linked, err := linkedPackages(s, in)
	s.Relationships = append(s.Relationships, linked...)
	return err
}

// linkedPackages says of the packages that are described in their own programs, by a note
// in ELF, which packages have the libraries that these are linked with; where no package
// has one, the file itself.
func linkedPackages(s *syftsbom.SBOM, in file.Resolver) ([]artifact.Relationship, error) {
	var programs []syftpkg.Package
	for _, p := range s.Artifacts.Packages.Sorted() {
		if _, ok := p.Metadata.(syftpkg.ELFBinaryPackageNoteJSONPayload); ok {
			programs = append(programs, p)
		}
	}
	if len(programs) == 0 {
		return nil, nil
	}
	owners, err := libraryOwners(s, in)
	if err != nil {
		return nil, err
	}
	type ends struct{ from, to artifact.ID }
	known := map[ends]bool{}
	for _, r := range s.Relationships {
		if r.Type == artifact.DependencyOfRelationship {
			known[ends{r.From.ID(), r.To.ID()}] = true
		}
	}
	var all []artifact.Relationship
	add := func(from artifact.Identifiable, to syftpkg.Package) {
		if key := (ends{from.ID(), to.ID()}); !known[key] {
			known[key] = true
			all = append(all, artifact.Relationship{From: from, To: to, Type: artifact.DependencyOfRelationship})
		}
	}
	for _, program := range programs {
		for _, at := range program.Locations.ToSlice() {
			if at.Annotations[syftpkg.EvidenceAnnotationKey] != syftpkg.PrimaryEvidenceAnnotation {
				continue
			}
			for _, library := range s.Artifacts.Executables[at.Coordinates].ImportedLibraries {
				name := path.Base(library)
				if isGlob(name) {
					continue // nobody's library
				}
				files, err := in.FilesByGlob("**/" + name)
				if err != nil {
					return nil, err
				}
				for _, l := range files {
					have := owners[path.Base(l.RealPath)]
					if len(have) == 0 {
						add(l.Coordinates, program)
					}
					for _, p := range have {
						add(p, program)
					}
				}
			}
		}
	}
	return all, nil
}

// libraryOwners lists the packages that have libraries, by the base name of these.
func libraryOwners(s *syftsbom.SBOM, in file.Resolver) (map[string][]syftpkg.Package, error) {
	owners := map[string][]syftpkg.Package{}
	for _, p := range s.Artifacts.Packages.Sorted() {
		var own []string
		if lists, ok := p.Metadata.(syftpkg.FileOwner); p.Type == syftpkg.BinaryPkg {
			for _, l := range p.Locations.ToSlice() {
				own = append(own, l.Path())
			}
		} else if ok {
			own = lists.OwnedFiles()
		}
		files, err := in.FilesByPath(own...)
		if err != nil {
			return nil, err
		}
		for _, l := range files {
			name := path.Base(l.RealPath)
			known := owners[name]
			if n := len(known); s.Artifacts.Executables[l.Coordinates].HasExports && (n == 0 || known[n-1].ID() != p.ID()) {
				owners[name] = append(known, p)
			}
		}
	}
	return owners, nil
}
