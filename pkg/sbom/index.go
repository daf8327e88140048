package sbom

import (
	"iter"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// index is what a view shows, by path, base name and extension. It does not change.
type index struct {
	view   *layers.View
	refs   *references
	nodes  []node             // sorted by path
	at     [][]int32          // by layer and number of an entry, its place among nodes, or none
	paths  chains             // by path
	names  chains             // by base name
	starts chains             // by how a base name starts
	exts   chains             // by what begins with the last dot of a base name
	links  []dirLink          // in the order of their paths
	leads  map[string][]int32 // links by where they lead

	mu    sync.Mutex
	globs map[string][]match // what was asked for
}

// none stands for no node.
const none = -1

// node is one path of a view.
type node struct {
	path   string // with a leading slash
	ref    layers.Ref
	origin layers.Ref // that has the content
	entry  *layers.Entry
	slash  int32 // the last of path
	linked bool  // it lies in a directory that a link leads to, at any depth
}

func (n *node) dir() string  { return n.path[:n.slash] }
func (n *node) base() string { return n.path[n.slash+1:] }

// startBytes is how much of a base name is its start.
const startBytes = 2

// dirLink is a symbolic link to a directory: the directory by another path.
type dirLink struct {
	from, to string
	layer    int // of the link
}

func newIndex(view *layers.View) *index {
	return newPartialIndex(view, &references{}, nil)
}

// newPartialIndex makes an index of some files; of all if wanted is nil.
func newPartialIndex(view *layers.View, refs *references, wanted func(*node) bool) *index {
	x := &index{view: view, refs: refs, leads: map[string][]int32{}, globs: map[string][]match{}}
	if wanted == nil {
		x.nodes = make([]node, 0, view.Len())
	}
	for p, ref := range view.Files() {
		if p == "." {
			continue
		}
		n := node{path: "/" + p, ref: ref, origin: view.Origin(ref), entry: view.Entry(ref)}
		n.slash = int32(strings.LastIndexByte(n.path, '/'))
		if wanted == nil || wanted(&n) {
			x.put(ref, int32(len(x.nodes)))
			x.nodes = append(x.nodes, n)
		}
	}
	x.paths, x.names = newChains(len(x.nodes)), newChains(len(x.nodes))
	x.starts, x.exts = newChains(len(x.nodes)), newChains(len(x.nodes))
	for i := range slices.Backward(x.nodes) {
		base := x.nodes[i].base()
		x.paths.add(x.nodes[i].path, int32(i))
		x.names.add(base, int32(i))
		if len(base) >= startBytes {
			x.starts.add(base[:startBytes], int32(i))
		}
		if ext := path.Ext(base); ext != "" {
			x.exts.add(ext, int32(i))
		}
	}
	for i := range x.nodes {
		x.addLink(&x.nodes[i])
	}
	x.findLinked()
	return x
}

// put notes where the node of an entry is.
func (x *index) put(ref layers.Ref, i int32) {
	for len(x.at) <= ref.Layer {
		x.at = append(x.at, nil)
	}
	at := x.at[ref.Layer]
	for len(at) <= ref.Seq {
		at = append(at, none)
	}
	at[ref.Seq], x.at[ref.Layer] = i, at
}

// node gives the node of an entry; nil if there is none.
func (x *index) node(ref layers.Ref) *node {
	if ref.Layer < 0 || ref.Layer >= len(x.at) || ref.Seq < 0 || ref.Seq >= len(x.at[ref.Layer]) {
		return nil
	}
	if i := x.at[ref.Layer][ref.Seq]; i != none {
		return &x.nodes[i]
	}
	return nil
}

func (x *index) addLink(n *node) {
	if n.entry.Type != layers.Symlink {
		return
	}
	ref, ok := x.view.Resolve(n.path[1:])
	if !ok {
		return
	}
	if to := x.node(ref); to != nil && to.entry.Type == layers.Directory {
		x.leads[to.path] = append(x.leads[to.path], int32(len(x.links)))
		x.links = append(x.links, dirLink{n.path, to.path, n.ref.Layer})
	}
}

// findLinked notes which files lie in directories that links lead to.
func (x *index) findLinked() {
	if len(x.links) == 0 {
		return
	}
	known := map[string]bool{"": false} // by directory
	var linked func(dir string) bool
	linked = func(dir string) bool {
		is, ok := known[dir]
		if !ok {
			is = len(x.leads[dir]) > 0 || linked(dir[:strings.LastIndexByte(dir, '/')])
			known[dir] = is
		}
		return is
	}
	for i := range x.nodes {
		x.nodes[i].linked = linked(x.nodes[i].dir())
	}
}

// named gives the node whose own path this is, be it a link; nil if there is none.
func (x *index) named(p string) *node {
	for i := range x.paths.all(p) {
		if n := &x.nodes[i]; n.path == p {
			return n
		}
	}
	return nil
}

// find follows a path to its end; links that lead nowhere give nothing.
func (x *index) find(p string) *node {
	if !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	p = path.Clean(p)
	if n := x.named(p); n != nil && n.entry.Type != layers.Symlink {
		return n // no link is on the way to where it lies
	}
	ref, ok := x.view.Resolve(p[1:])
	if !ok {
		return nil
	}
	return x.node(ref)
}

// exists reports whether a path leads to anything, a directory too.
func (x *index) exists(p string) bool { return x.view.Has(path.Clean("/" + p)[1:]) }

// match is a path that a glob matches, and the file it leads to.
type match struct {
	path string
	node *node
}

// maxGlobs is how many globs an index remembers: most are asked for more than once.
const maxGlobs = 1000

// glob gives the files that a glob matches, under their own path where that
// matches, else under a path through links; real paths first, then by path. They are
// shared, not to be changed.
func (x *index) glob(pattern string) []match {
	pattern = absolute(strings.TrimSpace(pattern))
	x.mu.Lock()
	found, known := x.globs[pattern]
	x.mu.Unlock()
	if known {
		return found
	}
	found = x.search(pattern)
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.globs) < maxGlobs {
		x.globs[pattern] = found
	}
	return found
}

func (x *index) search(pattern string) []match {
	if !doublestar.ValidatePattern(pattern) {
		return nil
	}
	if !isGlob(pattern) {
		if n := x.find(pattern); n != nil && n.entry.Type != layers.Directory {
			return []match{{path.Clean(pattern), n}}
		}
		return nil
	}
	var found []match
	seen := map[*node]bool{}
	for _, g := range alternatives(pattern) {
		inner := innerLiteral(g)
		for n := range x.candidates(g) {
			if seen[n] || n.entry.Type == layers.Directory {
				continue
			}
			p, ok := x.matched(g, inner, n)
			if !ok {
				continue
			}
			seen[n] = true
			target := n
			if n.entry.Type == layers.Symlink {
				if target = x.find(n.path); target == nil || target.entry.Type == layers.Directory {
					continue
				}
			}
			found = append(found, match{p, target})
		}
	}
	slices.SortFunc(found, func(a, b match) int {
		if ar, br := a.path == a.node.path, b.path == b.node.path; ar != br {
			if ar {
				return -1
			}
			return 1
		}
		return strings.Compare(a.path, b.path)
	})
	return found
}

// candidates are the nodes that a glob can match, by what its base name says.
func (x *index) candidates(g string) iter.Seq[*node] {
	dir, base := path.Split(g)
	if !isGlob(base) {
		return x.chained(&x.names, base, func(name string) bool { return name == base })
	}
	if ext := extension(base); ext != "" {
		return x.chained(&x.exts, path.Ext(ext), func(name string) bool { return strings.HasSuffix(name, ext) })
	}
	if !isGlob(dir) && !strings.Contains(base, "**") {
		return x.children(path.Clean(dir), base)
	}
	if parent := path.Base(dir); base == "*" && !isGlob(parent) && parent != "/" && parent != "." {
		return x.those(func(n *node) bool { return strings.HasSuffix(n.dir(), "/"+parent) })
	}
	if strings.Contains(base, "**") || base == "*" {
		if !x.exists(literalDir(g)) {
			return func(func(*node) bool) {}
		}
		return x.those(func(*node) bool { return true })
	}
	start := base[:strings.IndexAny(base, meta)]
	end := base[strings.LastIndexAny(base, meta)+1:]
	matches := func(name string) bool {
		return strings.HasSuffix(name, end) && strings.HasPrefix(name, start) && doublestar.MatchUnvalidated(base, name)
	}
	if len(start) >= startBytes {
		return x.chained(&x.starts, start[:startBytes], matches)
	}
	return x.those(func(n *node) bool { return matches(n.base()) })
}

// chained gives the nodes of a chain whose base names are wanted.
func (x *index) chained(c *chains, key string, wanted func(name string) bool) iter.Seq[*node] {
	return func(yield func(*node) bool) {
		for i := range c.all(key) {
			if n := &x.nodes[i]; wanted(n.base()) && !yield(n) {
				return
			}
		}
	}
}

// children gives what a directory has whose base names a glob matches.
func (x *index) children(dir, base string) iter.Seq[*node] {
	return func(yield func(*node) bool) {
		for ref := range x.view.Children(strings.TrimPrefix(dir, "/")) {
			if n := x.node(ref); n != nil && doublestar.MatchUnvalidated(base, n.base()) && !yield(n) {
				return
			}
		}
	}
}

// those gives the nodes that are wanted.
func (x *index) those(wanted func(*node) bool) iter.Seq[*node] {
	return func(yield func(*node) bool) {
		for i := range x.nodes {
			if n := &x.nodes[i]; wanted(n) && !yield(n) {
				return
			}
		}
	}
}

// maxLinks is how many links a path may go through to match a glob.
const maxLinks = 4

// matched gives the path under which a glob matches a file. inner is the glob's innerLiteral.
func (x *index) matched(g, inner string, n *node) (string, bool) {
	if n.linked {
		return x.matching(g, inner, n.path, 0)
	}
	return n.path, strings.Contains(n.path, inner) && doublestar.MatchUnvalidated(g, n.path)
}

// matching gives the path of a file that a glob matches: its own, or one through
// links to directories above it. inner is the glob's innerLiteral.
func (x *index) matching(g, inner, p string, depth int) (string, bool) {
	if strings.Contains(p, inner) && doublestar.MatchUnvalidated(g, p) {
		return p, true
	}
	if depth == maxLinks {
		return "", false
	}
	var ways []int32 // links to directories that the file lies in
	for i := range p {
		if i > 0 && p[i] == '/' {
			ways = append(ways, x.leads[p[:i]]...)
		}
	}
	slices.Sort(ways)
	for _, i := range ways {
		l := &x.links[i]
		if strings.HasPrefix(l.from, l.to+"/") {
			continue
		}
		if other, ok := x.matching(g, inner, l.from+p[len(l.to):], depth+1); ok {
			return other, ok
		}
	}
	return "", false
}
