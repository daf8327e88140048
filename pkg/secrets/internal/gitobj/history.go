package gitobj

// Bounds of the walk over all trees.
const (
	maxSteps = 64 << 20 // entries looked at
	maxPath  = 32 << 10 // bytes of a path, eight times what Linux takes
)

// history says where each blob came into the history.
type history struct {
	ways      []reach // by commit
	rank      []int32 // by commit: its place in the order of age
	dirs      *interner[dir]
	sightings []sighting
	last      map[uint32]int32 // by blob: its last sighting
	staged    map[uint32][]int32
	head      uint32 // the tree of HEAD
	hasHead   bool
	cut       bool // a bound was reached
}

// dir is a directory of a path.
type dir struct{ parent, name uint32 }

// topDir is the number of the directory that has no name.
const topDir = 0

// sighting is the first time that a blob was met at a path: in the oldest
// commit that has it, among those that can be reached best.
type sighting struct {
	entry  uint32 // in Repo.entries
	dir    uint32
	commit int32 // noCommit for a tree that no commit has
	way    reach
	before int32 // the same blob's sighting before; noSighting for its first
}

const (
	noCommit   = -1
	noSighting = -1
)

// root is a tree to walk.
type root struct {
	tree   uint32
	commit int32
	way    reach
}

func (r *Repo) walk() {
	h := &history{dirs: newInterner[dir](), last: map[uint32]int32{}, staged: map[uint32][]int32{}}
	h.dirs.add(dir{}) // topDir
	tips := r.tipsBy()
	h.ways = r.reached(tips)
	order := r.ranked()
	h.rank = make([]int32, len(order))
	for n, c := range order {
		h.rank[c] = int32(n)
	}
	w := walker{repo: r, history: h, walked: newInterner[uint64](), met: newInterner[uint64]()}
	for way := fromRef; way <= fromNowhere; way++ {
		for _, c := range order {
			if h.ways[c] == way {
				w.walk(root{r.commits[c].Tree, c, way})
			}
		}
		if way == fromNowhere {
			break
		}
		for _, id := range tips[way] {
			if _, isCommit := r.commit[id]; !isCommit {
				w.walk(root{id, noCommit, way})
			}
		}
	}
	w.walkRest()
	for i, e := range r.index {
		h.staged[e.ID] = append(h.staged[e.ID], int32(i))
	}
	if id, ok := r.target(r.refs["HEAD"]); ok {
		if c, ok := r.commit[r.peel(id)]; ok {
			h.head, h.hasHead = r.commits[c].Tree, true
		}
	}
	r.history = h
}

// walker goes through trees. A tree is walked once for each path at which it
// stands, so an unchanged directory costs nothing in the commits after its first.
type walker struct {
	repo    *Repo
	history *history
	walked  *interner[uint64] // tree and directory
	met     *interner[uint64] // entry and directory
	steps   int
	todo    []visit
}

// visit is a tree still to be walked, and how long the path to it is.
type visit struct {
	tree, dir uint32
	path      int
}

func pair(a, b uint32) uint64 { return uint64(a)<<32 | uint64(b) }

func (w *walker) walk(from root) {
	w.todo = append(w.todo[:0], visit{tree: from.tree, dir: topDir})
	for len(w.todo) > 0 {
		v := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		if _, fresh := w.walked.add(pair(v.tree, v.dir)); !fresh {
			continue
		}
		entries := w.repo.trees[v.tree]
		if w.steps += len(entries) + 1; w.steps > maxSteps || v.path > maxPath {
			w.history.cut = true
			continue
		}
		for _, n := range entries {
			e := w.repo.entries.keys[n]
			if e.isTree() {
				below, _ := w.history.dirs.add(dir{v.dir, e.Name + 1}) // no name is 0, which topDir has
				w.todo = append(w.todo, visit{e.ID, below, v.path + 1 + len(w.repo.names.keys[e.Name])})
			} else if e.isBlob() {
				w.meet(n, e.ID, v.dir, from)
			}
		}
	}
}

func (w *walker) meet(entry, blob, in uint32, from root) {
	if _, fresh := w.met.add(pair(entry, in)); !fresh {
		return
	}
	h := w.history
	before, again := h.last[blob]
	if !again {
		before = noSighting
	}
	h.last[blob] = int32(len(h.sightings))
	h.sightings = append(h.sightings, sighting{entry, in, from.commit, from.way, before})
}

// walkRest walks the trees that no commit led to, from those that no other such tree holds.
func (w *walker) walkRest() {
	known := map[uint32]bool{}
	for _, key := range w.walked.keys {
		known[uint32(key>>32)] = true
	}
	inner := map[uint32]bool{}
	for id, entries := range w.repo.trees {
		if known[id] {
			continue
		}
		for _, n := range entries {
			if e := w.repo.entries.keys[n]; e.isTree() {
				inner[e.ID] = true
			}
		}
	}
	for id := range uint32(len(w.repo.ids.keys)) {
		if _, isTree := w.repo.trees[id]; isTree && !known[id] && !inner[id] {
			w.walk(root{id, noCommit, fromNowhere})
		}
	}
}
