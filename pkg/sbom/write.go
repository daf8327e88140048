package sbom

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
	"github.com/anchore/syft/syft/format/syftjson"
	"github.com/google/uuid"
	"github.com/spdx/tools-golang/tagvalue"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// The formats of [Write].
const (
	SPDXJSON      = "spdx-json"      // SPDX 2.3
	SPDXTagValue  = "spdx-tag-value" // SPDX 2.3
	CycloneDXJSON = "cyclonedx-json" // CycloneDX 1.6
	CycloneDXXML  = "cyclonedx-xml"  // CycloneDX 1.6
	SyftJSON      = "syft-json"
)

// Formats lists the names of the formats.
func Formats() []string {
	return []string{SPDXJSON, SPDXTagValue, CycloneDXJSON, CycloneDXXML, SyftJSON}
}

// WriteOptions say how a bill of materials is written.
type WriteOptions struct {
	Version string              // of the calling program
	Time    time.Time           // in the document; zero means now, and another document each time
	Redact  func(string) string // hides secrets in instructions; nil hides nothing
}

// Write writes a bill that a [Cataloger] made. The document and the bill must be
// of one image. It is an error, after all was written, if packages had to be left without CPE names.
func Write(w io.Writer, format string, bill finding.Bill, opts WriteOptions) error {
	d, ok := named(bill)
	if !ok {
		return errors.New("writing the SBOM: the packages of this image were not catalogued")
	}
	if opts.Time.IsZero() {
		opts.Time = time.Now()
	}
	own, dd := *d.sbom, *d
	dd.sbom, dd.owners = &own, d.hiddenOwners()
	own.Descriptor.Name, own.Descriptor.Version, own.Descriptor.Configuration = "imgaudit", opts.Version, dd.layerNote(opts)
	own.Source.Name = finding.EscapeText(own.Source.Name)
	var err error
	switch format {
	case SPDXJSON:
		err = writeJSON(w, dd.spdx(opts, false))
	case SPDXTagValue:
		err = tagvalue.Write(dd.spdx(opts, true), w)
	case CycloneDXJSON:
		err = dd.cyclonedx(opts, visibleWriter{w}, cyclonedx.BOMFileFormatJSON)
	case CycloneDXXML:
		err = dd.cyclonedx(opts, w, cyclonedx.BOMFileFormatXML)
	case SyftJSON:
		err = writeJSON(w, syftjson.ToFormatModel(own, syftjson.DefaultEncoderConfig()))
	default:
		return fmt.Errorf("unknown format %q of an SBOM: one of %s", format, strings.Join(Formats(), ", "))
	}
	if err != nil {
		return fmt.Errorf("writing the SBOM: %w", err)
	}
	if n := len(d.nameless); n > 0 {
		return fmt.Errorf("the SBOM was written, but without the CPE names of %d packages, such as %s: Syft failed at them", n, finding.EscapeText(d.nameless[0]))
	}
	return nil
}

// uuid is the same for the same image, format and time.
func (d *document) uuid(kind string, opts WriteOptions) uuid.UUID {
	sum := sha256.Sum256([]byte(identity(d.image) + "\n" + kind + "\n" + stamp(opts)))
	return uuid.NewSHA1(uuid.NameSpaceURL, sum[:])
}

func stamp(opts WriteOptions) string { return opts.Time.UTC().Format(time.RFC3339) }

// clean escapes control characters in every string below a pointer. Line breaks
// stay in what is text: comments, licences, descriptions.
func clean(v reflect.Value, oneLine bool) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			clean(v.Elem(), oneLine)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			clean(v.Index(i), oneLine)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			text := strings.Contains(name, "Text") || strings.Contains(name, "Comment") || strings.Contains(name, "Description") || name == "Content"
			if v.Field(i).CanSet() {
				clean(v.Field(i), !text)
			}
		}
	case reflect.String:
		if !v.CanSet() {
			return
		}
		lines := []string{v.String()}
		if !oneLine {
			lines = strings.Split(strings.ReplaceAll(v.String(), "</text>", "< /text>"), "\n")
		}
		for i := range lines {
			lines[i] = finding.EscapeText(lines[i])
		}
		v.SetString(strings.Join(lines, "\n"))
	}
}
