package checks

import (
	"path"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// start is what a container of an image runs when it starts.
type start struct {
	files map[string]bool // the programs, by path in the final view
	kits  map[string]bool // directories of runtimes that come with tools of their own
}

// runtimes are programs whose kit lies beside them and goes with them: a JDK is
// what some applications run on.
var runtimes = map[string]bool{"java": true, "jshell": true, "jwebserver": true, "erl": true, "escript": true}

// startedBy reads entrypoint and command. Every word of them that is the name of a
// program counts, because init programs and scripts take others as arguments.
func startedBy(image *layers.Image, view *layers.View) start {
	s := start{files: map[string]bool{}, kits: map[string]bool{}}
	if image.Config == nil || view == nil {
		return s
	}
	search := []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}
	for _, v := range variables(image.Config) {
		if v.name == "PATH" {
			search = strings.Split(v.value, ":")
		}
	}
	const most = 64
	for i, w := range commandWords(image) {
		if i == most {
			break
		}
		if strings.Contains(w, "/") {
			s.see(view, w)
			continue
		}
		for k, dir := range search {
			if k == most || s.see(view, path.Join(dir, w)) {
				break
			}
		}
	}
	return s
}

// commandWords gives the words of entrypoint and command, and those of a script
// that they hand to a shell.
func commandWords(image *layers.Image) []string {
	var all []string
	for _, list := range [][]string{image.Config.Config.Entrypoint, image.Config.Config.Cmd} {
		all = append(all, list...)
		if len(list) == 0 {
			continue
		}
		if text, ok := inlineScript(command{name: path.Base(list[0]), args: list[1:]}); ok {
			var inner script
			inner.parse(text, 1)
			for _, c := range inner.commands {
				all = append(append(all, c.name), c.args...)
			}
		}
	}
	return all
}

func (s start) see(view *layers.View, name string) bool {
	ref, ok := view.Resolve(strings.TrimLeft(path.Clean("/"+name), "/"))
	if !ok {
		return false
	}
	e := view.Entry(ref)
	if e == nil || e.Type != layers.Regular && e.Type != layers.HardLink {
		return false
	}
	for _, n := range append(view.Names(ref), ref) {
		s.files[view.Place(n)] = true
	}
	if runtimes[path.Base(name)] || runtimes[path.Base(e.Path)] {
		s.kits[parent(view.Place(ref))] = true
	}
	return true
}

func (s start) needs(p string) bool { return s.files[p] || s.kits[parent(p)] }
