package sbom

import (
	"io"
	"reflect"
	"slices"
	"strings"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
	"github.com/anchore/syft/syft/file"
	"github.com/anchore/syft/syft/format/common/cyclonedxhelpers"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

func (d *document) cyclonedx(opts WriteOptions, w io.Writer, format cyclonedx.BOMFileFormat) error {
	bom := cyclonedxhelpers.ToFormatModel(*d.sbom)
	bom.SerialNumber = d.uuid("cyclonedx", opts).URN()
	bom.Metadata.Timestamp = stamp(opts)
	if bom.Components == nil {
		bom.Components = &[]cyclonedx.Component{}
	}
	about := d.about(opts)
	// Syft writes the packages first, in this order.
	for i, p := range d.sbom.Artifacts.Packages.Sorted() {
		c := &(*bom.Components)[i]
		c.Properties = withFacts(c.Properties, about[string(p.ID())])
		c.Evidence = d.evidence(p.Locations.ToSlice(), format)
	}
	hidden := d.hiddenPackages()
	for _, h := range d.apart() {
		*bom.Components = append(*bom.Components, cyclonedx.Component{
			Type: cyclonedx.ComponentTypeFile, Scope: cyclonedx.ScopeExcluded, BOMRef: "hidden-" + h.ID,
			Name: h.Name, Version: h.Version, Properties: withFacts(nil, d.hiddenFacts(h, opts)), Evidence: d.evidence(hidden[h.ID], format),
		})
	}
	if bom.Dependencies != nil {
		for _, dep := range *bom.Dependencies {
			if dep.Dependencies != nil {
				slices.Sort(*dep.Dependencies)
			}
		}
		slices.SortFunc(*bom.Dependencies, func(a, b cyclonedx.Dependency) int { return strings.Compare(a.Ref, b.Ref) })
	}
	clean(reflect.ValueOf(bom), true)
	enc := cyclonedx.NewBOMEncoder(w, format)
	enc.SetPretty(true)
	enc.SetEscapeHTML(false)
	return enc.EncodeVersion(bom, cyclonedx.SpecVersion1_6)
}

func withFacts(to *[]cyclonedx.Property, facts []fact) *[]cyclonedx.Property {
	var all []cyclonedx.Property
	if to != nil {
		all = slices.Clone(*to)
	}
	for _, f := range facts {
		all = append(all, cyclonedx.Property{Name: f.name, Value: f.value})
	}
	return &all
}

// evidence lists the places of a package, in JSON with their layers: cyclonedx-go writes
// these into XML as an attribute, where the schema wants an element.
func (d *document) evidence(locations []file.Location, format cyclonedx.BOMFileFormat) *cyclonedx.Evidence {
	if len(locations) == 0 {
		return nil
	}
	var all []cyclonedx.EvidenceOccurrence
	for _, l := range locations {
		o := cyclonedx.EvidenceOccurrence{Location: finding.EscapePath(l.RealPath)}
		if format == cyclonedx.BOMFileFormatJSON {
			o.AdditionalContext = d.context(l.FileSystemID)
		}
		all = append(all, o)
	}
	return &cyclonedx.Evidence{Occurrences: &all}
}

// hiddenPackages finds the places of the hidden packages by Syft's id of them.
func (d *document) hiddenPackages() map[string][]file.Location {
	byID := map[string][]file.Location{}
	for p := range d.hidden.Artifacts.Packages.Enumerate() {
		byID[string(p.ID())] = p.Locations.ToSlice()
	}
	return byID
}
