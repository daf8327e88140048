package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// whereabouts writes the layers that a package is in.
func (t *text) whereabouts(p *vulnerable) {
	type spot struct {
		key   string
		place finding.Location
		paths []string
	}
	var spots []*spot
	for _, l := range p.places {
		key := fmt.Sprint(l.Image, index(l.Layer), l.Fate, index(l.FateLayer))
		i := slices.IndexFunc(spots, func(s *spot) bool { return s.key == key })
		if i < 0 {
			i = len(spots)
			spots = append(spots, &spot{key: key, place: l})
		}
		if l.Path != "" {
			spots[i].paths = append(spots[i].paths, l.Path)
		}
	}
	most := maxLayers
	if t.opts.Verbose {
		most = len(spots)
	}
	for i, s := range spots {
		if i >= most && len(spots) > most+1 {
			t.line("    ", t.paint(quiet, "and "+count(len(spots)-i, "more layer")))
			return
		}
		l := s.place
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
		if !systemPackage(p.Type) {
			for _, path := range s.paths[:min(len(s.paths), maxLayers)] {
				t.line("      ", t.paint(quiet, middle(path, t.width-6)))
			}
			if n := len(s.paths) - maxLayers; n > 0 {
				t.line("      ", t.paint(quiet, "and "+count(n, "more place")))
			}
		}
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
