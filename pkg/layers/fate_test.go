package layers

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// stack makes layers of short words, one slice a layer:
//
//	d/       a directory        f        a file
//	l->t     a symbolic link    h=t      a hard link
//	!p       a whiteout of p    !d/*     an opaque marker in d
//	p|       a named pipe       #        the layer was cut here
func stack(layers ...[]string) []Layer {
	ls := make([]Layer, len(layers))
	for i, words := range layers {
		f := &Facts{}
		for _, w := range words {
			if w == "#" {
				f.Gaps = append(f.Gaps, Remark{Reason: ReasonTruncated})
				continue
			}
			f.Entries = append(f.Entries, entry(len(f.Entries), w))
		}
		ls[i] = Layer{Index: i, Facts: f}
	}
	return ls
}

func entry(seq int, w string) Entry {
	e := Entry{Seq: seq, Path: w, Type: Regular, Mode: 0o644, Size: 1}
	switch {
	case strings.HasPrefix(w, "!") && (strings.HasSuffix(w, "/*") || w == "!*"):
		e.Path, e.Whiteout, e.Size = strings.TrimSuffix(strings.TrimSuffix(w[1:], "*"), "/"), OpaqueWhiteout, 0
		if e.Path == "" {
			e.Path = "."
		}
	case strings.HasPrefix(w, "!"):
		e.Path, e.Whiteout, e.Size = w[1:], PathWhiteout, 0
	case strings.HasSuffix(w, "/"):
		e.Path, e.Type, e.Mode, e.Size = strings.TrimSuffix(w, "/"), Directory, 0o755, 0
	case strings.HasSuffix(w, "|"):
		e.Path, e.Type, e.Size = strings.TrimSuffix(w, "|"), FIFO, 0
	case strings.Contains(w, "->"):
		e.Path, e.Link, _ = strings.Cut(w, "->")
		e.Type, e.Size = Symlink, 0
	case strings.Contains(w, "="):
		e.Path, e.Link, _ = strings.Cut(w, "=")
		e.Type, e.Size = HardLink, 0
	}
	return e
}

func l(words ...string) []string { return words }

// say gives an outcome in one word: present, unknown, deleted:whiteout@1, …
func say(o Outcome) string {
	if o.By == "" {
		return string(o.Fate)
	}
	return fmt.Sprintf("%s:%s@%d", o.Fate, o.By, o.Layer)
}

func TestFateOfEachEntry(t *testing.T) {
	for _, c := range []struct {
		name   string
		layers []Layer
		want   string // fates in the order of layers and entries, ";" between layers
		files  string // path@layer.seq
	}{
		{"a file that nothing touches is present",
			stack(l("a/", "a/f"), l("b")), "present present; present", "a@0.0 a/f@0.1 b@1.0"},
		{"a whiteout deletes the path",
			stack(l("f"), l("!f")), "deleted:whiteout@1; present", ""},
		{"a whiteout of a directory deletes all below it by its parent",
			stack(l("a/", "a/b/", "a/b/f"), l("!a")), "deleted:whiteout@1 deleted:parent-whiteout@1 deleted:parent-whiteout@1; present", ""},
		{"a whiteout of a directory without an entry deletes all below it too",
			stack(l("a/f"), l("!a")), "deleted:parent-whiteout@1; present", ""},
		{"an opaque marker deletes all below its directory, which stays",
			stack(l("a/", "a/b/", "a/b/f"), l("!a/*")), "present deleted:opaque@1 deleted:opaque@1; present", "a@0.0"},
		{"an opaque marker in the root empties the file system",
			stack(l("a/", "f"), l("!*", "g")), "deleted:opaque@1 deleted:opaque@1; present present", "g@1.1"},
		{"a whiteout of the root deletes nothing",
			stack(l("f"), l("!.")), "present; present", "f@0.0"},
		{"a whiteout hides nothing of its own layer that stands before it",
			stack(l("f"), l("f", "!f")), "overwritten:rewritten@1; present present", "f@1.0"},
		{"a whiteout hides nothing of its own layer that stands behind it",
			stack(l("f"), l("!f", "f")), "deleted:whiteout@1; present present", "f@1.1"},
		{"an opaque marker behind the entries of its own layer spares them",
			stack(l("a/", "a/f", "a/g"), l("a/", "a/f", "!a/*")), "overwritten:rewritten@1 overwritten:rewritten@1 deleted:opaque@1; present present present", "a@1.0 a/f@1.1"},
		{"an opaque marker before the entries of its own layer spares them",
			stack(l("a/", "a/f", "a/g"), l("!a/*", "a/", "a/f")), "overwritten:rewritten@1 deleted:opaque@1 deleted:opaque@1; present present present", "a@1.1 a/f@1.2"},
		{"a whiteout of a directory behind a new file in it spares the file alone",
			stack(l("a/", "a/f", "a/b/"), l("a/n", "!a")), "deleted:whiteout@1 deleted:parent-whiteout@1 deleted:parent-whiteout@1; present present", "a/n@1.0"},
		{"an opaque marker above a lower directory with a new file deletes the directory's entry",
			stack(l("a/", "a/b/", "a/b/f"), l("a/b/n", "!a/*")), "present deleted:opaque@1 deleted:opaque@1; present present", "a@0.0 a/b/n@1.0"},
		{"a directory that an opaque marker deleted is made anew by the entry behind it",
			stack(l("a/b/f", "a/b/e"), l("!a/*", "a/b/g")), "deleted:opaque@1 deleted:opaque@1; present present", "a/b/g@1.1"},
		{"two markers in one layer do it once",
			stack(l("a/", "a/f"), l("!a/*", "!a", "!a/f")), "deleted:whiteout@1 deleted:opaque@1; present present present", ""},
		{"a whiteout of what is not there does nothing",
			stack(l("a"), l("!b", "!a/b", "!c/*")), "present; present present present", "a@0.0"},
		{"a path deleted and made again is deleted below and present above",
			stack(l("f"), l("!f"), l("f")), "deleted:whiteout@1; present; present", "f@2.0"},
		{"a deleted path is deleted by the first layer that did it",
			stack(l("f"), l("!f"), l("!f")), "deleted:whiteout@1; present; present", ""},

		{"a file written again is overwritten",
			stack(l("f"), l("f"), l("f")), "overwritten:rewritten@1; overwritten:rewritten@2; present", "f@2.0"},
		{"a file that becomes a pipe is overwritten",
			stack(l("f"), l("f|")), "overwritten:rewritten@1; present", "f@1.0"},
		{"a file that becomes a directory is overwritten",
			stack(l("f"), l("f/", "f/g")), "overwritten:rewritten@1; present present", "f@1.0 f/g@1.1"},
		{"a file that becomes a link is replaced by it",
			stack(l("f"), l("f->g")), "overwritten:replaced-by-link@1; present", "f@1.0"},
		{"a link that becomes another link is overwritten",
			stack(l("f->a"), l("f->b")), "overwritten:rewritten@1; present", "f@1.0"},
		{"a link that becomes a file is overwritten and its target stays",
			stack(l("t", "f->t"), l("f")), "present overwritten:rewritten@1; present", "f@1.0 t@0.0"},
		{"a link that becomes a directory is overwritten and its target stays",
			stack(l("usr/", "usr/lib/", "usr/lib/x", "lib->usr/lib"), l("lib/", "lib/x")),
			"present present present overwritten:rewritten@1; present present", "lib@1.0 lib/x@1.1 usr@0.0 usr/lib@0.1 usr/lib/x@0.2"},
		{"a directory that becomes a file takes all below it along",
			stack(l("d/", "d/e/", "d/e/f"), l("d")), "overwritten:replaced-by-file@1 deleted:replaced-by-file@1 deleted:replaced-by-file@1; present", "d@1.0"},
		{"a directory that becomes a pipe takes all below it along",
			stack(l("d/", "d/f"), l("d|")), "overwritten:replaced-by-file@1 deleted:replaced-by-file@1; present", "d@1.0"},
		{"a directory that becomes a link takes all below it along",
			stack(l("d/", "d/f", "e/"), l("d->e")), "overwritten:replaced-by-link@1 deleted:replaced-by-link@1 present; present", "d@1.0 e@0.2"},
		{"a directory over a directory changes its metadata only",
			stack(l("d/", "d/f"), l("d/")), "overwritten:rewritten@1 present; present", "d@1.0 d/f@0.1"},
		{"the root's own entry can be written again",
			stack(l("./", "f"), l("./")), "overwritten:rewritten@1 present; present", ".@1.0 f@0.1"},
		{"an entry below a file makes a directory of the file",
			stack(l("f"), l("f/g")), "overwritten:rewritten@1; present", "f/g@1.0"},

		{"the later entry of one tar wins",
			stack(l("f", "f")), "overwritten:same-layer-duplicate@0 present", "f@0.1"},
		{"a directory twice in one tar is one directory",
			stack(l("d/", "d/f", "d/")), "overwritten:same-layer-duplicate@0 present present", "d@0.2 d/f@0.1"},
		{"a file that replaces a directory of its own tar takes its children along",
			stack(l("d/", "d/f", "d")), "overwritten:same-layer-duplicate@0 deleted:replaced-by-file@0 present", "d@0.2"},
		{"a link that replaces a directory of its own tar takes its children along",
			stack(l("d/", "d/f", "d->/etc")), "overwritten:same-layer-duplicate@0 deleted:replaced-by-link@0 present", "d@0.2"},
		{"a duplicate above rewrites what is below once",
			stack(l("f"), l("f", "f")), "overwritten:rewritten@1; overwritten:same-layer-duplicate@1 present", "f@1.1"},

		{"a hard link outlives the name that it was made of",
			stack(l("f", "g=f"), l("!f")), "deleted:whiteout@1 present; present", "g@0.1"},
		{"a hard link outlives its file when that is rewritten",
			stack(l("f", "g=f"), l("f")), "overwritten:rewritten@1 present; present", "f@1.0 g@0.1"},
		{"a file becomes a hard link to another",
			stack(l("f", "g"), l("f=g")), "overwritten:rewritten@1 present; present", "f@1.0 g@0.1"},
		{"a hard link to a symbolic link replaces as a link does",
			stack(l("f", "s->x"), l("f=s")), "overwritten:replaced-by-link@1 present; present", "f@1.0 s@0.1"},
		{"a hard link to a symbolic link is followed as one",
			stack(l("d/", "s->d", "h=s", "h/f")), "present present present present", "d@0.0 d/f@0.3 h@0.2 s@0.1"},
		{"a hard link to itself is a name of nothing",
			stack(l("f", "f=f")), "overwritten:same-layer-duplicate@0 present", "f@0.1"},

		{"an entry below a link lands at its target",
			stack(l("usr/lib/", "usr/lib/x", "lib->usr/lib"), l("lib/x", "lib/y")),
			"present overwritten:rewritten@1 present; present present", "lib@0.2 usr/lib@0.0 usr/lib/x@1.0 usr/lib/y@1.1"},
		{"a whiteout below a link hides at its target",
			stack(l("usr/lib/x", "lib->usr/lib"), l("!lib/x")), "deleted:whiteout@1 present; present", "lib@0.1"},
		{"an opaque marker in a link empties its target",
			stack(l("usr/lib/x", "lib->/usr/lib"), l("!lib/*")), "deleted:opaque@1 present; present", "lib@0.1"},
		{"a whiteout of a link leaves its target",
			stack(l("usr/lib/x", "lib->usr/lib"), l("!lib")), "present deleted:whiteout@1; present", "usr/lib/x@0.0"},
		{"a link cannot lead out of the root",
			stack(l("out->../../..", "out/etc/f")), "present present", "etc/f@0.1 out@0.0"},
		{"an entry below a link to nothing makes the directory",
			stack(l("l->var/x", "l/f")), "present present", "l@0.0 var/x/f@0.1"},
		{"an entry below links in circles has no place",
			stack(l("a->b", "b->a", "a/f")), "present present unknown", "a@0.0 b@0.1"},
		{"a root that is no directory has no place",
			stack(l("f"), l(".->x", ".")), "present; unknown unknown", "f@0.0"},

		{"what lies below a layer that was cut is unknown",
			stack(l("f", "g", "d/"), l("g", "#"), l("h")), "unknown overwritten:rewritten@1 unknown; present; present", "d@0.2 f@0.0 g@1.0 h@2.0"},
		{"what a layer above the cut deleted stays deleted",
			stack(l("f", "g"), l("x", "#"), l("!f")), "deleted:whiteout@2 unknown; present; present", "g@0.1 x@1.0"},
		{"a layer without facts makes all below unknown",
			append(stack(l("f"), l("g")), Layer{}), "unknown; unknown;", "f@0.0 g@1.0"},
		{"a scanner that broke down cuts nothing",
			[]Layer{stack(l("f"))[0], {Facts: &Facts{Gaps: []Remark{{Reason: ReasonScannerFailed}}}}}, "present;", "f@0.0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := NewView(c.layers)
			if got := fates(v); got != c.want {
				t.Errorf("fates\n got %s\nwant %s", got, c.want)
			}
			var files []string
			for p, r := range v.Files() {
				files = append(files, fmt.Sprintf("%s@%d.%d", p, r.Layer, r.Seq))
			}
			if got := strings.Join(files, " "); got != c.files {
				t.Errorf("files\n got %s\nwant %s", got, c.files)
			}
		})
	}
}

func fates(v *View) string {
	var all []string
	for i, l := range v.layers {
		var layer []string
		if l.Facts != nil {
			for _, e := range l.Facts.Entries {
				layer = append(layer, say(v.Outcome(Ref{i, e.Seq})))
			}
		}
		all = append(all, strings.Join(layer, " "))
	}
	return strings.TrimRight(strings.Join(all, "; "), " ")
}

func TestNamesOfAFile(t *testing.T) {
	v := NewView(stack(l("f", "g=f"), l("d/h=g", "i=f", "other"), l("!f", "f=i", "g", "n=nowhere")))
	all := []Ref{{0, 0}, {0, 1}, {1, 0}, {1, 1}, {2, 1}}
	for _, r := range all {
		if got := v.Names(r); !slices.Equal(got, all) {
			t.Errorf("names of %v: %v, want %v", r, got, all)
		}
		if got := v.Origin(r); got != all[0] {
			t.Errorf("origin of %v: %v", r, got)
		}
	}
	for _, r := range []Ref{{1, 2}, {2, 2}, {2, 3}} {
		if got := v.Names(r); !slices.Equal(got, []Ref{r}) || v.Origin(r) != r {
			t.Errorf("names of %v: %v, want itself alone", r, got)
		}
	}
	for _, r := range []Ref{{-1, 0}, {3, 0}, {0, 2}, {0, -1}} {
		if v.Names(r) != nil || v.Entry(r) != nil || v.Place(r) != "" || v.Outcome(r) != (Outcome{finding.Unknown, "", -1}) {
			t.Errorf("%v is no entry and yet has names, an entry, a place or a fate", r)
		}
	}
}

func TestSequenceWithHoles(t *testing.T) {
	ls := stack(l("a", "b", "c"), l("b"))
	for i := range ls[0].Facts.Entries {
		ls[0].Facts.Entries[i].Seq = 10 * (i + 1)
	}
	v := NewView(ls)
	if o := v.Outcome(Ref{0, 20}); o.By != finding.Rewritten || v.Entry(Ref{0, 30}).Path != "c" || v.Entry(Ref{0, 1}) != nil {
		t.Errorf("entries are not found by their Seq: %v", o)
	}
	if r, ok := v.Lookup("c"); !ok || r != (Ref{0, 30}) {
		t.Errorf("lookup gives %v", r)
	}
}

func TestPlaceLookupResolve(t *testing.T) {
	v := NewView(stack(
		l("usr/", "usr/lib/", "usr/lib/os-release", "lib->usr/lib", "etc/os-release->../usr/lib/os-release", "abs->/lib/os-release", "loop->loop", "nil->nothing"),
		l("lib/new", "h=lib/os-release", "!lib/gone")))
	for r, want := range map[Ref]string{{1, 0}: "usr/lib/new", {0, 3}: "lib", {1, 2}: "lib/gone", {1, 1}: "h"} {
		if got := v.Place(r); got != want {
			t.Errorf("place of %v: %q, want %q", r, got, want)
		}
	}
	none := Ref{-1, -1}
	for _, c := range []struct {
		path            string
		lookup, resolve Ref
	}{
		{"usr/lib/os-release", Ref{0, 2}, Ref{0, 2}},
		{"/usr/./lib//os-release", Ref{0, 2}, Ref{0, 2}},
		{"lib/os-release", Ref{0, 2}, Ref{0, 2}},
		{"lib", Ref{0, 3}, Ref{0, 1}},
		{"etc/os-release", Ref{0, 4}, Ref{0, 2}},
		{"abs", Ref{0, 5}, Ref{0, 2}},
		{"loop", Ref{0, 6}, none},
		{"loop/x", none, none},
		{"nil", Ref{0, 7}, none},
		{"etc", none, none}, // no entry made it
		{"usr/lib/os-release/x", none, none},
		{"../../usr", Ref{0, 0}, Ref{0, 0}},
		{"", none, none}, {".", none, none}, {"/", none, none}, {"..", none, none},
	} {
		if got, ok := v.Lookup(c.path); ok != (c.lookup != none) || ok && got != c.lookup {
			t.Errorf("lookup of %q: %v %v, want %v", c.path, got, ok, c.lookup)
		}
		if got, ok := v.Resolve(c.path); ok != (c.resolve != none) || ok && got != c.resolve {
			t.Errorf("resolve of %q: %v %v, want %v", c.path, got, ok, c.resolve)
		}
	}
	if r, ok := NewView(stack(l("./"))).Lookup("/"); !ok || r != (Ref{0, 0}) {
		t.Errorf("the root's entry is not found: %v %v", r, ok)
	}
}

func TestFilesComeInTheOrderOfTheirPaths(t *testing.T) {
	v := NewView(stack(l("a/", "a/b", "a-b", "a.b", "a0", "ab/", "ab/c/d", "ab-/x", "./", "!z", ".a", "-", "a/b-", "a/c/", "a/c/d")))
	paths := slices.Collect(maps.Keys(maps.Collect(v.Files())))
	slices.Sort(paths)
	var got []string
	for p := range v.Files() {
		got = append(got, p)
	}
	if !slices.Equal(got, paths) || len(got) != 14 {
		t.Errorf("got %q", got)
	}
	for range v.Files() {
		break // must not panic
	}
}

func TestBytesKeptAndLost(t *testing.T) {
	ls := stack(l("a", "b", "c", "h=c"), l("!a", "b", "!c", "d"))
	for i, size := range []int64{1, 2, 4} {
		ls[0].Facts.Entries[i].Size = size
	}
	ls[1].Facts.Entries[1].Size, ls[1].Facts.Entries[3].Size = 8, -5
	if kept, lost := NewView(ls).Bytes(); kept != 4+8 || lost != 1+2 {
		t.Errorf("kept %d, lost %d; want 12 and 3: c lives on as h", kept, lost)
	}
	ls[0].Facts.Entries[2].Size = 1<<63 - 1
	if kept, _ := NewView(ls).Bytes(); kept != 1<<63-1 {
		t.Errorf("kept %d: a declared size ran over", kept)
	}
}

func TestHostilePathsAreBounded(t *testing.T) {
	deep := strings.Repeat("d/", 30_000) + "f"
	v := NewView(stack(l(deep, "!"+deep, "!"+deep+"/*", "g="+deep, "ok")))
	if got := fates(v); got != "unknown present present present present" {
		t.Errorf("fates %s", got)
	}
	notes := v.Notes()
	if len(notes) != 1 || notes[0].Reason != ReasonNoPlace || notes[0].Files != 1 || !slices.Equal(notes[0].Examples, []string{deep}) {
		t.Errorf("notes %.200v", notes)
	}
	fits := strings.Repeat("d/", maxPlace/2-1) + "ff"
	v = NewView(stack(l(fits, fits+"x"), l("!d")))
	if got := fates(v); got != "deleted:parent-whiteout@1 unknown; present" {
		t.Errorf("the longest path that Linux allows: %s", got)
	}
	if v.Place(Ref{0, 0}) != fits {
		t.Error("its place is not its path")
	}
	if NewView(stack(l("f"))).Notes() != nil {
		t.Error("there is a note without a reason")
	}
}

func TestDirectoriesThatNoEntryMadeAreBounded(t *testing.T) {
	var words []string
	for i := range 2000 {
		words = append(words, fmt.Sprint(i)+strings.Repeat("/d", 2000))
	}
	v := NewView(stack(words))
	if n := len(v.tree.nodes); n > implicitMore+5*len(words) {
		t.Errorf("%d nodes for %d entries", n, len(words))
	}
	if notes := v.Notes(); len(notes) != 1 || notes[0].Files < 1900 || len(notes[0].Examples) != 5 {
		t.Errorf("notes %.100v", notes)
	}
}

func TestStepsOverLinksAreBounded(t *testing.T) {
	words := []string{"l->" + strings.Repeat("x/../", 13_000) + "t"}
	for i := range 3000 { // a link between them forgets the directory that was found
		words = append(words, fmt.Sprintf("l/%d", i), fmt.Sprintf("s%d->x", i))
	}
	v := NewView(stack(words))
	if notes := v.Notes(); len(notes) != 1 {
		t.Errorf("80 million steps were walked: notes %v", notes)
	}
	if o := v.Outcome(Ref{0, 1}); o.Fate != finding.Present || v.Place(Ref{0, 1}) != "t/0" {
		t.Errorf("the first file has fate %v", o)
	}
}

// Each of these costs minutes where work is done again for each marker or entry.
func TestManyMarkersAreQuick(t *testing.T) {
	const many = 100_000
	for name, word := range map[string]func(int) string{
		"opaque markers behind files of their own layer": func(int) string { return "!d/*" },
		"whiteouts behind files of their own layer":      func(int) string { return "!d" },
		"directory entries":                              func(int) string { return "d/" },
		"links that forget the directory":                func(i int) string { return fmt.Sprintf("d/l%d->x", i) },
	} {
		words := make([]string, 0, 2*many)
		for i := range many {
			words = append(words, fmt.Sprintf("d/%d", i))
		}
		for i := range many {
			words = append(words, word(i))
		}
		v := NewView(stack(l("d/", "d/old"), words))
		if o := v.Outcome(Ref{1, many - 1}); o.Fate != finding.Present {
			t.Errorf("%s: the last file is %s", name, say(o))
		}
	}
}

func TestOneLayerTwiceInAnImage(t *testing.T) {
	ls := stack(l("f", "!g"))
	v := NewView([]Layer{ls[0], ls[0]})
	if got := fates(v); got != "overwritten:rewritten@1 present; present present" {
		t.Errorf("fates %s", got)
	}
}

func TestAViewIsReadFromManyGoroutines(t *testing.T) {
	v := NewView(stack(l("usr/lib/x", "lib->usr/lib", "h=lib/x"), l("!h")))
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 100 {
				if r, ok := v.Resolve("lib/x"); !ok || r != (Ref{0, 0}) || v.Place(r) != "usr/lib/x" || len(v.Names(r)) != 2 {
					t.Error("the view changed")
				}
				for range v.Files() {
				}
			}
		})
	}
	wait.Wait()
}

// A new reason must be thought of here: does it leave the index of a layer whole?
func TestEveryReasonThatCutsALayerIsKnown(t *testing.T) {
	src, err := os.ReadFile("facts.go")
	if err != nil {
		t.Fatal(err)
	}
	whole := []string{"bad-config", ReasonScannerFailed}
	reasons := regexp.MustCompile(`Reason[A-Za-z]+ += "([a-z-]+)"`).FindAllStringSubmatch(string(src), -1)
	if len(reasons) < 15 {
		t.Fatalf("facts.go has only %d reasons", len(reasons))
	}
	for _, m := range reasons {
		f := &Facts{Gaps: []Remark{{Reason: m[1], Files: 1}}}
		if cut := wasCut(f); cut == slices.Contains(whole, m[1]) {
			t.Errorf("%s: cut is %v", m[1], cut)
		}
	}
}
