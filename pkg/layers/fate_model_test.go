package layers

import (
	"bytes"
	"fmt"
	"math/rand"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// model says the rules of the view once more, slowly: the file system is a map
// of paths, each step looks at all of them, and nothing is shared with the view.
type model struct {
	files   map[string]*modelFile // by place; "" is the root
	upper   map[string]bool       // places that the layer in hand, or anything in it below, has touched
	layer   int
	outcome map[Ref]string
	place   map[Ref]string
	origin  map[Ref]Ref
}

type modelFile struct {
	ref  *Ref // nil for a directory that no entry made
	typ  Type // of a hard link that of its file
	link string
	of   Ref // the entry with the content
}

func newModel() *model {
	return &model{
		files:   map[string]*modelFile{"": {typ: Directory}},
		outcome: map[Ref]string{}, place: map[Ref]string{}, origin: map[Ref]Ref{},
	}
}

func (m *model) clone() *model {
	c := &model{files: map[string]*modelFile{}, upper: map[string]bool{}, layer: m.layer,
		outcome: map[Ref]string{}, place: map[Ref]string{}, origin: map[Ref]Ref{}}
	for k, v := range m.files {
		f := *v
		c.files[k] = &f
	}
	for k := range m.upper {
		c.upper[k] = true
	}
	return c
}

// run lays all layers.
func (m *model) run(layers []Layer) {
	cut := -1
	for i, l := range layers {
		m.begin(i)
		if wasCut(l.Facts) {
			cut = i
		}
		if l.Facts != nil {
			for j := range l.Facts.Entries {
				m.lay(&l.Facts.Entries[j])
			}
		}
	}
	for r, o := range m.outcome {
		if o == "present" && r.Layer < cut && layers[r.Layer].Facts.Entries[r.Seq].Whiteout == NoWhiteout {
			m.outcome[r] = "unknown"
		}
	}
}

func (m *model) begin(layer int) { m.layer, m.upper = layer, map[string]bool{} }

// lay lays an entry and says why umoci would refuse the image for it, if it would.
func (m *model) lay(e *Entry) (refused string) {
	r := Ref{m.layer, e.Seq}
	p := path.Clean("/" + e.Path)[1:]
	m.outcome[r], m.place[r], m.origin[r] = "present", e.Path, r
	if e.Whiteout == OpaqueWhiteout {
		at, ok := m.walk(p)
		switch {
		case !ok:
			m.outcome[r] = "unknown"
			return "links in circles"
		case m.files[at] != nil:
			m.place[r] = named(at)
			m.hide(at, false, "opaque", "opaque")
		}
		return ""
	}
	if p == "" {
		switch {
		case e.Whiteout != NoWhiteout:
			return "a whiteout of the root"
		case e.Type != Directory:
			m.outcome[r] = "unknown"
			return "root is no directory"
		}
		m.lose("", "overwritten:rewritten", r)
		m.files[""].ref, m.place[r] = &r, "."
		return ""
	}
	dir, ok := m.walk(path.Dir("/" + p)[1:])
	if !ok {
		m.outcome[r] = "unknown"
		return "links in circles"
	}
	at := path.Join(dir, path.Base(p))
	if e.Whiteout != NoWhiteout {
		if m.files[at] != nil {
			m.place[r] = at
			m.hide(at, true, "whiteout", "parent-whiteout")
		}
		return ""
	}
	m.place[r] = at
	for _, d := range parents(at) { // from the root down
		if f := m.files[d]; f != nil && f.typ != Directory {
			m.lose(d, "overwritten:rewritten", r)
			delete(m.files, d)
			refused = "an entry below a file"
		}
		if m.files[d] == nil {
			m.files[d] = &modelFile{typ: Directory}
		}
		m.upper[d] = true
	}
	m.upper[at] = true
	old := m.files[at]
	if old != nil && old.typ == Directory && e.Type == Directory {
		m.lose(at, "overwritten:rewritten", r)
		old.ref = &r
		return refused
	}
	gone := map[string]*modelFile{}
	for q, f := range m.files {
		if under(q, at) {
			gone[q] = f
			delete(m.files, q)
		}
	}
	f := &modelFile{ref: &r, typ: e.Type, link: e.Link, of: r}
	if e.Type == HardLink {
		target := path.Clean("/" + e.Link)[1:]
		d, ok := m.walk(path.Dir("/" + target)[1:])
		t := m.files[path.Join(d, path.Base("/"+target))]
		if ok && target != "" && t != nil && t.typ != Directory {
			f.typ, f.link, f.of = t.typ, t.link, t.of
			m.origin[r] = t.of
		} else {
			refused = "a hard link to nothing"
		}
	}
	m.files[at] = f
	for q, g := range gone {
		if g.ref == nil {
			continue
		}
		by := "replaced-by-file"
		if f.typ == Symlink {
			by = "replaced-by-link"
		}
		switch {
		case q != at:
			m.outcome[*g.ref] = fmt.Sprintf("deleted:%s@%d", by, m.layer)
		case g.ref.Layer == m.layer:
			m.outcome[*g.ref] = fmt.Sprintf("overwritten:same-layer-duplicate@%d", m.layer)
		case f.typ == Symlink && g.typ != Symlink, g.typ == Directory:
			m.outcome[*g.ref] = fmt.Sprintf("overwritten:%s@%d", by, m.layer)
		default:
			m.outcome[*g.ref] = fmt.Sprintf("overwritten:rewritten@%d", m.layer)
		}
	}
	return refused
}

func (m *model) lose(place, why string, by Ref) {
	f := m.files[place]
	if f == nil || f.ref == nil {
		return
	}
	if f.ref.Layer == by.Layer {
		why = "overwritten:same-layer-duplicate"
	}
	m.outcome[*f.ref] = fmt.Sprintf("%s@%d", why, by.Layer)
}

func (m *model) hide(at string, itself bool, self, below string) {
	for q, f := range m.files {
		if !under(q, at) || q == at && !itself {
			continue
		}
		if f.ref != nil && f.ref.Layer < m.layer {
			why := below
			if q == at {
				why = self
			}
			m.outcome[*f.ref] = fmt.Sprintf("deleted:%s@%d", why, m.layer)
			f.ref, f.typ = nil, Directory
		}
		if !m.upper[q] {
			delete(m.files, q)
		}
	}
}

// walk resolves every link of a path, as a chroot would; what does not exist is
// walked by its letters.
func (m *model) walk(p string) (string, bool) {
	at, todo, links := "", strings.Split(p, "/"), 0
	for len(todo) > 0 {
		next := todo[0]
		todo = todo[1:]
		to := path.Join("/", at, next)[1:]
		f := m.files[to]
		if next == "" || next == "." || next == ".." || f == nil || f.typ != Symlink {
			at = to
			continue
		}
		if links++; links > 255 {
			return at, false
		}
		if strings.HasPrefix(f.link, "/") {
			at = ""
		}
		todo = append(strings.Split(f.link, "/"), todo...)
	}
	return at, true
}

func under(q, dir string) bool { return q == dir || dir == "" || strings.HasPrefix(q, dir+"/") }

func named(place string) string {
	if place == "" {
		return "."
	}
	return place
}

func parents(p string) []string {
	var all []string
	for p = path.Dir("/" + p)[1:]; p != ""; p = path.Dir("/" + p)[1:] {
		all = append(all, p)
	}
	slices.Reverse(all)
	return all
}

// decodeLayers makes layers of any bytes: five bytes an entry, few names, so that
// paths meet. If keep is not nil, it is asked about each entry and each end of a layer.
func decodeLayers(data []byte, begin func(int), keep func(*Entry) bool) []Layer {
	names := []string{"a", "b", "c", "d"}
	place := func(b byte) string {
		p := names[b&3]
		for b >>= 2; b&3 != 0 && len(p) < 6; b >>= 2 {
			p += "/" + names[b&3]
		}
		return p
	}
	layers := []Layer{{Facts: &Facts{}}}
	begin(0)
	for len(data) >= 5 {
		op, x, y, z, w := data[0], data[1], data[2], data[3], data[4]
		data = data[5:]
		facts := layers[len(layers)-1].Facts
		e := Entry{Seq: len(facts.Entries), Path: place(x), Type: Regular, Mode: int64(y)&0o777 | 0o600, Size: 4}
		switch op % 20 {
		case 0, 1, 2:
		case 3, 4, 5, 6:
			e.Type, e.Mode = Directory, e.Mode|0o700
		case 7, 8, 9:
			e.Type, e.Mode = Symlink, 0o777
			e.Link = strings.Repeat("../", int(z)%3) + place(w)
			if z&0x80 != 0 {
				e.Link = "/" + e.Link
			}
			if z&0x40 != 0 {
				e.Link += "/.."
			}
		case 10, 11:
			e.Type, e.Link = HardLink, place(w)
		case 12:
			e.Type = FIFO
		case 13, 14:
			e.Whiteout = PathWhiteout
		case 15:
			e.Whiteout = OpaqueWhiteout
		case 16, 17:
			layers = append(layers, Layer{Index: len(layers), Facts: &Facts{}})
			begin(len(layers) - 1)
			continue
		case 18: // what only a hostile tar has
			e.Path = []string{".", "..", "../a", "a//b", "/a/", "", "a/../b", "..a"}[y%8]
			e.Type = []Type{Directory, Regular, Symlink, HardLink}[z%4]
			e.Link = []string{"", ".", "a/..", "/"}[w%4]
		case 19:
			if z == 1 {
				facts.Gaps = append(facts.Gaps, Remark{Reason: ReasonCorrupt})
			}
			continue
		}
		if keep == nil || keep(&e) {
			facts.Entries = append(facts.Entries, e)
		}
	}
	return layers
}

// checkView holds a view against the model and against what is always true.
func checkView(t *testing.T, layers []Layer) {
	t.Helper()
	v := NewView(layers)
	m := newModel()
	m.run(layers)
	show := func() string {
		var b strings.Builder
		for i, l := range layers {
			fmt.Fprintf(&b, "layer %d (cut: %v)\n", i, wasCut(l.Facts))
			for _, e := range l.Facts.Entries {
				r := Ref{i, e.Seq}
				fmt.Fprintf(&b, "  %d %c %q %q whiteout=%d\tview %s at %q, model %s at %q\n", e.Seq, e.Type, e.Path, e.Link, e.Whiteout, say(v.Outcome(r)), v.Place(r), m.outcome[r], m.place[r])
			}
		}
		return b.String()
	}
	seen := map[Ref]string{}
	last := ""
	for p, r := range v.Files() {
		if p <= last {
			t.Fatalf("path %q comes behind %q\n%s", p, last, show())
		}
		last = p
		if other, ok := seen[r]; ok {
			t.Fatalf("entry %v is at %q and at %q\n%s", r, p, other, show())
		}
		seen[r] = p
		f := m.files[strings.TrimPrefix(p, ".")]
		if p != "." {
			f = m.files[p]
		}
		if f == nil || f.ref == nil || *f.ref != r {
			t.Fatalf("%q shows %v, the model has %+v\n%s", p, r, f, show())
		}
		if got, ok := v.Lookup(p); !ok || got != r {
			t.Fatalf("lookup of %q gives %v %v, want %v\n%s", p, got, ok, r, show())
		}
	}
	if v.Len() != len(seen) {
		t.Fatalf("the view says that it has %d files and yields %d\n%s", v.Len(), len(seen), show())
	}
	for p, f := range m.files {
		if f.ref != nil && seen[*f.ref] != named(p) {
			t.Fatalf("the model has %v at %q, the view does not\n%s", *f.ref, p, show())
		}
	}
	for i, l := range layers {
		for _, e := range l.Facts.Entries {
			r := Ref{i, e.Seq}
			o := v.Outcome(r)
			if say(o) != m.outcome[r] || v.Place(r) != m.place[r] || v.Origin(r) != m.origin[r] {
				t.Fatalf("entry %v: %s at %q of %v, the model says %s at %q of %v\n%s", r,
					say(o), v.Place(r), v.Origin(r), m.outcome[r], m.place[r], m.origin[r], show())
			}
			p, shown := seen[r]
			if e.Whiteout == NoWhiteout && o.Fate == finding.Present && (!shown || p != v.Place(r)) {
				t.Fatalf("entry %v is present and not to be seen\n%s", r, show())
			}
			if shown && (e.Whiteout != NoWhiteout || o.By != "") {
				t.Fatalf("entry %v is %s and yet to be seen\n%s", r, say(o), show())
			}
			for _, n := range v.Names(r) {
				if m.origin[n] != m.origin[r] {
					t.Fatalf("%v counts as a name of %v\n%s", n, r, show())
				}
			}
			if !slices.Contains(v.Names(r), r) {
				t.Fatalf("%v is no name of itself\n%s", r, show())
			}
		}
	}
}

func TestViewIsWhatTheModelSays(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	for range 2000 {
		data := make([]byte, 5*rnd.Intn(60))
		rnd.Read(data)
		checkView(t, decodeLayers(data, func(int) {}, nil))
	}
}

func FuzzFate(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x00\x05\x00\x00\x00\x10\x00\x00\x00\x00\x0d\x01\x00\x00\x00"))                     // a file below a directory, and its whiteout
	f.Add([]byte("\x07\x00\x00\x00\x01\x07\x01\x00\x00\x00\x00\x04\x00\x00\x00"))                     // a file below links in circles
	f.Add([]byte("\x00\x00\x00\x00\x00\x0a\x01\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00\x00\x00")) // a hard link outlives its file
	f.Add(bytes.Repeat([]byte("\x03\x39\x00\x00\x00\x0f\x01\x00\x00\x00\x10\x00\x00\x00\x00"), 4))
	f.Fuzz(func(t *testing.T, data []byte) {
		checkView(t, decodeLayers(data[:min(len(data), 500)], func(int) {}, nil))
	})
}
