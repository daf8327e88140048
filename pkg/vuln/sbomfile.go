package vuln

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	syftsource "github.com/anchore/syft/syft/source"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/sbom"
)

// MaxSBOM is the largest bill of materials that is read, in bytes.
const MaxSBOM = 256 << 20

// ReadSBOM reads a bill of materials: SPDX in JSON or tag-value, CycloneDX in JSON or XML,
// or Syft's JSON. The subject names what it is about, as far as it says so. What is none of
// these gives [sbom.ErrNoSBOM].
func ReadSBOM(r io.Reader) (finding.Bill, finding.Subject, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxSBOM+1))
	switch {
	case err != nil:
		return finding.Bill{}, finding.Subject{}, err
	case len(raw) > MaxSBOM:
		return finding.Bill{}, finding.Subject{}, fmt.Errorf("it has more than %d bytes", MaxSBOM)
	case !MayBeSBOM(raw):
		return finding.Bill{}, finding.Subject{}, sbom.ErrNoSBOM
	}
	given, err := sbom.Read(raw)
	if errors.Is(err, sbom.ErrNoSBOM) {
		err = cmp.Or(damage(raw), err)
	}
	if err != nil {
		return finding.Bill{}, finding.Subject{}, err
	}
	doc, ok := sbom.Syft(given.Bill)
	if !ok {
		return finding.Bill{}, finding.Subject{}, sbom.ErrNoSBOM
	}
	return given.Bill, about(doc.Source), nil
}

// marks are what bills of materials have near their beginning, in JSON and in XML.
var marks = [...]string{`"bomFormat"`, `"spdxVersion"`, `"artifacts"`, "http://cyclonedx.org/schema/bom"}

// damage says what is wrong with a bill of materials that is cut off, or broken; nil if it is
// none, or well-formed.
func damage(raw []byte) error {
	head := raw[:min(len(raw), 4096)]
	if !slices.ContainsFunc(marks[:], func(m string) bool { return bytes.Contains(head, []byte(m)) }) {
		return nil
	}
	var err error
	if bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("<")) {
		d := xml.NewDecoder(bytes.NewReader(raw))
		for err == nil {
			_, err = d.RawToken()
		}
		if err == io.EOF && bytes.HasSuffix(bytes.TrimRight(raw, " \t\r\n"), []byte("</bom>")) {
			return nil
		}
	} else {
		err = json.Unmarshal(bytes.TrimPrefix(raw, []byte("\ufeff")), new(json.RawMessage))
	}
	if err != nil {
		return fmt.Errorf("it is cut off or damaged: %w", err)
	}
	return nil
}

// MayBeSBOM says by the first bytes of a file whether it is worth reading as a bill of materials.
func MayBeSBOM(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	return bytes.HasPrefix(head, []byte("{")) || bytes.HasPrefix(head, []byte("<")) || bytes.HasPrefix(head, []byte("SPDXVersion:")) || bytes.HasPrefix(head, []byte("##"))
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
