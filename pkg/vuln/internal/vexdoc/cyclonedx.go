package vexdoc

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"time"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
	"github.com/openvex/go-vex/pkg/vex"
)

func cyclonedxJSON(raw []byte) (Document, error) {
	return decodeCycloneDX(raw, cyclonedx.BOMFileFormatJSON)
}

func cyclonedxXML(raw []byte) (Document, error) {
	return decodeCycloneDX(raw, cyclonedx.BOMFileFormatXML)
}

func decodeCycloneDX(raw []byte, format cyclonedx.BOMFileFormat) (Document, error) {
	var bom cyclonedx.BOM
	if err := cyclonedx.NewBOMDecoder(bytes.NewReader(raw), format).Decode(&bom); err != nil {
		return Document{}, fmt.Errorf("reading CycloneDX: %w", err)
	}
	if bom.Vulnerabilities == nil || len(*bom.Vulnerabilities) == 0 {
		return Document{}, fmt.Errorf("%w: a CycloneDX document that says nothing of vulnerabilities", errSilent)
	}
	if len(*bom.Vulnerabilities) > maxStatements {
		return Document{}, fmt.Errorf("it has more than %d vulnerabilities", maxStatements)
	}
	d := cdx{refs: map[string]vex.Component{}}
	if bom.Metadata != nil {
		d.stamp(bom.Metadata.Timestamp)
		if bom.Metadata.Component != nil {
			d.collect([]cyclonedx.Component{*bom.Metadata.Component}, 0)
		}
	}
	if bom.Components != nil {
		d.collect(*bom.Components, 0)
	}
	for i := range *bom.Vulnerabilities {
		d.add(&(*bom.Vulnerabilities)[i])
	}
	return d.out, nil
}

// cdx turns one document into statements.
type cdx struct {
	out   Document
	since time.Time
	refs  map[string]vex.Component
}

func (d *cdx) stamp(text string) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		d.since = at
	}
}

// maxComponentDepth is how deep components may lie within each other.
const maxComponentDepth = 32

func (d *cdx) collect(all []cyclonedx.Component, depth int) {
	for _, c := range all {
		var known vex.Component
		if c.PackageURL != "" {
			known.Identifiers = map[vex.IdentifierType]string{vex.PURL: withoutID(c.PackageURL)}
		}
		if c.Hashes != nil {
			for _, h := range *c.Hashes {
				if h.Algorithm == cyclonedx.HashAlgoSHA256 {
					known.Hashes = map[vex.Algorithm]vex.Hash{vex.SHA256: vex.Hash(h.Value)}
				}
			}
		}
		if c.Type == cyclonedx.ComponentTypeContainer && strings.HasPrefix(c.Version, "sha256:") { // as Syft and Trivy write images
			if known.Hashes == nil {
				known.Hashes = map[vex.Algorithm]vex.Hash{}
			}
			known.Hashes[vex.SHA256] = vex.Hash(strings.TrimPrefix(c.Version, "sha256:"))
		}
		if c.BOMRef != "" && (known.Identifiers != nil || known.Hashes != nil) {
			d.refs[c.BOMRef] = known
		}
		if c.Components != nil && depth < maxComponentDepth {
			d.collect(*c.Components, depth+1)
		}
	}
}

func (d *cdx) add(v *cyclonedx.Vulnerability) {
	if v.Analysis == nil || v.ID == "" {
		return
	}
	status, ok := statuses[v.Analysis.State]
	if !ok {
		return
	}
	s := Statement{Since: d.since}
	s.Vulnerability.Name = vex.VulnerabilityID(v.ID)
	if v.References != nil {
		for _, r := range *v.References {
			s.Vulnerability.Aliases = append(s.Vulnerability.Aliases, vex.VulnerabilityID(r.ID))
		}
	}
	s.Status = status
	switch status {
	case vex.StatusNotAffected:
		s.Justification, s.ImpactStatement = vex.Justification(v.Analysis.Justification), v.Analysis.Detail
		if v.Analysis.State == cyclonedx.IASFalsePositive && s.ImpactStatement == "" {
			s.ImpactStatement = "false positive"
		}
	case vex.StatusAffected:
		s.ActionStatement = v.Analysis.Detail
		if s.ActionStatement == "" {
			s.ActionStatement = v.Recommendation
		}
	case vex.StatusFixed:
		s.ImpactStatement = v.Analysis.Detail
	}
	for _, stamp := range []string{v.Analysis.FirstIssued, v.Analysis.LastUpdated} {
		if at, err := time.Parse(time.RFC3339, stamp); err == nil {
			s.Since = at
		}
	}
	if v.Affects != nil {
		for _, a := range *v.Affects {
			if c, ok := d.component(a.Ref); ok {
				s.Products = append(s.Products, vex.Product{Component: c})
			} else {
				d.out.Lost++
			}
		}
	}
	d.out.Statements = append(d.out.Statements, s)
}

var statuses = map[cyclonedx.ImpactAnalysisState]vex.Status{
	cyclonedx.IASResolved: vex.StatusFixed, cyclonedx.IASResolvedWithPedigree: vex.StatusFixed,
	cyclonedx.IASExploitable: vex.StatusAffected, cyclonedx.IASInTriage: vex.StatusUnderInvestigation,
	cyclonedx.IASFalsePositive: vex.StatusNotAffected, cyclonedx.IASNotAffected: vex.StatusNotAffected,
}

// component gives what a reference means: a component of the document, or a package URL, be it behind
// the name of another document (a BOM-Link, urn:cdx:SERIAL/VERSION#REF).
func (d *cdx) component(ref string) (vex.Component, bool) {
	if c, ok := d.refs[ref]; ok {
		return c, true
	}
	if strings.HasPrefix(ref, "urn:cdx:") {
		_, ref, _ = strings.Cut(ref, "#")
		if c, ok := d.refs[ref]; ok {
			return c, true
		}
		if plain, err := url.PathUnescape(ref); err == nil && !strings.HasPrefix(ref, "pkg:") {
			ref = plain
		}
	}
	if strings.HasPrefix(ref, "pkg:") {
		return vex.Component{Identifiers: map[vex.IdentifierType]string{vex.PURL: withoutID(ref)}}, true
	}
	return vex.Component{}, false
}

// withoutID takes the number that Syft gives each package out of a package URL.
func withoutID(purl string) string {
	head, query, ok := strings.Cut(purl, "?")
	if !ok {
		return purl
	}
	query, fragment, _ := strings.Cut(query, "#")
	var kept []string
	for _, q := range strings.Split(query, "&") {
		if !strings.HasPrefix(q, "package-id=") {
			kept = append(kept, q)
		}
	}
	if len(kept) > 0 {
		head += "?" + strings.Join(kept, "&")
	}
	if fragment != "" {
		head += "#" + fragment
	}
	return head
}
