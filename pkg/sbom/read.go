package sbom

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/anchore/packageurl-go"
	"github.com/anchore/syft/syft/artifact"
	"github.com/anchore/syft/syft/file"
	syftpkg "github.com/anchore/syft/syft/pkg"
	syftsbom "github.com/anchore/syft/syft/sbom"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// Given is a bill of materials that was read from a document.
type Given struct {
	Bill   finding.Bill // for [Write], [Syft] and [Lost]
	Format string       // one of [Formats]

	// Unread says in words what the document has and the bill has not, since the model
	// between the formats knows no such thing.
	Unread []string
}

// Read reads a document in any of the [Formats]. It may be a stranger's: what cannot be
// read is an error, and memory is bounded by some times the document's length. What
// [Write] wrote of the layers of packages is read back.
func Read(raw []byte) (given Given, err error) {
	s, format, err := decode(raw)
	if err != nil {
		return Given{}, fmt.Errorf("reading the SBOM: %w", err)
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("reading the SBOM: it is damaged: reading it as %s failed (%s)", format, finding.EscapeText(fmt.Sprint(p)))
		}
	}()
	own := readOwn(raw, format, s)
	ids := plainIDs(s)
	plainFiles(s)
	evidence(s)
	sum := sha256.Sum256(raw)
	d := own.document(s, ids)
	d.image.ID = "sha256:" + hex.EncodeToString(sum[:]) // names the documents that are written of it
	bill := d.bill
	bill.Document = d
	return Given{Bill: bill, Format: format, Unread: own.unread}, nil
}

var syftID = regexp.MustCompile(`^[0-9a-f]{16}$`)

// plainIDs gives packages ids as Syft itself makes them, in place of the long ones that
// formats make of these, so that a document that is converted to and fro stays the same.
// It gives the new ids by the old.
func plainIDs(s *syftsbom.SBOM) map[artifact.ID]artifact.ID {
	ids := map[artifact.ID]artifact.ID{}
	taken := map[artifact.ID]bool{}
	packages := map[artifact.ID]syftpkg.Package{}
	all := syftpkg.NewCollection()
	for _, p := range s.Artifacts.Packages.Sorted() {
		old := p.ID()
		id := artifact.ID(plainID(string(old)))
		if taken[id] {
			id = hashed(string(old))
		}
		taken[id], ids[old] = true, id
		p.OverrideID(id)
		packages[old] = p
		all.Add(p)
	}
	s.Artifacts.Packages = all
	renamed := func(of artifact.Identifiable) artifact.Identifiable {
		switch of := of.(type) {
		case syftpkg.Package:
			return packages[of.ID()]
		case *syftpkg.Package:
			return packages[of.ID()]
		case file.Location:
			return of.Coordinates // as the encoders know it
		}
		return of
	}
	for i := range s.Relationships {
		r := &s.Relationships[i]
		if r.From != nil && r.To != nil {
			r.From, r.To = renamed(r.From), renamed(r.To)
		}
	}
	s.Relationships = slices.DeleteFunc(s.Relationships, func(r artifact.Relationship) bool { return r.From == nil || r.To == nil })
	return ids
}

// plainID finds Syft's id at the end of an SPDX identifier, and in a package URL that
// serves as a CycloneDX reference.
func plainID(old string) string {
	if purl, err := packageurl.FromString(old); err == nil {
		if id := purl.Qualifiers.Map()["package-id"]; syftID.MatchString(id) {
			return id
		}
	}
	if id := old[strings.LastIndexByte(old, '-')+1:]; syftID.MatchString(id) {
		return id
	}
	return string(hashed(old))
}

func hashed(old string) artifact.ID {
	sum := sha256.Sum256([]byte(old))
	return artifact.ID(hex.EncodeToString(sum[:8]))
}

// plainFiles gives files of an image, which SPDX writes without it, their leading slash
// again, and takes the zeros away that stand there for digests that nobody knows.
func plainFiles(s *syftsbom.SBOM) {
	plain := func(c file.Coordinates) file.Coordinates {
		if c.FileSystemID != "" && !strings.HasPrefix(c.RealPath, "/") {
			c.RealPath = "/" + c.RealPath
		}
		return c
	}
	metadata := map[file.Coordinates]file.Metadata{}
	for c, m := range s.Artifacts.FileMetadata {
		metadata[plain(c)] = m
	}
	s.Artifacts.FileMetadata = metadata
	digests := map[file.Coordinates][]file.Digest{}
	for c, list := range s.Artifacts.FileDigests {
		list = slices.DeleteFunc(slices.Clone(list), func(d file.Digest) bool { return strings.Trim(d.Value, "0") == "" })
		if len(list) > 0 {
			digests[plain(c)] = list
		}
	}
	s.Artifacts.FileDigests = digests
	for i := range s.Relationships {
		if c, ok := s.Relationships[i].To.(file.Coordinates); ok {
			s.Relationships[i].To = plain(c)
		}
	}
}

// evidence says of each package where it was seen in both ways that formats have: as places
// of the package, and as relationships to files.
func evidence(s *syftsbom.SBOM) {
	shown := map[artifact.ID]map[file.Coordinates]bool{}
	for _, r := range s.Relationships {
		if c, ok := r.To.(file.Coordinates); ok && r.Type == artifact.EvidentByRelationship {
			id := r.From.ID()
			if shown[id] == nil {
				shown[id] = map[file.Coordinates]bool{}
			}
			shown[id][c] = true
		}
	}
	all := syftpkg.NewCollection()
	for _, p := range s.Artifacts.Packages.Sorted() {
		places := shown[p.ID()]
		has := map[file.Coordinates]bool{}
		for _, l := range p.Locations.ToSlice() {
			has[l.Coordinates] = true
			if !places[l.Coordinates] {
				kind := syftpkg.SupportingEvidenceAnnotation
				if said := l.Annotations[syftpkg.EvidenceAnnotationKey]; said != "" {
					kind = said
				}
				s.Relationships = append(s.Relationships, artifact.Relationship{
					From: p, To: l.Coordinates, Type: artifact.EvidentByRelationship, Data: map[string]string{"kind": kind},
				})
			}
		}
		for c := range places {
			if !has[c] {
				p.Locations.Add(file.NewLocationFromCoordinates(c))
			}
		}
		all.Add(p)
	}
	s.Artifacts.Packages = all
}
