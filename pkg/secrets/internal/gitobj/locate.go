package gitobj

import (
	"path"
	"slices"
	"strings"
)

// part is what a file is for its repository.
type part uint8

const (
	notPart part = iota
	loosePart
	packPart
	bundlePart
	indexPart
	refPart
	fetchHeadPart
	packedRefsPart
	logPart
	configPart
	shallowPart
	alternatesPart
	reftablePart
)

// place is a file's place in a repository.
type place struct {
	part part
	repo string // the repository's directory, or the bundle
	name string // of the ref or log; otherwise the file's path in the repository
	// sure says that the directory's name alone makes it a repository. Elsewhere content
	// that does not fit is no damage but some other file.
	sure bool
}

// parts are the files that lie at the top of a repository (gitrepository-layout(5)).
var parts = map[string]part{
	"HEAD": refPart, "ORIG_HEAD": refPart, "MERGE_HEAD": refPart, "CHERRY_PICK_HEAD": refPart,
	"REVERT_HEAD": refPart, "REBASE_HEAD": refPart, "BISECT_HEAD": refPart, "AUTO_MERGE": refPart,
	"FETCH_HEAD": fetchHeadPart, "packed-refs": packedRefsPart, "index": indexPart, "config": configPart,
	"config.worktree": configPart, "shallow": shallowPart,
}

// locate tells whether a path is that of a repository's file. Directories named
// `.git` and `x.git` are repositories; so is any that holds files
// which no one else has, such as objects/pack/pack-<ID>.pack: Go's and Cargo's caches
// have names of their own.
func locate(file string) (place, bool) {
	if !mayBePart(file) {
		return place{}, false
	}
	segments := strings.Split(file, "/")
	for i, s := range slices.Backward(segments[:len(segments)-1]) {
		if !strings.HasSuffix(s, ".git") {
			continue
		}
		if p, inside, ok := partOf(segments[i+1:]); ok {
			p.repo = path.Join(append(slices.Clone(segments[:i+1]), inside...)...)
			p.sure = true
			return p, true
		}
	}
	if strings.HasSuffix(file, ".bundle") {
		return place{part: bundlePart, repo: file}, true
	}
	for i := range segments {
		if p, ok := ownPart(segments[i:]); ok && distinct(p, segments[i:]) {
			p.repo = path.Join(segments[:i]...)
			return p, true
		}
	}
	if last := segments[len(segments)-1]; isPackName(last) {
		return place{part: packPart, repo: path.Dir(file), name: last}, true
	}
	return place{}, false
}

// mayBePart rules most files of a layer out, at little cost.
func mayBePart(file string) bool {
	base := file[strings.LastIndexByte(file, '/')+1:]
	return strings.Contains(file, ".git/") || strings.Contains(file, "objects/") || strings.Contains(file, "refs/") ||
		base == "HEAD" || base == "packed-refs" || strings.HasSuffix(base, ".pack") || strings.HasSuffix(base, ".bundle")
}

// partOf looks at a path inside a repository: its own files, and those of the
// submodules it keeps. inside is the way to the submodule's repository.
func partOf(segments []string) (p place, inside []string, ok bool) {
	if p, ok := ownPart(segments); ok {
		return p, nil, true
	}
	if segments[0] != "modules" {
		return place{}, nil, false
	}
	// A submodule's name may have several segments; the shortest that leaves a
	// known file is taken.
	for i := 2; i < len(segments); i++ {
		if segments[i] == "modules" && i+1 < len(segments) {
			if p, deeper, ok := partOf(segments[i:]); ok {
				return p, append(slices.Clone(segments[:i]), deeper...), true
			}
		}
		if p, ok := ownPart(segments[i:]); ok {
			return p, segments[:i], true
		}
	}
	return place{}, nil, false
}

// ownPart looks at the path of a file from its repository on.
func ownPart(segments []string) (place, bool) {
	first, name := segments[0], path.Join(segments...)
	last := segments[len(segments)-1]
	if strings.HasSuffix(last, ".lock") {
		return place{}, false
	}
	if len(segments) == 1 {
		p := parts[first]
		if p == notPart && strings.HasPrefix(first, "sharedindex.") {
			p = indexPart
		}
		return place{part: p, name: name}, p != notPart
	}
	switch first {
	case "objects":
		p := objectPart(segments[1:])
		return place{part: p, name: name}, p != notPart
	case "refs":
		return place{part: refPart, name: name}, true
	case "logs":
		return place{part: logPart, name: path.Join(segments[1:]...)}, true
	case "reftable":
		return place{part: reftablePart, name: name}, strings.HasSuffix(last, ".ref")
	case "worktrees":
		// What a linked worktree has for itself: its HEAD, its index, their logs.
		if len(segments) < 3 {
			return place{}, false
		}
		p, ok := ownPart(segments[2:])
		if ok && p.part != loosePart && p.part != packPart {
			p.name = path.Join("worktrees", segments[1], p.name)
			return p, true
		}
	}
	return place{}, false
}

// objectPart looks at a path below the objects directory.
func objectPart(segments []string) part {
	if len(segments) != 2 {
		return notPart
	}
	dir, file := segments[0], segments[1]
	switch {
	case dir == "pack" && (isPackName(file) || strings.HasPrefix(file, "tmp_pack_")):
		return packPart
	case dir == "info" && file == "alternates":
		return alternatesPart
	case len(dir) == 2 && isHex(dir) && (isHex(file) && formatOfHex(2+len(file)) != Unknown || strings.HasPrefix(file, "tmp_obj_")):
		return loosePart
	}
	return notPart
}

func isPackName(file string) bool {
	id, isPack := strings.CutSuffix(file, ".pack")
	id, named := strings.CutPrefix(id, "pack-")
	return isPack && named && isHex(id) && formatOfHex(len(id)) != Unknown
}

// distinct reports whether a file's path is enough to take its directory for a
// repository, whatever that is called.
func distinct(p place, segments []string) bool {
	switch p.part {
	case loosePart, packPart, alternatesPart:
		return true
	case packedRefsPart:
		return true
	case refPart:
		return p.name == "HEAD" || len(segments) >= 2 && isRefSpace(segments[1])
	case logPart:
		return p.name == "HEAD" || len(segments) >= 3 && segments[1] == "refs" && isRefSpace(segments[2])
	}
	return false
}

func isRefSpace(s string) bool {
	return s == "heads" || s == "tags" || s == "remotes" || s == "stash" || s == "notes"
}
