package corpus

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os/exec"
	"path"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/imgaudit/imgaudit/internal/imagemake"
)

const frozenSeed = 1

// frozenSum is the SHA-256 of the layers, configuration and truth for the frozen seed. Where it
// changes, the corpus has changed: say in CHANGES.md how, and put the new sum here.
const frozenSum = "6a8a07c592343840a95bed31d57bf410ebb216370443a82427e320d41ff052cc"

type corpus struct {
	img    *imagemake.Built
	plants []Plant
}

// built is made once, because tests only read it.
var built = sync.OnceValue(func() corpus {
	img, plants := Build(frozenSeed)
	return corpus{img, plants}
})

func TestTheCorpusIsTheFrozenOne(t *testing.T) {
	h := sha256.New()
	for _, raw := range built().img.Tars {
		h.Write(raw)
	}
	h.Write(built().img.Config)
	truth, err := json.Marshal(built().plants)
	if err != nil {
		t.Fatal(err)
	}
	h.Write(truth)
	if sum := hex.EncodeToString(h.Sum(nil)); sum != frozenSum {
		t.Errorf("the corpus of seed %d has the sum\n%s, and not\n%s;\nif that is meant, list the change in CHANGES.md and put the new sum into frozenSum", frozenSeed, sum, frozenSum)
	}
}

func TestEachPlantIsInItsPlace(t *testing.T) {
	l := newLocator(t, built().img)
	for _, p := range built().plants {
		if err := l.verify(p); err != nil {
			t.Errorf("%s: %v", p.ID, err)
		}
	}
}

// verify finds the value in the plant's place, or one of its forms that holds the value.
func (l *locator) verify(p Plant) error {
	body, err := l.content(p)
	if err != nil {
		return err
	}
	if bytes.Contains(body, []byte(p.Value)) || bytes.Contains(body, []byte(htmlEscapedValue(p))) {
		return nil
	}
	for _, f := range p.Forms {
		if bytes.Contains(body, []byte(f)) && holds(p, f) {
			return nil
		}
	}
	return fmt.Errorf("the value is not in %s", p.Path)
}

// htmlEscapedValue is the value as XML has it.
func htmlEscapedValue(p Plant) string { return strings.ReplaceAll(p.Value, "&", "&amp;") }

// holds reports whether a form leads back to the value.
func holds(p Plant, form string) bool {
	switch p.Kind {
	case "dbeaver-credentials":
		return strings.Contains(dbeaverPlain(form), p.Value)
	case "winscp-ini":
		return strings.Contains(winSCPPlain(form), p.Value)
	}
	if strings.ReplaceAll(form, `\n`, "\n") == p.Value {
		return true
	}
	plain, err := base64.StdEncoding.DecodeString(form)
	if err != nil {
		return false
	}
	if strings.Contains(string(plain), p.Value) {
		return true
	}
	for _, f := range p.Forms { // base64 in base64
		if f != form && strings.Contains(string(plain), f) && holds(p, f) {
			return true
		}
	}
	return false
}

func TestIdentifiersValuesAndKindsAreDistinct(t *testing.T) {
	ids, values := map[string]bool{}, map[string]string{}
	fixed := map[string]bool{}
	for _, p := range built().plants {
		if ids[p.ID] {
			t.Errorf("%s stands twice", p.ID)
		}
		ids[p.ID] = true
		if !p.True {
			fixed[p.Value] = true
			continue
		}
		if other, ok := values[p.Value]; ok {
			t.Errorf("%s and %s have one value", p.ID, other)
		}
		values[p.Value] = p.ID
		for _, text := range []string{p.ID, p.Kind, p.Place, p.Path} {
			if text == "" {
				t.Errorf("%+v lacks a field", p)
			}
		}
	}
	for v := range values {
		if fixed[v] {
			t.Errorf("the secret %s is a look-alike too", values[v])
		}
	}
}

func TestIdentifiersAreStableOverSeedsAndValuesAreNot(t *testing.T) {
	if testing.Short() {
		t.Skip("a second build")
	}
	img, plants := Build(frozenSeed + 1)
	if len(plants) != len(built().plants) {
		t.Fatalf("%d plants, and %d of another seed", len(plants), len(built().plants))
	}
	l := newLocator(t, img)
	for i, p := range plants {
		other := built().plants[i]
		if p.ID != other.ID {
			t.Fatalf("plant %d is %s, and %s of another seed", i, p.ID, other.ID)
		}
		if p.True && p.Value == other.Value {
			t.Errorf("%s has the same value for two seeds", p.ID)
		}
		if err := l.verify(p); err != nil {
			t.Errorf("%s: %v", p.ID, err)
		}
	}
}

func TestThereIsEnoughOfEverything(t *testing.T) {
	kinds := map[bool]map[string]map[string]bool{true: {}, false: {}}
	places := map[string]int{}
	layers := map[int]int{}
	for _, p := range built().plants {
		if kinds[p.True][p.Kind] == nil {
			kinds[p.True][p.Kind] = map[string]bool{}
		}
		kinds[p.True][p.Kind][p.Place] = true
		if p.True {
			places[p.Place]++
			layers[p.Layer]++
		}
	}
	if n := len(kinds[true]); n < 60 {
		t.Errorf("%d kinds of secrets, fewer than 60", n)
	}
	if n := len(kinds[false]); n < 60 {
		t.Errorf("%d kinds of look-alikes, fewer than 60", n)
	}
	typed := map[string]bool{}
	for _, p := range built().plants {
		if p.Place == "history-command" {
			typed[p.Kind] = true // has no other place
		}
	}
	for _, table := range kinds {
		for k, at := range table {
			if len(at) < 3 && !typed[k] {
				t.Errorf("%s stands in %d places, fewer than 3", k, len(at))
			}
		}
	}
	for place, n := range places {
		if n < 2 && place != "healthcheck" {
			t.Errorf("the place %s has one secret", place)
		}
	}
	for _, e := range encodings() {
		if places[e.name] < 10 {
			t.Errorf("the encoding %s has %d secrets", e.name, places[e.name])
		}
	}
	if len(built().img.Tars) != layerCount || layers[NoLayer] == 0 {
		t.Errorf("%d layers, %v", len(built().img.Tars), layers)
	}
	size := 0
	for _, raw := range built().img.Tars {
		size += len(raw)
	}
	if size < 8<<20 || size > 64<<20 {
		t.Errorf("the layers have %d bytes", size)
	}
}

// TestFatesAreWhatTheLayersSay lays the layers over each other by the rules of the OCI image
// specification, "Image Layer Filesystem Changeset".
func TestFatesAreWhatTheLayersSay(t *testing.T) {
	top := map[string]int{} // regular file: the layer that has it
	for i, raw := range built().img.Tars {
		lowerOnly := func(match func(string) bool) {
			for name, layer := range top {
				if layer < i && match(name) {
					delete(top, name)
				}
			}
		}
		files, _ := tarFiles(t, raw)
		for _, name := range imagemake.Members(raw) {
			name = strings.TrimSuffix(name, "/")
			dir, base := path.Split(name)
			switch {
			case base == ".wh..wh..opq":
				lowerOnly(func(n string) bool { return strings.HasPrefix(n, dir) })
			case strings.HasPrefix(base, ".wh."):
				gone := dir + strings.TrimPrefix(base, ".wh.")
				lowerOnly(func(n string) bool { return n == gone || strings.HasPrefix(n, gone+"/") })
			default:
				if files[name] != nil {
					lowerOnly(func(n string) bool { return strings.HasPrefix(n, name+"/") })
					top[name] = i
				} else if top[name] < i { // a link or a directory takes its place
					delete(top, name)
				}
			}
		}
	}
	seen := map[string]int{}
	for _, p := range built().plants {
		if p.Layer == NoLayer {
			continue
		}
		file, _, inside := strings.Cut(p.Path, "!/")
		if inside && strings.HasSuffix(file, "/.git") {
			file += "/HEAD"
		}
		layer, there := top[file]
		present := there && layer == p.Layer
		if present != (p.Fate == Present) {
			t.Errorf("%s is said to be %s; in the end layer %d has the path (%v)", p.ID, p.Fate, layer, there)
		}
		seen[p.Fate]++
	}
	for _, fate := range []string{Present, Deleted, Overwritten} {
		if seen[fate] < 50 {
			t.Errorf("%d plants are %s", seen[fate], fate)
		}
	}
}

func TestPieceEdgesCutTheValues(t *testing.T) {
	l := newLocator(t, built().img)
	cut := 0
	for _, p := range built().plants {
		if p.Place != "piece-edges" {
			continue
		}
		at := bytes.Index(l.layers[p.Layer][p.Path], []byte(p.Value))
		for edge := range map[int]bool{4096: true, 8192: true, 16384: true, 32768: true, (at>>16 + 1) << 16: true} {
			if at < edge && edge < at+len(p.Value) {
				cut++
			}
		}
	}
	if cut < 20 {
		t.Errorf("%d values are cut by an edge", cut)
	}
}

func TestGitProgramAcceptsTheRepositories(t *testing.T) {
	program, err := exec.LookPath("git")
	if err != nil {
		t.Skip("SKIPPED: no git program; go-git alone has read the repositories")
	}
	l := newLocator(t, built().img)
	for _, dir := range []string{"srv/repos/shop/.git", "srv/repos/api/.git"} {
		root := l.checkout(repositoriesLayer, dir)
		out, err := exec.CommandContext(t.Context(), program, "-C", root, "fsck", "--full", "--strict", "--no-dangling").CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", dir, err, out)
		}
		if dir != "srv/repos/api/.git" {
			continue
		}
		out, err = exec.CommandContext(t.Context(), program, "-C", root, "count-objects", "-v").CombinedOutput()
		if err != nil || !strings.Contains(string(out), "count: 0\n") || !strings.Contains(string(out), "packs: 1\n") {
			t.Errorf("%s is not one pack: %v\n%s", dir, err, out)
		}
	}
}

func TestSecretsOfGitStandInOneCommitAlone(t *testing.T) {
	l := newLocator(t, built().img)
	for _, p := range built().plants {
		if !strings.HasPrefix(p.Place, "git-") || !strings.Contains(p.Path, "!/") || p.Place == "git-head" {
			continue
		}
		dir, object, _ := strings.Cut(p.Path, "!/")
		commit, name, _ := strings.Cut(object, ":")
		head := strings.TrimSpace(string(l.layers[p.Layer][dir+"/refs/heads/main"]))
		if head == commit {
			t.Errorf("%s is in the head", p.ID)
		}
		if body, err := l.committed(p.Layer, dir, head+":"+name); err == nil && bytes.Contains(body, []byte(p.Value)) {
			t.Errorf("%s is in the head too", p.ID)
		}
	}
}

func TestPlantsAreSortedSecretsFirst(t *testing.T) {
	if !sort.SliceIsSorted(built().plants, func(i, j int) bool { return built().plants[i].True && !built().plants[j].True }) {
		t.Error("a look-alike stands before a secret")
	}
}

func BenchmarkBuild(b *testing.B) {
	for b.Loop() {
		Build(frozenSeed)
	}
}
