package sbom

import (
	"strconv"
	"strings"

	"github.com/anchore/packageurl-go"
	"github.com/anchore/syft/syft/artifact"
	"github.com/anchore/syft/syft/cpe"
	syftpkg "github.com/anchore/syft/syft/pkg"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// hiddenCPEs are the CPE names of a hidden package.
func (d *document) hiddenCPEs(h finding.Hidden) string {
	p := d.hidden.Artifacts.Packages.Package(artifact.ID(h.ID))
	if p == nil {
		return ""
	}
	var names []string
	for _, c := range p.CPEs {
		names = append(names, c.Attributes.BindToFmtString())
	}
	return strings.Join(names, " ")
}

// hiddenOwners says of hidden packages which other one lists their files, by their ids.
func (d *document) hiddenOwners() map[string]string {
	owners := map[string]string{}
	for _, r := range d.hidden.Relationships {
		if r.Type == artifact.OwnershipByFileOverlapRelationship {
			owners[string(r.To.ID())] = string(r.From.ID())
		}
	}
	return owners
}

// fromPURL fills in what a package URL says of a hidden package and Grype asks for: the source
// package that it was built of, its architecture, its module; and its CPE names.
func fromPURL(p *syftpkg.Package, cpes string) {
	for name := range strings.FieldsSeq(cpes) {
		if c, err := cpe.New(name, cpe.DeclaredSource); err == nil {
			p.CPEs = append(p.CPEs, c)
		}
	}
	purl, err := packageurl.FromString(p.PURL)
	if err != nil {
		return
	}
	p.Language = syftpkg.LanguageFromPURL(p.PURL)
	said := purl.Qualifiers.Map()
	source, arch := said[syftpkg.PURLQualifierUpstream], said[syftpkg.PURLQualifierArch]
	switch p.Type {
	case syftpkg.DebPkg:
		name, version, _ := strings.Cut(source, "@")
		p.Metadata = syftpkg.DpkgDBEntry{Package: p.Name, Version: p.Version, Source: name, SourceVersion: version, Architecture: arch}
	case syftpkg.ApkPkg:
		name, _, _ := strings.Cut(source, "@")
		p.Metadata = syftpkg.ApkDBEntry{Package: p.Name, Version: p.Version, OriginPackage: name, Architecture: arch}
	case syftpkg.RpmPkg:
		m := syftpkg.RpmDBEntry{Name: p.Name, Version: p.Version, SourceRpm: source, Arch: arch}
		if epoch, err := strconv.Atoi(said[syftpkg.PURLQualifierEpoch]); err == nil {
			m.Epoch = &epoch
		}
		if module := said[syftpkg.PURLQualifierRpmModularity]; module != "" {
			m.ModularityLabel = &module
		}
		p.Metadata = m
	}
}

// ownedByHidden gives again which hidden package lists the files of which.
func ownedByHidden(packages *syftpkg.Collection, owners map[artifact.ID]string) []artifact.Relationship {
	var all []artifact.Relationship
	for p := range packages.Enumerate() {
		if owner := packages.Package(artifact.ID(owners[p.ID()])); owner != nil && owner.ID() != p.ID() {
			all = append(all, artifact.Relationship{From: *owner, To: p, Type: artifact.OwnershipByFileOverlapRelationship})
		}
	}
	return all
}
