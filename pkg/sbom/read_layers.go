package sbom

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
	"github.com/anchore/syft/syft/artifact"
	syftsbom "github.com/anchore/syft/syft/sbom"
	syftsource "github.com/anchore/syft/syft/source"
	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx"
	"github.com/spdx/tools-golang/tagvalue"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// maxLayers is how many layers a document can speak of; images have at most a few hundred.
const maxLayers = 10_000

// readOwn reads again of a document what Syft's decoders leave behind.
func readOwn(raw []byte, format string, s *syftsbom.SBOM) *ownNotes {
	o := &ownNotes{packages: map[artifact.ID]map[string]string{}}
	if m, ok := s.Source.Metadata.(syftsource.ImageMetadata); ok && len(m.Layers) <= maxLayers {
		for i, l := range m.Layers {
			o.layers = append(o.layers, layers.Layer{Index: i, DiffID: l.Digest, MediaType: l.MediaType})
		}
	}
	switch format {
	case CycloneDXJSON:
		o.cyclonedx(raw, cyclonedx.BOMFileFormatJSON)
	case CycloneDXXML:
		o.cyclonedx(raw, cyclonedx.BOMFileFormatXML)
	case SPDXJSON:
		if doc, err := spdxjson.Read(bytes.NewReader(raw)); err == nil {
			o.spdx(doc)
		}
	case SPDXTagValue:
		if doc, err := tagvalue.Read(bytes.NewReader(raw)); err == nil {
			o.spdx(doc)
		}
	case SyftJSON:
		o.syft(s)
	}
	return o
}

// layer finds a layer by what a document says of it, or makes it known.
func (o *ownNotes) layer(index, diffID, instruction string) (int, bool) {
	i, err := strconv.Atoi(index)
	if err != nil || i < 0 || i >= maxLayers {
		return 0, false
	}
	for len(o.layers) <= i {
		o.layers = append(o.layers, layers.Layer{Index: len(o.layers)})
	}
	if diffID != "" {
		o.layers[i].DiffID = diffID
	}
	if instruction != "" {
		o.layers[i].Instruction = &instruction
	}
	return i, true
}

func (o *ownNotes) say(n int, one, many string) {
	if n == 1 {
		o.unread = append(o.unread, "1 "+one)
	} else if n > 1 {
		o.unread = append(o.unread, fmt.Sprintf("%d %s", n, many))
	}
}

// cyclonedx reads the properties of components, and counts what is no package.
func (o *ownNotes) cyclonedx(raw []byte, format cyclonedx.BOMFileFormat) {
	bom := new(cyclonedx.BOM)
	if err := cyclonedx.NewBOMDecoder(bytes.NewReader(raw), format).Decode(bom); err != nil {
		return
	}
	foreign := 0
	var each func(components *[]cyclonedx.Component)
	each = func(components *[]cyclonedx.Component) {
		if components == nil {
			return
		}
		for i := range *components {
			c := &(*components)[i]
			each(c.Components)
			if c.Properties == nil {
				continue
			}
			for _, p := range *c.Properties {
				switch {
				case strings.HasPrefix(p.Name, "imgaudit:"):
					o.note(artifact.ID(c.BOMRef), p.Name, p.Value)
				case !strings.HasPrefix(p.Name, "syft:"):
					foreign++
				}
			}
		}
	}
	each(bom.Components)
	o.say(length(bom.Vulnerabilities), "vulnerability", "vulnerabilities")
	o.say(length(bom.Services), "service", "services")
	o.say(length(bom.Compositions), "composition", "compositions")
	o.say(length(bom.Annotations), "annotation", "annotations")
	o.say(length(bom.Formulation), "formula", "formulas")
	if bom.Declarations != nil {
		o.say(1, "set of declarations", "")
	}
	o.say(foreign, "property of a component", "properties of components")
}

func length[T any](list *[]T) int {
	if list == nil {
		return 0
	}
	return len(*list)
}

// spdx reads the annotations of packages, which stand at the end in the tag-value form.
func (o *ownNotes) spdx(doc *spdx.Document) {
	foreign := 0
	note := func(of spdx.ElementID, a *spdx.Annotation) {
		if a == nil {
			return
		}
		name, value, ok := strings.Cut(a.AnnotationComment, "=")
		if !ok || a.Annotator.Annotator != "imgaudit" || !strings.HasPrefix(name, "imgaudit:") {
			foreign++
			return
		}
		o.note(artifact.ID(of), name, value)
	}
	for _, p := range doc.Packages {
		if p != nil {
			for i := range p.Annotations {
				note(p.PackageSPDXIdentifier, &p.Annotations[i])
			}
		}
	}
	for _, a := range doc.Annotations {
		if a != nil {
			note(a.AnnotationSPDXIdentifier.ElementRefID, a)
		}
	}
	o.say(foreign, "annotation", "annotations")
	o.say(len(doc.Snippets), "snippet", "snippets")
	o.say(len(doc.Reviews), "review", "reviews")
	o.say(len(doc.ExternalDocumentReferences), "reference to another document", "references to other documents")
}

func (o *ownNotes) note(id artifact.ID, name, value string) {
	if o.packages[id] == nil {
		o.packages[id] = map[string]string{}
	}
	o.packages[id][name] = value
}

// syft reads what stands in the configuration of a document that [Write] wrote.
func (o *ownNotes) syft(s *syftsbom.SBOM) {
	configuration, _ := s.Descriptor.Configuration.(map[string]any)
	own, _ := configuration["imgaudit"].(map[string]any)
	packages, _ := own["packages"].(map[string]any)
	for id, about := range packages {
		facts, _ := about.(map[string]any)
		if layer, ok := facts["layer"].(float64); ok && layer >= 0 && layer < maxLayers {
			o.note(artifact.ID(id), LayerIndex, strconv.Itoa(int(layer)))
		}
	}
}
