package checks

import (
	"fmt"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// What later layers must take away of an image before it is worth a word: so many
// bytes, or a tenth of all and at least some.
const (
	wasteMuch  = 20 << 20
	wasteSome  = 1 << 20
	wasteParts = 10
)

// waste sums the content that layers store and that the final view does not show.
type waste struct {
	layers []wasted
	all    int64
}

type wasted struct {
	files, bytes int64
	largest      layers.Ref
	path         string
	size         int64
}

func newWaste(n int) *waste { return &waste{layers: make([]wasted, n)} }

func (w *waste) see(j *judge, ref layers.Ref, e *layers.Entry) {
	if e.Type != layers.Regular || e.Size <= 0 {
		return
	}
	w.all = added(w.all, e.Size)
	if !lost(j.view.Outcome(ref)) {
		return
	}
	for _, n := range j.view.Names(ref) {
		if !lost(j.view.Outcome(n)) {
			return
		}
	}
	l := &w.layers[ref.Layer]
	l.files++
	l.bytes = added(l.bytes, e.Size)
	if e.Size > l.size {
		l.largest, l.path, l.size = ref, e.Path, e.Size
	}
}

// judge makes one hit for each layer that stores what is gone, at its largest file.
func (w *waste) judge(j *judge) {
	var gone int64
	for _, l := range w.layers {
		gone = added(gone, l.bytes)
	}
	if gone < wasteSome || gone < wasteMuch && gone < w.all/wasteParts {
		return
	}
	for _, l := range w.layers {
		if l.files > 0 {
			j.add(hit{
				rule: ruleWaste, place: ruleWaste, path: l.path, layer: l.largest.Layer, outcome: j.view.Outcome(l.largest),
				detail: fmt.Sprintf("Layer %d stores %s in %s that are gone", l.largest.Layer, size(l.bytes), plural(l.files, "file")),
			})
		}
	}
}

func added(a, b int64) int64 {
	if sum := a + b; sum >= a {
		return sum
	}
	return a
}
