package sbom

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path"

	stereofile "github.com/anchore/stereoscope/pkg/file"
	"github.com/anchore/syft/syft/artifact"
	"github.com/anchore/syft/syft/file"
	syftpkg "github.com/anchore/syft/syft/pkg"
	syftsbom "github.com/anchore/syft/syft/sbom"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// digest is the SHA-256 of a file's content.
type digest [sha256.Size]byte

// described is what documents show of a regular file's content.
type described struct {
	sum  digest
	mime string // empty for an empty file
}

var nothing = described{sum: digest(sha256.Sum256(nil))}

// typeBytes is as much as the library that tells types looks at: it takes a shorter head for the whole
// file.
const typeBytes = 4 << 10

// fileReader takes the digest and the type of a file while its content streams by to
// the keeper.
type fileReader struct {
	layer *layerKeeper
	seq   int
	head  []byte
	to    io.WriteCloser // nil if the keeper wants nothing of the file
}

func (l *layerKeeper) readFile(e *layers.Entry, to io.WriteCloser) io.WriteCloser {
	l.sum.Reset()
	return &fileReader{l, e.Seq, l.head[:0], to}
}

func (f *fileReader) Write(p []byte) (int, error) {
	f.layer.sum.Write(p)
	f.head = append(f.head, p[:min(len(p), typeBytes-len(f.head))]...)
	if f.to == nil {
		return len(p), nil
	}
	return f.to.Write(p)
}

func (f *fileReader) Close() error {
	f.layer.head = f.head
	f.layer.kept.described[f.seq] = described{digest(f.layer.sum.Sum(nil)), stereofile.MIMEType(bytes.NewReader(f.head))}
	if f.to == nil {
		return nil
	}
	return f.to.Close()
}

// described gives what the walk has seen of a regular file, under any of its names; false for
// others, and where documents were not asked for.
func (r *resolver) described(n *node) (described, bool) {
	e := r.content(n)
	k := keptOf(r.image, n.origin.Layer)
	switch {
	case e.Type != layers.Regular || k == nil:
		return described{}, false
	case e.Size == 0:
		return nothing, true
	}
	d, ok := k.described[n.origin.Seq]
	return d, ok
}

// of gives the resolver that a location is of.
func (r *resolver) of(file.Location) *resolver { return r }

// describeFiles adds to a bill the digests, types, modes, sizes and owners of the files that
// packages own or are evident by, as Syft's own catalogers of files do, out of what the walk has
// seen, and what it has seen of programs.
func describeFiles(s *syftsbom.SBOM, in ofExecutables) error {
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
			if r := in.of(l); r.located(l) != nil {
				if d, ok := r.described(r.located(l)); ok {
					digests[l.Coordinates] = []file.Digest{{Algorithm: "sha256", Value: hex.EncodeToString(d.sum[:])}}
				}
			}
			metadata[l.Coordinates] = m
		}
	}
	if len(metadata) > 0 {
		s.Artifacts.FileDigests, s.Artifacts.FileMetadata = digests, metadata
	}
	return describePrograms(s, in)
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
