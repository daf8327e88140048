package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// packagePlace is a layer that a package is in, and what became of it there.
type packagePlace struct {
	place finding.Location // any of them
	paths []string
}

// whereabouts writes the layers that a package is in.
func (t *text) whereabouts(p *vulnerable) {
	places := packagePlaces(p.places)
	most := maxLayers
	if t.opts.Verbose {
		most = len(places)
	}
	for i, at := range places {
		if i >= most && len(places) > most+1 {
			t.line("    ", t.paint(quiet, "and "+count(len(places)-i, "more layer")))
			return
		}
		t.layerOf(at.place)
		if !systemPackage(p.Type) {
			t.pathsIn(at)
		}
	}
}

// packagePlaces groups places by layer and fate.
func packagePlaces(all []finding.Location) []*packagePlace {
	var places []*packagePlace
	byKey := map[string]*packagePlace{}
	for _, l := range all {
		key := fmt.Sprint(l.Image, index(l.Layer), l.Fate, index(l.FateLayer))
		p := byKey[key]
		if p == nil {
			p = &packagePlace{place: l}
			byKey[key] = p
			places = append(places, p)
		}
		if l.Path != "" {
			p.paths = append(p.paths, l.Path)
		}
	}
	return places
}

// layerOf writes who brought a package, and who took it away.
func (t *text) layerOf(l finding.Location) {
	where := ""
	if l.Layer != nil {
		where = "layer " + index(l.Layer)
	}
	if l.Base {
		where += " (base)"
	}
	if len(t.r.Images) > 1 {
		where = strings.TrimSpace(where + " in " + middle(t.imageLabel(l.Image), 40))
	}
	if where != "" {
		t.instruction("    "+where+" by ", l.Instruction)
	}
	if lost := lostBy(l); lost != "" {
		t.instruction("      ○ "+lost+" in layer "+index(l.FateLayer)+" by ", l.FateInstruction)
	}
}

func (t *text) pathsIn(p *packagePlace) {
	for _, path := range p.paths[:min(len(p.paths), maxLayers)] {
		t.line("      ", t.paint(quiet, middle(path, t.width-6)))
	}
	if n := len(p.paths) - maxLayers; n > 0 {
		t.line("      ", t.paint(quiet, "and "+count(n, "more place")))
	}
}

// instruction writes what did something; without one the head stands alone.
func (t *text) instruction(head string, instruction *string) {
	by := short(instruction)
	if by == "" {
		head = strings.TrimSuffix(head, " by ")
	}
	t.line(head, t.paint(quiet, end(by, t.width-columns(head))))
}

// systemPackage tells packages whose one place is the distribution's database.
func systemPackage(kind string) bool {
	return slices.Contains([]string{"deb", "rpm", "apk", "alpm", "portage"}, kind)
}
