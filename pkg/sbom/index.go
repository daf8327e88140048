package sbom

import (
	"path"
	"slices"
	"strings"

	stereofile "github.com/anchore/stereoscope/pkg/file"
	"github.com/bmatcuk/doublestar/v4"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// index is the final view by path, base name, extension and directory. It does not
// change.
type index struct {
	view  *layers.View
	nodes []node           // sorted by path
	at    map[string]int32 // by path, with a leading slash
	byRef map[layers.Ref]int32
	byID  map[stereofile.ID]int32
	names map[string][]int32
	bases []string // the keys of names
	exts  map[string][]int32
	dirs  map[string][]int32 // what is in directories of a base name
	links []link             // symbolic links that lead to directories

	implied map[string]bool // directories that no entry made
}

// node is one path of the final view.
type node struct {
	path   string // with a leading slash
	ref    layers.Ref
	origin layers.Ref // that has the content
	entry  *layers.Entry
	file   stereofile.Reference
}

// link is a directory by another path.
type link struct{ from, to string }

func newIndex(view *layers.View) *index {
	return newPartialIndex(view, references{}, func(*node) bool { return true })
}

// references are Syft's names of files, the same in every index that is made with them.
type references map[layers.Ref]stereofile.Reference

func (r references) of(ref layers.Ref, path string) stereofile.Reference {
	known, ok := r[ref]
	if !ok {
		known = *stereofile.NewFileReference(stereofile.Path(path))
		r[ref] = known
	}
	return known
}

// newPartialIndex makes an index of some files.
func newPartialIndex(view *layers.View, refs references, wanted func(*node) bool) *index {
	x := &index{
		view: view, at: map[string]int32{}, byRef: map[layers.Ref]int32{}, byID: map[stereofile.ID]int32{},
		names: map[string][]int32{}, exts: map[string][]int32{}, dirs: map[string][]int32{}, implied: map[string]bool{},
	}
	for p, ref := range view.Files() {
		if p == "." {
			continue
		}
		p = "/" + p
		n := node{path: p, ref: ref, origin: view.Origin(ref), entry: view.Entry(ref)}
		if wanted(&n) {
			n.file = refs.of(ref, p)
			x.add(n)
		}
	}
	for name := range x.names {
		x.bases = append(x.bases, name)
	}
	slices.Sort(x.bases)
	for i := range x.nodes {
		x.addLink(&x.nodes[i])
	}
	return x
}

func (x *index) add(n node) {
	i, p := int32(len(x.nodes)), n.path
	x.nodes = append(x.nodes, n)
	x.at[p], x.byRef[n.ref], x.byID[n.file.ID()] = i, i, i
	dir, base := path.Split(p)
	x.names[base] = append(x.names[base], i)
	for j := 1; j < len(base)-1; j++ {
		if base[j] == '.' {
			x.exts[base[j:]] = append(x.exts[base[j:]], i)
		}
	}
	for dir = strings.TrimSuffix(dir, "/"); dir != ""; dir = dir[:strings.LastIndexByte(dir, '/')] {
		if _, ok := x.at[dir]; ok || x.implied[dir] {
			break
		}
		x.implied[dir] = true
	}
	parent := path.Base(path.Dir(p))
	x.dirs[parent] = append(x.dirs[parent], i)
}

func (x *index) addLink(n *node) {
	if n.entry.Type != layers.Symlink {
		return
	}
	ref, ok := x.view.Resolve(n.path[1:])
	if !ok {
		return
	}
	if to, ok := x.byRef[ref]; ok && x.nodes[to].entry.Type == layers.Directory {
		x.links = append(x.links, link{n.path, x.nodes[to].path})
	}
}

// find follows a path to its end; links that lead nowhere give nothing.
func (x *index) find(p string) *node {
	p = path.Clean("/" + p)
	if i, ok := x.at[p]; ok && x.nodes[i].entry.Type != layers.Symlink {
		return &x.nodes[i]
	}
	ref, ok := x.view.Resolve(p[1:])
	if !ok {
		return nil
	}
	i, ok := x.byRef[ref]
	if !ok {
		return nil
	}
	return &x.nodes[i]
}

// exists reports whether a path leads to anything, a directory too.
func (x *index) exists(p string) bool {
	p = path.Clean("/" + p)
	return p == "/" || x.implied[p] || x.find(p) != nil
}

// match is a path that a glob matches, and the file it leads to.
type match struct {
	path string
	node *node
}

// glob gives the files that a glob matches, under their own path where that
// matches, else under a path through links; real paths first, then by path.
func (x *index) glob(pattern string) []match {
	pattern = absolute(strings.TrimSpace(pattern))
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
	seen := map[int32]bool{}
	for _, g := range alternatives(pattern) {
		for _, i := range x.candidates(g) {
			if seen[i] {
				continue
			}
			n := &x.nodes[i]
			if n.entry.Type == layers.Directory {
				continue
			}
			p, ok := x.matching(g, n.path, 0)
			if !ok {
				continue
			}
			seen[i] = true
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
func (x *index) candidates(g string) []int32 {
	dir, base := path.Split(g)
	if !isGlob(base) {
		return x.names[base]
	}
	if ext := extension(base); ext != "" {
		return x.exts[ext]
	}
	if parent := path.Base(dir); base == "*" && !isGlob(parent) && parent != "/" && parent != "." {
		return x.dirs[parent]
	}
	if strings.Contains(base, "**") || base == "*" {
		return x.everything()
	}
	start := base[:strings.IndexAny(base, meta)]
	end := base[strings.LastIndexAny(base, meta)+1:]
	var all []int32
	from, _ := slices.BinarySearch(x.bases, start)
	for _, name := range x.bases[from:] {
		if !strings.HasPrefix(name, start) {
			break
		}
		if strings.HasSuffix(name, end) && doublestar.MatchUnvalidated(base, name) {
			all = append(all, x.names[name]...)
		}
	}
	return all
}

func (x *index) everything() []int32 {
	all := make([]int32, len(x.nodes))
	for i := range all {
		all[i] = int32(i)
	}
	return all
}

// maxLinks is how many links a path may go through to match a glob.
const maxLinks = 4

// matching gives the path of a file that a glob matches: its own, or one through
// links to directories above it.
func (x *index) matching(g, p string, depth int) (string, bool) {
	if doublestar.MatchUnvalidated(g, p) {
		return p, true
	}
	if depth == maxLinks {
		return "", false
	}
	for _, l := range x.links {
		rest, ok := strings.CutPrefix(p, l.to)
		if !ok || !strings.HasPrefix(rest, "/") || strings.HasPrefix(l.from, l.to+"/") {
			continue
		}
		if other, ok := x.matching(g, l.from+rest, depth+1); ok {
			return other, ok
		}
	}
	return "", false
}
