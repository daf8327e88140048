package gitobj

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// MaxOccurrences is how many occurrences of a blob are told.
const MaxOccurrences = 20

// Occurrence is a place of a blob in a repository's history: a path, and the commit
// that brought the blob there. Where a blob came to one path several times, it is the
// oldest commit among those that can be reached best: from a ref, a stash, a reflog, not at all.
type Occurrence struct {
	Commit        string // in hex; empty where only the index or a tree without commit holds the blob
	Path          string // as the tree has it; not always UTF-8
	Author, Email string
	Date          time.Time // when it was written, by its author; zero if the commit does not say
	Message       string    // its first line, up to 200 bytes

	InHead    bool // HEAD has the blob at this path
	Reachable bool // from a ref or a HEAD
	Stash     bool // reachable only as a stash
	Reflog    bool // reachable only through a reflog, FETCH_HEAD, ORIG_HEAD or the like
	Index     bool // staged, and in no commit
}

// Find says where a blob is in the history, given its ID in hex: the
// oldest commit first. A blob that no tree and no index names has no occurrence.
func (r *Repo) Find(blobID string) []Occurrence {
	r.once.Do(r.walk)
	id, _, ok := parseID([]byte(strings.ToLower(blobID)))
	if !ok {
		return nil
	}
	blob, ok := r.ids.find(id)
	if !ok {
		return nil
	}
	h := r.history
	var in, loose []sighting
	last, met := h.last[blob]
	if !met {
		last = noSighting
	}
	for n := last; n != noSighting; n = h.sightings[n].before {
		if s := h.sightings[n]; s.commit == noCommit {
			loose = append(loose, s)
		} else {
			in = append(in, s)
		}
	}
	slices.Reverse(in)
	slices.Reverse(loose)
	slices.SortStableFunc(in, func(a, b sighting) int { return cmp.Compare(h.rank[a.commit], h.rank[b.commit]) })
	var out []Occurrence
	for _, s := range append(in, loose...) {
		if len(out) == MaxOccurrences {
			return out
		}
		out = append(out, r.occurrence(s))
	}
	if len(in) > 0 {
		return out
	}
	for _, n := range h.staged[blob] {
		o := Occurrence{Path: r.index[n].Path, Index: true}
		if len(out) < MaxOccurrences && !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}

// Commit gives what a commit says of itself, by its ID in hex. Its path is empty.
func (r *Repo) Commit(id string) (Occurrence, bool) {
	r.once.Do(r.walk)
	parsed, _, ok := parseID([]byte(strings.ToLower(id)))
	if !ok {
		return Occurrence{}, false
	}
	n, ok := r.ids.find(parsed)
	if !ok {
		return Occurrence{}, false
	}
	c, ok := r.commit[n]
	if !ok {
		return Occurrence{}, false
	}
	o := Occurrence{}
	o.by(r, c)
	o.reached(r.history.ways[c])
	return o, true
}

// Remarks says what of the history is not known.
func (r *Repo) Remarks() []Remark {
	r.once.Do(r.walk)
	if !r.history.cut {
		return nil
	}
	return []Remark{{Reason: ReasonLimit, Detail: "the history has too many files, or too deep directories; for some blobs no commit is told"}}
}

func (r *Repo) occurrence(s sighting) Occurrence {
	o := Occurrence{Path: r.path(s), InHead: r.inHead(s)}
	o.reached(s.way)
	if s.commit != noCommit {
		o.by(r, s.commit)
	}
	return o
}

func (o *Occurrence) reached(way reach) {
	o.Reachable = way == fromRef || way == fromStash
	o.Stash = way == fromStash || way == fromStashLog
	o.Reflog = way == fromStashLog || way == fromLog
}

// by says who made a commit, and when.
func (o *Occurrence) by(r *Repo, commit int32) {
	c := r.commits[commit]
	o.Commit = r.ids.keys[c.ID].hex(r.format)
	o.Author, o.Email, o.Message = r.names.keys[c.Author], r.names.keys[c.Email], c.Message
	if c.Date != 0 {
		o.Date = time.Unix(c.Date, 0).In(time.FixedZone("", int(c.Zone)))
	}
}

// segments gives the names of a sighting's path, in the repository's numbers.
func (r *Repo) segments(s sighting) []uint32 {
	out := []uint32{r.entries.keys[s.entry].Name}
	for n := s.dir; n != topDir; {
		d := r.history.dirs.keys[n]
		out = append(out, d.name-1)
		n = d.parent
	}
	slices.Reverse(out)
	return out
}

func (r *Repo) path(s sighting) string {
	var parts []string
	for _, n := range r.segments(s) {
		parts = append(parts, r.names.keys[n])
	}
	return strings.Join(parts, "/")
}

// inHead reports whether HEAD's tree has the same blob at the same path.
func (r *Repo) inHead(s sighting) bool {
	if !r.history.hasHead {
		return false
	}
	tree, segments := r.history.head, r.segments(s)
	for i, name := range segments {
		e, ok := r.entryOf(tree, name)
		if !ok {
			return false
		}
		if i == len(segments)-1 {
			return e.isBlob() && e.ID == r.entries.keys[s.entry].ID
		}
		if !e.isTree() {
			return false
		}
		tree = e.ID
	}
	return false
}

func (r *Repo) entryOf(tree, name uint32) (Entry, bool) {
	for _, n := range r.trees[tree] {
		if e := r.entries.keys[n]; e.Name == name {
			return e, true
		}
	}
	return Entry{}, false
}
