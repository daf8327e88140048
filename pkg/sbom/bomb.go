package sbom

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Bounds of an archive that is handed to Syft, which reads some of its members whole
// into memory and unpacks the archives inside.
const (
	maxMembers    = 1 << 20
	maxText       = 8 << 20   // bytes of one member that describes a package
	maxTexts      = 128 << 20 // bytes of all of them
	maxNested     = 2 << 30   // bytes of all archives inside, at any depth
	maxNestedZip  = 128 << 20 // bytes of one archive inside that is looked into
	maxNestedDeep = 4
)

// ReasonArchiveLimit is the reason of the gap for an archive that would cost too much.
const ReasonArchiveLimit = "limit-archive"

// errBomb says that cataloguing an archive would cost too much.
var errBomb = errors.New("an archive or a list of packages is larger, unpacked, than is catalogued")

// looksZip reports whether a file may be a zip archive, by its first bytes.
func looksZip(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }

// bomb looks for what would make cataloguing an archive cost more than the bounds. A
// file that is no archive costs nothing.
func bomb(r io.ReaderAt, size int64) error {
	return (&spending{}).open(r, size, 1)
}

// spending is what Syft would read and unpack of an archive.
type spending struct{ members, texts, nested int64 }

func (s *spending) open(r io.ReaderAt, size int64, depth int) error {
	j, err := openJar(r, size)
	if err != nil {
		return nil //nolint:nilerr // Syft says so itself
	}
	return s.look(j, depth)
}

func (s *spending) look(j *jar, depth int) error {
	if s.members += int64(j.members); s.members > maxMembers {
		return fmt.Errorf("%w: more than %d members", errBomb, maxMembers)
	}
	for _, f := range j.read {
		n := int64(min(f.UncompressedSize64, 1<<62))
		switch {
		case describes(f.Name):
			if s.texts += n; n > maxText || s.texts > maxTexts {
				return fmt.Errorf("%w: members that describe packages have %d bytes", errBomb, s.texts)
			}
		case nestedArchive(f.Name):
			if s.nested += n; s.nested > maxNested {
				return fmt.Errorf("%w: archives inside have more than %d bytes", errBomb, maxNested)
			}
			if err := s.lookInside(f, n, depth); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *spending) lookInside(f *zip.File, size int64, depth int) error {
	if depth > maxNestedDeep || size > maxNestedZip {
		if depth > maxNestedDeep {
			return fmt.Errorf("%w: archives lie in archives more than %d deep", errBomb, maxNestedDeep)
		}
		return nil
	}
	if f.Method == zip.Store {
		if raw, err := f.OpenRaw(); err == nil {
			if at, ok := raw.(io.ReaderAt); ok {
				return s.open(at, size, depth+1)
			}
		}
	}
	in, err := f.Open()
	if err != nil {
		return nil //nolint:nilerr // Syft says so itself
	}
	defer in.Close()
	content, err := io.ReadAll(io.LimitReader(in, size))
	if err != nil {
		return nil //nolint:nilerr // Syft says so itself
	}
	return s.open(bytes.NewReader(content), int64(len(content)), depth+1)
}

// describes reports whether a member is one of those that are read whole.
func describes(name string) bool {
	base := strings.ToLower(path.Base(name))
	return base == "manifest.mf" || base == "pom.xml" || base == "pom.properties" || base == "plugin.properties" || licence(base) || strings.HasPrefix(base, "notice")
}

func nestedArchive(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".jar", ".war", ".ear", ".par", ".sar", ".nar", ".jpi", ".hpi", ".kar", ".far", ".lpkg", ".rar", ".zip", ".zap":
		return true
	}
	return false
}
