package sbom

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"debug/elf"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"

	stereofile "github.com/anchore/stereoscope/pkg/file"
	"github.com/anchore/syft/syft"
	"github.com/anchore/syft/syft/artifact"
	"github.com/anchore/syft/syft/cataloging"
	"github.com/anchore/syft/syft/cataloging/pkgcataloging"
	"github.com/anchore/syft/syft/file"
	syftpkg "github.com/anchore/syft/syft/pkg"
	"github.com/anchore/syft/syft/pkg/cataloger/binary"
	"github.com/anchore/syft/syft/pkg/cataloger/dotnet"
	"github.com/anchore/syft/syft/pkg/cataloger/golang"
	"github.com/anchore/syft/syft/pkg/cataloger/java"
	"github.com/anchore/syft/syft/pkg/cataloger/rust"
)

// executable is what was seen of one executable while its bytes were in hand.
type executable struct {
	mime       string
	catalogers uint   // bits of those that found something, by place in the list
	read       []span // what they read of it
	bomb       bool   // its list of packages would cost too much

	features *file.Executable // for documents
	tooMuch  bool             // its features would cost too much
}

// span is a stretch of a file.
type span struct{ from, to int64 }

// typeCataloger is one of Syft's catalogers that ask for executables by type.
type typeCataloger struct {
	syftpkg.Cataloger
	marker  marker // without it in an executable the cataloger makes nothing of that
	names   bool   // the marker is the name of a symbol
	unpacks bool   // it unpacks the list of packages of cargo-auditable
}

func typeCatalogers(cfg pkgcataloging.Config) []typeCataloger {
	return []typeCataloger{
		{Cataloger: golang.NewGoModuleBinaryCataloger(cfg.Golang)},
		{Cataloger: rust.NewAuditBinaryCataloger(), unpacks: true},
		{Cataloger: java.NewNativeImageCataloger(), marker: marker{"__svm_version_info", 3}, names: true},
		{Cataloger: binary.NewELFPackageCataloger()},
		{Cataloger: dotnet.NewDotnetDepsBinaryCataloger(cfg.Dotnet), marker: bundleMarker()},
	}
}

// bundleMarker is how the .NET runtime finds the bundle in an application of one
// file: the digest of a text (dotnet/runtime, src/native/corehost/apphost/bundle_marker.cpp).
func bundleMarker() marker {
	sum := sha256.Sum256([]byte(".net core bundle\n"))
	return marker{string(sum[:]), 21}
}

// selective replaces those catalogers in a configuration by ones that get to see only
// executables in which they found something when these were in hand, and the one of Java
// archives by one that knows what was kept of them.
func selective(cfg *syft.CreateSBOMConfig) *syft.CreateSBOMConfig {
	var names []string
	var refs []pkgcataloging.CatalogerReference
	for i, c := range typeCatalogers(cfg.Packages) {
		names = append(names, c.Name())
		refs = append(refs, pkgcataloging.NewAlwaysEnabledCatalogerReference(selectiveCataloger{c.Cataloger, 1 << i}))
	}
	jars := jarCataloger{java.NewArchiveCataloger(cfg.Packages.JavaArchive)}
	names = append(names, jars.Name())
	refs = append(refs, pkgcataloging.NewAlwaysEnabledCatalogerReference(jars))
	return cfg.WithCatalogerSelection(cataloging.SelectionRequest{RemoveNamesOrTags: names}).WithCatalogers(refs...)
}

type selectiveCataloger struct {
	syftpkg.Cataloger
	bit uint
}

// Catalog does not fail, and does not panic: what goes wrong is kept for the ledger.
func (c selectiveCataloger) Catalog(ctx context.Context, r file.Resolver) (packages []syftpkg.Package, _ []artifact.Relationship, _ error) {
	own, ok := r.(ofExecutables)
	if !ok {
		return c.Cataloger.Catalog(ctx, r)
	}
	defer func() {
		if p := recover(); p != nil {
			own.trouble(c.Name(), fmt.Errorf("panic: %v", p))
		}
	}()
	packages, relationships, err := c.Cataloger.Catalog(ctx, selectiveResolver{own, c.bit})
	if err != nil {
		own.trouble(c.Name(), err)
	}
	return packages, relationships, nil
}

// ofExecutables is a resolver that knows what was seen of executables in the walk.
type ofExecutables interface {
	file.Resolver
	of(file.Location) *resolver
	executables(types []string, wanted func(executable) bool) []file.Location
	trouble(cataloger string, err error)
}

type selectiveResolver struct {
	ofExecutables
	bit uint
}

func (r selectiveResolver) FilesByMIMEType(types ...string) ([]file.Location, error) {
	return r.executables(types, func(x executable) bool { return x.catalogers&r.bit != 0 }), nil
}

// inspect runs the catalogers on one executable alone. What they found is not kept,
// only what they read to find it: they will find it again. markers are those that were
// looked for in it.
func (k *keeper) inspect(path, mime string, c *content, markers []seeker) executable {
	x := executable{mime: mime}
	for i, cataloger := range k.byType {
		if !markers[i].found && !(cataloger.names && packedNames(c)) {
			continue
		}
		if cataloger.unpacks && programBomb(c) {
			x.bomb = true
			continue
		}
		r := newAlone(k.plan, path, mime, c)
		if r.finds(cataloger.Cataloger) {
			x.catalogers |= 1 << i
			x.read = append(x.read, r.reads...)
		}
	}
	x.read = joined(x.read, c.size)
	if k.digest {
		x.features, x.tooMuch = k.featuresOf(path, mime, c)
	}
	return x
}

// packedNames reports whether the names of an executable's symbols are compressed.
func packedNames(c *content) bool {
	f, err := elf.NewFile(c)
	return err == nil && slices.ContainsFunc(f.Sections, func(s *elf.Section) bool { return s.Type == elf.SHT_STRTAB && s.Flags&elf.SHF_COMPRESSED != 0 })
}

// marker is a text that stands in some executables. At rare it has a byte that programs seldom have.
type marker struct {
	text string
	rare int
}

// seeker looks for a marker in content that streams by.
type seeker struct {
	marker
	tail  []byte // the end of what was seen
	found bool
}

// seekers look for what the catalogers want to see. What wants nothing has been found.
func (k *keeper) seekers() []seeker {
	all := make([]seeker, len(k.byType))
	for i, c := range k.byType {
		all[i] = seeker{marker: c.marker, found: c.marker.text == ""}
	}
	return all
}

func (s *seeker) see(p []byte) {
	if s.found {
		return
	}
	n := len(s.text) - 1
	seam := slices.Concat(s.tail, p[:min(len(p), n)])
	s.found = s.in(seam) || s.in(p)
	if len(p) < n {
		p = seam
	}
	s.tail = append(s.tail[:0], p[max(0, len(p)-n):]...)
}

// in looks first for what begins at the rare byte: markers may begin with the commonest instruction.
func (s *seeker) in(p []byte) bool {
	before, rest := []byte(s.text[:s.rare]), []byte(s.text[s.rare:])
	for at := s.rare; at < len(p); at++ {
		i := bytes.Index(p[at:], rest)
		if i < 0 {
			return false
		}
		if at += i; bytes.HasSuffix(p[:at], before) {
			return true
		}
	}
	return false
}

// alone is a resolver with one executable and nothing else.
type alone struct {
	plan     *plan
	path     string
	mime     string
	content  *content
	location file.Location

	mu    sync.Mutex
	reads []span
	wider bool // something beside the executable was asked for

	narrow bool // whatever is asked for is beside it

	total, most int64 // that was read, and that may be; 0 means all
	over        bool  // more was asked for
}

var _ file.Resolver = (*alone)(nil)

func newAlone(p *plan, path, mime string, c *content) *alone {
	path = "/" + path
	ref := stereofile.NewFileReference(stereofile.Path(path))
	return &alone{plan: p, path: path, mime: mime, content: c, location: file.NewVirtualLocationFromDirectory(path, path, *ref)}
}

// finds reports whether a cataloger makes anything of the executable. One that wants to
// see another file because of it, or fails, may do so later on.
func (a *alone) finds(c syftpkg.Cataloger) (found bool) {
	defer func() {
		if recover() != nil {
			found = true // it will panic again, where Syft expects that
		}
	}()
	packages, relationships, err := c.Catalog(context.Background(), a)
	return len(packages)+len(relationships) > 0 || err != nil || a.wider
}

func (a *alone) FilesByMIMEType(types ...string) ([]file.Location, error) {
	a.wider = a.wider || a.narrow
	if !slices.Contains(types, a.mime) {
		return nil, nil
	}
	return []file.Location{a.location}, nil
}

// asks notes a request for files that no cataloger makes before it has found something.
func (a *alone) asks(what ...string) {
	for _, w := range what {
		a.wider = a.wider || a.narrow || !a.plan.first[w]
	}
}

func (a *alone) HasPath(string) bool {
	a.wider = a.wider || a.narrow
	return false
}

func (a *alone) FilesByPath(paths ...string) ([]file.Location, error) {
	a.asks(paths...)
	return nil, nil
}

func (a *alone) FilesByGlob(globs ...string) ([]file.Location, error) {
	a.asks(globs...)
	return nil, nil
}

func (a *alone) RelativeFileByPath(_ file.Location, p string) *file.Location {
	a.asks(p)
	return nil
}

func (a *alone) AllLocations(context.Context) <-chan file.Location {
	a.wider = true
	none := make(chan file.Location)
	close(none)
	return none
}

func (a *alone) FileMetadataByLocation(l file.Location) (file.Metadata, error) {
	a.wider = a.wider || a.narrow
	if l.RealPath != a.path {
		return file.Metadata{}, fmt.Errorf("%s: %w", l.RealPath, fs.ErrNotExist)
	}
	return file.Metadata{Path: a.path, Type: stereofile.TypeRegular, MIMEType: a.mime}, nil
}

func (a *alone) FileContentsByLocation(l file.Location) (io.ReadCloser, error) {
	if l.RealPath != a.path {
		return nil, fmt.Errorf("%s: %w", l.RealPath, fs.ErrNotExist)
	}
	return reader{io.NewSectionReader(a, 0, a.content.size)}, nil
}

// ReadAt reads the executable and notes what is read.
func (a *alone) ReadAt(p []byte, off int64) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.most > 0 && a.total+int64(len(p)) > a.most {
		a.over = true
		return 0, errTables
	}
	n, err := a.content.ReadAt(p, off)
	a.total += int64(n)
	if i := len(a.reads) - 1; i >= 0 && a.reads[i].to == off {
		a.reads[i].to += int64(n)
	} else if n > 0 {
		a.reads = append(a.reads, span{off, off + int64(n)})
	}
	return n, err
}

// pageBytes is what spans are widened to, so that they are few.
const pageBytes = 4 << 10

// joined makes one span of those that touch, by place.
func joined(spans []span, size int64) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var out []span
	for _, s := range spans {
		s.from -= s.from % pageBytes
		s.to = min(size, (s.to+pageBytes-1)/pageBytes*pageBytes)
		if n := len(out); n > 0 && s.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}

// inHand is what was written so far, as content that is valid until more is.
func (w *writer) inHand() *content {
	c := &content{size: w.content.size, extents: slices.Clone(w.content.extents), store: w.store}
	if n := int64(len(w.buf)); n > 0 {
		c.extents = append(c.extents, extent{from: c.size, n: n, memory: w.buf})
		c.size += n
	}
	return c
}

// excerpt keeps some spans of a content.
func (s *store) excerpt(c *content, spans []span) (*content, error) {
	out := &content{size: c.size, store: s}
	for _, sp := range spans {
		for from := sp.from; from < sp.to; from += blockBytes {
			b := make([]byte, min(blockBytes, sp.to-from))
			if _, err := c.ReadAt(b, from); err != nil {
				return nil, err
			}
			e := extent{from: from, n: int64(len(b)), memory: b}
			if len(b) > smallFile || !s.reserve(e.n) {
				at, err := s.append(b, e.n)
				if err != nil {
					return nil, err
				}
				s.onDisk.Add(e.n)
				e.memory, e.at = nil, at
			}
			out.extents = append(out.extents, e)
		}
	}
	return out, nil
}
