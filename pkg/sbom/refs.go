package sbom

import (
	"hash/maphash"
	"iter"
	"math/bits"
	"sync"

	stereofile "github.com/anchore/stereoscope/pkg/file"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// references are Syft's names of files, the same in every index that is made with them.
// A file gets one when it is asked for first.
type references struct {
	mu    sync.Mutex
	files map[layers.Ref]stereofile.Reference
	refs  map[stereofile.ID]layers.Ref
}

// file gives the name of a file.
func (r *references) file(n *node) stereofile.Reference {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, ok := r.files[n.ref]
	if !ok {
		if r.files == nil {
			r.files, r.refs = map[layers.Ref]stereofile.Reference{}, map[stereofile.ID]layers.Ref{}
		}
		known = *stereofile.NewFileReference(stereofile.Path(n.path))
		r.files[n.ref], r.refs[known.ID()] = known, n.ref
	}
	return known
}

// ref gives the file that has a name.
func (r *references) ref(name stereofile.Reference) (layers.Ref, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ref, ok := r.refs[name.ID()]
	return ref, ok
}

// chains are numbers by the hash of a text: less to make and to hold than a map of lists.
type chains struct {
	seed  maphash.Seed
	heads []int32 // by hash, the number that was added last
	next  []int32 // by number, the one that was added before
}

// newChains makes chains of the numbers below n.
func newChains(n int) chains {
	c := chains{maphash.MakeSeed(), make([]int32, 1<<bits.Len(uint(n))), make([]int32, n)}
	for i := range c.heads {
		c.heads[i] = none
	}
	return c
}

func (c *chains) head(text string) *int32 {
	return &c.heads[maphash.String(c.seed, text)&uint64(len(c.heads)-1)]
}

// add puts a number at the head of the chain of a text.
func (c *chains) add(text string, i int32) {
	head := c.head(text)
	c.next[i], *head = *head, i
}

// all gives the numbers of a text, and those of others with the same hash.
func (c *chains) all(text string) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for i := *c.head(text); i != none && yield(i); i = c.next[i] {
		}
	}
}
