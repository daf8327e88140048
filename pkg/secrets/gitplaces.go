package secrets

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/secrets/internal/gitobj"
)

// histories are the repositories of one image, put together from all its layers.
type histories struct {
	img    *layers.Image
	view   *layers.View
	joined map[string]*gitobj.Repo
}

func newHistories(img *layers.Image, view *layers.View) *histories {
	return &histories{img: img, view: view, joined: map[string]*gitobj.Repo{}}
}

func (h *histories) repo(dir string) *gitobj.Repo {
	if r, known := h.joined[dir]; known {
		return r
	}
	var parts []gitobj.Part
	for n := range h.img.Layers {
		facts := h.img.Layers[n].Facts
		if facts == nil {
			continue
		}
		found, _ := facts.Scans[Name].(*LayerFacts)
		if found == nil {
			continue
		}
		for _, g := range found.git {
			if g.Repo != dir {
				continue
			}
			p := gitobj.Part{Graph: g}
			if h.view != nil {
				p.Visible = func(path string) bool {
					ref, ok := h.view.Lookup(path)
					return ok && ref.Layer == n
				}
			}
			parts = append(parts, p)
		}
	}
	r := gitobj.Join(parts...)
	h.joined[dir] = r
	return r
}

// places gives where a file's content is to be named: in the file, in what it holds, or at all places
// that a repository's object has in its history.
func (h *histories) places(at finding.Location, f FileFacts) []finding.Location {
	inside := func(l finding.Location) finding.Location {
		if f.Inner != "" {
			l.Path = finding.Inside(l.Path, f.Inner)
		}
		return l
	}
	if f.object == nil {
		return []finding.Location{inside(at)}
	}
	o := f.object
	repo := h.repo(o.repo)
	var found []gitobj.Occurrence
	if o.kind == gitobj.Commit {
		if c, ok := repo.Commit(o.id); ok {
			found = []gitobj.Occurrence{c}
		}
	} else {
		found = repo.Find(o.id)
	}
	if len(found) == 0 {
		found = []gitobj.Occurrence{{}}
	}
	var out []finding.Location
	for _, occurrence := range found {
		l := at
		l.Git = gitPlace(o.id, at.Path, occurrence)
		l.Path = finding.Inside(finding.EscapePath(o.repo), revision(l.Git))
		out = append(out, inside(l))
	}
	return out
}

// revision names an object as Git's commands take it (gitrevisions(7)).
func revision(g *finding.GitPlace) string {
	switch {
	case g.Reach == finding.InIndex:
		return ":" + g.Path
	case g.Commit != "" && g.Path != "":
		return g.Commit + ":" + g.Path
	}
	return cmp.Or(g.Commit, g.Object)
}

func gitPlace(object, file string, o gitobj.Occurrence) *finding.GitPlace {
	g := &finding.GitPlace{
		Object: object, File: file, Path: finding.EscapePath(o.Path), Commit: o.Commit,
		Subject: finding.EscapeText(o.Message), Author: finding.EscapeText(strings.TrimSpace(o.Author)), Reach: finding.Unreachable,
	}
	if o.Email != "" {
		g.Author = strings.TrimSpace(g.Author + " <" + finding.EscapeText(o.Email) + ">")
	}
	if !o.Date.IsZero() && o.Date.Year() >= 0 && o.Date.Year() <= 9999 {
		g.Date = o.Date.Format(time.RFC3339)
	}
	switch {
	case o.InHead:
		g.Reach = finding.InHead
	case o.Index:
		g.Reach = finding.InIndex
	case o.Stash:
		g.Reach = finding.InStash
	case o.Reachable:
		g.Reach = finding.InHistory
	case o.Reflog:
		g.Reach = finding.InReflog
	}
	return g
}

var reaches = []finding.GitReach{finding.InHead, finding.InHistory, finding.InIndex, finding.InStash, finding.InReflog, finding.Unreachable}

// joinVersions makes one place of all versions of a file in a repository's history that
// hold the same value: the oldest, reached as easily as the easiest.
func joinVersions(places []sighting) []sighting {
	type file struct {
		image, layer int
		fate         finding.Fate
		repo, path   string
		inner        string // the member of an archive that the object is
	}
	at := map[file]int{}
	objects := map[file]map[string]bool{}
	var out []sighting
	for _, p := range places {
		g := p.location.Git
		if g == nil || g.Path == "" {
			out = append(out, p)
			continue
		}
		repo, rest, _ := strings.Cut(p.location.Path, "!/")
		_, inner, _ := strings.Cut(rest, "!/")
		key := file{image: p.location.Image, layer: *p.location.Layer, fate: p.location.Fate, repo: repo, path: g.Path, inner: inner}
		i, known := at[key]
		if !known {
			at[key] = len(out)
			objects[key] = map[string]bool{g.Object: true}
			out = append(out, p)
			continue
		}
		objects[key][g.Object] = true
		old := out[i].location.Git
		reach := reaches[min(slices.Index(reaches, old.Reach), slices.Index(reaches, g.Reach))]
		if older(g, old) {
			out[i] = p
		}
		merged := *out[i].location.Git
		merged.Reach, merged.Others = reach, len(objects[key])-1
		out[i].location.Git = &merged
	}
	return out
}

// older reports whether a place came into the history before another.
func older(a, b *finding.GitPlace) bool {
	x, xerr := time.Parse(time.RFC3339, a.Date)
	y, yerr := time.Parse(time.RFC3339, b.Date)
	switch {
	case a.Commit == "" || b.Commit == "":
		return a.Commit != "" && b.Commit == ""
	case xerr == nil && yerr == nil && !x.Equal(y):
		return x.Before(y)
	}
	return a.Commit < b.Commit
}
