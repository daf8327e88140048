package sbom

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// indexOf makes an index of one layer: files, directories with a slash at the end, and links
// with an arrow.
func indexOf(names ...string) *index {
	facts := &layers.Facts{}
	for i, name := range names {
		e := layers.Entry{Seq: i, Path: name, Type: layers.Regular}
		if from, to, ok := strings.Cut(name, " -> "); ok {
			e.Path, e.Link, e.Type = from, to, layers.Symlink
		} else if dir, ok := strings.CutSuffix(name, "/"); ok {
			e.Path, e.Type = dir, layers.Directory
		}
		facts.Entries = append(facts.Entries, e)
	}
	return newIndex(layers.NewView([]layers.Layer{{Facts: facts}}))
}

func TestGlobsFindFilesByTheirPathAndThroughLinks(t *testing.T) {
	x := indexOf("lib -> usr/lib", "usr/", "usr/lib/", "usr/lib/libkrb5.so.3", "usr/lib/k", "usr/lib/dpkg/", "usr/lib/dpkg/status.d/", "usr/lib/dpkg/status.d/base",
		"usr/libx/", "usr/libx/libkrb5.so.4", "srv/", "srv/bills/", "srv/bills/a.json", "usr/share/", "usr/share/sbom -> /srv/bills", "a", "a-b", "a.d/", "a.d/x.jar", "loop/", "loop/on -> .", "loop/libkrb5.so")
	for _, c := range []struct {
		glob string
		want string
	}{
		{"**/libkrb5.so*", "/loop/libkrb5.so /usr/lib/libkrb5.so.3 /usr/libx/libkrb5.so.4"},
		{"/lib/libkrb5.so*", "/lib/libkrb5.so.3"},
		{"/lib/k*", "/lib/k"},
		{"**/k*", "/usr/lib/k"},
		{"/lib/**/status.d/*", "/lib/dpkg/status.d/base"},
		{"**/status.d/*", "/usr/lib/dpkg/status.d/base"},
		{"**/tatus.d/*", ""},
		{"/usr/share/sbom/**", "/usr/share/sbom/a.json"},
		{"/usr/share/none/**", ""},
		{"/usr/{lib,libx}/**", "/usr/lib/dpkg/status.d/base /usr/lib/k /usr/lib/libkrb5.so.3 /usr/libx/libkrb5.so.4"},
		{"/a*", "/a /a-b"},
		{"/*", "/a /a-b"},
		{"**/?.jar", "/a.d/x.jar"},
		{"/loop/on/**", ""},
	} {
		t.Run(c.glob, func(t *testing.T) {
			var got []string
			for _, m := range x.glob(c.glob) {
				got = append(got, m.path)
			}
			slices.Sort(got)
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("found %q, want %q", s, c.want)
			}
		})
	}
}

func TestTheQuickWayThroughAnIndexMissesNoFile(t *testing.T) {
	parts := []string{"a", "licenses", "x.dist-info", "usr/share/sbom", "var/lib/dpkg", "status.d", "b.jar", "php-fpm8", "vmlinuz-1", "k"}
	var names []string
	for i := range len(parts) * len(parts) * len(parts) {
		names = append(names, path.Join(parts[i%len(parts)], parts[i/len(parts)%len(parts)], "in", parts[i/len(parts)/len(parts)]))
	}
	x := indexOf(names...)
	found := 0
	for _, glob := range newPlan().all {
		got := map[string]bool{}
		for _, m := range x.glob(glob) {
			got[m.path] = true
		}
		for i := range x.nodes {
			p := x.nodes[i].path
			want := doublestar.MatchUnvalidated(absolute(glob), p)
			if want != got[p] {
				t.Errorf("%s: %s found %v, want %v", glob, p, got[p], want)
			}
			if want {
				found++
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d files match", found)
	}
}

func TestPathsLeadToFiles(t *testing.T) {
	x := indexOf("lib -> usr/lib", "usr/", "usr/lib/", "usr/lib/a", "usr/lib/b -> a", "usr/lib/up -> ../lib/b", "gone -> nowhere", "round -> round", "implied/c")
	for _, c := range []struct {
		path        string
		find, named string
	}{
		{"/usr/lib/a", "/usr/lib/a", "/usr/lib/a"},
		{"usr/lib/a", "/usr/lib/a", ""},
		{"//usr/./lib//a", "/usr/lib/a", ""},
		{"/usr/lib/../lib/a", "/usr/lib/a", ""},
		{"/lib/a", "/usr/lib/a", ""},
		{"/lib", "/usr/lib", "/lib"},
		{"/usr/lib/b", "/usr/lib/a", "/usr/lib/b"},
		{"/lib/up", "/usr/lib/a", ""},
		{"/usr/lib/up", "/usr/lib/a", "/usr/lib/up"},
		{"/usr/lib/none", "", ""},
		{"/gone", "", "/gone"},
		{"/round", "", "/round"},
		{"/implied", "", ""},
		{"/implied/c", "/implied/c", "/implied/c"},
		{"/", "", ""},
		{"", "", ""},
	} {
		t.Run(c.path, func(t *testing.T) {
			if got := pathOf(x.find(c.path)); got != c.find {
				t.Errorf("leads to %q, want %q", got, c.find)
			}
			if got := pathOf(x.named(c.path)); got != c.named {
				t.Errorf("names %q, want %q", got, c.named)
			}
		})
	}
}

func pathOf(n *node) string {
	if n == nil {
		return ""
	}
	return n.path
}
