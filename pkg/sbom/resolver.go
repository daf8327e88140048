package sbom

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	stereofile "github.com/anchore/stereoscope/pkg/file"
	"github.com/anchore/syft/syft/file"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// resolver answers Syft's catalogers from the final view of an image and what was
// kept of its layers.
type resolver struct {
	*index
	image *layers.Image
	again *again
	era   *era // if only some files are to be catalogued

	once sync.Once
	seen []*node // executables

	mu       sync.Mutex
	troubled map[string][]string // paths of files that went wrong, as far as known, by cataloger
}

// trouble notes that something went wrong in a cataloger of executables.
func (r *resolver) trouble(cataloger string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.troubled == nil {
		r.troubled = map[string][]string{}
	}
	known := r.troubled[cataloger]
	for line := range strings.Lines(err.Error()) {
		// Syft names a file in front of what it says about it.
		if name, _, ok := strings.Cut(line, " (sha256:"); ok && strings.HasPrefix(name, "/") {
			known = append(known, name)
		}
	}
	r.troubled[cataloger] = known
}

var _ file.Resolver = (*resolver)(nil)

func (r *resolver) HasPath(p string) bool { return r.exists(p) }

func (r *resolver) FilesByPath(paths ...string) ([]file.Location, error) {
	var found uniqueLocations
	for _, p := range paths {
		if n := r.find(p); n != nil && n.entry.Type != layers.Directory {
			found.add(r, p, n)
		}
	}
	return found.list, nil
}

func (r *resolver) FilesByGlob(patterns ...string) ([]file.Location, error) {
	var found uniqueLocations
	for _, pattern := range patterns {
		for _, m := range r.glob(pattern) {
			if r.era.catalogues(pattern, m.node) {
				found.add(r, m.path, m.node)
			}
		}
	}
	return found.list, nil
}

func (r *resolver) FilesByMIMEType(types ...string) ([]file.Location, error) {
	return r.executables(types, func(executable) bool { return true }), nil
}

// programs are the nodes of all executables.
func (r *resolver) programs() []*node {
	r.once.Do(func() {
		for i := range r.nodes {
			if n := &r.nodes[i]; r.executable(n).mime != "" {
				r.seen = append(r.seen, n)
			}
		}
	})
	return r.seen
}

// executables gives those of some types that are wanted.
func (r *resolver) executables(types []string, wanted func(executable) bool) []file.Location {
	var found uniqueLocations
	for _, n := range r.programs() {
		if x := r.executable(n); slices.Contains(types, x.mime) && wanted(x) && r.era.has(n) {
			found.add(r, n.path, n)
		}
	}
	return found.list
}

func (r *resolver) RelativeFileByPath(_ file.Location, p string) *file.Location {
	found, _ := r.FilesByPath(p)
	if len(found) == 0 {
		return nil
	}
	return &found[0]
}

// AllLocations gives the files in stores of Nix: only its cataloger asks for all files, and it
// passes over all others.
func (r *resolver) AllLocations(ctx context.Context) <-chan file.Location {
	locations := make(chan file.Location, manyLocations)
	go func() {
		defer close(locations)
		for i := range r.nodes {
			n := &r.nodes[i]
			if !inStore(n) {
				continue
			}
			select {
			case locations <- r.nameless(n):
			case <-ctx.Done():
				return
			}
		}
	}()
	return locations
}

func inStore(n *node) bool { return strings.Contains(n.path, "nix/store/") }

// manyLocations are so many that to hand them over one by one would take time.
const manyLocations = 100

// nameless is a location that only its path tells from others: next to none of those that are
// gone through are looked at.
func (r *resolver) nameless(n *node) file.Location {
	l := file.NewVirtualLocationFromDirectory(n.path, n.path, stereofile.Reference{})
	l.FileSystemID = diffID(r.image.Layers[n.ref.Layer])
	return l
}

func (r *resolver) FileMetadataByLocation(l file.Location) (file.Metadata, error) {
	n := r.located(l)
	if n == nil {
		return file.Metadata{}, fmt.Errorf("%s: %w", l.RealPath, fs.ErrNotExist)
	}
	e := r.content(n)
	mode := fs.FileMode(n.entry.Mode & 0o777)
	for bit, m := range map[int64]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if n.entry.Mode&bit != 0 {
			mode |= m
		}
	}
	kind := stereofile.TypeRegular
	switch e.Type {
	case layers.Directory:
		kind, mode = stereofile.TypeDirectory, mode|fs.ModeDir
	case layers.Symlink:
		kind, mode = stereofile.TypeSymLink, mode|fs.ModeSymlink
	case layers.CharDev:
		kind, mode = stereofile.TypeCharacterDevice, mode|fs.ModeDevice|fs.ModeCharDevice
	case layers.BlockDev:
		kind, mode = stereofile.TypeBlockDevice, mode|fs.ModeDevice
	case layers.FIFO:
		kind, mode = stereofile.TypeFIFO, mode|fs.ModeNamedPipe
	}
	m := file.Metadata{
		FileInfo: stereofile.ManualInfo{NameValue: path.Base(n.path), SizeValue: e.Size, ModeValue: mode, ModTimeValue: n.entry.ModTime},
		Path:     n.path, UserID: n.entry.UID, GroupID: n.entry.GID,
		Type: kind, MIMEType: r.executable(n).mime,
	}
	if kind == stereofile.TypeSymLink { // the target of a hard link is only another name
		m.LinkDestination = n.entry.Link
	}
	if d, ok := r.described(n); ok {
		m.MIMEType = d.mime
	}
	return m, nil
}

func (r *resolver) FileContentsByLocation(l file.Location) (io.ReadCloser, error) {
	n := r.located(l)
	if n != nil && n.entry.Type == layers.Symlink {
		n = r.find(n.path)
	}
	if n == nil {
		return nil, fmt.Errorf("%s: %w", l.RealPath, fs.ErrNotExist)
	}
	e := r.content(n)
	switch {
	case e.Type == layers.Directory:
		return nil, fmt.Errorf("%s is a directory", l.RealPath)
	case e.Type != layers.Regular:
		return reader{bytes.NewReader(nil)}, nil
	}
	if c := r.era.rest(n); c != nil {
		return c.open(), nil
	}
	c, err := r.read(n.origin, e)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.RealPath, err)
	}
	if c.whole() {
		return c.open(), nil
	}
	return reader{io.NewSectionReader(&excerpt{c, n.origin, e, r}, 0, c.size)}, nil
}

// excerpt reads from what was kept of a file and, once something else of it is asked
// for, from its layer again.
type excerpt struct {
	kept     *content
	ref      layers.Ref
	entry    *layers.Entry
	resolver *resolver
}

func (x *excerpt) ReadAt(p []byte, off int64) (int, error) {
	n, err := x.kept.ReadAt(p, off)
	if !errors.Is(err, errNotKept) {
		return n, err
	}
	c, err := x.resolver.whole(x.ref, x.entry)
	if err != nil {
		return 0, err
	}
	return c.ReadAt(p, off)
}

// read gives the content of a regular file, as it was kept or else read again.
func (r *resolver) read(ref layers.Ref, e *layers.Entry) (*content, error) {
	if k := keptOf(r.image, ref.Layer); k != nil {
		if c := k.files[ref.Seq]; c != nil {
			return c, nil
		}
	}
	return r.whole(ref, e)
}

// whole gives the whole content of a regular file that was not kept whole.
func (r *resolver) whole(ref layers.Ref, e *layers.Entry) (*content, error) {
	r.era.await()
	return r.again.whole(ref, e)
}

// located gives the node that a location names, by its reference or, where that is
// lost, its path.
func (r *resolver) located(l file.Location) *node {
	if ref, ok := r.refs.ref(l.Reference()); ok {
		if n := r.node(ref); n != nil {
			return n
		}
	}
	return r.named(l.RealPath)
}

// content gives the entry that has the content and size of a file.
func (r *resolver) content(n *node) *layers.Entry {
	if e := r.view.Entry(n.origin); e != nil {
		return e
	}
	return n.entry
}

// executable is what was seen of a file in the walk, if it is an executable.
func (r *resolver) executable(n *node) executable {
	if k := keptOf(r.image, n.origin.Layer); k != nil {
		return k.executables[n.origin.Seq]
	}
	return executable{}
}

// keptOf gives what was kept of a layer; nil if nothing was.
func keptOf(image *layers.Image, layer int) *kept {
	if layer < 0 || layer >= len(image.Layers) || image.Layers[layer].Facts == nil {
		return nil
	}
	k, _ := image.Layers[layer].Facts.Scans[keepName].(*kept)
	return k
}

// location makes Syft's name of a file that is reached by path p.
func (r *resolver) location(p string, n *node) file.Location {
	l := file.NewVirtualLocationFromDirectory(n.path, p, r.refs.file(n))
	l.FileSystemID = diffID(r.image.Layers[n.ref.Layer])
	return l
}

// diffID names a layer by what was computed, else by what the image claims.
func diffID(l layers.Layer) string {
	switch {
	case l.Facts != nil && l.Facts.DiffID != "":
		return l.Facts.DiffID
	case l.DiffID != "":
		return l.DiffID
	}
	return l.Key
}

// uniqueLocations has each file once, under the path by which it was met first.
type uniqueLocations struct {
	list  []file.Location
	first layers.Ref          // of the list
	seen  map[layers.Ref]bool // the others
}

func (u *uniqueLocations) add(r *resolver, p string, n *node) {
	switch {
	case len(u.list) == 0: // mostly there is but one
		u.first = n.ref
	case n.ref == u.first || u.seen[n.ref]:
		return
	case u.seen == nil:
		u.seen = map[layers.Ref]bool{n.ref: true}
	default:
		u.seen[n.ref] = true
	}
	u.list = append(u.list, r.location(p, n))
}
