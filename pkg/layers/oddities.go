package layers

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The rules that an [Oddity] can break:
//
//	tar-absolute-name       a name begins with a slash
//	tar-path-escape         a name leaves the root by ".."
//	tar-link-escape         a link leaves the root by ".."
//	tar-link-missing        a hard link to what the tar does not have
//	tar-entry-through-link  an entry below what the same tar made a symbolic link
//	tar-duplicate-entry     one path twice; a directory repeated as it was is none
//	tar-whiteout-and-entry  one path is deleted and written by the same tar
//	tar-bad-whiteout        a whiteout that names nothing or carries something
//	tar-aufs-metadata       a file of aufs' own
//	tar-device-node         a character or block device
//	tar-overlay-whiteout    a device 0/0, which overlayfs takes for a whiteout
//	tar-bad-name            control characters, no UTF-8, or longer than file systems take
//	tar-unknown-type        a type that runtimes refuse
//	tar-size-mismatch       two headers of one entry disagree on its size
//	tar-trailing-data       bytes behind the tar's or the compressed data's end
//	tar-missing-end         no end marker (of little weight)
const (
	maxOdd      = 1000 // of one rule in one layer; the rest is counted
	maxOddText  = 1024 // bytes of a path or detail
	maxNamePart = 255  // NAME_MAX of Linux
	maxNamePath = 4096 // PATH_MAX of Linux
)

// oddities collects what is odd about one tar.
type oddities struct {
	found []Oddity
	count map[string]int
	more  map[string]int // of count, those that are not named in found
	rules []string       // in the order in which they were first broken
	room  *budget

	seen    map[string]int      // path → last entry with it, whiteouts aside
	links   map[string]struct{} // paths that are symbolic links now
	lastDir string              // was looked at for links above it …
	through string              // … with this result
}

func newOddities(room *budget) *oddities {
	return &oddities{room: room, count: map[string]int{}, more: map[string]int{}, seen: map[string]int{}, links: map[string]struct{}{}}
}

func (o *oddities) add(rule, name, detail string) {
	o.count[rule]++
	if o.count[rule] == 1 {
		o.rules = append(o.rules, rule)
	}
	odd := Oddity{Rule: rule, Path: clip(name), Detail: clip(detail)}
	if o.count[rule] > maxOdd || !o.room.take(int64(len(odd.Path)+len(odd.Detail))) {
		o.more[rule]++
		return
	}
	o.found = append(o.found, odd)
}

// list gives all oddities, with one more for each rule that was broken too often
// to name every place.
func (o *oddities) list() []Oddity {
	for _, rule := range o.rules {
		if more := o.more[rule]; more > 0 {
			o.found = append(o.found, Oddity{Rule: rule, Detail: fmt.Sprintf("and %d more of this kind", more)})
		}
	}
	return o.found
}

// track compares an entry with those before it in the same tar.
func (o *oddities) track(e *Entry, before []Entry) {
	if e.Whiteout != NoWhiteout {
		return
	}
	if i, ok := o.seen[e.Path]; ok && !sameDirectory(e, &before[i]) {
		o.add("tar-duplicate-entry", e.Path, fmt.Sprintf("the path is written again by entry %d; the later one wins", len(before)))
	}
	o.seen[e.Path] = len(before)
	if link := o.linkAbove(e.Path); link != "" {
		o.add("tar-entry-through-link", e.Path, "the entry lies below "+quote(link)+", which the same tar made a symbolic link")
	}
	if e.Type == Symlink {
		o.links[e.Path], o.lastDir = struct{}{}, ""
	} else if len(o.links) > 0 {
		delete(o.links, e.Path)
	}
}

// linkAbove gives the symbolic link that a path leads through, if any.
func (o *oddities) linkAbove(p string) string {
	dir := path.Dir(p)
	if len(o.links) == 0 || dir == "." {
		return ""
	}
	if dir == o.lastDir {
		return o.through
	}
	o.lastDir, o.through = dir, ""
	for d := dir; d != "."; d = path.Dir(d) {
		if _, ok := o.links[d]; ok {
			o.through = d
		}
	}
	return o.through
}

// finish looks at what can be told only when the whole tar is known.
func (o *oddities) finish(entries []Entry) {
	for i := range entries {
		e := &entries[i]
		if e.Whiteout == PathWhiteout {
			if _, ok := o.seen[e.Path]; ok {
				o.add("tar-whiteout-and-entry", e.Path, "the path is deleted and written by the same tar; the deletion is of lower layers only")
			}
		}
		if e.Type == HardLink {
			if _, ok := o.seen[e.Link]; !ok || e.Link == e.Path {
				o.add("tar-link-missing", e.Path, "a hard link to "+quote(e.Link)+", which the tar does not have")
			}
		}
	}
	o.seen, o.links = nil, nil
}

// sameDirectory reports whether a directory is only repeated as it was.
func sameDirectory(a, b *Entry) bool {
	return a.Type == Directory && b.Type == Directory && a.Mode == b.Mode && a.UID == b.UID && a.GID == b.GID
}

// checkName notes names that are made to confuse.
func (t *tarRead) checkName(name string) {
	switch c := cleanPath(name); {
	case c.escapes:
		t.odd.add("tar-path-escape", name, "the name leaves the root by \"..\"; it was read as "+quote(c.path))
	case c.absolute:
		t.odd.add("tar-absolute-name", name, "the name begins with a slash")
	}
	if why := badName(name); why != "" {
		t.odd.add("tar-bad-name", name, why)
	}
}

func badName(name string) string {
	if name == "" {
		return "the entry has no name"
	}
	if !utf8.ValidString(name) {
		return "the name is no UTF-8"
	}
	if strings.IndexFunc(name, unicode.IsControl) >= 0 {
		return "the name holds control characters"
	}
	if len(name) > maxNamePath {
		return fmt.Sprintf("the name has %d bytes, more than the %d that Linux takes", len(name), maxNamePath)
	}
	if len(name) > maxNamePart {
		for part := range strings.SplitSeq(name, "/") {
			if len(part) > maxNamePart {
				return fmt.Sprintf("a part of the name has %d bytes, more than the %d that Linux takes", len(part), maxNamePart)
			}
		}
	}
	return ""
}

// checkSymlink follows a link by its letters alone and notes if it climbs out of
// the root.
func (t *tarRead) checkSymlink(e *Entry) {
	depth := 0
	if !strings.HasPrefix(e.Link, "/") {
		depth = strings.Count(e.Path, "/")
	}
	for part := range strings.SplitSeq(e.Link, "/") {
		switch part {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				t.odd.add("tar-link-escape", e.Path, "a symbolic link to "+quote(e.Link)+", which is outside of the root")
				return
			}
		default:
			depth++
		}
	}
}

func (t *tarRead) checkDevice(e *Entry, name string) {
	kind := "block"
	if e.Type == CharDev {
		kind = "character"
		if e.DevMajor == 0 && e.DevMinor == 0 {
			t.odd.add("tar-overlay-whiteout", name, "a character device 0/0, which overlayfs takes for a whiteout")
			return
		}
	}
	t.odd.add("tar-device-node", name, fmt.Sprintf("a %s device %d/%d", kind, e.DevMajor, e.DevMinor))
}

// quote quotes a name that was cut to what a detail holds.
func quote(s string) string { return strconv.Quote(clip(s)) }

// clip cuts a text to what the ledger and the oddities keep of one.
func clip(s string) string {
	if len(s) <= maxOddText {
		return strings.Clone(s)
	}
	return s[:maxOddText-len("…")] + "…"
}
