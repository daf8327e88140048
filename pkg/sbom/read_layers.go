package sbom

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
	"github.com/anchore/syft/syft/artifact"
	"github.com/anchore/syft/syft/file"
	syftpkg "github.com/anchore/syft/syft/pkg"
	syftsbom "github.com/anchore/syft/syft/sbom"
	syftsource "github.com/anchore/syft/syft/source"
	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx"
	"github.com/spdx/tools-golang/tagvalue"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// maxLayers is how many layers a document can speak of; images have at most a few hundred.
const maxLayers = 10_000

// ownNotes are what [Write] wrote of layers, and what else of a document Syft's model has
// no place for.
type ownNotes struct {
	packages map[artifact.ID]facts // by the id that the document gives
	hidden   []hiddenNote
	layers   []layers.Layer
	unread   []string
}

// facts are values by the names that [Write] gives them.
type facts map[string]string

// hiddenNote is what a document says of a package that is not in the final image.
type hiddenNote struct {
	id, name, version string
	paths             []string
	facts             facts
}

// readOwn reads again of a document what Syft's decoders leave behind.
func readOwn(raw []byte, format string, s *syftsbom.SBOM) *ownNotes {
	o := &ownNotes{packages: map[artifact.ID]facts{}}
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

// document gives what [Write] needs: an image of which nothing is known but its layers,
// and the packages with what the document says of theirs.
func (o *ownNotes) document(s *syftsbom.SBOM, ids map[artifact.ID]artifact.ID) *document {
	d := &document{sbom: s, visible: s, image: &layers.Image{}, bill: finding.Bill{Complete: true}}
	said := map[string]facts{}
	for old, about := range o.packages {
		said[string(ids[old])] = about
	}
	hidden, visible := syftpkg.NewCollection(), syftpkg.NewCollection()
	owners := map[artifact.ID]string{}
	for _, p := range s.Artifacts.Packages.Sorted() {
		about := said[string(p.ID())]
		if about[HiddenFate] != "" { // the document is about all layers
			h, _ := o.hide(hiddenNote{string(p.ID()), p.Name, p.Version, paths(p), about})
			h.Licenses = licensesOf(p)
			d.bill.Hidden = append(d.bill.Hidden, h)
			hidden.Add(p)
			continue
		}
		described := finding.Package{
			ID: string(p.ID()), Name: p.Name, Version: p.Version, Type: string(p.Type), PURL: p.PURL, Paths: paths(p), Licenses: licensesOf(p),
		}
		described.Layer, described.Changed = o.attribution(about)
		d.bill.Packages = append(d.bill.Packages, described)
		visible.Add(p)
	}
	slices.SortFunc(d.bill.Packages, comparePackages)
	if hidden.PackageCount() > 0 {
		d.visible = part(s, visible)
	}
	for _, n := range o.hidden {
		if s.Artifacts.Packages.Package(artifact.ID(n.id)) != nil {
			continue // met above
		}
		h, p := o.hide(n)
		d.bill.Hidden = append(d.bill.Hidden, h)
		hidden.Add(p)
		owners[p.ID()] = n.facts[HiddenOwner]
	}
	d.hidden = part(s, hidden)
	d.hidden.Relationships = append(among(s.Relationships, hidden), ownedByHidden(hidden, owners)...)
	d.image.Layers = o.layers
	for _, l := range o.layers {
		d.bill.Layers = append(d.bill.Layers, finding.BillLayer{DiffID: l.DiffID, Instruction: l.Instruction})
	}
	return d
}

// part is a bill of some packages of another.
func part(s *syftsbom.SBOM, packages *syftpkg.Collection) *syftsbom.SBOM {
	return &syftsbom.SBOM{Source: s.Source, Descriptor: s.Descriptor, Artifacts: syftsbom.Artifacts{Packages: packages, LinuxDistribution: s.Artifacts.LinuxDistribution}}
}

// attribution gives the layers that brought and changed a package, -1 where nothing is said.
func (o *ownNotes) attribution(about facts) (brought, changed int) {
	brought = o.layer(about[LayerIndex], about[LayerDiffID], about[LayerInstruction])
	changed = o.layer(about[ChangedIndex], about[ChangedDiffID], about[ChangedInstruction])
	if changed < 0 {
		changed = brought
	}
	return brought, changed
}

// hide gives a package that is not in the final image, in both forms.
func (o *ownNotes) hide(n hiddenNote) (finding.Hidden, syftpkg.Package) {
	h := finding.Hidden{
		Package: finding.Package{Name: n.name, Version: n.version, Type: n.facts[HiddenType], PURL: n.facts[HiddenPURL], Paths: n.paths},
		Fate:    finding.Fate(n.facts[HiddenFate]), FateBy: finding.FateBy(n.facts[HiddenBy]), Successor: n.facts[HiddenSuccessor],
		FateLayer: o.layer(n.facts[HiddenIndex], n.facts[HiddenDiffID], n.facts[HiddenInstruction]),
	}
	h.Layer, h.Changed = o.attribution(n.facts)
	p := syftpkg.Package{Name: h.Name, Version: h.Version, Type: syftpkg.Type(h.Type), PURL: h.PURL, Locations: file.NewLocationSet()}
	for _, path := range n.paths {
		p.Locations.Add(file.NewLocationFromCoordinates(file.Coordinates{RealPath: "/" + strings.TrimPrefix(path, "/"), FileSystemID: n.facts[LayerDiffID]}))
	}
	fromPURL(&p, n.facts[HiddenCPEs])
	id := artifact.ID(n.id)
	if !syftID.MatchString(n.id) {
		id = hashed(strings.Join([]string{n.name, n.version, h.PURL, n.facts[LayerIndex], strings.Join(n.paths, "\x00")}, "\x00"))
	}
	p.OverrideID(id)
	h.ID = string(id)
	return h, p
}

// layer finds a layer by what a document says of it, or makes it known; -1 if it says
// nothing of use.
func (o *ownNotes) layer(index, diffID, instruction string) int {
	i, err := strconv.Atoi(index)
	if err != nil || i < 0 || i >= maxLayers {
		return -1
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
	return i
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
			if hidden := propertiesOf(c); hidden[HiddenFate] != "" && c.Type == cyclonedx.ComponentTypeFile {
				o.hidden = append(o.hidden, hiddenNote{strings.TrimPrefix(c.BOMRef, "hidden-"), c.Name, c.Version, placesOf(c), hidden})
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

func propertiesOf(c *cyclonedx.Component) facts {
	all := facts{}
	for _, p := range *c.Properties {
		all[p.Name] = p.Value
	}
	return all
}

func placesOf(c *cyclonedx.Component) (paths []string) {
	if c.Evidence == nil || c.Evidence.Occurrences == nil {
		return nil
	}
	for _, o := range *c.Evidence.Occurrences {
		paths = append(paths, strings.TrimPrefix(o.Location, "/"))
	}
	return paths
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
		if name == HiddenFate && strings.HasPrefix(value, "{") { // of the document, not of a package
			o.hiddenInJSON(value)
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

// hiddenInJSON reads the annotation about a hidden package.
func (o *ownNotes) hiddenInJSON(text string) {
	var about map[string]any
	if json.Unmarshal([]byte(text), &about) == nil {
		o.hiddenFrom(about)
	}
}

func (o *ownNotes) hiddenFrom(about map[string]any) {
	n := hiddenNote{facts: facts{}}
	for key, value := range about {
		switch value := value.(type) {
		case string:
			n.facts[key] = value
		case []any:
			for _, path := range value {
				if path, ok := path.(string); ok && key == "paths" {
					n.paths = append(n.paths, path)
				}
			}
		}
	}
	n.id, n.name, n.version = n.facts["id"], n.facts["name"], n.facts["version"]
	o.hidden = append(o.hidden, n)
}

func (o *ownNotes) note(id artifact.ID, name, value string) {
	if o.packages[id] == nil {
		o.packages[id] = facts{}
	}
	o.packages[id][name] = value
}

// syft reads what stands in the configuration of a document that [Write] wrote.
func (o *ownNotes) syft(s *syftsbom.SBOM) {
	raw, err := json.Marshal(s.Descriptor.Configuration)
	var configuration struct {
		Own struct {
			Packages map[string]layersOf `json:"packages"`
			Hidden   []map[string]any    `json:"hidden"`
			Layers   []map[string]string `json:"layers"`
		} `json:"imgaudit"`
	}
	if err != nil || json.Unmarshal(raw, &configuration) != nil {
		return
	}
	for _, about := range configuration.Own.Layers {
		o.layer(about[LayerIndex], about[LayerDiffID], about[LayerInstruction])
	}
	for id, about := range configuration.Own.Packages {
		o.note(artifact.ID(id), LayerIndex, strconv.Itoa(about.Layer))
		o.note(artifact.ID(id), ChangedIndex, strconv.Itoa(about.Changed))
	}
	for _, about := range configuration.Own.Hidden {
		o.hiddenFrom(about)
		n := o.hidden[len(o.hidden)-1]
		o.packages[artifact.ID(n.id)] = n.facts // if it is a package of the document
	}
}
