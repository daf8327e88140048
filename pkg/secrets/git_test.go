package secrets

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/internal/tooltest"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// gitDir is a repository that git itself made.
type gitDir struct {
	t    *testing.T
	dir  string
	days int
}

func newGitDir(t *testing.T) *gitDir {
	t.Helper()
	tooltest.Need(t, "git")
	g := &gitDir{t: t, dir: t.TempDir()}
	g.run("init", "-q", "-b", "main")
	return g
}

func (g *gitDir) run(args ...string) string {
	g.t.Helper()
	cmd := exec.CommandContext(g.t.Context(), "git", append([]string{"-c", "user.name=Kim Example", "-c", "user.email=kim@example.com", "-c", "commit.gpgsign=false"}, args...)...)
	cmd.Dir = g.dir
	date := fmt.Sprintf("2025-03-%02dT16:41:09+0100", 1+g.days)
	cmd.Env = append(os.Environ(), "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date, "GIT_CONFIG_GLOBAL=/dev/null")
	out, err := cmd.CombinedOutput()
	if err != nil {
		g.t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (g *gitDir) write(name, content string) {
	g.t.Helper()
	file := filepath.Join(g.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		g.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		g.t.Fatal(err)
	}
}

// commit commits all files and gives the commit.
func (g *gitDir) commit(message string) string {
	g.t.Helper()
	g.days++
	g.run("add", "-A")
	g.run("commit", "-q", "--allow-empty", "-m", message)
	return g.run("rev-parse", "HEAD")
}

// entries are the files of the repository below a path of a layer, with its working tree if that is asked for.
func (g *gitDir) entries(at string, tree bool) []layers.Entry {
	g.t.Helper()
	var out []layers.Entry
	err := filepath.WalkDir(g.dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name, _ := filepath.Rel(g.dir, file)
		if !tree && !strings.HasPrefix(name, ".git/") {
			return nil
		}
		content, err := os.ReadFile(file)
		out = append(out, layers.Entry{Path: at + "/" + filepath.ToSlash(name), RawName: string(content)})
		return err
	})
	if err != nil {
		g.t.Fatal(err)
	}
	return out
}

// gitPlaces are the places in repositories of the finding with a value.
func gitPlaces(t *testing.T, fs []finding.Finding, value string) []finding.Location {
	t.Helper()
	var out []finding.Location
	for _, l := range find(t, fs, value).Locations {
		if l.Git != nil {
			out = append(out, l)
		}
	}
	return out
}

func TestASecretInARepositoryNamesItsCommitAndHowItIsReached(t *testing.T) {
	s := mustScanner(t)
	var token [7]string
	for i := range token {
		token[i] = githubToken(t, uint64(91+i)).Value
	}
	for _, packed := range []bool{false, true} {
		g := newGitDir(t)
		g.write("a.env", "A="+token[0]+"\n")
		g.write("old.env", "A="+token[1]+"\n")
		first := g.commit("begin")
		g.write("old.env", "A=${A}\n")
		g.write("a.env", "# more\nA="+token[0]+"\n")
		g.commit("do not keep " + token[2])
		second := g.run("rev-parse", "HEAD")
		g.write("s.env", token[3]+"\n")
		g.run("add", "-A")
		g.run("stash", "-q")
		g.write("gone.env", token[4]+"\n")
		gone := g.commit("will be gone")
		g.run("reset", "-q", "--hard", second)
		g.write("staged.env", token[5]+"\n")
		g.run("add", "-A")
		if packed {
			g.run("gc", "-q", "--prune=never")
		}
		img, view := built(t, s, nil, v1.Config{}, g.entries("srv/app", false))
		fs := s.Findings([]*layers.Image{img}, []*layers.View{view})
		for name, c := range map[string]struct {
			value, path string
			commit      string
			reach       finding.GitReach
		}{
			"in HEAD":        {token[0], first + ":a.env", first, finding.InHead},
			"in the history": {token[1], first + ":old.env", first, finding.InHistory},
			"in a message":   {token[2], second, second, finding.InHistory},
			"left behind":    {token[4], gone + ":gone.env", gone, finding.InReflog},
			"in the index":   {token[5], ":staged.env", "", finding.InIndex},
		} {
			places := gitPlaces(t, fs, c.value)
			if len(places) == 0 {
				t.Errorf("packed %v, %s: no place", packed, name)
				continue
			}
			l := places[0]
			for _, p := range places { // the stash repeats the message of the commit that it starts from
				if p.Git.Commit == c.commit {
					l = p
				}
			}
			if l.Path != "srv/app/.git!/"+c.path || l.Git.Commit != c.commit || l.Git.Reach != c.reach || l.Fate != finding.Present {
				t.Errorf("packed %v, %s: %s %+v", packed, name, l.Path, *l.Git)
			}
			if c.commit != "" && (l.Git.Author != "Kim Example <kim@example.com>" || !strings.HasPrefix(l.Git.Date, "2025-03-0") || !strings.HasSuffix(l.Git.Date, "T16:41:09+01:00") || l.Git.Subject == "") {
				t.Errorf("packed %v, %s: %+v", packed, name, *l.Git)
			}
		}
		if l := gitPlaces(t, fs, token[0])[0]; l.Git.Others != 1 {
			t.Errorf("packed %v: %d other versions", packed, l.Git.Others)
		}
		if l := gitPlaces(t, fs, token[3])[0]; l.Git.Reach != finding.InStash && l.Git.Reach != finding.InReflog {
			t.Errorf("packed %v, in a stash: %+v", packed, *l.Git)
		}
	}
}

func TestAPasswordInAQuotedURLOfAConfigurationIsFoundOnce(t *testing.T) {
	s := mustScanner(t)
	img, view := built(t, s, nil, v1.Config{}, []layers.Entry{
		{Path: "app/.git/HEAD", RawName: "ref: refs/heads/main\n"},
		{Path: "app/.git/config", RawName: "[remote \"a\"]\n\turl = https://kim:far-from-home7@git.example.com/a\n[remote \"b\"]\n\turl = https://kim:\"near-the\"-sea8@git.example.com/b\n"},
	})
	fs := s.Findings([]*layers.Image{img}, []*layers.View{view})
	for _, value := range []string{"far-from-home7", "near-the-sea8"} {
		if f := find(t, fs, value); f.Locations[0].Path != "app/.git/config" || len(f.Locations) != 1 {
			t.Errorf("%+v", f.Locations)
		}
	}
}

func TestARepositoryWhosePartsLieInSeveralLayersIsOne(t *testing.T) {
	s := mustScanner(t)
	g := newGitDir(t)
	token := githubToken(t, 99).Value
	g.write("a.env", "A="+token+"\n")
	g.write(".pgpass", "db:5432:shop:joe:far-from-home7\n")
	first := g.commit("begin")
	below := g.entries("app", true)
	g.write("a.env", "A=1\n")
	g.commit("remove it")
	known := map[string]bool{}
	for _, e := range below {
		known[e.Path+"\x00"+e.RawName] = true
	}
	var above []layers.Entry
	for _, e := range g.entries("app", true) {
		if !known[e.Path+"\x00"+e.RawName] {
			above = append(above, e)
		}
	}
	img, view := built(t, s, nil, v1.Config{}, below, above)
	fs := s.Findings([]*layers.Image{img}, []*layers.View{view})
	places := gitPlaces(t, fs, token)
	if len(places) != 1 || places[0].Git.Reach != finding.InHistory || places[0].Git.Commit != first || *places[0].Layer != 0 || places[0].Fate != finding.Present {
		t.Errorf("%+v", places)
	}
	// The file of the working tree was overwritten; a file that is told by its name is found in the objects too.
	f := find(t, fs, "far-from-home7")
	if len(f.Locations) != 2 || f.Rule != ruleFile || f.Confidence != finding.Sure {
		t.Errorf("%s %s %+v", f.Rule, f.Confidence, f.Locations)
	}
	// Deleted as a whole, it is judged as it was.
	img, view = built(t, s, nil, v1.Config{}, below, above, []layers.Entry{{Path: "app/.git", Whiteout: layers.PathWhiteout}})
	places = gitPlaces(t, s.Findings([]*layers.Image{img}, []*layers.View{view}), token)
	if len(places) != 1 || places[0].Git.Reach != finding.InHistory || places[0].Fate != finding.Deleted {
		t.Errorf("deleted: %+v", places)
	}
}
