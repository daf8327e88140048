package gitobj

// Graph is what one layer holds of one repository, without the content of blobs.
// Commits, trees and entries name objects and strings by their index in IDs and
// Names.
type Graph struct {
	Repo   string // the repository's directory in the layer, or the bundle
	Format Format

	IDs     []ID
	Names   []string
	Entries []Entry // every distinct entry of a tree
	Trees   []TreeFacts
	Commits []CommitFacts
	Tags    []TagFacts

	Refs       []Ref
	Log        []LogEntry
	Index      []IndexEntry
	Shallow    []uint32 // commits whose parents were never fetched
	Remotes    []string // URLs, without passwords
	Alternates []string // objects directories of other repositories, as written
}

// Entry is an entry of a tree.
type Entry struct {
	Name, ID uint32
	Mode     uint32 // a Unix mode, as trees have it
}

// The modes that are no blobs'.
const (
	modeType    = 0o170000
	modeTree    = 0o040000
	modeGitlink = 0o160000
)

func (e Entry) isTree() bool { return e.Mode&modeType == modeTree }
func (e Entry) isBlob() bool { return !e.isTree() && e.Mode&modeType != modeGitlink }

// TreeFacts is a tree: indexes in [Graph.Entries].
type TreeFacts struct {
	ID      uint32
	Entries []uint32
}

// CommitFacts is a commit.
type CommitFacts struct {
	ID, Tree      uint32
	Parents       []uint32
	Author, Email uint32 // in [Graph.Names]
	Date          int64  // the author's, in seconds since 1970
	Zone          int32  // of the date, in seconds east of UTC
	Message       string // its first line, up to 200 bytes
}

// TagFacts is an annotated tag.
type TagFacts struct{ ID, Target uint32 }

// Ref is a name for an object, as one file of the repository has it.
type Ref struct {
	File     string // in the layer
	Name     string // refs/heads/main, HEAD, FETCH_HEAD, worktrees/x/HEAD
	Target   uint32 // in [Graph.IDs], unless it is symbolic
	Symbolic string // the ref it stands for
}

// LogEntry is a line of a reflog.
type LogEntry struct {
	File     string // in the layer
	Ref      string
	Old, New uint32 // in [Graph.IDs]
	HasOld   bool   // false where the ref was made
	HasNew   bool   // false where it was deleted
	Who      string // name and address
	Date     int64  // in seconds since 1970
	Message  string // up to 200 bytes
}

// IndexEntry is a file in an index: what is staged.
type IndexEntry struct {
	File  string // the index itself, in the layer
	Path  string
	ID    uint32 // in [Graph.IDs]
	Stage uint8  // 0, or 1 to 3 in a conflict
}

// Bounds of the strings in facts, in bytes.
const (
	maxMessage = 200
	maxPerson  = 200
	maxName    = 4096
)

// budget bounds the facts of a layer.
type budget struct{ left int64 }

func (b *budget) spend(n int) bool {
	if b.left < int64(n) {
		return false
	}
	b.left -= int64(n)
	return true
}

// graphBuilder gathers a graph. What does not fit its budget is counted.
type graphBuilder struct {
	graph   Graph
	budget  *budget
	ids     *interner[ID]
	names   *interner[string]
	entries *interner[Entry]
	known   map[uint32]struct{} // the objects that are in the graph
	dropped int64
	scratch []uint32
}

func newGraphBuilder(repo string, b *budget) *graphBuilder {
	return &graphBuilder{
		graph: Graph{Repo: repo}, budget: b,
		ids: newInterner[ID](), names: newInterner[string](), entries: newInterner[Entry](),
		known: map[uint32]struct{}{},
	}
}

// What facts take, in bytes, beside their strings and lists.
const (
	idCost     = 32 + 6
	nameCost   = 16 + 6
	entryCost  = 12 + 6
	objectCost = 16 // in known
	treeCost   = 32 + objectCost
	commitCost = 88 + objectCost
	tagCost    = 8 + objectCost
	lineCost   = 112 // a ref, a line of a reflog, an entry of an index
)

func (g *graphBuilder) id(id ID) (uint32, bool) {
	if n, known := g.ids.find(id); known {
		return n, true
	}
	if !g.budget.spend(idCost) {
		return 0, false
	}
	n, _ := g.ids.add(id)
	return n, true
}

func (g *graphBuilder) name(name []byte) (uint32, bool) {
	if n, known := g.names.find(string(name)); known {
		return n, true
	}
	if !g.budget.spend(nameCost + len(name)) {
		return 0, false
	}
	n, _ := g.names.add(string(name))
	return n, true
}

func (g *graphBuilder) entry(e Entry) (uint32, bool) {
	if n, known := g.entries.find(e); known {
		return n, true
	}
	if !g.budget.spend(entryCost) {
		return 0, false
	}
	n, _ := g.entries.add(e)
	return n, true
}

// fresh gives the object's number if the graph does not have the object.
func (g *graphBuilder) fresh(id ID) (n uint32, fresh, fits bool) {
	n, fits = g.id(id)
	if !fits {
		return 0, false, false
	}
	_, known := g.known[n]
	return n, !known, true
}

// object adds a commit, tree or tag. It fails when the object cannot be parsed.
func (g *graphBuilder) object(k Kind, id ID, f Format, content []byte) error {
	if g.graph.Format == Unknown {
		g.graph.Format = f
	}
	var fits bool
	var err error
	switch k {
	case Commit:
		fits, err = g.commit(id, content)
	case Tree:
		fits, err = g.tree(id, f, content)
	case Tag:
		fits, err = g.tag(id, content)
	default:
		return nil
	}
	if err == nil && !fits {
		g.dropped++
	}
	return err
}

func (g *graphBuilder) commit(id ID, content []byte) (fits bool, _ error) {
	c, err := parseCommit(content)
	if err != nil {
		return true, err
	}
	n, fresh, ok := g.fresh(id)
	if !fresh {
		return ok, nil
	}
	facts := CommitFacts{ID: n, Date: c.author.date, Zone: c.author.zone, Message: c.subject}
	var fit [3]bool
	facts.Tree, fit[0] = g.id(c.tree)
	facts.Author, fit[1] = g.name(c.author.name)
	facts.Email, fit[2] = g.name(c.author.email)
	if !fit[0] || !fit[1] || !fit[2] || !g.budget.spend(commitCost+4*len(c.parents)+len(c.subject)) {
		return false, nil
	}
	for _, p := range c.parents {
		parent, ok := g.id(p)
		if !ok {
			return false, nil
		}
		facts.Parents = append(facts.Parents, parent)
	}
	g.known[n] = struct{}{}
	g.graph.Commits = append(g.graph.Commits, facts)
	return true, nil
}

func (g *graphBuilder) tree(id ID, f Format, content []byte) (fits bool, _ error) {
	n, fresh, ok := g.fresh(id)
	if !fresh {
		return ok, nil
	}
	list := g.scratch[:0]
	for e, err := range treeEntries(content, f) {
		if err != nil {
			return true, err
		}
		target, ok := g.id(e.id)
		if !ok {
			return false, nil
		}
		name, ok := g.name(e.name)
		if !ok {
			return false, nil
		}
		at, ok := g.entry(Entry{Name: name, ID: target, Mode: e.mode})
		if !ok {
			return false, nil
		}
		list = append(list, at)
	}
	g.scratch = list
	if !g.budget.spend(treeCost + 4*len(list)) {
		return false, nil
	}
	g.known[n] = struct{}{}
	g.graph.Trees = append(g.graph.Trees, TreeFacts{ID: n, Entries: append([]uint32(nil), list...)})
	return true, nil
}

func (g *graphBuilder) tag(id ID, content []byte) (fits bool, _ error) {
	target, err := parseTag(content)
	if err != nil {
		return true, err
	}
	n, fresh, ok := g.fresh(id)
	if !fresh {
		return ok, nil
	}
	t, ok := g.id(target)
	if !ok || !g.budget.spend(tagCost) {
		return false, nil
	}
	g.known[n] = struct{}{}
	g.graph.Tags = append(g.graph.Tags, TagFacts{ID: n, Target: t})
	return true, nil
}

func (g *graphBuilder) facts() *Graph {
	g.graph.IDs, g.graph.Names, g.graph.Entries = g.ids.keys, g.names.keys, g.entries.keys
	return &g.graph
}

// empty reports whether nothing was found out.
func (g *graphBuilder) empty() bool {
	return len(g.ids.keys) == 0 && len(g.graph.Refs) == 0 && len(g.graph.Remotes) == 0 && len(g.graph.Alternates) == 0
}
