package sbom

import (
	"context"
	"flag"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/anchore/syft/syft"
	"github.com/anchore/syft/syft/file"
	syftsource "github.com/anchore/syft/syft/source"
	"github.com/bmatcuk/doublestar/v4"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

var update = flag.Bool("update", false, "write plan.txt anew")

// recorder is a resolver that writes down what it is asked for.
type recorder struct {
	*resolver
	mu    sync.Mutex
	asked map[string]bool
	all   bool // it was asked for all files
}

func (r *recorder) note(kind string, all ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, what := range all {
		r.asked[kind+" "+what] = true
	}
}

func (r *recorder) HasPath(p string) bool { return r.resolver.HasPath(p) }

func (r *recorder) FilesByPath(paths ...string) ([]file.Location, error) {
	r.note("path", paths...)
	return r.resolver.FilesByPath(paths...)
}

func (r *recorder) FilesByGlob(globs ...string) ([]file.Location, error) {
	r.note("glob", globs...)
	return r.resolver.FilesByGlob(globs...)
}

func (r *recorder) FilesByMIMEType(types ...string) ([]file.Location, error) {
	r.note("type", types...)
	return r.resolver.FilesByMIMEType(types...)
}

func (r *recorder) executables(types []string, wanted func(executable) bool) []file.Location {
	r.note("type", types...)
	return r.resolver.executables(types, wanted)
}

func (r *recorder) AllLocations(ctx context.Context) <-chan file.Location {
	r.all = true
	return r.resolver.AllLocations(ctx)
}

func (r *recorder) RelativeFileByPath(l file.Location, p string) *file.Location {
	r.note("path", p)
	return r.resolver.RelativeFileByPath(l, p)
}

func (r *recorder) FileContentsByLocation(l file.Location) (io.ReadCloser, error) {
	r.note("content", l.RealPath)
	return r.resolver.FileContentsByLocation(l)
}

type recordedSource struct {
	*source
	recorder *recorder
}

func (s recordedSource) FileResolver(syftsource.Scope) (file.Resolver, error) {
	return s.recorder, nil
}

// record runs the catalogers over the final view of an image and gives what they
// asked for.
func record(t *testing.T, image *layers.Image, view *layers.View) []string {
	t.Helper()
	again := &again{image: image, store: &store{}, reads: map[int]int{}, more: map[layers.Ref]*content{}, lost: map[layers.Ref]error{}, paths: map[layers.Ref]lostEntry{}}
	r := &recorder{resolver: &resolver{index: newIndex(view), image: image, again: again}, asked: map[string]bool{}}
	if _, err := syft.CreateSBOM(context.Background(), recordedSource{newSource(image, r.resolver), r}, config(1)); err != nil {
		t.Fatal(err)
	}
	var list []string
	for what := range r.asked {
		list = append(list, what)
	}
	slices.Sort(list)
	return list
}

func TestThePlanIsWhatTheCatalogersAskFor(t *testing.T) {
	image := &layers.Image{}
	asked := record(t, image, layers.NewView(nil))
	got := strings.Join(asked, "\n") + "\n"
	if *update {
		if err := os.WriteFile("plan.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if got != recorded {
		t.Errorf("Syft's catalogers ask for other things than plan.txt says; go test ./pkg/sbom -run Plan -update, and look at what changed")
	}
	if len(asked) < 100 {
		t.Errorf("only %d requests were recorded", len(asked))
	}
}

func TestOnlyTheCatalogerOfNixAsksForAllFiles(t *testing.T) {
	for _, c := range []struct {
		name    string
		without []string
		want    bool
	}{
		{"with it", nil, true},
		{"without it", []string{"nix-cataloger"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			image := &layers.Image{}
			r := &recorder{resolver: &resolver{index: newIndex(layers.NewView(nil)), image: image, again: &again{image: image}}, asked: map[string]bool{}}
			cfg := config(1)
			cfg.CatalogerSelection.RemoveNamesOrTags = append(cfg.CatalogerSelection.RemoveNamesOrTags, c.without...)
			if _, err := syft.CreateSBOM(context.Background(), recordedSource{newSource(image, r.resolver), r}, cfg); err != nil {
				t.Fatal(err)
			}
			if r.all != c.want {
				t.Errorf("asked for all files: %v; what another cataloger asks for is to be among AllLocations", r.all)
			}
		})
	}
}

func TestPackagesOfNixAreFoundInItsStore(t *testing.T) {
	image := &layers.Image{Layers: []layers.Layer{{DiffID: "sha256:1"}}}
	x := indexOf("nix/", "nix/store/", "nix/store/h0cnbmfcn93xm5dg2x27ixhag1cwndga-glibc-2.34-210-bin/", "nix/store/h0cnbmfcn93xm5dg2x27ixhag1cwndga-glibc-2.34-210-bin/ldd", "etc/", "etc/passwd")
	s, err := syft.CreateSBOM(context.Background(), newSource(image, &resolver{index: x, image: image, again: &again{image: image}}), config(1))
	if err != nil {
		t.Fatal(err)
	}
	found := s.Artifacts.Packages.Sorted()
	if len(found) != 1 || found[0].Name != "glibc" || found[0].Version != "2.34-210" {
		t.Errorf("found %v", found)
	}
}

func TestTheQuickLookAtAPathMissesNothingThatAGlobMatches(t *testing.T) {
	parts := []string{"a", "licenses", "x.dist-info", "usr/share/sbom", "var/lib/dpkg", "status.d", "b.jar", "a.d"}
	globs := []string{"/usr/share/sbom/**", "**/*.dist-info/licenses/**", "**/status.d/*", "**/{a,b}/status.d/*", "**/[ab].jar", "**/a?d", `**/\a/**`, "/a/**/b.jar", "a"}
	for line := range strings.Lines(recorded) {
		if glob, ok := strings.CutPrefix(strings.TrimSpace(line), "glob "); ok {
			globs = append(globs, glob)
		}
	}
	matched := 0
	for _, glob := range append(globs, beside...) {
		g := newPattern(absolute(glob))
		for i := range len(parts) * len(parts) * len(parts) {
			name := path.Join("/", parts[i%len(parts)], parts[i/len(parts)%len(parts)], parts[i/len(parts)/len(parts)])
			want := doublestar.MatchUnvalidated(g.glob, name)
			if want {
				matched++
			}
			if strings.Contains(name, g.inner) || !want {
				continue
			}
			t.Errorf("%s matches %s, which has no %q", g.glob, name, g.inner)
		}
	}
	if matched < 100 {
		t.Errorf("only %d paths match", matched)
	}
}
