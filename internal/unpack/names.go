package unpack

import (
	"path"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// join names a member of what lies at a path, as reports do.
func join(at, name string) string {
	name = finding.EscapePath(name)
	if at == "" {
		return name
	}
	return finding.Inside(at, name)
}

// place is where a member lies.
type place struct {
	archive string // its path; empty for the outermost
	name    string // of the member, as the archive has it
	inner   string // the same as a path below the archive
	path    string // from the outermost archive on
}

func placeOf(archive, name string) place {
	inner := clean(name)
	return place{archive, name, inner, join(archive, inner)}
}

// clean makes a member's name a path below the archive.
func clean(name string) string {
	name = strings.ReplaceAll(name, `\`, "/")
	if p := path.Clean(name); p[0] != '/' && p[0] != '.' {
		return p
	}
	if p := path.Clean("/" + name)[1:]; p != "" {
		return p
	}
	return "unnamed"
}

func escapes(name string) bool {
	name = strings.ReplaceAll(name, `\`, "/")
	if strings.HasPrefix(name, "/") || strings.IndexByte(name, 0) >= 0 {
		return true
	}
	if !strings.Contains(name, "..") {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return true
		}
	}
	return false
}

// withoutSuffix names what is inside a compressed file.
func withoutSuffix(name string) string {
	base := path.Base(name)
	switch ext := path.Ext(base); strings.ToLower(ext) {
	case ".gz", ".z", ".bz2", ".xz", ".zst", ".zstd", ".lzma", ".lz":
		if inner := strings.TrimSuffix(base, ext); inner != "" {
			return inner
		}
	case ".tgz", ".tbz", ".tbz2", ".txz", ".tzst", ".tlz":
		return strings.TrimSuffix(base, ext) + ".tar"
	}
	return base
}
