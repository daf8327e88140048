package layers

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// Bounds on an archive of images. A large docker save has a few thousand members.
const (
	maxMembers     = 200_000
	maxNameBytes   = 32 << 20 // all names and links together
	maxMemberLinks = 16       // followed one after the other
)

// openArchive opens an uncompressed archive. Its headers are read once; the
// content of its members is read where it lies.
func openArchive(ctx context.Context, f *os.File, size int64, b bundle) (Source, error) {
	index, err := indexArchive(ctx, f, size)
	if err != nil {
		return nil, err
	}
	b.files = index
	if b.kind == "" {
		b.kind = "oci-archive"
		if _, _, err := index.find(dockerManifest); err == nil {
			b.kind = "docker-archive"
		}
	}
	return &archiveSource{b, index, f}, nil
}

type archiveSource struct {
	bundle
	index *archiveIndex
	file  io.Closer
}

func (s *archiveSource) Images(ctx context.Context) ([]*Image, error) {
	images, err := s.images(ctx)
	if err != nil {
		if s.index.damage != nil {
			err = fmt.Errorf("%w (%s)", err, s.index.damage.Detail)
		}
		return nil, fmt.Errorf("reading %s: %w", display(s.place), err)
	}
	for _, img := range images {
		if s.index.damage != nil {
			img.Gaps = AddRemark(img.Gaps, *s.index.damage)
		}
		img.Notes = AddRemarks(img.Notes, s.index.notes...)
	}
	return images, nil
}

func (s *archiveSource) Blob(ctx context.Context, layer Layer) (io.ReadCloser, error) {
	return s.blob(ctx, layer)
}

func (s *archiveSource) Close() error { return s.file.Close() }

// archiveIndex says where the members of a tar lie.
type archiveIndex struct {
	members
	r io.ReaderAt
}

// members are the names in an archive.
type members struct {
	byName map[string]archiveMember
	first  []string // names, for errors
	bytes  int      // of names
	image  bool     // a name was seen that only image archives have
	damage *Remark  // why the archive was not read to its end
	notes  []Remark
}

// archiveMember is where a member lies, or to what it links.
type archiveMember struct {
	offset, size int64
	link         string // another member, or ""
	sparse       bool
}

// indexArchive reads the headers of a tar. Damage behind the first member ends
// the index, and is told with it; what is before it can be read.
func indexArchive(ctx context.Context, r io.ReaderAt, size int64) (*archiveIndex, error) {
	section := io.NewSectionReader(r, 0, size)
	tr := tar.NewReader(section)
	a := &archiveIndex{r: r}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, err := tr.Next()
		if err == io.EOF {
			return a, nil
		}
		if err != nil {
			if a.byName == nil {
				return nil, fmt.Errorf("%w: it is neither a tar nor a compressed tar (%s)", errNotAnArchive, finding.EscapeText(err.Error()))
			}
			a.broken(err)
			return a, nil
		}
		at, err := section.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, err
		}
		if err := a.add(h, at); err != nil {
			return nil, err
		}
	}
}

// add remembers a member.
func (m *members) add(h *tar.Header, offset int64) error {
	name := cleanName(h.Name)
	if m.byName == nil {
		m.byName = map[string]archiveMember{}
	}
	m.bytes += len(name) + len(h.Linkname)
	if len(m.byName) >= maxMembers || m.bytes > maxNameBytes {
		return fmt.Errorf("it holds more than %d files, or names that are too long for an archive of images; to scan a root file system unpack it and write dir:DIR", maxMembers)
	}
	if len(m.first) < 5 && name != "." {
		m.first = append(m.first, name[:min(len(name), 100)])
	}
	m.image = m.image || isImageFile(name)
	if !m.image && isRootFile(name) {
		return errRootFS
	}
	member := archiveMember{offset: offset, size: h.Size, sparse: isSparse(h)}
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse:
	case tar.TypeLink:
		member.link = cleanName(h.Linkname)
	case tar.TypeSymlink:
		member.link = cleanName(path.Join(path.Dir(name), h.Linkname))
	default:
		return nil
	}
	if _, again := m.byName[name]; again {
		m.notes = AddRemark(m.notes, Remark{Reason: "duplicate-member", Files: 1, Examples: []string{finding.EscapePath(name)},
			Detail: "the archive has members of the same name; the last one counts"})
	}
	m.byName[name] = member
	return nil
}

// broken notes why the archive was not read to its end.
func (m *members) broken(err error) {
	reason, what := ReasonCorrupt, "is damaged"
	if errors.Is(err, io.ErrUnexpectedEOF) {
		reason, what = ReasonTruncated, "ends early"
	}
	m.damage = &Remark{Reason: reason, Detail: fmt.Sprintf("the archive %s after %d files: %s", what, len(m.byName), finding.EscapeText(err.Error()))}
}

// locate follows links from a name to the member that has the content.
func (m *members) locate(name string) (string, archiveMember, error) {
	at := name
	for range maxMemberLinks {
		member, ok := m.byName[at]
		switch {
		case !ok && at == name:
			return "", member, notThere(name)
		case !ok:
			return "", member, fmt.Errorf("%s links to %s, which is not there: %w", finding.EscapeText(name), finding.EscapeText(at), fs.ErrNotExist)
		case member.sparse:
			return "", member, fmt.Errorf("%s is a sparse file, which no builder writes into an archive; write the archive anew", finding.EscapeText(name))
		case member.link == "":
			return at, member, nil
		}
		at = member.link
	}
	return "", archiveMember{}, fmt.Errorf("%s is a link that leads in a circle, or over more than %d others", finding.EscapeText(name), maxMemberLinks)
}

func (m *members) find(name string) (string, int64, error) {
	at, member, err := m.locate(name)
	return at, member.size, err
}

func (m *members) some() []string { return m.first }

func (a *archiveIndex) open(at string) (io.ReadCloser, error) {
	_, member, err := a.locate(at)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(io.NewSectionReader(a.r, member.offset, member.size)), nil
}

// cleanName makes names of members and links comparable: no leading slash or
// "./", and no way out.
func cleanName(name string) string {
	name = path.Clean("/" + name)[1:]
	if name == "" {
		return "."
	}
	return name
}

// isImageFile reports whether a name belongs to an image archive and to no root
// file system.
func isImageFile(name string) bool {
	switch name {
	case dockerManifest, ociIndex, "oci-layout", "repositories":
		return true
	}
	return isLayerFile(name) || digestOfName(name) != "" || strings.HasPrefix(name, "blobs/")
}

// isLayerFile reports whether a name is what some tool calls a layer.
func isLayerFile(name string) bool {
	top, rest, _ := strings.Cut(name, "/")
	isID := len(top) >= 64 && onlyOf(top[:64], "")
	switch {
	case digestOfName(name) != "", isID && (rest == "layer.tar" || rest == "" && !strings.HasSuffix(name, ".json")):
		return true
	case rest != "":
		return false
	}
	return strings.HasSuffix(name, ".tar") || strings.HasSuffix(name, ".tar.gz")
}
