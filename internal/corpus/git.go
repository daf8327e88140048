package corpus

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"sort"
	"strings"
)

// gitObject is one object of a repository.
type gitObject struct {
	id   string // hexadecimal
	kind string
	body []byte
}

// repository is a .git directory to be.
type repository struct {
	path    string
	objects []gitObject // in the order of their making
	known   map[string]bool
	files   []member // of the directory, besides objects
}

func (g *repository) add(kind string, body []byte) string {
	head := fmt.Sprintf("%s %d\x00", kind, len(body))
	sum := sha1.Sum(append([]byte(head), body...))
	id := hex.EncodeToString(sum[:])
	if !g.known[id] {
		if g.known == nil {
			g.known = map[string]bool{}
		}
		g.known[id] = true
		g.objects = append(g.objects, gitObject{id, kind, body})
	}
	return id
}

// tree adds the files with all directories between, and gives the id of the root.
func (g *repository) tree(files []member) string {
	type entry struct{ mode, name, id string }
	var entries []entry
	below := map[string][]member{}
	for _, f := range files {
		if dir, rest, ok := strings.Cut(f.name, "/"); ok {
			below[dir] = append(below[dir], member{rest, f.body})
		} else {
			entries = append(entries, entry{"100644", f.name, g.add("blob", []byte(f.body))})
		}
	}
	dirs := make([]string, 0, len(below))
	for dir := range below {
		dirs = append(dirs, dir)
	}
	sort.Strings(dirs)
	for _, dir := range dirs {
		entries = append(entries, entry{"40000", dir, g.tree(below[dir])})
	}
	// Git sorts directories as if their names ended with a slash.
	key := func(e entry) string {
		if e.mode == "40000" {
			return e.name + "/"
		}
		return e.name
	}
	sort.Slice(entries, func(i, j int) bool { return key(entries[i]) < key(entries[j]) })
	var b bytes.Buffer
	for _, e := range entries {
		id, err := hex.DecodeString(e.id)
		must(err)
		b.WriteString(e.mode + " " + e.name + "\x00")
		b.Write(id)
	}
	return g.add("tree", b.Bytes())
}

const gitWho = "Ops <ops@corp.internal> 1700000000 +0000"

func (g *repository) commit(message string, files []member, parents ...string) string {
	text := "tree " + g.tree(files) + "\n"
	for _, p := range parents {
		text += "parent " + p + "\n"
	}
	return g.add("commit", []byte(text+"author "+gitWho+"\ncommitter "+gitWho+"\n\n"+message+"\n"))
}

func (g *repository) file(name, body string) { g.files = append(g.files, member{name, body}) }

// describe writes what makes the directory a repository.
func (g *repository) describe(head, config string) {
	g.file("HEAD", "ref: refs/heads/main\n")
	g.file("config", "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n"+config)
	g.file("refs/heads/main", head+"\n")
}

// loose writes each object into a file of its own.
func (g *repository) loose() {
	var z deflater
	for _, o := range g.objects {
		head := fmt.Sprintf("%s %d\x00", o.kind, len(o.body))
		g.file("objects/"+o.id[:2]+"/"+o.id[2:], string(z.deflated(append([]byte(head), o.body...))))
	}
}

func (b *builder) addRepository(g *repository) {
	for _, f := range g.files {
		b.addFile(repositoriesLayer, g.path+"/"+f.name, f.body)
	}
}

// gitPlant is a secret in a file of a repository.
type gitPlant struct {
	kind kind
	sample
	name string
}

// gitPlants makes the secrets of one place of the repositories.
func (b *builder) gitPlants(secrets []kind, place string) []gitPlant {
	places := gitPlaces()
	var out []gitPlant
	for n, p := range places {
		if p != place {
			continue
		}
		for i, k := range share(secrets, n, len(places), 2) {
			s := homeOf(b.sample(k, place), n+i)
			out = append(out, gitPlant{k, s, k.name + "/" + s.path})
		}
	}
	return out
}

func gitPlaces() []string {
	return []string{"git-head", "git-old-commit", "git-unreachable-commit", "git-stash", "git-pack-whole", "git-pack-offset-delta", "git-pack-reference-delta"}
}

func membersOf(plants []gitPlant) []member {
	out := make([]member, len(plants))
	for i, p := range plants {
		out[i] = member{p.name, p.text}
	}
	return out
}

func (b *builder) inRepository(plants []gitPlant, place, repository, commit string) {
	for _, p := range plants {
		b.plant(p.kind, p.sample, target{place: place, layer: repositoriesLayer, path: repository + "!/" + commit + ":" + p.name, real: true})
	}
}

// plantRepositories plants in two repositories: one with loose objects, one with a pack.
func (b *builder) plantRepositories(secrets []kind) {
	b.plantLoose(secrets)
	b.plantPacked(secrets)
}

// plantLoose makes each secret stand in the tree of one commit alone.
func (b *builder) plantLoose(secrets []kind) {
	g := &repository{path: "srv/repos/shop/.git"}
	readme := member{"README.md", "# Shop\n"}
	inHead, old, lost, stashed := b.gitPlants(secrets, "git-head"), b.gitPlants(secrets, "git-old-commit"),
		b.gitPlants(secrets, "git-unreachable-commit"), b.gitPlants(secrets, "git-stash")

	first := g.commit("Start", []member{readme})
	added := g.commit("Add settings", append(membersOf(old), readme), first)
	unreachable := g.commit("Try the new settings", append(membersOf(lost), readme), first)
	removed := g.commit("Remove settings", []member{readme}, added)
	head := g.commit("Add service", append(membersOf(inHead), readme), removed)
	index := g.commit("index on main: Remove settings", []member{readme}, removed)
	stash := g.commit("WIP on main: Remove settings", append(membersOf(stashed), readme), removed, index)

	urls := b.lineSecrets(secrets, "git-remote-url", 0)
	config := ""
	for _, p := range urls {
		config += "[remote \"" + p.kind.name + "\"]\n\turl = https://oauth2:" + p.value + "@git.corp.internal/shop.git\n\tfetch = +refs/heads/*:refs/remotes/" + p.kind.name + "/*\n"
	}
	g.describe(head, config)
	g.file("refs/stash", stash+"\n")
	g.file("logs/refs/stash", strings.Repeat("0", 40)+" "+stash+" "+gitWho+"\tWIP on main: Remove settings\n")
	messages := b.lineSecrets(secrets, "git-reflog", 1)
	log := strings.Repeat("0", 40) + " " + first + " " + gitWho + "\tcommit (initial): Start\n"
	log += first + " " + unreachable + " " + gitWho + "\tcommit: Try the new settings\n"
	for _, p := range messages {
		log += unreachable + " " + first + " " + gitWho + "\tclone: from https://ci:" + p.value + "@git.corp.internal/shop.git\n"
	}
	g.file("logs/HEAD", log)
	g.loose()
	b.addRepository(g)

	b.inRepository(inHead, "git-head", g.path, head)
	b.inRepository(old, "git-old-commit", g.path, added)
	b.inRepository(lost, "git-unreachable-commit", g.path, unreachable)
	b.inRepository(stashed, "git-stash", g.path, stash)
	for _, p := range urls {
		b.plant(p.kind, p.sample, target{place: "git-remote-url", layer: repositoriesLayer, path: g.path + "/config", real: true})
	}
	for _, p := range messages {
		b.plant(p.kind, p.sample, target{place: "git-reflog", layer: repositoriesLayer, path: g.path + "/logs/HEAD", real: true})
	}
}

// lineSecrets gives each tenth kind whose value is a token that fits the userinfo of a URL.
func (b *builder) lineSecrets(secrets []kind, place string, offset int) []gitPlant {
	var out []gitPlant
	for i, k := range inLines(secrets) {
		s := b.sample(k, place)
		if i%10 == offset && s.value == s.entry && !strings.ContainsAny(s.value, ":/@$+=~ ") {
			out = append(out, gitPlant{kind: k, sample: s})
		}
	}
	return out
}
