package sbom

import (
	"context"
	"maps"
	"slices"

	syftsbom "github.com/anchore/syft/syft/sbom"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// eraBill is what was catalogued of an era.
type eraBill struct {
	by       int // the layer that hid its files
	resolver *resolver
	sbom     *syftsbom.SBOM
	gaps     []layers.Remark
	err      error
}

// eras are catalogued one after another, from the top down, while the final view is.
type eras struct {
	found        chan eraBill
	cancel       context.CancelFunc
	mayReadAgain context.CancelFunc // the final view is catalogued
}

// catalogueEras begins to catalogue what each layer hid, as the layers below it show it. It is to
// be followed by end.
func (r *run) catalogueEras(ctx context.Context, t *past, again *again) *eras {
	ctx, cancel := context.WithCancel(ctx)
	turn, mayReadAgain := context.WithCancel(ctx)
	e := &eras{make(chan eraBill), cancel, mayReadAgain}
	go func() {
		defer close(e.found)
		if r.Scope == AllLayers {
			return // its packages are told apart instead
		}
		for _, by := range slices.Backward(slices.Sorted(maps.Keys(t.eras))) {
			if ctx.Err() != nil {
				e.found <- eraBill{err: ctx.Err()}
				return
			}
			t.eras[by].turn = turn.Done()
			view := layers.NewView(t.image.Layers[:by])
			b := eraBill{by: by, resolver: &resolver{index: newIndex(view), image: t.image, again: again, era: t.eras[by]}}
			b.sbom, b.gaps, b.err = r.create(ctx, newSource(t.image, b.resolver))
			e.found <- b
		}
	}()
	return e
}

// end stops what still runs, and waits for it.
func (e *eras) end() {
	e.cancel()
	for range e.found { //nolint:revive // nobody wants them any more
	}
}
