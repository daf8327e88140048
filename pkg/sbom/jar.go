package sbom

import (
	"archive/zip"
	"context"
	"encoding/hex"
	"io"
	"path"
	"strings"

	"github.com/anchore/syft/syft/artifact"
	"github.com/anchore/syft/syft/file"
	syftpkg "github.com/anchore/syft/syft/pkg"
)

// jar is what Syft's cataloger of Java archives reads of one: manifests, what Maven put in, licences,
// archives inside; not the classes, which are most of it.
type jar struct {
	read    []*zip.File
	members int  // those that are not read as well
	odd     bool // it cannot be kept in part
}

func openJar(r io.ReaderAt, size int64) (*jar, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return &jar{odd: true}, err
	}
	j := &jar{members: len(z.File)}
	for _, f := range z.File {
		if f.Method != zip.Store && f.Method != zip.Deflate {
			j.odd = true
		}
		if readOfJar(f.Name) {
			j.read = append(j.read, f)
		}
	}
	return j, nil
}

// slimJar keeps of an archive what is read of it. What cannot be kept in part, since it is
// damaged or odd, is false.
func (s *store) slimJar(j *jar) (*content, bool) {
	if j.odd {
		return nil, false
	}
	to := writer{store: s}
	out := zip.NewWriter(&to)
	for _, f := range j.read {
		if err := out.Copy(f); err != nil {
			return nil, false
		}
	}
	if err := out.Close(); err != nil {
		return nil, false
	}
	slim, err := to.finish()
	return slim, err == nil
}

// readOfJar reports whether Syft may read a member of an archive.
func readOfJar(name string) bool {
	return describes(name) || nestedArchive(name) || strings.EqualFold(path.Base(name), "version.properties")
}

// jarCataloger is Syft's cataloger of Java archives. Those that were kept in part have
// another digest than the file: it is put right.
type jarCataloger struct{ syftpkg.Cataloger }

// sums knows the digests of files that were kept in part.
type sums interface{ sum(file.Location) []byte }

func (c jarCataloger) Catalog(ctx context.Context, r file.Resolver) ([]syftpkg.Package, []artifact.Relationship, error) {
	packages, relationships, err := c.Cataloger.Catalog(ctx, r)
	known, ok := r.(sums)
	if !ok {
		return packages, relationships, err
	}
	for i := range packages {
		packages[i] = withSum(packages[i], known)
	}
	for i, rel := range relationships {
		if p, ok := rel.From.(syftpkg.Package); ok {
			relationships[i].From = withSum(p, known)
		}
		if p, ok := rel.To.(syftpkg.Package); ok {
			relationships[i].To = withSum(p, known)
		}
	}
	return packages, relationships, err
}

// withSum gives the package of an archive that is a file itself, not one inside, the digest
// of the file.
func withSum(p syftpkg.Package, known sums) syftpkg.Package {
	m, ok := p.Metadata.(syftpkg.JavaArchive)
	if !ok {
		return p
	}
	if m.Parent != nil {
		parent := withSum(*m.Parent, known)
		m.Parent = &parent
	}
	for _, l := range p.Locations.ToSlice() {
		if len(m.ArchiveDigests) > 0 && m.VirtualPath == l.Path() {
			if sum := known.sum(l); sum != nil {
				m.ArchiveDigests = []file.Digest{{Algorithm: "sha1", Value: hex.EncodeToString(sum)}}
			}
		}
	}
	p.Metadata = m
	return p
}

// sum gives the SHA-1 of an archive that was kept in part. Places of what lies in an
// archive have no reference.
func (r *resolver) sum(l file.Location) []byte {
	ref, ok := r.refs.ref(l.Reference())
	if !ok {
		return nil
	}
	origin := r.view.Origin(ref)
	if k := keptOf(r.image, origin.Layer); k != nil {
		return k.sums[origin.Seq]
	}
	return nil
}

func (l *layered) sum(at file.Location) []byte { return l.of(at).sum(at) }

// isJar reports whether a file is a Java archive or may have some inside, by its name and
// first bytes.
func isJar(name string, head []byte) bool { return looksZip(head) && nestedArchive(name) }

// keepJar keeps what is needed of an archive, or all of it.
func (l *layerKeeper) keepJar(f *fileKeeper) error {
	f.to.content.store = l.store
	inHand := f.to.inHand()
	j, _ := openJar(inHand, inHand.size) // one that is damaged is kept whole
	if err := (&spending{}).look(j, 1); err != nil {
		l.store.giveBack(&f.to.content)
		l.kept.bombs = append(l.kept.bombs, f.entry.Path)
		l.kept.files[f.entry.Seq] = &content{store: l.store} // Syft sees an empty file
		return nil
	}
	if slim, ok := l.store.slimJar(j); ok {
		l.kept.sums[f.entry.Seq] = f.sha1.Sum(nil)
		l.kept.files[f.entry.Seq] = slim
	} else {
		whole, err := l.store.excerpt(inHand, []span{{0, inHand.size}})
		if err != nil {
			return err
		}
		l.kept.files[f.entry.Seq] = whole
	}
	l.store.giveBack(&f.to.content)
	return nil
}
