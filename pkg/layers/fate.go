package layers

import (
	"cmp"
	"slices"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// lot is a fate and its cause in one byte.
type lot uint8

const (
	present lot = iota
	nowhere     // has no place; the lots up to here are not lost
	whitedOut
	belowWhiteout
	belowOpaque
	belowFile
	belowLink
	rewritten
	becameFile // a directory of which a higher layer made a file or device
	becameLink // a file or directory of which a higher layer made a link
	duplicate
)

func (l lot) outcome() Outcome {
	o := Outcome{Fate: finding.Deleted, Layer: -1}
	switch l {
	case present:
		o.Fate = finding.Present
	case nowhere:
		o.Fate = finding.Unknown
	case whitedOut:
		o.By = finding.Whiteout
	case belowWhiteout:
		o.By = finding.ParentWhiteout
	case belowOpaque:
		o.By = finding.Opaque
	case belowFile:
		o.By = finding.ReplacedByFile
	case belowLink:
		o.By = finding.ReplacedByLink
	case rewritten:
		o.Fate, o.By = finding.Overwritten, finding.Rewritten
	case becameFile:
		o.Fate, o.By = finding.Overwritten, finding.ReplacedByFile
	case becameLink:
		o.Fate, o.By = finding.Overwritten, finding.ReplacedByLink
	case duplicate:
		o.Fate, o.By = finding.Overwritten, finding.SameLayerDuplicate
	}
	return o
}

// NewView lays the layers over each other, the base first. It keeps the layers
// and their facts, and some 80 bytes for each entry.
func NewView(layers []Layer) *View {
	v := &View{layers: layers, first: make([]int32, len(layers)+1), uncertain: -1}
	total := 0
	for i, l := range layers {
		if l.Facts != nil {
			total += len(l.Facts.Entries)
		}
		v.first[i+1] = int32(total)
		if wasCut(l.Facts) {
			v.uncertain = i
		}
	}
	v.lot = make([]lot, total)
	v.by = make([]int32, total)
	v.place = make([]int32, total)
	v.origin = make([]int32, total)
	v.tree = newTree(total, func(id int32) string { return v.at(v.origin[id]).Link })

	b := builder{View: v, t: v.tree, maxNodes: total*(1+implicitPerEntry) + implicitMore}
	b.walker.steps = total*stepsPerEntry + stepsMore
	for i, l := range layers {
		if l.Facts == nil {
			continue
		}
		b.layer = int32(i)
		for j := range l.Facts.Entries {
			b.lay(v.first[i]+int32(j), &l.Facts.Entries[j])
		}
	}
	slices.SortFunc(v.links, func(x, y int32) int {
		return cmp.Or(cmp.Compare(v.origin[x], v.origin[y]), cmp.Compare(x, y))
	})
	return v
}

// wasCut reports whether a layer may have entries that its facts do not tell of,
// or is not the layer that the manifest means. Gaps of scanners leave the index
// whole.
func wasCut(f *Facts) bool {
	return f == nil || slices.ContainsFunc(f.Gaps, func(g Remark) bool {
		switch g.Reason {
		case ReasonTruncated, ReasonCorrupt, ReasonReadError, ReasonMissingBlob,
			ReasonDigestMismatch, ReasonDiffIDMismatch, ReasonSizeMismatch,
			ReasonEncrypted, ReasonForeign, ReasonUnknownType, ReasonUnnamed, ReasonDeadline,
			ReasonLimitEntries, ReasonLimitBytes, ReasonLimitRatio, ReasonLimitName,
			ReasonLimitHeader, ReasonLimitIndex, ReasonLimitWindow:
			return true
		}
		return false
	})
}

// builder lays one entry after the other into the tree.
type builder struct {
	*View
	t        *tree
	layer    int32 // that is being laid
	maxNodes int
	walker   walker

	// The directory of the entry before, if nothing has changed since that
	// could lead its path elsewhere. Most tars have a directory's files in a row.
	lastPath string
	lastDir  int32
	lastGood bool
}

// lay lays one entry: the whole of the rules is here and in hide, purge and put.
func (b *builder) lay(id int32, e *Entry) {
	b.place[id], b.origin[id] = noID, id
	dir, name := split(e.Path)
	if e.Whiteout == OpaqueWhiteout {
		if at, ok := b.walker.walk(b.t, e.Path); !ok {
			b.misplace(id)
		} else if len(b.walker.missing) == 0 {
			b.place[id] = at
			b.purge(at, belowOpaque)
		}
		return
	}
	if name == "" {
		switch {
		case e.Whiteout != NoWhiteout: // the root cannot be hidden
		case e.Type != Directory:
			b.misplace(id)
		default:
			b.rewrite(rootID, id)
			b.t.touch(rootID, b.layer)
		}
		return
	}
	at, ok := b.directory(dir)
	if !ok {
		b.misplace(id)
		return
	}
	if e.Whiteout != NoWhiteout {
		b.hide(id, at, name)
		return
	}
	b.put(id, e, at, name)
}

// directory finds the directory of an entry; what does not exist of it is left
// in walker.missing.
func (b *builder) directory(path string) (at int32, ok bool) {
	if b.lastGood && path == b.lastPath {
		b.walker.missing = b.walker.missing[:0]
		return b.lastDir, true
	}
	at, ok = b.walker.walk(b.t, path)
	b.lastPath, b.lastDir = path, at
	b.lastGood = ok && len(b.walker.missing) == 0
	return at, ok
}

// hide does what a whiteout of a name says: lower layers' entries go, those of
// its own layer stay, wherever in the tar they are.
func (b *builder) hide(id, at int32, name string) {
	if len(b.walker.missing) > 0 {
		return
	}
	n := b.t.lookup(at, name)
	if n == noID {
		return
	}
	b.place[id] = n
	if b.t.nodes[n].touched < b.layer {
		b.remove(n, whitedOut, belowWhiteout)
		return
	}
	b.purge(n, belowWhiteout)
	b.hideEntry(n, whitedOut)
}

// purge takes away all that lower layers have below a node. What a layer purged
// once holds nothing lower any more, so no marker makes it look twice.
func (b *builder) purge(n int32, why lot) {
	nodes := b.t.nodes
	stack := []int32{n}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if nodes[n].purged == b.layer {
			continue
		}
		nodes[n].purged = b.layer
		for c := nodes[n].child; c != noID; {
			next := nodes[c].next
			if nodes[c].touched < b.layer {
				b.remove(c, why, why)
			} else {
				b.hideEntry(c, why)
				stack = append(stack, c)
			}
			c = next
		}
	}
}

// hideEntry takes away a lower layer's directory entry and leaves the directory,
// because its own layer has something in it.
func (b *builder) hideEntry(n int32, why lot) {
	if id := b.t.nodes[n].entry; id != noID && id < b.first[b.layer] {
		b.lose(id, why)
		b.t.nodes[n].entry = noID
	}
}

// put lays an entry that is no whiteout.
func (b *builder) put(id int32, e *Entry, at int32, name string) {
	t, missing := b.t, b.walker.missing
	length := len(name)
	if at != rootID {
		length += int(t.nodes[at].pathLength) + 1
	}
	for _, m := range missing {
		length += len(m) + 1
	}
	if length > maxPlace || len(t.nodes)+len(missing)+2 > b.maxNodes {
		b.misplace(id)
		return
	}
	if t.nodes[at].kind != dirNode {
		at = b.makeDirectory(at)
	}
	for _, m := range missing {
		at = t.add(at, m, noID, dirNode)
	}
	old := t.lookup(at, name)
	if old != noID && e.Type == Directory && t.nodes[old].kind == dirNode {
		b.rewrite(old, id)
		t.touch(old, b.layer)
		return
	}
	if old != noID {
		t.detach(old)
		b.lastGood = false
	}
	k := otherNode
	switch e.Type {
	case Directory:
		k = dirNode
	case Symlink:
		k = linkNode
	case HardLink: // of what is there after the old path is gone
		k = b.link(id, e.Link)
	}
	if k == linkNode {
		b.lastGood = false
	}
	n := t.add(at, name, id, k)
	b.place[id] = n
	t.touch(n, b.layer)
	if old != noID {
		b.replaced(old, k)
	}
}

// link makes a hard link one more name of the file at the target. A link to
// nothing or to a directory, which no extractor can make, stays a name of its own.
func (b *builder) link(id int32, target string) nodeKind {
	dir, name := split(target)
	at, ok := b.walker.walk(b.t, dir)
	if !ok || len(b.walker.missing) > 0 || name == "" {
		return otherNode
	}
	n := b.t.lookup(at, name)
	if n == noID || b.t.nodes[n].kind == dirNode {
		return otherNode
	}
	b.origin[id] = b.origin[b.t.nodes[n].entry]
	b.links = append(b.links, id)
	return b.t.nodes[n].kind
}

// rewrite gives a directory the metadata of a new entry.
func (b *builder) rewrite(n, id int32) {
	if old := b.t.nodes[n].entry; old != noID {
		b.lose(old, b.unlessOwn(old, rewritten))
	}
	b.t.nodes[n].entry = id
	b.place[id] = n
}

// makeDirectory replaces a file by a directory because an entry lies below it.
func (b *builder) makeDirectory(old int32) int32 {
	b.t.detach(old)
	b.lastGood = false
	n := b.t.add(b.t.nodes[old].parent, b.t.nodes[old].name, noID, dirNode)
	b.replaced(old, dirNode)
	return n
}

// replaced tells the fates of a detached node and all below it, now that
// something of kind k is in its place.
func (b *builder) replaced(old int32, k nodeKind) {
	self, below := rewritten, belowFile
	switch {
	case k == linkNode && b.t.nodes[old].kind != linkNode:
		self, below = becameLink, belowLink
	case k == otherNode && b.t.nodes[old].kind == dirNode:
		self = becameFile
	}
	b.t.below(old, func(n, id int32) {
		if n == old {
			b.lose(id, b.unlessOwn(id, self))
		} else {
			b.lose(id, below)
		}
	})
}

// remove takes a node and all below it away.
func (b *builder) remove(n int32, self, below lot) {
	b.t.detach(n)
	b.lastGood = false
	b.t.below(n, func(at, id int32) {
		if at == n {
			b.lose(id, self)
		} else {
			b.lose(id, below)
		}
	})
}

func (b *builder) unlessOwn(id int32, why lot) lot {
	if id >= b.first[b.layer] {
		return duplicate
	}
	return why
}

func (b *builder) lose(id int32, why lot) {
	b.lot[id], b.by[id] = why, b.layer
}

func (b *builder) misplace(id int32) {
	b.lot[id] = nowhere
	if b.misfits++; len(b.misfit) < 5 {
		b.misfit = append(b.misfit, id)
	}
}
