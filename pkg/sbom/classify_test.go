package sbom

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/anchore/syft/syft"
	"github.com/anchore/syft/syft/file"
	syftpkg "github.com/anchore/syft/syft/pkg"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// programOf makes the start of a program of some size, with a text at its end.
func programOf(size int, text string) []byte {
	head := "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9) + "\x02\x00\x3e\x00\x01\x00\x00\x00"
	return append([]byte(head), append(bytes.Repeat([]byte("program "), size/8), text...)...)
}

func TestWhatClassifiersFindNothingInIsFoundOutBesideTheWalk(t *testing.T) {
	const redis, nginx = "/usr/bin/redis-server", "/usr/sbin/nginx"
	at := func(glob string, all []classifier) int {
		return slices.IndexFunc(all, func(c classifier) bool { return c.glob == glob })
	}
	for _, c := range []struct {
		name, path string
		content    []byte
		known      bool // something was found out
		nothing    bool
	}{
		{"a large program without a version", redis, programOf(minClassified, ""), true, true},
		{"a large program with one", redis, programOf(minClassified, "Redis version 2.8.23\x00"), true, false},
		{"a small program", redis, programOf(1000, ""), false, false},
		{"a program that no classifier asks for", "/usr/bin/own", programOf(minClassified, ""), false, false},
		{"another one", nginx, programOf(minClassified, "\x00nginx version: nginx/1.2.3\x00"), true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := config(1)
			k := &keeper{plan: newPlan(), classifiers: classifiersOf(&cfg.Packages.Binary)}
			whole := &content{size: int64(len(c.content)), extents: []extent{{n: int64(len(c.content)), memory: c.content}}}
			looked := k.classify(c.path[1:], c.path[1:], "application/x-executable", whole)
			k.classifying.Wait()
			if (looked != nil) != c.known {
				t.Fatalf("found out %+v", looked)
			}
			glob := "**" + c.path[strings.LastIndexByte(c.path, '/'):]
			if c.known && looked.nothing[at(glob, k.classifiers)] != c.nothing {
				t.Errorf("found out %+v", looked)
			}

			// Syft's own run makes the same of it, whatever is known.
			found := func(known *classified, configured *syft.CreateSBOMConfig) []syftpkg.Package {
				e := layers.Entry{Path: c.path[1:], Type: layers.Regular, Size: whole.size}
				k := &kept{files: map[int]*content{0: whole}, executables: map[int]executable{}}
				if known != nil {
					k.classified = map[int]*classified{0: known}
				}
				image := &layers.Image{Layers: []layers.Layer{{DiffID: "sha256:1", Facts: &layers.Facts{Entries: []layers.Entry{e}, Scans: map[string]any{keepName: k}}}}}
				res := &resolver{index: newIndex(layers.NewView(image.Layers)), image: image, again: &again{image: image}}
				s, err := syft.CreateSBOM(context.Background(), newSource(image, res), configured)
				if err != nil {
					t.Fatal(err)
				}
				return s.Artifacts.Packages.Sorted()
			}
			want, got := found(nil, config(1)), found(looked, cfg)
			if len(got) != len(want) || len(want) > 1 || len(want) == 1 && (got[0].ID() != want[0].ID() || got[0].Version != want[0].Version) {
				t.Errorf("found %v, want %v", got, want)
			}
			if (len(want) == 0) != (c.nothing || !c.known) {
				t.Errorf("Syft finds %v", want)
			}
		})
	}
}

func TestWhatIsKnownOfAProgramSparesAskingItsClassifier(t *testing.T) {
	asked := 0
	type about struct {
		Resolver file.Resolver
		Location file.Location
	}
	ask := knowing(3, func(string, about) ([]syftpkg.Package, error) {
		asked++
		return nil, nil
	})
	done := make(chan struct{})
	close(done)
	e := layers.Entry{Path: "bin/a", Type: layers.Regular}
	k := &kept{classified: map[int]*classified{0: {path: "/bin/a", asked: "/bin/a", done: done, nothing: map[int]bool{3: true, 4: false}}}}
	image := &layers.Image{Layers: []layers.Layer{{Facts: &layers.Facts{Entries: []layers.Entry{e}, Scans: map[string]any{keepName: k}}}}}
	r := &resolver{index: newIndex(layers.NewView(image.Layers)), image: image}
	n := r.named("/bin/a")
	for _, c := range []struct {
		name string
		at   file.Location
		want int
	}{
		{"by its path", r.location("/bin/a", n), 0},
		{"through a link", r.location("/sbin/a", n), 1},
		{"of a file that is not there", file.NewLocation("/bin/b"), 1},
	} {
		asked = 0
		if _, err := ask("", about{r, c.at}); err != nil || asked != c.want {
			t.Errorf("%s: asked %d times, %v", c.name, asked, err)
		}
	}
	if r.knownToHaveNothing(4, r.location("/bin/a", n)) {
		t.Error("a classifier that finds something is thought to find nothing")
	}
}

func TestAClassifierThatWantsAnotherFileIsAskedLater(t *testing.T) {
	for _, c := range []struct {
		name string
		asks func(file.Resolver)
		want bool
	}{
		{"for nothing else", func(file.Resolver) {}, true},
		{"for files by a glob", func(r file.Resolver) { _, _ = r.FilesByGlob("**/redis-server") }, false},
		{"for files by path", func(r file.Resolver) { _, _ = r.FilesByPath("/etc/os-release") }, false},
		{"for files by type", func(r file.Resolver) { _, _ = r.FilesByMIMEType("text/plain") }, false},
		{"whether there is a file", func(r file.Resolver) { r.HasPath("/etc") }, false},
		{"for a file beside it", func(r file.Resolver) { r.RelativeFileByPath(file.NewLocation("/a"), "b") }, false},
		{"and panics", func(file.Resolver) { panic("odd") }, false},
	} {
		k := &keeper{plan: newPlan(), classifiers: []classifier{{"**/a", nil, func(r file.Resolver, _ file.Location) (nothing bool) {
			defer func() { nothing = recover() == nil }()
			c.asks(r)
			return true
		}}}}
		looked := k.classify("b", "a", "application/x-executable", &content{size: minClassified})
		<-looked.done
		if looked.nothing[0] != c.want {
			t.Errorf("%s: %v", c.name, looked.nothing)
		}
	}
}

func TestAProgramThatALinkNamesIsClassifiedByTheLinksPath(t *testing.T) {
	program := programOf(minClassified, "")
	file := layers.Entry{Seq: 1, Path: "usr/bin/redis-check-rdb", Type: layers.Regular, Size: int64(len(program))}
	link := layers.Entry{Seq: 2, Path: "usr/bin/redis-server", Type: layers.Symlink, Link: "redis-check-rdb"}
	for name, entries := range map[string][]layers.Entry{"the link first": {link, file}, "the program first": {file, link}} {
		t.Run(name, func(t *testing.T) {
			cfg := config(1)
			k := &keeper{plan: newPlan(), classifiers: classifiersOf(&cfg.Packages.Binary), store: &store{memory: 8 << 20, disk: 1 << 30, dir: t.TempDir()}}
			defer k.Close()
			l := k.Layer(context.Background(), layers.Layer{}).(*layerKeeper)
			for _, e := range entries {
				if w := l.Entry(&e); w != nil {
					if _, err := w.Write(program); err != nil {
						t.Fatal(err)
					}
					if err := w.Close(); err != nil {
						t.Fatal(err)
					}
				}
			}
			looked := l.kept.classified[file.Seq]
			if looked == nil || looked.path != "/"+file.Path || looked.asked != "/"+link.Path {
				t.Errorf("found out %+v", looked)
			}
		})
	}
}
