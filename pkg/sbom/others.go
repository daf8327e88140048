package sbom

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/anchore/syft/syft/file"
	syftpkg "github.com/anchore/syft/syft/pkg"
	syftsbom "github.com/anchore/syft/syft/sbom"
	syftsource "github.com/anchore/syft/syft/source"

	"github.com/imgaudit/imgaudit/internal/intoto"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// ReasonOtherBill is the reason of notes on bills of materials in or beside an image that
// could not be compared with it.
const ReasonOtherBill = "other-sbom"

// shipped are the places where bills of materials lie in images: what distributions put
// there, Bitnami's applications, and the packages of apko, melange and Wolfi.
var shipped = []string{"/usr/share/sbom/**", "/opt/bitnami/**/.spdx-*.spdx", "/var/lib/db/sbom/*"}

// Bounds of what is read of bills in an image.
const (
	maxOtherBills = 1000      // files
	maxOtherBill  = 32 << 20  // bytes of one
	maxOtherBytes = 128 << 20 // of all
	maxClaims     = 200_000   // packages of all
)

var errBounds = errors.New("it is beyond the bounds of what is compared")

// others gathers the bills of materials that lie in an image and beside it.
type others struct {
	image *layers.Image
	bills []finding.OtherBill
	notes map[string]*layers.Remark // by reason in words

	files, bytes int64 // that were looked at
	claims       int   // packages of all bills
}

// others gives the bills of materials that lie in the final view of an image and beside
// it. One that cannot be read is noted.
func (r *resolver) others() []finding.OtherBill {
	o := &others{image: r.image, notes: map[string]*layers.Remark{}}
	if r.index != nil {
		o.shipped(r)
	}
	seen := map[string]int{}
	for _, d := range r.image.Beside {
		o.beside(d, seen)
	}
	var told []layers.Remark
	for _, n := range o.notes {
		told = append(told, *n)
	}
	slices.SortFunc(told, func(a, b layers.Remark) int { return strings.Compare(a.Detail, b.Detail) })
	for _, n := range told {
		r.image.Notes = layers.AddRemark(r.image.Notes, n)
	}
	return o.bills
}

// shipped reads the bills that lie in the image.
func (o *others) shipped(r *resolver) {
	files, _ := r.FilesByGlob(shipped...) // globs of our own
	slices.SortFunc(files, func(a, b file.Location) int { return strings.Compare(a.RealPath, b.RealPath) })
	for _, f := range files {
		path := strings.TrimPrefix(f.RealPath, "/")
		n := r.located(f)
		if n == nil || r.content(n).Type != layers.Regular {
			continue
		}
		size := r.content(n).Size
		if o.files++; o.files > maxOtherBills || size > maxOtherBill || o.bytes+size > maxOtherBytes {
			o.note(finding.EscapePath(path), errBounds)
			continue
		}
		o.bytes += size
		raw, err := readFile(r, f)
		if err == nil {
			err = o.add(raw, finding.OtherBill{Path: path, Layer: n.ref.Layer}, "")
		}
		// Beside bills there may lie other things, as licences.
		if err != nil && !(errors.Is(err, ErrNoSBOM) && strings.HasPrefix(path, "usr/share/")) {
			o.note(finding.EscapePath(path), err)
		}
	}
}

func readFile(r *resolver, at file.Location) ([]byte, error) {
	f, err := r.FileContentsByLocation(at)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxOtherBill))
}

// beside reads a document that lies beside the image, if it is a bill of materials. seen
// counts those from one kind of place.
func (o *others) beside(d layers.Document, seen map[string]int) {
	if strings.Contains(strings.ToLower(d.Kind), "vex") {
		return
	}
	path := fmt.Sprintf("%s!/%d", d.From, seen[d.From])
	seen[d.From]++
	s, err := intoto.Open(d.Raw)
	switch kind := strings.ToLower(s.PredicateType); {
	case err != nil:
	case kind != "" && !strings.Contains(kind, "spdx") && !strings.Contains(kind, "cyclonedx") && !strings.Contains(kind, "syft"):
		return // an attestation of something else
	case onlyStatements(s.Predicate):
		return // on vulnerabilities
	case len(s.Subjects) > 0 && !slices.Contains(s.Subjects, o.image.ManifestDigest):
		err = errors.New("it says that it is about another image")
	case d.From == layers.Attested && strings.HasPrefix(s.Name, "sbom-"):
		err = errors.New("it is about the build context or a stage of the build") // as BuildKit names those
	default:
		err = o.add(s.Predicate, finding.OtherBill{Path: path, Layer: -1, Digest: d.Digest}, d.From)
	}
	if err != nil {
		o.note(path, err)
	}
}

// onlyStatements reports whether a CycloneDX document lists vulnerabilities and no components.
func onlyStatements(raw []byte) bool {
	var d struct {
		Components      []json.RawMessage `json:"components"`
		Vulnerabilities []json.RawMessage `json:"vulnerabilities"`
	}
	return json.Unmarshal(raw, &d) == nil && len(d.Vulnerabilities) > 0 && len(d.Components) == 0
}

// add decodes a bill. from says where beside the image it lies.
func (o *others) add(raw []byte, bill finding.OtherBill, from string) error {
	given, err := Read(raw)
	if err != nil {
		return err
	}
	bill.Format, bill.Packages = given.Format, given.Bill.Packages
	if o.claims += len(bill.Packages); o.claims > maxClaims {
		return errBounds
	}
	s, _ := Syft(given.Bill)
	osPackages := false
	for _, p := range bill.Packages {
		osPackages = osPackages || slices.Contains([]syftpkg.Type{syftpkg.DebPkg, syftpkg.RpmPkg, syftpkg.ApkPkg, syftpkg.AlpmPkg}, syftpkg.Type(p.Type))
	}
	// BuildKit's scanner sees a directory where the image is mounted, others do not say
	// what they looked at; who lists a distribution's packages has looked at an image.
	bill.Whole = from == layers.Attested || aboutImage(s) || from != "" && osPackages
	o.bills = append(o.bills, bill)
	return nil
}

// aboutImage reports whether a bill calls what it is about a container image.
func aboutImage(s *syftsbom.SBOM) bool {
	_, ok := s.Source.Metadata.(syftsource.ImageMetadata)
	return ok
}

// note gathers the files of one fault in one note. The path is one of a report.
func (o *others) note(path string, err error) {
	text := finding.EscapeText(err.Error())
	n := o.notes[text]
	if n == nil {
		if len(o.notes) == 20 {
			return
		}
		n = &layers.Remark{Reason: ReasonOtherBill, Detail: "a bill of materials in or beside the image was not compared with it: " + text}
		o.notes[text] = n
	}
	n.Files++
	if len(n.Examples) < 5 {
		n.Examples = append(n.Examples, path)
	}
}
