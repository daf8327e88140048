package gitobj

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// gitRepo is a repository that the git program works on.
type gitRepo struct {
	t   testing.TB
	dir string
	r   *rand.Rand
	now int64 // of the next commit
}

func newGitRepo(t testing.TB, seed uint64, initArgs ...string) *gitRepo {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("the git program is not here: its answers are what this test compares with")
	}
	g := &gitRepo{t: t, dir: filepath.Join(t.TempDir(), "app"), r: rand.New(rand.NewPCG(seed, 7)), now: 1_600_000_000}
	if err := os.Mkdir(g.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	g.run(append([]string{"init", "-q", "-b", "main"}, initArgs...)...)
	return g
}

// try runs git and gives what it prints.
func (g *gitRepo) try(args ...string) (string, error) {
	g.t.Helper()
	cmd := exec.Command("git", append([]string{
		"-c", "gc.auto=0", "-c", "core.fsync=none", "-c", "protocol.file.allow=always", "-c", "commit.gpgsign=false",
	}, args...)...)
	cmd.Dir = g.dir
	date := fmt.Sprintf("%d +0130", g.now)
	cmd.Env = append(os.Environ(), "HOME="+filepath.Dir(g.dir), "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=Ann Author", "GIT_AUTHOR_EMAIL=ann@example.org", "GIT_AUTHOR_DATE="+date,
		"GIT_COMMITTER_NAME=Carl", "GIT_COMMITTER_EMAIL=carl@example.org", "GIT_COMMITTER_DATE="+date, "LC_ALL=C", "GIT_EDITOR=true")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return string(out), nil
}

func (g *gitRepo) run(args ...string) string {
	g.t.Helper()
	out, err := g.try(args...)
	if err != nil {
		g.t.Fatal(err)
	}
	return out
}

func (g *gitRepo) lines(args ...string) []string {
	g.t.Helper()
	return strings.FieldsFunc(g.run(args...), func(r rune) bool { return r == '\n' })
}

func (g *gitRepo) write(name, content string) {
	g.t.Helper()
	file := filepath.Join(g.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		g.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		g.t.Fatal(err)
	}
}

func (g *gitRepo) commit(message string, more ...string) {
	g.t.Helper()
	g.now += 60
	g.run("add", "-A")
	g.run(append([]string{"commit", "-q", "--allow-empty", "-m", message}, more...)...)
}

// text makes lines of which an edit changes few, so that packs get deltas.
func (g *gitRepo) text(lines int) string {
	var b strings.Builder
	for range lines {
		fmt.Fprintf(&b, "line %d of %d\n", g.r.IntN(1000), g.r.IntN(1<<30))
	}
	return b.String()
}

// edit changes the working tree a little: files come, change, move and go.
func (g *gitRepo) edit() {
	g.t.Helper()
	for range 1 + g.r.IntN(3) {
		files := g.lines("ls-files")
		if len(files) < 4 || g.r.IntN(5) == 0 {
			g.write(fmt.Sprintf("%c/%c/file%d.txt", 'a'+g.r.IntN(3), 'x'+g.r.IntN(2), g.r.IntN(100)), g.text(5+g.r.IntN(60)))
			g.run("add", "-A")
			continue
		}
		f := files[g.r.IntN(len(files))]
		switch g.r.IntN(6) {
		case 0:
			g.run("rm", "-q", "-f", f)
		case 1:
			g.write(fmt.Sprintf("moved/m%d", g.r.IntN(50)), "")
			os.Remove(filepath.Join(g.dir, "moved"))
			_, _ = g.try("mv", "-f", f, fmt.Sprintf("%s-%d", f, g.r.IntN(9)))
		case 2: // the same content at one more path
			content, err := os.ReadFile(filepath.Join(g.dir, f))
			if err == nil {
				g.write(fmt.Sprintf("copies/c%d", g.r.IntN(5)), string(content))
			}
		default:
			content, _ := os.ReadFile(filepath.Join(g.dir, f))
			g.write(f, string(content)+g.text(1+g.r.IntN(3)))
		}
		g.run("add", "-A")
	}
}

// layer hands the files below a directory to a collector, as a layer would, in pieces of random sizes.
func layer(t testing.TB, c *Collector, root, dir string, r *rand.Rand) {
	t.Helper()
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, file)
		pour(c, filepath.ToSlash(name), content, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// pour writes a file of a layer in pieces and reports whether it was wanted.
func pour(c *Collector, name string, content []byte, r *rand.Rand) bool {
	w := c.File(name, int64(len(content)))
	if w == nil {
		return false
	}
	for len(content) > 0 {
		n := len(content)
		if r != nil {
			n = min(n, 1+r.IntN(50_000))
		}
		_, _ = w.Write(content[:n])
		content = content[n:]
	}
	_ = w.Close()
	return true
}

// found gathers what a collector hands over.
type found struct {
	objects map[string]Object // by ID
	texts   []string
	large   map[string]string
}

func collect(limits Limits) (*Collector, *found) {
	f := &found{objects: map[string]Object{}, large: map[string]string{}}
	hooks := Hooks{
		Object: func(o Object, content []byte) {
			if int64(len(content)) != o.Size {
				panic("an object has another size than its content")
			}
			f.objects[o.ID] = o
		},
		Large: func(o *Object) io.WriteCloser { return &largeObject{o: o, f: f} },
		Text:  func(_, _ string, text []byte) { f.texts = append(f.texts, string(text)) },
	}
	return New(context.Background(), limits, hooks), f
}

type largeObject struct {
	bytes.Buffer
	o *Object
	f *found
}

func (l *largeObject) Close() error {
	l.f.large[l.o.ID] = l.String()
	return nil
}
