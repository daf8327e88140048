package gitobj

import (
	"maps"
	"slices"
	"strings"
)

// reach is how a commit can be reached, the best way first.
type reach uint8

const (
	fromRef      reach = iota // a branch, tag, remote branch, or HEAD
	fromStash                 // refs/stash
	fromStashLog              // an older stash
	fromLog                   // another reflog, or FETCH_HEAD and its like
	fromNowhere
)

// isHead reports whether a ref is the HEAD of the repository or of a linked worktree.
func isHead(name string) bool {
	return name == "HEAD" || isWorktree(name) && strings.HasSuffix(name, "/HEAD")
}

func isWorktree(name string) bool { return strings.HasPrefix(name, "worktrees/") }

// isPseudo reports whether a name is none of a ref that keeps commits in the history.
func isPseudo(name string) bool {
	if isHead(name) || strings.HasPrefix(name, "refs/") {
		return false
	}
	return !isWorktree(name) || !strings.Contains(name, "/refs/")
}

func isPacked(r Ref) bool { return strings.HasSuffix(r.File, "packed-refs") }

// maxSymbolic bounds symbolic refs that lead to each other; Git stops at five.
const maxSymbolic = 5

// target gives the object that a ref stands for.
func (r *Repo) target(ref Ref) (uint32, bool) {
	for range maxSymbolic {
		if ref.Symbolic == "" {
			return ref.Target, true
		}
		next, ok := r.refs[ref.Symbolic]
		if !ok {
			return 0, false
		}
		ref = next
	}
	return 0, false
}

// maxTags bounds tags of tags.
const maxTags = 64

// peel follows tags to what they name in the end.
func (r *Repo) peel(id uint32) uint32 {
	for range maxTags {
		next, isTag := r.tags[id]
		if !isTag {
			break
		}
		id = next
	}
	return id
}

// tipsBy gives the objects from which each way of reaching begins, in a fixed order.
func (r *Repo) tipsBy() (by [fromNowhere][]uint32) {
	add := func(how reach, id uint32) { by[how] = append(by[how], r.peel(id)) }
	for _, name := range slices.Sorted(maps.Keys(r.refs)) {
		id, ok := r.target(r.refs[name])
		switch {
		case !ok:
		case name == "refs/stash":
			add(fromStash, id)
		default:
			add(fromRef, id)
		}
	}
	for _, e := range r.log {
		how := fromLog
		if e.Ref == "refs/stash" {
			how = fromStashLog
		}
		if e.HasOld {
			add(how, e.Old)
		}
		if e.HasNew {
			add(how, e.New)
		}
	}
	for _, ref := range r.tips {
		if id, ok := r.target(ref); ok {
			add(fromLog, id)
		}
	}
	return by
}

// reached gives for each commit the best way to reach it.
func (r *Repo) reached(tips [fromNowhere][]uint32) []reach {
	how := slices.Repeat([]reach{fromNowhere}, len(r.commits))
	var todo []int32
	for way := fromRef; way < fromNowhere; way++ {
		visit := func(id uint32) {
			if c, ok := r.commit[id]; ok && how[c] == fromNowhere {
				how[c] = way
				todo = append(todo, c)
			}
		}
		for _, id := range tips[way] {
			visit(id)
		}
		for len(todo) > 0 {
			c := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			for _, p := range r.commits[c].Parents {
				visit(p)
			}
		}
	}
	return how
}
