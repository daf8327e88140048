package layers

import (
	"bytes"
	"iter"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// View is what the layers of an image show together: the final file system, and
// the fate of every entry of every layer.
//
// Layers are laid as umoci, containerd and Docker unpack them: entry by entry in
// the order of the tar, into what is there so far. Directories on the way to an
// entry may be symbolic links; they are followed inside the root, also for
// whiteouts, so lib/x lands at usr/lib/x where lib is such a link. A link that an
// entry itself meets is replaced, also by a directory.
//
// What every extractor refuses has no place here: a root that is no directory,
// links in circles, paths longer than Linux allows. Its fate is unknown and
// [View.Notes] counts it. Where they refuse an entry below a file, the view
// replaces the file by a directory, as an overlay of the layers would show it.
//
// Where layers could not be read to their end, the view is the best guess:
// everything below them that it still shows has an unknown fate.
//
// A View does not change; its methods may be called from many goroutines.
type View struct {
	layers    []Layer
	first     []int32 // the number of each layer's first entry, and of the one behind the last
	uncertain int     // the highest layer that was not read to its end, or -1
	tree      *tree

	// By number of entry.
	lot    []lot
	by     []int32 // the layer that did it
	place  []int32 // node, or noID
	origin []int32 // the entry that a hard link is a name of; else itself

	links   []int32 // hard links with an origin, sorted by it and then by number
	misfit  []int32 // entries without a place, as far as they are examples
	misfits int64
}

// Ref names one entry of one layer: the layer's index in the image and the
// entry's Seq.
type Ref struct{ Layer, Seq int }

// Outcome says what became of one entry by the time the last layer was laid.
type Outcome struct {
	Fate  finding.Fate
	By    finding.FateBy
	Layer int // that did it; -1 for a fate without one
}

// Outcome gives the fate of an entry.
//
// A path that a higher layer has again is overwritten, a directory too, whose
// owner and mode are then the higher layer's while its children stay. What lay
// below a directory that became something else is deleted. Whiteouts are
// present. A hard link is a file of its own here, replaced by and replacing what
// the file that it names would; see [View.Names].
func (v *View) Outcome(r Ref) Outcome {
	id := v.id(r)
	if id == noID {
		return Outcome{Fate: finding.Unknown, Layer: -1}
	}
	o := v.lot[id].outcome()
	switch {
	case o.By != "":
		o.Layer = int(v.by[id])
	case o.Fate == finding.Present && r.Layer < v.uncertain && v.at(id).Whiteout == NoWhiteout:
		o.Fate = finding.Unknown
	}
	return o
}

// Entry gives the entry itself; nil if there is none.
func (v *View) Entry(r Ref) *Entry {
	id := v.id(r)
	if id == noID {
		return nil
	}
	return v.at(id)
}

// Place gives the path at which an entry landed, after the links in its parents;
// of a whiteout what it hides. It is the entry's own path if it landed nowhere.
func (v *View) Place(r Ref) string {
	id := v.id(r)
	if id == noID {
		return ""
	}
	e := v.at(id)
	if v.place[id] == noID {
		return e.Path
	}
	p := v.tree.path(v.place[id])
	if p == e.Path {
		return e.Path
	}
	return p
}

// Origin gives the entry that has the content and the metadata of a file: for a
// hard link the entry that it is one more name of, in its own or a lower layer,
// or itself if that was not found; for every other entry itself.
func (v *View) Origin(r Ref) Ref {
	id := v.id(r)
	if id == noID {
		return r
	}
	return v.ref(v.origin[id])
}

// Names gives all names of the file that an entry is: the entry that brought it,
// and every hard link to it in its own or a higher layer, from the base up.
// The file is visible while one of them is.
func (v *View) Names(r Ref) []Ref {
	id := v.id(r)
	if id == noID {
		return nil
	}
	origin := v.origin[id]
	names := []Ref{v.ref(origin)}
	i := sort.Search(len(v.links), func(i int) bool { return v.origin[v.links[i]] >= origin })
	for ; i < len(v.links) && v.origin[v.links[i]] == origin; i++ {
		names = append(names, v.ref(v.links[i]))
	}
	return names
}

// Files yields the final file system in the order of its paths: each path with
// the entry that is seen there. The path is the place of the entry, see
// [View.Place]. Directories that no entry made are not among them.
func (v *View) Files() iter.Seq2[string, Ref] {
	return func(yield func(string, Ref) bool) {
		t := v.tree
		var prefix []byte
		stack := [][]step{append(t.steps(rootID), step{node: rootID, name: "."})}
		slices.SortFunc(stack[0], step.compare)
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if len(*top) == 0 {
				stack = stack[:len(stack)-1]
				if len(stack) > 0 { // leave the directory
					prefix = prefix[:max(0, len(prefix)-1)]
					prefix = prefix[:bytes.LastIndexByte(prefix, '/')+1]
				}
				continue
			}
			s := (*top)[0]
			*top = (*top)[1:]
			if s.inside {
				prefix = append(append(prefix, s.name...), '/')
				inner := t.steps(s.node)
				slices.SortFunc(inner, step.compare)
				stack = append(stack, inner)
				continue
			}
			id := t.nodes[s.node].entry
			if id == noID {
				continue
			}
			length, path := len(prefix), v.at(id).Path
			prefix = append(prefix, s.name...)
			if string(prefix) != path { // not where the tar has it
				path = string(prefix)
			}
			prefix = prefix[:length]
			if !yield(path, v.ref(id)) {
				return
			}
		}
	}
}

// Len is how many files [View.Files] yields.
func (v *View) Len() (n int) {
	v.tree.below(rootID, func(_, _ int32) { n++ })
	return n
}

// step is one step of the way through all paths in their order. A directory has
// two, itself and what is inside: a-b stands between a and a/b.
type step struct {
	node   int32
	inside bool
	name   string
}

func (t *tree) steps(n int32) []step {
	var steps []step
	for c := t.nodes[n].child; c != noID; c = t.nodes[c].next {
		steps = append(steps, step{c, false, t.nodes[c].name})
		if t.nodes[c].child != noID {
			steps = append(steps, step{c, true, t.nodes[c].name})
		}
	}
	slices.Reverse(steps) // now in the order of the tar, which mostly is that of the names
	return steps
}

func (s step) compare(o step) int {
	n := min(len(s.name), len(o.name))
	if c := strings.Compare(s.name[:n], o.name[:n]); c != 0 {
		return c
	}
	return s.following(n) - o.following(n)
}

// following is the byte of the path behind the first n of the name, -1 at its end.
func (s step) following(n int) int {
	switch {
	case n < len(s.name):
		return int(s.name[n])
	case s.inside:
		return '/'
	}
	return -1
}

// Lookup gives the entry that is seen at a path, without following a link that
// the path itself is. Links in its parents are followed.
func (v *View) Lookup(path string) (Ref, bool) {
	w := walker{steps: stepsMore}
	dir, name := split(path)
	at, ok := w.walk(v.tree, dir)
	if !ok || len(w.missing) > 0 {
		return Ref{}, false
	}
	if name != "" {
		at = v.tree.lookup(at, name)
	}
	return v.seen(at)
}

// Resolve gives the entry that a path leads to, following every link on the way
// and at its end, inside the root; of a hard link the name itself, see
// [View.Origin]. It fails where links lead nowhere or in circles.
func (v *View) Resolve(path string) (Ref, bool) {
	w := walker{steps: stepsMore}
	at, ok := w.walk(v.tree, path)
	if !ok || len(w.missing) > 0 {
		return Ref{}, false
	}
	return v.seen(at)
}

// Has reports whether a path leads to anything, also to a directory that no entry made.
func (v *View) Has(path string) bool {
	w := walker{steps: stepsMore}
	_, ok := w.walk(v.tree, path)
	return ok && len(w.missing) == 0
}

// Children yields what is seen in a directory, in no order; directories that no entry made
// are not among it. Links on the way and at its end are followed.
func (v *View) Children(dir string) iter.Seq[Ref] {
	return func(yield func(Ref) bool) {
		w := walker{steps: stepsMore}
		at, ok := w.walk(v.tree, dir)
		if !ok || len(w.missing) > 0 {
			return
		}
		for c := v.tree.nodes[at].child; c != noID; c = v.tree.nodes[c].next {
			if ref, ok := v.seen(c); ok && !yield(ref) {
				return
			}
		}
	}
}

func (v *View) seen(n int32) (Ref, bool) {
	if n == noID || v.tree.nodes[n].entry == noID {
		return Ref{}, false
	}
	return v.ref(v.tree.nodes[n].entry), true
}

// Bytes gives the bytes of regular files that the view still shows under any
// name, and of those that are in a layer and deleted or overwritten. What has an
// unknown fate counts as kept. Sizes are as the tars declare them.
func (v *View) Bytes() (kept, lost int64) {
	shown := make(map[int32]bool)
	for _, id := range v.links {
		if v.lot[id] <= nowhere {
			shown[v.origin[id]] = true
		}
	}
	for id := range v.lot {
		e := v.at(int32(id))
		switch {
		case e.Type != Regular || e.Whiteout != NoWhiteout:
		case v.lot[id] <= nowhere || shown[int32(id)]:
			kept = addBytes(kept, e.Size)
		default:
			lost = addBytes(lost, e.Size)
		}
	}
	return kept, lost
}

// addBytes adds without running over: a tar may declare any size.
func addBytes(sum, n int64) int64 {
	if n = max(n, 0); sum > math.MaxInt64-n {
		return math.MaxInt64
	}
	return sum + n
}

// ReasonNoPlace is the reason of the note on entries that have no place in the
// final view.
const ReasonNoPlace = "no-place"

// Notes says what the view could not place.
func (v *View) Notes() []Remark {
	if v.misfits == 0 {
		return nil
	}
	note := Remark{
		Reason: ReasonNoPlace,
		Detail: "entries that no extractor could unpack: links in circles, paths longer than 4096 bytes, a root that is no directory",
		Files:  v.misfits,
	}
	for _, id := range v.misfit {
		note.Examples = append(note.Examples, v.at(id).Path)
	}
	return []Remark{note}
}

// id is the number of an entry among those of all layers.
func (v *View) id(r Ref) int32 {
	if r.Layer < 0 || r.Layer >= len(v.layers) || v.layers[r.Layer].Facts == nil {
		return noID
	}
	entries := v.layers[r.Layer].Facts.Entries
	i, ok := r.Seq, r.Seq >= 0 && r.Seq < len(entries) && entries[r.Seq].Seq == r.Seq
	if !ok { // the index has not every position of the tar
		i, ok = slices.BinarySearchFunc(entries, r.Seq, func(e Entry, seq int) int { return e.Seq - seq })
	}
	if !ok {
		return noID
	}
	return v.first[r.Layer] + int32(i)
}

func (v *View) layerOf(id int32) int {
	return sort.Search(len(v.layers), func(i int) bool { return v.first[i+1] > id })
}

func (v *View) ref(id int32) Ref {
	l := v.layerOf(id)
	return Ref{l, v.layers[l].Facts.Entries[id-v.first[l]].Seq}
}

func (v *View) at(id int32) *Entry {
	l := v.layerOf(id)
	return &v.layers[l].Facts.Entries[id-v.first[l]]
}
