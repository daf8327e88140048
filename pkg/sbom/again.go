package sbom

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// maxAgain is how often one layer is read again at most.
const maxAgain = 4

// again reads layers a second time for what was not kept, and counts that.
type again struct {
	ctx    context.Context
	source layers.Source
	image  *layers.Image
	store  *store

	mu    sync.Mutex
	reads map[int]int              // by layer
	more  map[layers.Ref]*content  // what was found by reading again
	lost  map[layers.Ref]error     // what could not be had
	paths map[layers.Ref]lostEntry // of what could not be had
}

type lostEntry struct {
	path string
	size int64
}

// whole gives the whole content of a regular file that was not kept whole.
func (a *again) whole(ref layers.Ref, e *layers.Entry) (*content, error) {
	if e.Size == 0 {
		return &content{}, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if c := a.more[ref]; c != nil {
		return c, nil
	}
	if err := a.lost[ref]; err != nil {
		return nil, err
	}
	if err := a.read(ref.Layer, map[layers.Ref]bool{ref: true}); err != nil {
		a.lose(ref, e, err)
		return nil, err
	}
	if a.more[ref] == nil {
		a.lose(ref, e, errors.New("the layer does not give the file again"))
		return nil, a.lost[ref]
	}
	return a.more[ref], nil
}

func (a *again) lose(ref layers.Ref, e *layers.Entry, err error) {
	a.lost[ref] = err
	a.paths[ref] = lostEntry{e.Path, e.Size}
}

// fetch reads again, once a layer, all that is not kept of a list of files.
func (a *again) fetch(refs map[layers.Ref]bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	byLayer := map[int]map[layers.Ref]bool{}
	for ref := range refs {
		if k := keptOf(a.image, ref.Layer); k != nil && k.files[ref.Seq] != nil {
			continue
		}
		if byLayer[ref.Layer] == nil {
			byLayer[ref.Layer] = map[layers.Ref]bool{}
		}
		byLayer[ref.Layer][ref] = true
	}
	for layer, wanted := range byLayer {
		_ = a.read(layer, wanted) // what is asked for in vain fails then
	}
}

// read reads one layer again.
func (a *again) read(layer int, wanted map[layers.Ref]bool) error {
	switch _, stream := a.source.(layers.Stream); {
	case stream:
		return errors.New("it was not kept, and a stream can be read only once")
	case a.source == nil:
		return errors.New("it was not kept, and there is no source to read it from again")
	case a.reads[layer] >= maxAgain:
		return fmt.Errorf("it was not kept, and the layer was read again %d times already", maxAgain)
	}
	a.reads[layer]++
	image := *a.image
	l := image.Layers[layer]
	l.Facts, l.Index = nil, 0
	image.Layers = []layers.Layer{l}
	p := &picker{layer: layer, wanted: wanted, store: a.store, found: map[layers.Ref]*content{}}
	if _, err := layers.Walk(a.ctx, oneLayer{a.source, &image}, layers.WalkOptions{}, p); err != nil {
		return fmt.Errorf("reading layer %d again: %w", layer, err)
	}
	for ref, c := range p.found {
		a.more[ref] = c
	}
	return nil
}

// count says how many layers were read again, each time counted.
func (a *again) count() (n int) {
	for _, times := range a.reads {
		n += times
	}
	return n
}

// missed lists the files that were read again.
func (a *again) missed() []string {
	var paths []string
	for ref := range a.more {
		l := a.image.Layers[ref.Layer]
		for i := range l.Facts.Entries {
			if e := &l.Facts.Entries[i]; e.Seq == ref.Seq {
				paths = append(paths, e.Path)
			}
		}
	}
	slices.Sort(paths)
	return paths
}

// oneLayer is a source with an image of one layer.
type oneLayer struct {
	layers.Source
	image *layers.Image
}

func (o oneLayer) Images(context.Context) ([]*layers.Image, error) {
	return []*layers.Image{o.image}, nil
}

// picker is the scanner that keeps what is wanted of one layer.
type picker struct {
	layer  int
	wanted map[layers.Ref]bool
	store  *store
	found  map[layers.Ref]*content
}

func (p *picker) Name() string                                            { return keepName }
func (p *picker) Layer(context.Context, layers.Layer) layers.LayerScanner { return p }
func (p *picker) Facts() layers.ScanFacts                                 { return layers.ScanFacts{} }

func (p *picker) Entry(e *layers.Entry) io.WriteCloser {
	ref := layers.Ref{Layer: p.layer, Seq: e.Seq}
	if !p.wanted[ref] || e.Type != layers.Regular {
		return nil
	}
	return &picked{writer{store: p.store}, p, ref}
}

type picked struct {
	writer
	picker *picker
	ref    layers.Ref
}

func (p *picked) Close() error {
	c, err := p.finish()
	if err == nil {
		p.picker.found[p.ref] = c
	}
	return err
}
