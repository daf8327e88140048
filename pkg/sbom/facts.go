package sbom

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// The names of the properties of CycloneDX components, and of the annotations of
// SPDX packages, that say which layer brought a package and which changed it last.
const (
	LayerIndex         = "imgaudit:layer:index"
	LayerDiffID        = "imgaudit:layer:diffID"
	LayerInstruction   = "imgaudit:layer:instruction"
	ChangedIndex       = "imgaudit:changed:index"
	ChangedDiffID      = "imgaudit:changed:diffID"
	ChangedInstruction = "imgaudit:changed:instruction"
)

// The names of what documents say of packages that are not in the final image: of
// properties of CycloneDX components, which are files out of scope, without a package URL
// of their own, so that nobody takes them for packages; and of annotations of the SPDX document,
// whose value is JSON with the rest of these names.
const (
	HiddenFate        = "imgaudit:hidden" // deleted or overwritten
	HiddenBy          = "imgaudit:hidden:by"
	HiddenPURL        = "imgaudit:hidden:purl"
	HiddenType        = "imgaudit:hidden:type"
	HiddenSuccessor   = "imgaudit:hidden:successor"
	HiddenIndex       = "imgaudit:hidden:index"
	HiddenDiffID      = "imgaudit:hidden:diffID"
	HiddenInstruction = "imgaudit:hidden:instruction"
	HiddenCPEs        = "imgaudit:hidden:cpes"  // CPE 2.3 names, with spaces between
	HiddenOwner       = "imgaudit:hidden:owner" // the id of the hidden package that lists the files of this one
)

// fact is something that a document says of a package.
type fact struct{ name, value string }

// facts says which layers brought and changed a package.
func (d *document) facts(p finding.Package, opts WriteOptions) []fact {
	return slices.Concat(
		d.layer(p.Layer, LayerIndex, LayerDiffID, LayerInstruction, opts),
		d.layer(p.Changed, ChangedIndex, ChangedDiffID, ChangedInstruction, opts),
	)
}

// hiddenFacts says what hid a package.
func (d *document) hiddenFacts(h finding.Hidden, opts WriteOptions) []fact {
	facts := []fact{
		{HiddenFate, string(h.Fate)}, {HiddenBy, string(h.FateBy)}, {HiddenPURL, h.PURL}, {HiddenType, h.Type}, {HiddenSuccessor, h.Successor},
		{HiddenCPEs, d.hiddenCPEs(h)}, {HiddenOwner, d.owners[h.ID]},
	}
	facts = slices.Concat(facts, d.facts(h.Package, opts), d.layer(h.FateLayer, HiddenIndex, HiddenDiffID, HiddenInstruction, opts))
	return slices.DeleteFunc(facts, func(f fact) bool { return f.value == "" })
}

// hiddenAsJSON is what an annotation says of a hidden package.
func (d *document) hiddenAsJSON(h finding.Hidden, opts WriteOptions) string {
	about := map[string]any{"id": h.ID, "name": h.Name, "version": h.Version, "paths": h.Paths}
	for _, f := range d.hiddenFacts(h, opts) {
		about[f.name] = f.value
	}
	text, _ := json.Marshal(about) // texts only
	return string(text)
}

// layer says which one a layer is, under three names.
func (d *document) layer(i int, index, diff, instruction string, opts WriteOptions) []fact {
	if i < 0 || i >= len(d.image.Layers) {
		return nil
	}
	l := d.image.Layers[i]
	facts := []fact{{index, strconv.Itoa(i)}, {diff, diffID(l)}}
	if l.Instruction != nil {
		text := *l.Instruction
		if opts.Redact != nil {
			text = opts.Redact(text)
		}
		facts = append(facts, fact{instruction, finding.EscapeText(text)})
	}
	return facts
}

// about says by Syft's ids what there is to say of the packages of a document.
func (d *document) about(opts WriteOptions) map[string][]fact {
	byID := make(map[string][]fact, len(d.bill.Packages))
	for _, h := range d.bill.Hidden { // they are packages of the document if its scope is all layers
		byID[h.ID] = d.hiddenFacts(h, opts)
	}
	for _, p := range d.bill.Packages {
		byID[p.ID] = d.facts(p, opts)
	}
	return byID
}

// apart are the hidden packages that are no packages of the document.
func (d *document) apart() []finding.Hidden {
	if d.sbom.Artifacts.Packages != d.visible.Artifacts.Packages {
		return nil
	}
	return d.bill.Hidden
}

// layerNote is what a Syft document says in its configuration of the layers of packages,
// for which it has no place.
type layerNote struct {
	Packages map[string]layersOf `json:"packages"` // by id
	Hidden   []map[string]any    `json:"hidden"`
	Layers   []map[string]string `json:"layers"` // facts, for which Syft's own list of layers has no place
}

type layersOf struct {
	Layer   int `json:"layer"`
	Changed int `json:"changed"`
}

func (d *document) layerNote(opts WriteOptions) map[string]layerNote {
	n := layerNote{map[string]layersOf{}, []map[string]any{}, []map[string]string{}}
	for _, p := range d.bill.Packages {
		n.Packages[p.ID] = layersOf{p.Layer, p.Changed}
	}
	for i := range d.image.Layers {
		about := map[string]string{}
		for _, f := range d.layer(i, LayerIndex, LayerDiffID, LayerInstruction, opts) {
			about[f.name] = f.value
		}
		n.Layers = append(n.Layers, about)
	}
	for _, h := range d.bill.Hidden {
		paths := make([]string, len(h.Paths))
		for i, path := range h.Paths {
			paths[i] = finding.EscapeText(path)
		}
		about := map[string]any{"id": h.ID, "name": finding.EscapeText(h.Name), "version": finding.EscapeText(h.Version), "paths": paths}
		for _, f := range d.hiddenFacts(h, opts) {
			about[f.name] = finding.EscapeText(f.value)
		}
		n.Hidden = append(n.Hidden, about)
	}
	return map[string]layerNote{"imgaudit": n}
}

// context says of a place which layer it is in.
func (d *document) context(fileSystemID string) string {
	for i, l := range d.image.Layers {
		if diffID(l) == fileSystemID {
			return "layer " + strconv.Itoa(i) + ", " + fileSystemID
		}
	}
	return cmp.Or(fileSystemID, "layer unknown")
}
