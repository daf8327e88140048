package layers

import (
	"hash/maphash"
	"math/bits"
	"path"
	"strings"
)

// Bounds of the merged file system. What is beyond them no extractor could
// make, and without them a few kilobytes of tar would cost gigabytes.
const (
	maxPlace = 4096 // bytes of a path, as Linux has it
	maxLinks = 255  // symbolic links followed for one path, as umoci has it

	// Directories that no entry made, and components of link targets walked,
	// may be so many for each entry, and so many more for the whole image.
	implicitPerEntry, implicitMore = 4, 1 << 16
	stepsPerEntry, stepsMore       = 64, 1 << 22
)

// noID stands for no node and for no entry.
const noID = -1

const rootID = int32(0)

// nodeKind is what a node is to those who pass it.
type nodeKind uint8

const (
	dirNode nodeKind = iota
	linkNode
	otherNode
)

// node is one name in the merged file system. A node that was deleted stays in
// the list, cut off from its parent's children: so the place of an entry is
// told without keeping its path.
type node struct {
	name       string // lies in the path of an entry or in the target of a link
	parent     int32
	child      int32 // the first, or noID
	next, prev int32 // siblings, or noID
	entry      int32 // that is seen here; noID for a directory that no entry made
	touched    int32 // the last layer that put something here or below
	purged     int32 // the last layer that hid all that lower layers have below
	chained    int32 // the next node whose name and parent have the same hash, or noID
	pathLength uint16
	kind       nodeKind
	detached   bool // deleted
}

// tree is the merged file system. All its walks are loops: depth costs no stack.
type tree struct {
	nodes  []node
	heads  []int32 // by hash of parent and name, the first node; far less than a map takes
	seed   maphash.Seed
	target func(entry int32) string // of a symbolic link
}

func newTree(entries int, target func(int32) string) *tree {
	t := &tree{seed: maphash.MakeSeed(), target: target}
	t.chain(max(entries, 1))
	t.nodes = make([]node, 0, entries+1)
	t.nodes = append(t.nodes, node{parent: rootID, child: noID, next: noID, prev: noID, entry: noID, touched: noID, purged: noID})
	return t
}

// lookup gives the child of that name, or noID.
func (t *tree) lookup(parent int32, name string) int32 {
	if t.nodes[parent].child == noID {
		return noID
	}
	n := *t.head(parent, name)
	for n != noID && (t.nodes[n].parent != parent || t.nodes[n].name != name) {
		n = t.nodes[n].chained
	}
	return n
}

// head is where the chain begins that a child is in.
func (t *tree) head(parent int32, name string) *int32 {
	h := maphash.String(t.seed, name) + uint64(uint32(parent))*0x9e3779b97f4a7c15 // the golden ratio: spreads numbers
	return &t.heads[(h^h>>32)&uint64(len(t.heads)-1)]
}

// chain makes room in the table of names for so many nodes, and puts in those that are
// in the file system.
func (t *tree) chain(nodes int) {
	t.heads = make([]int32, 1<<bits.Len(uint(nodes-1)))
	for i := range t.heads {
		t.heads[i] = noID
	}
	for i := range t.nodes {
		if n := &t.nodes[i]; int32(i) != rootID && !n.detached {
			head := t.head(n.parent, n.name)
			n.chained, *head = *head, int32(i)
		}
	}
}

// add makes a node that is not there yet.
func (t *tree) add(parent int32, name string, entry int32, k nodeKind) int32 {
	n := int32(len(t.nodes))
	p := &t.nodes[parent]
	length := len(name)
	if parent != rootID {
		length += int(p.pathLength) + 1
	}
	first := p.child
	p.child = n
	if first != noID {
		t.nodes[first].prev = n
	}
	t.nodes = append(t.nodes, node{
		name: name, parent: parent, child: noID, next: first, prev: noID,
		entry: entry, touched: noID, purged: noID, pathLength: uint16(length), kind: k,
	})
	if len(t.nodes) > 2*len(t.heads) {
		t.chain(len(t.nodes))
	} else {
		head := t.head(parent, name)
		t.nodes[n].chained, *head = *head, n
	}
	return n
}

// detach takes a node and all below it out of the file system.
func (t *tree) detach(n int32) {
	d := &t.nodes[n]
	at := t.head(d.parent, d.name)
	for *at != n && *at != noID {
		at = &t.nodes[*at].chained
	}
	if *at == n {
		*at = d.chained
	}
	d.chained, d.detached = noID, true
	if d.prev != noID {
		t.nodes[d.prev].next = d.next
	} else {
		t.nodes[d.parent].child = d.next
	}
	if d.next != noID {
		t.nodes[d.next].prev = d.prev
	}
	d.next, d.prev = noID, noID
}

// touch notes that a layer put something at a node. What is touched has
// touched parents, so the way up ends at the first of them.
func (t *tree) touch(n, layer int32) {
	for t.nodes[n].touched != layer {
		t.nodes[n].touched = layer
		n = t.nodes[n].parent
	}
}

// below reports every entry at a node and below it.
func (t *tree) below(n int32, each func(n, entry int32)) {
	stack := []int32{n}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if e := t.nodes[n].entry; e != noID {
			each(n, e)
		}
		for c := t.nodes[n].child; c != noID; c = t.nodes[c].next {
			stack = append(stack, c)
		}
	}
}

// path gives the path of a node, "." for the root.
func (t *tree) path(n int32) string {
	if n == rootID {
		return "."
	}
	buf := make([]byte, t.nodes[n].pathLength)
	for end := len(buf); n != rootID; n = t.nodes[n].parent {
		start := end - copy(buf[end-len(t.nodes[n].name):], t.nodes[n].name)
		if end = start - 1; end > 0 {
			buf[end] = '/'
		}
	}
	return string(buf)
}

// walker finds paths in a tree as an extractor does that is locked into it:
// every symbolic link is followed, an absolute one from the root, and ".." stops
// there. Names that do not exist are walked by their letters alone.
type walker struct {
	steps   int      // components of link targets that may still be walked
	missing []string // below the node that was found: names that are not there
	pending []string // what is still to walk, the next part last
}

// walk gives the node at a path, and in w.missing the rest of the path that
// does not exist below it. It fails where links go in circles.
func (w *walker) walk(t *tree, p string) (at int32, ok bool) {
	at, w.missing, w.pending = rootID, w.missing[:0], append(w.pending[:0], p)
	links := 0
	for len(w.pending) > 0 {
		top := len(w.pending) - 1
		name, rest, more := strings.Cut(w.pending[top], "/")
		if more {
			w.pending[top] = rest
		} else {
			w.pending = w.pending[:top]
		}
		if links > 0 {
			if w.steps--; w.steps < 0 {
				return at, false
			}
		}
		switch {
		case name == "" || name == ".":
			continue
		case name == ".." && len(w.missing) > 0:
			w.missing = w.missing[:len(w.missing)-1]
			continue
		case name == "..":
			at = t.nodes[at].parent
			continue
		case len(w.missing) > 0:
			w.missing = append(w.missing, name)
			continue
		}
		n := t.lookup(at, name)
		if n == noID {
			w.missing = append(w.missing, name)
			continue
		}
		if t.nodes[n].kind != linkNode {
			at = n
			continue
		}
		if links++; links > maxLinks {
			return at, false
		}
		target := t.target(t.nodes[n].entry)
		if strings.HasPrefix(target, "/") {
			at = rootID
		}
		w.pending = append(w.pending, target)
	}
	return at, true
}

// split gives the directory and the last name of a path; of the root, "" and
// "". Paths of entries are clean already; those of callers may be anything.
func split(p string) (dir, name string) {
	if !isClean(p) {
		p = path.Clean("/" + p)[1:]
	}
	i := strings.LastIndexByte(p, '/')
	return p[:max(i, 0)], p[i+1:]
}
