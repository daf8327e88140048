package gitobj

import "sync"

// Part is what one layer holds of a repository.
type Part struct {
	Graph *Graph
	// Visible reports whether a file of the layer, by its path there, is still there
	// in the image's final view. Nil stands for yes. Objects count in any case.
	Visible func(path string) bool
}

// Repo is a repository that was put together from the parts that layers hold of
// it. It is safe for concurrent use.
type Repo struct {
	format  Format
	ids     *interner[ID]
	names   *interner[string]
	entries *interner[Entry]

	trees   map[uint32][]uint32 // entries, by the tree's ID
	commits []CommitFacts
	commit  map[uint32]int32 // index in commits, by ID
	tags    map[uint32]uint32

	refs  map[string]Ref // by name, as the final view has them
	tips  []Ref          // all that FETCH_HEAD and its like hold
	log   []LogEntry
	index []IndexEntry

	once    sync.Once
	history *history
}

// Join puts a repository together. Parts come in the order of layers, lowest first.
// Objects are those of all layers. Refs, reflogs and the index are those of files that
// are visible and that no later part has too. If no such file is visible at all, the
// repository was deleted as a whole, and what counts is how it was before.
func Join(parts ...Part) *Repo {
	r := &Repo{
		ids: newInterner[ID](), names: newInterner[string](), entries: newInterner[Entry](),
		trees: map[uint32][]uint32{}, commit: map[uint32]int32{}, tags: map[uint32]uint32{},
	}
	maps := make([][]uint32, len(parts))
	for i, p := range parts {
		if p.Graph.Format != Unknown {
			r.format = p.Graph.Format
		}
		maps[i] = r.addObjects(p.Graph)
	}
	r.state(parts, maps, true)
	if len(r.refs) == 0 && len(r.tips) == 0 && len(r.log) == 0 && len(r.index) == 0 {
		r.state(parts, maps, false)
	}
	return r
}

// addObjects adds a graph's objects and gives the repository's numbers for its IDs.
func (r *Repo) addObjects(g *Graph) []uint32 {
	ids := make([]uint32, len(g.IDs))
	for i, id := range g.IDs {
		ids[i], _ = r.ids.add(id)
	}
	names := make([]uint32, len(g.Names))
	for i, name := range g.Names {
		names[i], _ = r.names.add(name)
	}
	entries := make([]uint32, len(g.Entries))
	for i, e := range g.Entries {
		entries[i], _ = r.entries.add(Entry{Name: names[e.Name], ID: ids[e.ID], Mode: e.Mode})
	}
	for _, t := range g.Trees {
		if _, known := r.trees[ids[t.ID]]; !known {
			r.trees[ids[t.ID]] = renumber(t.Entries, entries)
		}
	}
	for _, c := range g.Commits {
		if _, known := r.commit[ids[c.ID]]; known {
			continue
		}
		c.ID, c.Tree, c.Author, c.Email = ids[c.ID], ids[c.Tree], names[c.Author], names[c.Email]
		c.Parents = renumber(c.Parents, ids)
		r.commit[c.ID] = int32(len(r.commits))
		r.commits = append(r.commits, c)
	}
	for _, t := range g.Tags {
		r.tags[ids[t.ID]] = ids[t.Target]
	}
	return ids
}

func renumber(list, numbers []uint32) []uint32 {
	out := make([]uint32, len(list))
	for i, n := range list {
		out[i] = numbers[n]
	}
	return out
}

// state gathers refs, reflogs and indexes, from the top down.
func (r *Repo) state(parts []Part, maps [][]uint32, visibleOnly bool) {
	r.refs = map[string]Ref{}
	owner := map[string]int{} // of a file: the topmost part that has it
	for i := len(parts) - 1; i >= 0; i-- {
		g, ids, visible := parts[i].Graph, maps[i], parts[i].Visible
		counts := func(file string) bool {
			if visibleOnly && visible != nil && !visible(file) {
				return false
			}
			if _, taken := owner[file]; !taken {
				owner[file] = i
			}
			return owner[file] == i
		}
		for _, ref := range g.Refs {
			if !counts(ref.File) {
				continue
			}
			if ref.Symbolic == "" {
				ref.Target = ids[ref.Target]
			}
			r.keepRef(ref)
		}
		for _, e := range g.Log {
			if !counts(e.File) {
				continue
			}
			if e.HasOld {
				e.Old = ids[e.Old]
			}
			if e.HasNew {
				e.New = ids[e.New]
			}
			r.log = append(r.log, e)
		}
		for _, e := range g.Index {
			if counts(e.File) {
				e.ID = ids[e.ID]
				r.index = append(r.index, e)
			}
		}
	}
}

// keepRef keeps a ref, a loose one before a packed one. Of what is no ref by
// Git's rules, such as FETCH_HEAD, several may have one name.
func (r *Repo) keepRef(ref Ref) {
	if isPseudo(ref.Name) {
		r.tips = append(r.tips, ref)
		return
	}
	old, known := r.refs[ref.Name]
	if !known || isPacked(old) && !isPacked(ref) {
		r.refs[ref.Name] = ref
	}
}
