package gitobj

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// live works in a repository for a while, as people do.
func (g *gitRepo) live(rounds int) {
	g.t.Helper()
	for range 6 {
		g.edit()
	}
	g.commit("first commit")
	for i := range rounds {
		g.edit()
		switch g.r.IntN(8) {
		case 0:
			g.commit(fmt.Sprintf("amended %d", i), "--amend")
		case 1:
			g.now += 60
			_, _ = g.try("stash", "push", "-q", "-u", "-m", fmt.Sprintf("stash %d", i))
		case 2:
			g.commit("before a branch")
			g.branches(i, 1)
		case 3:
			g.commit("before an octopus")
			g.branches(i, 2+g.r.IntN(2))
		case 4: // a branch that is deleted: only HEAD's reflog has it
			g.commit("main goes on")
			g.run("checkout", "-q", "-b", "gone")
			g.edit()
			g.commit("on a branch that goes")
			g.run("checkout", "-q", "main")
			g.run("branch", "-q", "-D", "gone")
		default:
			g.commit(fmt.Sprintf("change %d\n\nbody", i))
		}
	}
	g.run("tag", "-a", "v1", "-m", "a tag with words")
	g.run("tag", "light", "HEAD~1")
}

// branches makes branches with a file each and merges them all at once.
func (g *gitRepo) branches(i, n int) {
	g.t.Helper()
	var names []string
	for b := range n {
		name := fmt.Sprintf("side-%d-%d", i, b)
		g.run("checkout", "-q", "-b", name, "main")
		g.write(fmt.Sprintf("side/%d-%d", i, b), g.text(10))
		g.commit("on " + name)
		names = append(names, name)
	}
	g.run("checkout", "-q", "main")
	g.now += 60
	g.run(append([]string{"merge", "-q", "--no-ff", "-m", "merged"}, names...)...)
}

// all gives the IDs of all objects, as git sees them, with kind and size.
func (g *gitRepo) all() map[string]string {
	g.t.Helper()
	out := map[string]string{}
	for _, l := range g.lines("cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype) %(objectsize)") {
		id, rest, _ := strings.Cut(l, " ")
		out[id] = rest
	}
	return out
}

func compareObjects(t *testing.T, want map[string]string, got map[string]Object) {
	t.Helper()
	missing := 0
	for id, w := range want {
		o, ok := got[id]
		if !ok {
			missing++
			continue
		}
		if g := fmt.Sprintf("%s %d", o.Kind, o.Size); g != w {
			t.Errorf("%s: got %s, want %s", id, g, w)
		}
	}
	if missing > 0 || len(got) != len(want) {
		t.Errorf("found %d objects, %d of git's %d are missing", len(got), missing, len(want))
	}
}

func TestEveryObjectOfARepositoryIsFound(t *testing.T) {
	repack := func(args ...string) func(*gitRepo) {
		return func(g *gitRepo) { g.run(append([]string{"repack", "-q"}, args...)...) }
	}
	for name, c := range map[string]struct {
		init []string
		pack func(*gitRepo)
	}{
		"loose objects":                   {nil, func(*gitRepo) {}},
		"one pack with deep deltas":       {nil, repack("-adf", "--depth=250", "--window=50")},
		"bases that are named by ID":      {nil, func(g *gitRepo) { g.run("-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-adf", "--depth=50") }},
		"a pack, and loose objects after": {nil, func(g *gitRepo) { g.run("gc", "-q", "--prune=never"); g.edit(); g.commit("after the gc") }},
		"several packs":                   {nil, func(g *gitRepo) { g.run("repack", "-q", "-d"); g.edit(); g.commit("more"); g.run("repack", "-q", "-d") }},
		"a cruft pack":                    {nil, repack("--cruft", "-d")},
		"SHA-256":                         {[]string{"--object-format=sha256"}, repack("-d")},
		"no compression": {nil, func(g *gitRepo) {
			g.run("-c", "pack.compression=0", "-c", "core.compression=0", "repack", "-q", "-adF")
		}},
		"a reflog that expired, all packed": {nil, func(g *gitRepo) { g.run("reflog", "expire", "--expire=now", "--all"); g.run("repack", "-q", "-Adf") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitRepo(t, uint64(len(name)), c.init...)
			g.live(12)
			c.pack(g)
			collector, got := collect(Limits{})
			layer(t, collector, filepath.Dir(g.dir), g.dir, g.r)
			compareObjects(t, g.all(), got.objects)
			if remarks := collector.Facts().Remarks; len(remarks) > 0 {
				t.Errorf("remarks on an intact repository: %+v", remarks)
			}
		})
	}
}

// tracked is what git says of all commits.
type tracked struct {
	files   map[string]map[string]string // by commit: blob by path
	parents map[string][]string
	reached map[string]bool // from a ref
	logged  map[string]bool // from a reflog too
}

func (g *gitRepo) tracked() tracked {
	g.t.Helper()
	m := tracked{map[string]map[string]string{}, map[string][]string{}, map[string]bool{}, map[string]bool{}}
	for id, what := range g.all() {
		if !strings.HasPrefix(what, "commit ") {
			continue
		}
		m.files[id] = map[string]string{}
		for _, l := range g.lines("ls-tree", "-r", id) {
			head, path, _ := strings.Cut(l, "\t")
			m.files[id][path] = strings.Fields(head)[2]
		}
		m.parents[id] = strings.Fields(g.run("rev-list", "--no-walk", "--parents", id))[1:]
	}
	for _, c := range g.lines("rev-list", "--all") {
		m.reached[c] = true
	}
	for _, c := range g.lines("rev-list", "--all", "--reflog") {
		m.logged[c] = true
	}
	return m
}

func TestOccurrencesAreThoseThatGitKnows(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("history ", seed), func(t *testing.T) {
			t.Parallel()
			g := newGitRepo(t, seed)
			g.live(20)
			if seed%2 == 0 {
				g.run("reflog", "expire", "--expire=now", "refs/heads/main", "HEAD")
				g.run("pack-refs", "--all")
			}
			g.run("repack", "-q", "-df", "--depth=250")
			c, _ := collect(Limits{})
			layer(t, c, filepath.Dir(g.dir), g.dir, g.r)
			graphs := c.Facts().Graphs
			if len(graphs) != 1 || graphs[0].Repo != "app/.git" {
				t.Fatalf("%d graphs", len(graphs))
			}
			checkOccurrences(t, g, Join(Part{Graph: graphs[0]}))
		})
	}
}

func checkOccurrences(t *testing.T, g *gitRepo, repo *Repo) {
	t.Helper()
	m := g.tracked()
	head := m.files[strings.TrimSpace(g.run("rev-parse", "HEAD"))]
	paths := map[string]map[string]bool{} // by blob
	for _, files := range m.files {
		for path, blob := range files {
			if paths[blob] == nil {
				paths[blob] = map[string]bool{}
			}
			paths[blob][path] = true
		}
	}
	counts := map[string]int{}
	for blob, want := range paths {
		got := repo.Find(blob)
		if len(got) != min(len(want), MaxOccurrences) {
			t.Errorf("%s: %d occurrences, want %d", blob, len(got), len(want))
		}
		for _, o := range got {
			if m.files[o.Commit][o.Path] != blob {
				t.Errorf("%s: commit %s does not hold it at %s", blob, o.Commit, o.Path)
			}
			for _, p := range m.parents[o.Commit] {
				if m.files[p][o.Path] == blob {
					t.Errorf("%s: %s did not bring it, a parent has it", blob, o.Commit)
				}
			}
			if o.InHead != (head[o.Path] == blob) {
				t.Errorf("%s at %s: InHead is %v", blob, o.Path, o.InHead)
			}
			reached, logged := false, false
			for c, files := range m.files {
				if files[o.Path] == blob {
					reached = reached || m.reached[c]
					logged = logged || m.logged[c]
				}
			}
			if o.Reachable != reached || o.Reflog != (logged && !reached) {
				t.Errorf("%s at %s: reachable %v (git: %v), reflog %v (git: %v), %+v", blob, o.Path, o.Reachable, reached, o.Reflog, logged && !reached, o)
			}
			if o.Author != "Ann Author" || o.Email != "ann@example.org" || o.Message != g.subject(o.Commit) {
				t.Errorf("commit %s: %+v", o.Commit, o)
			}
			counts[fmt.Sprint(o.Reachable, o.Reflog, o.Stash)]++
		}
	}
	if len(counts) < 2 {
		t.Errorf("the history tests too little: %v", counts)
	}
	t.Log("by reachable, reflog, stash:", counts)
}

func (g *gitRepo) subject(commit string) string {
	return strings.TrimSpace(g.run("log", "-1", "--format=%s", commit))
}

func TestFindObjectGivesTheSameCommit(t *testing.T) {
	g := newGitRepo(t, 99)
	g.write("keep", "x\n")
	g.commit("one")
	g.write("conf/settings", "the text that matters\n")
	g.commit("two brings it")
	blob := strings.TrimSpace(g.run("rev-parse", "HEAD:conf/settings"))
	g.run("rm", "-q", "conf/settings")
	g.commit("three takes it away")
	c, _ := collect(Limits{})
	layer(t, c, filepath.Dir(g.dir), g.dir, nil)
	got := Join(Part{Graph: c.Facts().Graphs[0]}).Find(blob)
	if len(got) != 1 {
		t.Fatalf("%+v", got)
	}
	want := g.lines("log", "--all", "--reverse", "--format=%H %aI", "--find-object="+blob)[0]
	if s := got[0].Commit + " " + got[0].Date.Format("2006-01-02T15:04:05-07:00"); s != want {
		t.Errorf("got %s, git says %s", s, want)
	}
	if o := got[0]; o.InHead || !o.Reachable || o.Path != "conf/settings" || o.Message != "two brings it" {
		t.Errorf("%+v", o)
	}
}

func TestPartsOfOneRepositoryInSeveralLayersAreJoined(t *testing.T) {
	g := newGitRepo(t, 5)
	snapshot := func() map[string]string {
		out := map[string]string{}
		_ = filepath.Walk(filepath.Join(g.dir, ".git"), func(p string, i os.FileInfo, err error) error {
			if err == nil && i.Mode().IsRegular() {
				content, _ := os.ReadFile(p)
				name, _ := filepath.Rel(filepath.Dir(g.dir), p)
				out[name] = string(content)
			}
			return nil
		})
		return out
	}
	g.live(8)
	before := snapshot()
	g.run("checkout", "-q", "-b", "later")
	g.edit()
	g.commit("in the second layer")
	g.run("branch", "-q", "-D", "main")
	after := snapshot()

	lower, _ := collect(Limits{})
	for _, name := range sortedKeys(before) {
		pour(lower, name, []byte(before[name]), nil)
	}
	upper, _ := collect(Limits{})
	for _, name := range sortedKeys(after) {
		if before[name] != after[name] {
			pour(upper, name, []byte(after[name]), nil)
		}
	}
	visible := func(path string) bool { _, here := after[path]; return here && before[path] == after[path] }
	repo := Join(Part{Graph: lower.Facts().Graphs[0], Visible: visible}, Part{Graph: upper.Facts().Graphs[0]})
	checkOccurrences(t, g, repo)
}

func TestADeletedRepositoryIsJudgedAsItWas(t *testing.T) {
	g := newGitRepo(t, 6)
	g.live(8)
	c, _ := collect(Limits{})
	layer(t, c, filepath.Dir(g.dir), g.dir, nil)
	nothing := func(string) bool { return false }
	checkOccurrences(t, g, Join(Part{Graph: c.Facts().Graphs[0], Visible: nothing}))
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func TestFactsDoNotDependOnHowTheFileIsCut(t *testing.T) {
	g := newGitRepo(t, 8)
	g.live(6)
	g.run("repack", "-q", "-adf")
	var first string
	for seed := range uint64(3) {
		c, _ := collect(Limits{})
		layer(t, c, filepath.Dir(g.dir), g.dir, rand.New(rand.NewPCG(seed, 1)))
		facts := c.Facts()
		if s := fmt.Sprintf("%+v %+v", *facts.Graphs[0], facts.Remarks); first == "" {
			first = s
		} else if s != first {
			t.Error("other facts from other pieces")
		}
	}
}
