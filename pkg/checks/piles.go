package checks

import (
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// piles are directories that are judged as a whole: package caches and version
// control. One pile is what one layer has of one directory with one fate.
type piles struct {
	order []pileKey
	sums  map[pileKey]*pileSum
	signs map[string]sign // of repositories, by directory
}

type pileKey struct {
	rule, kind, dir string
	layer           int
	outcome         layers.Outcome
}

type pileSum struct{ files, bytes int64 }

// sign is what was seen of a directory that may be a repository.
type sign byte

const (
	signHead sign = 1 << iota
	signConfig
	signObjects
	signOther // a file that only a working copy of another system has
)

func newPiles() *piles {
	return &piles{sums: map[pileKey]*pileSum{}, signs: map[string]sign{}}
}

// see takes note of one entry.
func (p *piles) see(j *judge, ref layers.Ref, e *layers.Entry) {
	if e.Type != layers.Regular {
		return
	}
	if dir, kind, s, ok := repository(e.Path); ok {
		p.signs[dir] |= s
		rule := ruleGitDir
		if kind != "" {
			rule = ruleVCSDir
		}
		p.pile(pileKey{rule, kind, dir, ref.Layer, j.view.Outcome(ref)}, e.Size)
		return
	}
	if e.Size == 0 {
		return
	}
	if dir, kind, ok := cache(e.Path); ok {
		p.pile(pileKey{rulePackageCache, kind, dir, ref.Layer, j.view.Outcome(ref)}, e.Size)
	}
}

func (p *piles) pile(k pileKey, size int64) {
	s := p.sums[k]
	if s == nil {
		s = &pileSum{}
		p.sums[k] = s
		p.order = append(p.order, k)
	}
	s.files++
	s.bytes += size
}

// judge makes hits of the piles that are what they look like.
func (p *piles) judge(j *judge) {
	for _, k := range p.order {
		var confidence finding.Confidence
		switch k.rule {
		case ruleGitDir:
			s := p.signs[k.dir]
			bare := !strings.HasSuffix(k.dir, "/.git") && k.dir != ".git"
			if s == 0 || bare && s != signHead|signConfig|signObjects {
				continue
			}
			if s&signHead == 0 || s&signObjects == 0 {
				confidence = finding.Likely
			}
		case ruleVCSDir:
			if p.signs[k.dir]&signOther == 0 {
				continue
			}
		}
		sum := p.sums[k]
		j.add(hit{
			rule: k.rule, kind: k.kind, place: k.dir, path: k.dir, layer: k.layer,
			confidence: confidence, files: sum.files, bytes: sum.bytes, outcome: k.outcome,
		})
	}
}

// repository finds the outermost version control directory that a path lies in,
// and what the path says about it. Git's kind is empty.
func repository(p string) (dir, kind string, s sign, ok bool) {
	if !strings.Contains(p, ".git/") && !strings.Contains(p, ".svn/") && !strings.Contains(p, ".hg/") && !strings.Contains(p, ".bzr/") {
		return "", "", 0, false
	}
	for from := 0; ; {
		slash := strings.IndexByte(p[from:], '/')
		if slash < 0 {
			return "", "", 0, false
		}
		part, inside := p[from:from+slash], p[from+slash+1:]
		dir = p[:from+slash]
		from += slash + 1
		first, _, _ := strings.Cut(inside, "/")
		switch {
		case strings.HasSuffix(part, ".git"):
			switch first {
			case "HEAD":
				s = signHead
			case "config":
				s = signConfig
			case "objects":
				s = signObjects
			}
			return dir, "", s, true
		case part == ".svn":
			return dir, "Subversion", mark(first == "wc.db" || first == "entries" || first == "format"), true
		case part == ".hg":
			return dir, "Mercurial", mark(first == "requires" || first == "store" || first == "00changelog.i"), true
		case part == ".bzr":
			return dir, "Bazaar", mark(first == "README" || first == "branch-format" || first == "repository"), true
		}
	}
}

func mark(yes bool) sign {
	if yes {
		return signOther
	}
	return 0
}

// openPaths are world-writable files and directories. They are judged when all of
// an image was seen, because a tree that is open as a whole is one finding.
type openPaths struct {
	dirs map[string]bool
	seen []openPath
}

type openPath struct {
	ref  layers.Ref
	path string
	dir  bool
	mild bool // neither can be run nor configures anything
}

func newOpenPaths() *openPaths { return &openPaths{dirs: map[string]bool{}} }

const (
	modeSetuid      = 0o4000
	modeSetgid      = 0o2000
	modeSticky      = 0o1000
	modeExecutable  = 0o111
	modeOthersWrite = 0o002
)

func (o *openPaths) see(ref layers.Ref, e *layers.Entry) {
	if e.Mode&modeOthersWrite == 0 {
		return
	}
	switch e.Type {
	case layers.Directory:
		if e.Mode&modeSticky != 0 {
			return
		}
		o.dirs[e.Path] = true
		o.seen = append(o.seen, openPath{ref: ref, path: e.Path, dir: true})
	case layers.Regular, layers.HardLink:
		mild := e.Mode&modeExecutable == 0 && !strings.HasPrefix(e.Path, "etc/") && !strings.Contains(e.Path, ".so")
		o.seen = append(o.seen, openPath{ref: ref, path: e.Path, mild: mild})
	}
}

// judge makes hits whose place is the topmost directory that is open itself, and
// for a file in a closed directory that directory.
func (o *openPaths) judge(j *judge) {
	for _, p := range o.seen {
		h := hit{rule: ruleWorldWritable, path: p.path, layer: p.ref.Layer, outcome: j.view.Outcome(p.ref)}
		h.place = o.place(p)
		if p.mild {
			h.severity = finding.Low
		}
		if lost(h.outcome) {
			h.severity = finding.Info
		}
		j.add(h)
	}
}

func (o *openPaths) place(p openPath) string {
	if o.dirs["."] {
		return "."
	}
	for i := range len(p.path) {
		if p.path[i] == '/' && o.dirs[p.path[:i]] {
			return p.path[:i]
		}
	}
	if p.dir {
		return p.path
	}
	return parent(p.path)
}

func parent(p string) string {
	i := strings.LastIndexByte(p, '/')
	if i < 0 {
		return "."
	}
	return p[:i]
}
