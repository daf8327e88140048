package sbom

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha1" //nolint:gosec // what Maven calls archives by
	"crypto/sha256"
	"hash"
	"io"
	"path"
	"slices"
	"sync"

	stereofile "github.com/anchore/stereoscope/pkg/file"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// keepName is the key of the keeper's facts.
const keepName = "keep"

// keeper is the scanner that keeps what the catalogers will ask for.
type keeper struct {
	plan        *plan
	store       *store
	byType      []typeCataloger // that ask for executables
	classifiers []classifier
	digest      bool // describe all files and programs, for documents

	mu  sync.Mutex
	all []*kept // of all layers

	classifying sync.WaitGroup // programs that are being classified
	oneProgram  sync.Mutex     // at a time
}

// kept is what was kept of one layer, by position in its tar.
type kept struct {
	files       map[int]*content
	executables map[int]executable
	sums        map[int][]byte    // SHA-1 of archives that were kept in part
	described   map[int]described // all files, if documents want them
	classified  map[int]*classified
	asked       bool     // the catalogers ask for something in the layer, be it a link
	err         error    // why not all was kept that should have been
	bombs       []string // paths of archives that are too costly to catalogue
}

func (k *keeper) Name() string { return keepName }

// Close lets go of all that was kept.
func (k *keeper) Close() error {
	k.classifying.Wait()
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, kept := range k.all {
		kept.release()
	}
	k.all = nil
	return k.store.Close()
}

// release lets go of what only the catalogers need.
func (k *kept) release() { *k = kept{asked: k.asked} }

func (k *keeper) Layer(context.Context, layers.Layer) layers.LayerScanner {
	l := &layerKeeper{keeper: k, links: map[string]string{}}
	l.kept = &kept{files: map[int]*content{}, executables: map[int]executable{}, sums: map[int][]byte{}, described: map[int]described{}, classified: map[int]*classified{}}
	if k.digest {
		l.sum = sha256.New()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = append(k.all, l.kept)
	return l
}

type layerKeeper struct {
	*keeper
	kept  *kept
	links map[string]string // by where they lead, by their own words: paths of links that are asked for
	spare []byte            // buffer of the last file
	sum   hash.Hash         // of the file at hand, for documents
	head  []byte            // of the last file, likewise

	aside      []laidAside
	asideBytes int64
}

func (l *layerKeeper) Facts() layers.ScanFacts {
	for _, a := range l.aside {
		l.store.giveBack(a.content)
	}
	l.aside, l.spare, l.head = nil, nil, nil
	facts := layers.ScanFacts{Found: l.kept}
	if l.kept.err != nil {
		facts.Notes = []layers.Remark{{Reason: "not-kept", Detail: l.kept.err.Error()}}
	}
	if n := len(l.kept.bombs); n > 0 {
		facts.Gaps = []layers.Remark{{
			Reason: ReasonArchiveLimit, Files: int64(n), Examples: l.kept.bombs[:min(n, 5)],
			Detail: errBomb.Error() + "; its packages are missing from the SBOM",
		}}
	}
	return facts
}

func (l *layerKeeper) Entry(e *layers.Entry) io.WriteCloser {
	if e.Type == layers.Directory || e.Whiteout != layers.NoWhiteout {
		return nil
	}
	f := l.file(e)
	if l.digest && e.Type == layers.Regular {
		return l.readFile(e, f)
	}
	return f
}

// file gives what takes a file that may be kept; nil for others.
func (l *layerKeeper) file(e *layers.Entry) io.WriteCloser {
	wanted := l.plan.wants(e.Path)
	l.kept.asked = l.kept.asked || wanted
	wanted = wanted || licence(path.Base(e.Path)) || l.links[e.Path] != ""
	if wanted && (e.Type == layers.Symlink || e.Type == layers.HardLink) {
		l.follow(e)
	}
	if e.Type != layers.Regular {
		return nil
	}
	if !wanted && e.Size < minExecutable {
		return nil
	}
	f := &fileKeeper{layer: l, entry: e, wanted: wanted}
	f.to.store, f.to.buf = l.store, l.spare[:0]
	l.spare = nil
	return f
}

// maxTargets is how many targets of links a layer remembers.
const maxTargets = 10_000

// follow remembers where a link leads: what lies behind it in the tar is kept, and
// what lies close before it was laid aside. What both miss is read again.
func (l *layerKeeper) follow(e *layers.Entry) {
	target := path.Join("/", e.Link)
	if e.Type == layers.Symlink && !path.IsAbs(e.Link) {
		target = path.Join("/", path.Dir(e.Path), e.Link)
	}
	target = target[1:]
	if len(l.links) < maxTargets {
		l.links[target] = cmp.Or(l.links[target], e.Path)
	}
	for i, a := range l.aside {
		if a.path == target {
			l.kept.files[a.seq] = a.content
			l.classifyProgram(a.seq, a.path, a.content)
			l.store.onDisk.Add(a.content.size)
			l.asideBytes -= a.content.size
			l.aside = slices.Delete(l.aside, i, i+1)
			return
		}
	}
}

// laidAside is a program that nobody asked for, yet: a link with a name that is asked
// for may come next.
type laidAside struct {
	seq     int
	path    string
	content *content
}

// Bounds of what is laid aside of one layer.
const (
	maxAside     = 64 << 20 // bytes of all
	maxAsideFile = 16 << 20 // bytes of one
)

// layAside keeps the last programs that were seen.
func (l *layerKeeper) layAside(e *layers.Entry, w *writer) error {
	if err := w.flush(); err != nil {
		return err
	}
	c := w.content
	l.aside = append(l.aside, laidAside{e.Seq, e.Path, &c})
	l.asideBytes += c.size
	for l.asideBytes > maxAside {
		l.asideBytes -= l.aside[0].content.size
		l.store.giveBack(l.aside[0].content)
		l.aside = l.aside[1:]
	}
	return nil
}

// Bounds of the look at a file's first bytes.
const (
	minExecutable = 16      // bytes of the smallest file that can be one
	headBytes     = 3 << 10 // as much as decides on a type
	decisive      = 8       // as much as tells that it is none
)

// fileKeeper takes the content of one file: of one that is not wanted for its path,
// what it takes to see whether it is an executable.
type fileKeeper struct {
	layer   *layerKeeper
	entry   *layers.Entry
	wanted  bool
	judged  bool
	skip    bool
	mime    string // of an executable
	zip     bool
	sha1    hash.Hash // of a Java archive
	markers []seeker  // of what catalogers want to see in an executable, by cataloger
	head    []byte
	to      writer
}

func (f *fileKeeper) Write(p []byte) (int, error) {
	n := len(p)
	if !f.judged && !f.wanted && len(f.head) == 0 && len(p) >= decisive && !looksExecutable(p) {
		f.judged, f.skip = true, true // as most files, which nothing is copied of
	}
	if !f.judged {
		room := min(len(p), headBytes-len(f.head))
		f.head = append(f.head, p[:room]...)
		p = p[room:]
		if len(f.head) >= decisive && !looksExecutable(f.head) || len(f.head) == headBytes {
			if err := f.judge(); err != nil {
				return 0, err
			}
		}
	}
	if f.skip || len(p) == 0 {
		return n, nil
	}
	f.see(p)
	if f.sha1 != nil {
		f.sha1.Write(p)
	}
	if _, err := f.to.Write(p); err != nil {
		f.fail(err)
	}
	return n, nil
}

// judge decides by the first bytes.
func (f *fileKeeper) judge() error {
	f.judged = true
	if looksExecutable(f.head) {
		if mime := stereofile.MIMEType(bytes.NewReader(f.head)); f.layer.plan.types[mime] {
			f.mime = mime
			f.markers = f.layer.seekers()
			f.see(f.head)
			f.layer.kept.asked = true
			f.to.lent = !f.wanted
		}
	}
	if !f.wanted && f.mime == "" {
		f.skip = true
		return nil
	}
	if f.zip = looksZip(f.head); f.mime == "" && isJar(f.entry.Path, f.head) {
		f.sha1, f.to.lent = sha1.New(), true
		f.sha1.Write(f.head)
	}
	f.to.expect(f.entry.Size)
	if _, err := f.to.Write(f.head); err != nil {
		f.fail(err)
	}
	f.head = nil
	return nil
}

// see looks for markers in the next bytes.
func (f *fileKeeper) see(p []byte) {
	for i := range f.markers {
		f.markers[i].see(p)
	}
}

func (f *fileKeeper) fail(err error) {
	f.skip = true
	if f.layer.kept.err == nil {
		f.layer.kept.err = err
	}
}

func (f *fileKeeper) Close() error {
	if !f.judged {
		if err := f.judge(); err != nil {
			return err
		}
	}
	if !f.skip {
		if err := f.keep(); err != nil {
			f.fail(err)
		}
	}
	f.layer.spare = f.to.buf
	return nil
}

// keep keeps the file, or of an executable that no path asks for what the
// catalogers read of it.
func (f *fileKeeper) keep() error {
	l := f.layer
	switch {
	case f.sha1 != nil:
		return l.keepJar(f)
	case f.to.lent:
		return l.keepExecutable(f)
	}
	c, err := f.to.finish()
	if err != nil {
		return err
	}
	if f.mime != "" {
		l.judged(f, l.inspect(f.entry.Path, f.mime, c, f.markers))
	}
	if f.zip && bomb(c, c.size) != nil || c.size > maxDescription && decodedWhole(f.entry.Path) {
		l.kept.bombs = append(l.kept.bombs, f.entry.Path)
		c = &content{store: l.store} // Syft sees an empty file
	}
	l.kept.files[f.entry.Seq] = c
	l.classifyProgram(f.entry.Seq, f.entry.Path, c)
	return nil
}

// judged notes what was seen of an executable.
func (l *layerKeeper) judged(f *fileKeeper, x executable) {
	l.kept.executables[f.entry.Seq] = x
	if x.bomb {
		l.kept.bombs = append(l.kept.bombs, f.entry.Path)
	}
}

// keepExecutable keeps what the catalogers read of an executable that no path asks for.
func (l *layerKeeper) keepExecutable(f *fileKeeper) error {
	f.to.content.store = l.store
	inHand := f.to.inHand()
	x := l.inspect(f.entry.Path, f.mime, inHand, f.markers)
	l.judged(f, x)
	if x.catalogers == 0 && program(f.entry) {
		return l.layAside(f.entry, &f.to)
	}
	defer l.store.giveBack(&f.to.content)
	if x.catalogers == 0 {
		return nil
	}
	c, err := l.store.excerpt(inHand, x.read)
	if err != nil {
		return err
	}
	l.kept.files[f.entry.Seq] = c
	return nil
}

// program reports whether a file lies where programs do, which links give other names.
func program(e *layers.Entry) bool {
	dir := path.Base(path.Dir(e.Path))
	return e.Size <= maxAsideFile && (dir == "bin" || dir == "sbin")
}

// looksExecutable reports whether a file may be an executable, by its first bytes: ELF,
// PE, Mach-O of one or several architectures.
func looksExecutable(head []byte) bool {
	if len(head) < 4 {
		return false
	}
	switch string(head[:4]) {
	case "\x7fELF", "\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe":
		return true
	}
	return string(head[:2]) == "MZ"
}
