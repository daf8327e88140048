package credfile

import (
	"bytes"
	"slices"
	"strings"
	"sync"
)

// A pattern of paths is a base name, or the last components of a path, in lower
// case. Their components may have stars. A pattern that begins with "?" is of
// a name that other files have too: there the format's head decides.

// longestTail is how much of a path's end is looked at, and longestHead how much
// of the content's beginning.
const (
	longestTail = 256
	longestHead = 4 << 10
)

type pathRule struct {
	pattern string
	common  bool
	format  *Format
}

// pathIndex finds rules by what all paths of a pattern have in common.
type pathIndex struct {
	byBase, byExtension, byParent map[string][]pathRule
	byPrefix                      [256][]pathRule // by the first byte of the base name
}

var index = sync.OnceValue(func() *pathIndex {
	x := &pathIndex{
		byBase: map[string][]pathRule{}, byExtension: map[string][]pathRule{}, byParent: map[string][]pathRule{},
	}
	table := formats()
	for i := range table {
		for _, name := range table[i].names {
			x.add(name, &table[i])
		}
	}
	return x
})

func (x *pathIndex) add(name string, f *Format) {
	pattern, common := strings.CutPrefix(name, "?")
	r := pathRule{pattern: pattern, common: common, format: f}
	above, base := cutLast(pattern)
	_, parent := cutLast(above)
	switch extension := extensionOf(base); {
	case !strings.Contains(base, "*"):
		x.byBase[base] = append(x.byBase[base], r)
	case extension != "" && !strings.Contains(extension, "*"):
		x.byExtension[extension] = append(x.byExtension[extension], r)
	case parent != "" && !strings.Contains(parent, "*"):
		x.byParent[parent] = append(x.byParent[parent], r)
	default:
		x.byPrefix[base[0]] = append(x.byPrefix[base[0]], r)
	}
}

// Match gives the formats that a file of this path and with these first bytes
// may have, sorted by ID. Components of the path are divided by slashes; case does
// not matter. Without first bytes all formats of a common name are given.
func Match(path string, head []byte) []Candidate {
	return index().match(path, head)
}

func (x *pathIndex) match(path string, head []byte) []Candidate {
	var buffer [longestTail]byte
	tail := buffer[:copy(buffer[:], path[max(0, len(path)-longestTail):])]
	for i, c := range tail {
		if 'A' <= c && c <= 'Z' {
			tail[i] = c + 'a' - 'A'
		}
	}
	above, base := tail[:0], tail
	if i := bytes.LastIndexByte(tail, '/'); i >= 0 {
		above, base = tail[:i], tail[i+1:]
	}
	if len(base) == 0 {
		return nil
	}
	var extension []byte
	if i := bytes.LastIndexByte(base, '.'); i >= 0 {
		extension = base[i+1:]
	}
	parent := above[bytes.LastIndexByte(above, '/')+1:]
	var found []Candidate
	for _, rules := range [...][]pathRule{
		x.byBase[string(base)], x.byExtension[string(extension)], x.byParent[string(parent)], x.byPrefix[base[0]],
	} {
		for _, r := range rules {
			if matchPath(r.pattern, tail) && (!r.common || hasHead(r.format, head)) {
				found = append(found, Candidate{format: r.format, path: path})
			}
		}
	}
	if len(found) > 1 {
		slices.SortFunc(found, func(a, b Candidate) int { return strings.Compare(a.format.ID, b.format.ID) })
		found = slices.CompactFunc(found, func(a, b Candidate) bool { return a.format == b.format })
	}
	return found
}

func hasHead(f *Format, head []byte) bool {
	return len(head) == 0 || f.head == nil || f.head(string(head[:min(len(head), longestHead)]))
}

// matchPath compares a pattern with the last components of a path.
func matchPath(pattern string, tail []byte) bool {
	for {
		above, component := cutLast(pattern)
		i := bytes.LastIndexByte(tail, '/')
		if !matchComponent(component, tail[i+1:]) {
			return false
		}
		if above == "" {
			return true
		}
		if i < 0 {
			return false
		}
		pattern, tail = above, tail[:i]
	}
}

func matchComponent(pattern string, name []byte) bool {
	before, after, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == string(name)
	}
	if len(name) < len(before) || string(name[:len(before)]) != before {
		return false
	}
	name = name[len(before):]
	for {
		inner, rest, star := strings.Cut(after, "*")
		if !star {
			return len(name) >= len(inner) && string(name[len(name)-len(inner):]) == inner
		}
		i := 0
		for i+len(inner) <= len(name) && string(name[i:i+len(inner)]) != inner {
			i++
		}
		if i+len(inner) > len(name) {
			return false
		}
		name, after = name[i+len(inner):], rest
	}
}

// cutLast divides a pattern before its last component.
func cutLast(pattern string) (above, base string) {
	if i := strings.LastIndexByte(pattern, '/'); i >= 0 {
		return pattern[:i], pattern[i+1:]
	}
	return "", pattern
}

func extensionOf(base string) string {
	if i := strings.LastIndexByte(base, '.'); i >= 0 {
		return base[i+1:]
	}
	return ""
}

// containing gives a head that must hold one of the words.
func containing(words ...string) func(string) bool {
	return func(head string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(head, w) })
	}
}

// beginning gives a head that must begin with one of the words.
func beginning(words ...string) func(string) bool {
	return func(head string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(head, w) })
	}
}
