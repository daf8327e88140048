package layers

import (
	"archive/tar"
	"fmt"
	"path"
	"strings"
)

const (
	whiteoutPrefix = ".wh."
	aufsPrefix     = ".wh..wh." // aufs' own files, and the mark of an opaque directory
	opaqueMark     = ".wh..wh..opq"
	xattrPrefix    = "SCHILY.xattr."
	windowsPrefix  = "MSWINDOWS."
)

// newEntry makes an entry of a header and notes what is odd about it. It is not
// kept if it is a mark of aufs or of no meaning, and has no content.
func (t *tarRead) newEntry(hdr *tar.Header) (e Entry, keep bool) {
	t.checkWindows(hdr)
	e = Entry{
		Type: t.entryType(hdr), Mode: hdr.Mode & 0o7777, UID: hdr.Uid, GID: hdr.Gid,
		ModTime: hdr.ModTime, DevMajor: hdr.Devmajor, DevMinor: hdr.Devminor,
	}
	if e.Type == Regular {
		e.Size = hdr.Size
	}
	name, link := hdr.Name, hdr.Linkname
	if hdr.PAXRecords != nil { // the strings are parts of one long one, which should not live on
		name, link = strings.Clone(name), strings.Clone(link)
		e.Xattrs = xattrs(hdr.PAXRecords)
	}
	path, raw := t.place(name)
	e.Path = path
	switch e.Type {
	case Symlink:
		e.Link = link
		t.checkSymlink(&e)
	case HardLink:
		e.Link, _ = t.place(link)
		if cleanPath(link).escapes {
			t.odd.add("tar-link-escape", name, "a hard link to "+quote(link)+", which is outside of the root")
		}
	case CharDev, BlockDev:
		t.checkDevice(&e, name)
	}
	t.checkName(name)
	keep = t.whiteout(&e, name)
	if raw || e.Whiteout != NoWhiteout {
		e.RawName = name
	}
	if keep {
		t.odd.track(&e, t.facts.Entries)
	}
	return e, keep
}

// entryType gives the type of a header. What is of no known type is read as a
// file, so that its content is seen.
func (t *tarRead) entryType(hdr *tar.Header) Type {
	switch hdr.Typeflag {
	case tar.TypeReg, tar.TypeLink, tar.TypeSymlink, tar.TypeChar, tar.TypeBlock, tar.TypeDir, tar.TypeFifo:
		return Type(hdr.Typeflag)
	case tar.TypeGNUSparse, tar.TypeCont:
		return Regular
	}
	t.odd.add("tar-unknown-type", hdr.Name, fmt.Sprintf("an entry of the unknown type %q; it was read as a file", hdr.Typeflag))
	return Regular
}

// place gives the path of a name in the root file system, and whether that is
// another name than the tar's.
func (t *tarRead) place(name string) (p string, changed bool) {
	c := cleanPath(name)
	if t.windows {
		if c.path == "Files" {
			return ".", true
		}
		if rest, ok := strings.CutPrefix(c.path, "Files/"); ok {
			return rest, true
		}
	}
	return c.path, c.changed
}

// checkWindows notices a layer that Windows wrote: its records say so, or its
// registry hives come first. Its files lie under Files/.
func (t *tarRead) checkWindows(hdr *tar.Header) {
	if t.windows {
		return
	}
	if len(t.facts.Entries) == 0 && hdr.Typeflag == tar.TypeDir && cleanPath(hdr.Name).path == "Hives" {
		t.windows = true
	}
	for k := range hdr.PAXRecords {
		if strings.HasPrefix(k, windowsPrefix) {
			t.windows = true
		}
	}
}

// whiteout recognises the markers of deletion, sets their path to what they
// hide, and reports whether the entry belongs into the index.
func (t *tarRead) whiteout(e *Entry, name string) (keep bool) {
	dir, base := path.Split(e.Path)
	if !strings.HasPrefix(base, whiteoutPrefix) {
		return true
	}
	dir = strings.TrimSuffix(dir, "/")
	hidden := base[len(whiteoutPrefix):]
	switch {
	case base == opaqueMark:
		e.Whiteout, e.Path = OpaqueWhiteout, dir
		if dir == "" {
			e.Path = "."
		}
	case strings.HasPrefix(base, aufsPrefix):
		t.odd.add("tar-aufs-metadata", name, "a file of aufs' own; runtimes ignore it")
		return e.Size > 0
	case hidden == "" || hidden == "." || hidden == "..":
		t.odd.add("tar-bad-whiteout", name, "a whiteout that names no file; runtimes disagree on what it deletes")
		return e.Size > 0
	default:
		e.Whiteout, e.Path = PathWhiteout, path.Join(dir, hidden)
	}
	if e.Type != Regular || e.Size > 0 {
		t.odd.add("tar-bad-whiteout", name, "a whiteout that is no empty file; runtimes see the marker, not what it carries")
	}
	return true
}

// xattrs gives the extended attributes among the records of a PAX header.
func xattrs(records map[string]string) map[string]string {
	var m map[string]string
	for k, v := range records {
		if name, ok := strings.CutPrefix(k, xattrPrefix); ok {
			if m == nil {
				m = map[string]string{}
			}
			m[strings.Clone(name)] = strings.Clone(v)
		}
	}
	return m
}

// entryBytes is what an entry takes in memory besides its strings, in the index
// and while its layer is read.
const entryBytes = 200

// indexBytes is about what an entry takes in memory.
func indexBytes(hdr *tar.Header) int64 {
	n := entryBytes + len(hdr.Name) + len(hdr.Linkname)
	for k, v := range hdr.PAXRecords {
		if strings.HasPrefix(k, xattrPrefix) {
			n += len(k) + len(v)
		}
	}
	return int64(n)
}

// cleaned is a name of a tar as a path.
type cleaned struct {
	path     string // no leading or trailing slash, no dot segments; "." is the root
	changed  bool   // by more than a leading "./" or a trailing slash
	absolute bool
	escapes  bool // it left the root by ".."; the path is what a runtime makes of it
}

// cleanPath makes a path of a name. A name that climbs out of the root stays at
// it, as in a chroot.
func cleanPath(name string) cleaned {
	c := cleaned{path: strings.TrimSuffix(strings.TrimPrefix(name, "./"), "/")}
	if c.path == "" && name != "/" || c.path == "." {
		c.path = "."
		return c
	}
	if isClean(c.path) {
		return c
	}
	c.changed, c.absolute = true, strings.HasPrefix(name, "/")
	var parts []string
	for part := range strings.SplitSeq(name, "/") {
		switch part {
		case "", ".":
		case "..":
			if len(parts) == 0 {
				c.escapes = true
			} else {
				parts = parts[:len(parts)-1]
			}
		default:
			parts = append(parts, part)
		}
	}
	c.path = strings.Join(parts, "/")
	if c.path == "" {
		c.path = "."
	}
	return c
}

// isClean reports whether no segment of a path is empty, "." or "..".
func isClean(p string) bool {
	start := 0
	for i := 0; i <= len(p); i++ {
		if i < len(p) && p[i] != '/' {
			continue
		}
		switch p[start:i] {
		case "", ".", "..":
			return false
		}
		start = i + 1
	}
	return true
}
