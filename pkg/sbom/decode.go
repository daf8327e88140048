package sbom

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/anchore/syft/syft/format"
	"github.com/anchore/syft/syft/format/cyclonedxjson"
	"github.com/anchore/syft/syft/format/cyclonedxxml"
	"github.com/anchore/syft/syft/format/spdxjson"
	"github.com/anchore/syft/syft/format/spdxtagvalue"
	"github.com/anchore/syft/syft/format/syftjson"
	syftsbom "github.com/anchore/syft/syft/sbom"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// ErrNoSBOM is the error of a document that is in none of the formats that [Read] reads.
var ErrNoSBOM = errors.New("it is no SBOM of SPDX 2 (JSON or tag-value), CycloneDX (JSON or XML) or Syft")

// decode reads a bill of materials that a stranger may have written, and says which of
// the formats it is in. Syft's decoders are not all made for garbage: what makes them
// panic is an error.
func decode(raw []byte) (s *syftsbom.SBOM, id string, err error) {
	defer func() {
		if p := recover(); p != nil {
			s, err = nil, fmt.Errorf("it is damaged: decoding it as %s failed (%s)", orSBOM(id), finding.EscapeText(fmt.Sprint(p)))
		}
	}()
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	decoders := format.NewDecoderCollection(syftjson.NewFormatDecoder(), cyclonedxxml.NewFormatDecoder(), cyclonedxjson.NewFormatDecoder(),
		spdxtagvalue.NewFormatDecoder(), spdxjson.NewFormatDecoder())
	found, version := decoders.Identify(bytes.NewReader(raw))
	if id = string(found); id == "" || version == "" {
		return nil, "", ErrNoSBOM
	}
	s, _, _, err = decoders.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, id, fmt.Errorf("decoding it as %s: %s", id, finding.EscapeText(err.Error()))
	}
	if s == nil || s.Artifacts.Packages == nil {
		return nil, id, fmt.Errorf("decoding it as %s: there is nothing in it", id)
	}
	return s, id, nil
}

func orSBOM(id string) string {
	if id == "" {
		return "an SBOM"
	}
	return id
}
