package vuln

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/anchore/syft/syft/format"
	syftpkg "github.com/anchore/syft/syft/pkg"
	syftsbom "github.com/anchore/syft/syft/sbom"
	syftsource "github.com/anchore/syft/syft/source"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// MaxSBOM is the largest bill of materials that is read, in bytes.
const MaxSBOM = 256 << 20

// ErrNoSBOM is the error of a file that is none of the kinds that [ReadSBOM] reads.
var ErrNoSBOM = errors.New("it is no bill of materials in SPDX (JSON, tag-value), CycloneDX (JSON, XML) or Syft's JSON")

// sbomFile is the document of a bill that was read from a file.
type sbomFile struct{ raw []byte }

// ReadSBOM reads a bill of materials: SPDX in JSON or tag-value, CycloneDX in JSON or XML,
// or Syft's JSON. The subject names what it is about, as far as it says so.
func ReadSBOM(r io.Reader) (finding.Bill, finding.Subject, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxSBOM+1))
	switch {
	case err != nil:
		return finding.Bill{}, finding.Subject{}, err
	case len(raw) > MaxSBOM:
		return finding.Bill{}, finding.Subject{}, fmt.Errorf("it has more than %d bytes", MaxSBOM)
	case !MayBeSBOM(raw):
		return finding.Bill{}, finding.Subject{}, ErrNoSBOM
	}
	s, err := decode(raw)
	if err != nil {
		return finding.Bill{}, finding.Subject{}, err
	}
	bill := finding.Bill{Complete: true, Document: &sbomFile{raw}}
	for p := range s.Artifacts.Packages.Enumerate() {
		bill.Packages = append(bill.Packages, finding.Package{
			ID: string(p.ID()), Name: p.Name, Version: p.Version, Type: string(p.Type), PURL: p.PURL, Layer: -1, Changed: -1, Paths: places(p), Licenses: licences(p),
		})
	}
	slices.SortFunc(bill.Packages, func(a, b finding.Package) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Type, b.Type), cmp.Compare(a.PURL, b.PURL), cmp.Compare(a.ID, b.ID))
	})
	return bill, about(s.Source), nil
}

// MayBeSBOM says by the first bytes of a file whether it is worth reading as a bill of materials.
func MayBeSBOM(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	return bytes.HasPrefix(head, []byte("{")) || bytes.HasPrefix(head, []byte("<")) || bytes.HasPrefix(head, []byte("SPDXVersion:")) || bytes.HasPrefix(head, []byte("##"))
}

// decode reads a document. What a stranger wrote can make a decoder panic; that is an error too.
func decode(raw []byte) (s *syftsbom.SBOM, err error) {
	defer func() {
		if p := recover(); p != nil {
			s, err = nil, fmt.Errorf("%w: reading it failed: %.200v", ErrNoSBOM, p)
		}
	}()
	var id syftsbom.FormatID
	s, id, _, err = format.Decode(bytes.NewReader(raw))
	switch {
	case id == "":
		return nil, ErrNoSBOM
	case err != nil:
		return nil, fmt.Errorf("reading it as %s: %w", id, err)
	case s == nil || s.Artifacts.Packages == nil:
		return nil, ErrNoSBOM
	}
	return s, nil
}

func licences(p syftpkg.Package) []string {
	var all []string
	for _, l := range p.Licenses.ToSlice() {
		if name := cmp.Or(l.SPDXExpression, l.Value); name != "" {
			all = append(all, name)
		}
	}
	return tidy(all)
}

func places(p syftpkg.Package) []string {
	var all []string
	for _, l := range p.Locations.ToSlice() {
		all = append(all, strings.TrimPrefix(l.RealPath, "/"))
	}
	return tidy(all)
}

// about gives the names and digests of what a bill is of.
func about(d syftsource.Description) finding.Subject {
	var s finding.Subject
	add := func(to *[]string, text string) {
		if text != "" && !slices.Contains(*to, text) {
			*to = append(*to, text)
		}
	}
	digest := func(text string) {
		if strings.HasPrefix(text, "sha256:") {
			add(&s.Digests, text)
		}
	}
	add(&s.Names, d.Name)
	digest(d.Version)
	if m, ok := d.Metadata.(syftsource.ImageMetadata); ok {
		add(&s.Names, m.UserInput)
		for _, tag := range m.Tags {
			add(&s.Names, tag)
		}
		digest(m.ManifestDigest)
		digest(m.ID)
		for _, full := range m.RepoDigests {
			if _, d, ok := strings.Cut(full, "@"); ok {
				digest(d)
			}
		}
	}
	return s
}
