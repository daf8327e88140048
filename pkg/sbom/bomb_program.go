package sbom

import (
	"compress/zlib"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"io"
	"path"
	"strings"
)

// maxDescription is how many bytes a file may have that Syft decodes as a whole in memory.
const maxDescription = 64 << 20

// decodedWhole reports whether Syft decodes a file as a whole, by its name.
func decodedWhole(name string) bool {
	switch base := path.Base(name); base {
	case "METADATA", "PKG-INFO", "RECORD", "DESCRIPTION", "MANIFEST.MF":
		return true
	default:
		return strings.HasSuffix(base, ".json") || strings.HasSuffix(base, ".gemspec")
	}
}

// programBomb reports whether the list of packages that cargo-auditable puts into a
// program unpacks to more than a list of packages ever has. Syft unpacks it whole.
func programBomb(r io.ReaderAt) bool {
	list := auditList(r)
	if list == nil {
		return false
	}
	z, err := zlib.NewReader(list)
	if err != nil {
		return false // Syft says so itself
	}
	defer z.Close()
	n, _ := io.Copy(io.Discard, io.LimitReader(z, maxText+1))
	return n > maxText
}

// auditList finds the section with that list in a program; nil if there is none.
func auditList(r io.ReaderAt) io.Reader {
	is := func(name string) bool { return name == ".dep-v0" || name == ".rust-deps-v0" || name == "rust-deps-v0" }
	if f, err := elf.NewFile(r); err == nil {
		for _, s := range f.Sections {
			if is(s.Name) {
				return s.Open()
			}
		}
		return nil
	}
	if f, err := pe.NewFile(r); err == nil {
		for _, s := range f.Sections {
			if is(s.Name) {
				return s.Open()
			}
		}
		return nil
	}
	if f, err := macho.NewFile(r); err == nil {
		for _, s := range f.Sections {
			if is(s.Name) {
				return s.Open()
			}
		}
	}
	return nil
}
