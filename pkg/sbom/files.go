package sbom

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path"

	"github.com/anchore/syft/syft/artifact"
	"github.com/anchore/syft/syft/file"
	syftpkg "github.com/anchore/syft/syft/pkg"
	syftsbom "github.com/anchore/syft/syft/sbom"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// digest is the SHA-256 of a file's content.
type digest [sha256.Size]byte

var digestOfNothing = digest(sha256.Sum256(nil))

// fileReader takes the digest of a file while its content streams by to the keeper.
type fileReader struct {
	layer *layerKeeper
	seq   int
	to    io.WriteCloser // nil if the keeper wants nothing of the file
}

func (l *layerKeeper) readFile(e *layers.Entry, to io.WriteCloser) io.WriteCloser {
	l.sum.Reset()
	return &fileReader{l, e.Seq, to}
}

func (f *fileReader) Write(p []byte) (int, error) {
	f.layer.sum.Write(p)
	if f.to == nil {
		return len(p), nil
	}
	return f.to.Write(p)
}

func (f *fileReader) Close() error {
	f.layer.kept.digests[f.seq] = digest(f.layer.sum.Sum(nil))
	if f.to == nil {
		return nil
	}
	return f.to.Close()
}

// digest gives the digest of a regular file, under any of its names; false for others, and
// where none was taken.
func (r *resolver) digest(l file.Location) (digest, bool) {
	n := r.located(l)
	if n == nil {
		return digest{}, false
	}
	e := r.content(n)
	k := keptOf(r.image, n.origin.Layer)
	switch {
	case e.Type != layers.Regular || k == nil:
		return digest{}, false
	case e.Size == 0:
		return digestOfNothing, true
	}
	sum, ok := k.digests[n.origin.Seq]
	return sum, ok
}

func (l *layered) digest(at file.Location) (digest, bool) { return l.of(at).digest(at) }

// describeFiles adds to a bill the digests, modes, sizes and owners of the files that packages
// own or are evident by, as Syft's own catalogers of files do, out of what the walk has
// seen. Types of content are left out: to tell them of every file costs more than all else.
func describeFiles(s *syftsbom.SBOM, in interface {
	file.Resolver
	digest(file.Location) (digest, bool)
}) error {
	digests, metadata := map[file.Coordinates][]file.Digest{}, map[file.Coordinates]file.Metadata{}
	for p := range pathsOfPackages(s) {
		locations, err := in.FilesByPath(p)
		if err != nil {
			return err
		}
		for _, l := range locations {
			m, err := in.FileMetadataByLocation(l)
			if err != nil {
				return err
			}
			if sum, ok := in.digest(l); ok {
				digests[l.Coordinates] = []file.Digest{{Algorithm: "sha256", Value: hex.EncodeToString(sum[:])}}
			}
			metadata[l.Coordinates] = m
		}
	}
	if len(metadata) > 0 {
		s.Artifacts.FileDigests, s.Artifacts.FileMetadata = digests, metadata
	}
	return nil
}

// pathsOfPackages are the files that packages own, or that give evidence of them.
func pathsOfPackages(s *syftsbom.SBOM) map[string]bool {
	paths := map[string]bool{}
	for _, r := range s.Relationships {
		if c, ok := r.To.(file.Coordinates); ok && r.Type == artifact.ContainsRelationship {
			if _, ok := r.From.(syftpkg.Package); ok {
				paths[path.Clean(c.RealPath)] = true
			}
		}
	}
	for p := range s.Artifacts.Packages.Enumerate() {
		for _, l := range p.Locations.ToSlice() {
			paths[path.Clean(l.RealPath)] = true
		}
	}
	return paths
}
