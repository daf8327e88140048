package sbom

import (
	"bytes"
	"crypto/sha256"
	"io"
	"path"
	"slices"

	"github.com/imgaudit/imgaudit/internal/stanza"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// era is what one layer hid of the files that packages are found by: to be catalogued as
// the layers below it show them. A nil one restricts nothing.
type era struct {
	plan  *plan
	files map[layers.Ref]bool
	rests map[layers.Ref]*content // of databases: what no later one has
	turn  <-chan struct{}         // closed when layers may be read again for it
}

// catalogues reports whether a file that a glob matches is to be looked at. What a
// cataloger asks for once it has found something it gets in any case.
func (e *era) catalogues(glob string, n *node) bool {
	return e == nil || !e.plan.first[glob] || e.files[n.ref]
}

func (e *era) has(n *node) bool { return e == nil || e.files[n.ref] }

func (e *era) rest(n *node) *content {
	if e == nil {
		return nil
	}
	return e.rests[n.ref]
}

// await waits until layers may be read again: for the final view they are first.
func (e *era) await() {
	if e != nil && e.turn != nil {
		<-e.turn
	}
}

// former is a file that packages are found by and that a higher layer hid.
type former struct {
	ref     layers.Ref
	place   string
	outcome layers.Outcome
}

// past is what the layers had below the final view.
type past struct {
	image *layers.Image
	view  *layers.View
	plan  *plan

	eras     map[int]*era                 // by the layer that hid their files
	since    map[layers.Ref]int           // the first layer that had a file as it is, if that is a lower one
	unbroken map[layers.Ref]bool          // files that were written again, without a deletion in between, up to the final view
	first    map[string]map[stanza.ID]int // the first layer that listed a package of a database in the view, by its path
	garbled  []string                     // databases that some lower layer has without a package in it
	earlier  map[string]int               // the first layer that had a package at a place, as far as eras show it
}

// newPast looks for the files that packages are found by and that the final view does
// not have, and leaves out those that were only written again as they were.
func newPast(image *layers.Image, view *layers.View, p *plan) *past {
	t := &past{
		image: image, view: view, plan: p, eras: map[int]*era{}, since: map[layers.Ref]int{},
		unbroken: map[layers.Ref]bool{}, first: map[string]map[stanza.ID]int{}, earlier: map[string]int{},
	}
	byPlace := map[string][]former{}
	for layer := len(image.Layers) - 1; layer >= 0; layer-- {
		k := keptOf(image, layer)
		if k == nil {
			continue
		}
		entries := image.Layers[layer].Facts.Entries
		for i := range entries {
			e := &entries[i]
			if e.Whiteout != layers.NoWhiteout || e.Type != layers.Regular && e.Type != layers.HardLink {
				continue
			}
			f := former{ref: layers.Ref{Layer: layer, Seq: e.Seq}}
			f.outcome = view.Outcome(f.ref)
			if f.outcome.Layer <= layer || f.outcome.Fate != finding.Deleted && f.outcome.Fate != finding.Overwritten {
				continue
			}
			f.place = view.Place(f.ref)
			if origin := view.Origin(f.ref); p.begin.wants(f.place) || t.executable(origin).catalogers != 0 {
				byPlace[f.place] = append(byPlace[f.place], f)
			}
		}
	}
	for place, list := range byPlace {
		t.add(place, list)
	}
	return t
}

func (t *past) executable(ref layers.Ref) executable {
	if k := keptOf(t.image, ref.Layer); k != nil {
		return k.executables[ref.Seq]
	}
	return executable{}
}

func (t *past) content(ref layers.Ref) *content {
	origin := t.view.Origin(ref)
	if k := keptOf(t.image, origin.Layer); k != nil {
		return k.files[origin.Seq]
	}
	return nil
}

// add takes the former files of one place, from the top down.
func (t *past) add(place string, list []former) {
	heir := layers.Ref{Layer: -1}
	if ref, ok := t.view.Lookup(place); ok {
		if e := t.view.Entry(ref); e.Type == layers.Regular || e.Type == layers.HardLink {
			heir = ref
		}
	}
	var db *database
	if textDatabase(place) {
		db = newDatabase(t.content(heir), heir.Layer)
		t.first[place] = db.first
	}
	above, unchanged, unbroken := heir, heir, heir.Layer >= 0
	for _, f := range list {
		next := f.outcome.Layer == above.Layer
		if unbroken = unbroken && next; unbroken {
			t.unbroken[f.ref] = true
		}
		same := above.Layer >= 0 && t.same(above, f.ref)
		if same && next {
			t.since[unchanged] = f.ref.Layer
		} else {
			unchanged = f.ref
		}
		above = f.ref
		switch {
		case db != nil:
			if rest, ok := db.older(t.content(f.ref), f.ref.Layer, unbroken); !ok || rest != nil {
				t.hide(f, rest)
			}
		case !same:
			t.hide(f, nil)
		}
	}
	if db != nil && db.garbled {
		t.garbled = append(t.garbled, place)
	}
}

// hide puts a file, or the rest of it, among those that a layer hid.
func (t *past) hide(f former, rest []byte) {
	e := t.eras[f.outcome.Layer]
	if e == nil {
		e = &era{plan: t.plan, files: map[layers.Ref]bool{}, rests: map[layers.Ref]*content{}}
		t.eras[f.outcome.Layer] = e
	}
	e.files[f.ref] = true
	if rest != nil {
		size := int64(len(rest))
		e.rests[f.ref] = &content{size: size, extents: []extent{{n: size, memory: rest}}}
	}
}

// same reports whether two files have the same content, as far as it was kept.
func (t *past) same(a, b layers.Ref) bool {
	if t.view.Origin(a) == t.view.Origin(b) {
		return true
	}
	x, y := t.content(a), t.content(b)
	if x == nil || y == nil || x.size != y.size || x.size == 0 {
		return false
	}
	return slices.EqualFunc(x.spans(), y.spans(), func(p, q span) bool {
		return p == q && equalReaders(io.NewSectionReader(x, p.from, p.to-p.from), io.NewSectionReader(y, q.from, q.to-q.from))
	})
}

// spans are the stretches of a content that were kept.
func (c *content) spans() []span {
	var all []span
	for _, e := range c.extents {
		if i := len(all) - 1; i >= 0 && all[i].to == e.from {
			all[i].to += e.n
		} else {
			all = append(all, span{e.from, e.from + e.n})
		}
	}
	return all
}

// equalReaders compares two readers of the same length.
func equalReaders(a, b io.Reader) bool {
	x, y := make([]byte, 32<<10), make([]byte, 32<<10)
	for {
		n, err := io.ReadFull(a, x)
		m, _ := io.ReadFull(b, y)
		if !bytes.Equal(x[:n], y[:m]) {
			return false
		}
		if err != nil {
			return err == io.EOF || err == io.ErrUnexpectedEOF
		}
	}
}

// textDatabase reports whether a path is that of a database with a stanza for each
// package.
func textDatabase(place string) bool {
	switch base, dir := path.Base(place), path.Dir(place); base {
	case "status":
		return path.Base(dir) == "dpkg" || path.Base(dir) == "opkg"
	case "installed":
		return path.Base(dir) == "db" && path.Base(path.Dir(dir)) == "apk"
	}
	return false
}

// maxDatabase is how many bytes of a database are read into memory to be compared.
const maxDatabase = 32 << 20

// database compares the versions of a database, from the top down.
type database struct {
	seen  map[[sha256.Size]byte]bool
	run   map[stanza.ID]bool // packages that all versions so far list
	first map[stanza.ID]int  // the lowest layer in that run

	garbled bool // a version names no package
}

// newDatabase begins with the version that the final view has; nil if it has none.
func newDatabase(c *content, layer int) *database {
	d := &database{seen: map[[sha256.Size]byte]bool{}, run: map[stanza.ID]bool{}, first: map[stanza.ID]int{}}
	db, _ := c.bytes(maxDatabase)
	for s := range stanza.All(db) {
		id := stanza.Identify(s)
		d.seen[sha256.Sum256(s)], d.run[id], d.first[id] = true, true, layer
	}
	return d
}

// older gives what only an older version has; false if that cannot be said. linked says
// whether the version above took its place.
func (d *database) older(c *content, layer int, linked bool) (rest []byte, ok bool) {
	db, ok := c.bytes(maxDatabase)
	if !ok {
		return nil, false
	}
	here := map[stanza.ID]bool{}
	named := len(db) == 0
	rest = stanza.Without(db, func(s []byte) bool {
		id := stanza.Identify(s)
		if named = named || id.Name != ""; linked && d.run[id] {
			here[id], d.first[id] = true, layer
		}
		key := sha256.Sum256(s)
		gone := d.seen[key]
		d.seen[key] = true
		return gone
	})
	d.run = here
	d.garbled = d.garbled || !named
	return rest, true
}

// bytes gives a whole content, if it is no longer than a bound.
func (c *content) bytes(most int64) ([]byte, bool) {
	if c == nil || c.size > most || !c.whole() {
		return nil, false
	}
	b := make([]byte, c.size)
	if _, err := io.ReadFull(io.NewSectionReader(c, 0, c.size), b); err != nil {
		return nil, false
	}
	return b, true
}
