package secrets

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/secrets/internal/credfile"
)

// How content is cut up. Runs are looked for once in each byte; around the
// zone a piece carries what its matches may reach.
const (
	zoneSize  = 256 << 10 // even, so that the filter sees the same windows in each piece
	pieceSize = reachBack + zoneSize + reachForward
	smallFile = 64 << 10 // up to here several files share a buffer

	// WholeFile is the size up to which a file is scanned in one piece.
	WholeFile = pieceSize

	// MostHits is how many matches of one file are reported. There is a gap
	// for a file that has more.
	MostHits = 10_000

	// MostLayerHits bounds the matches of one layer in the same way.
	MostLayerHits = 200_000
)

// ReasonTooMany is the reason of the gap for matches beyond the limits.
const ReasonTooMany = "limit-matches"

// layerScan scans one layer. Entry and the writers run on the walk's
// goroutine, the scanning on as many as the scanner allows.
type layerScan struct {
	*feeder
	ctx   context.Context
	wg    sync.WaitGroup
	next  int        // number of the last file
	open  []*archive // that are being written
	repos *repositories
	ended atomic.Bool // the context did before all was scanned

	mu       sync.Mutex
	files    []*fileScan // with matches
	matches  int         // kept in all files
	cut      int         // files of which not all that is encoded was decoded
	large    int         // files with credentials in a format of their own, of which not all was read
	certs    []certificate
	records  []record // of package managers
	recorded int
	oldRPM   string // path of a database that is not read
	gaps     []layers.Remark
	notes    []layers.Remark
	opened   []*remarks // of the archives from the first that is being searched on
}

// feeder is what one goroutine writes files into: that of the walk, or that of an archive.
type feeder struct {
	s     *Scanner
	layer *layerScan
	batch *batch
}

func newLayerScan(ctx context.Context, s *Scanner) *layerScan {
	l := &layerScan{ctx: ctx}
	l.feeder = &feeder{s: s, layer: l}
	l.repos = newRepositories(l)
	return l
}

// file begins a file of the layer.
func (f *feeder) file(seq int, path string) *fileScan {
	f.layer.next++
	return &fileScan{n: f.layer.next, seq: seq, path: path}
}

// writer gives a writer for the content of a file of a size; -1 if that is not known. Most such
// files are small.
func (f *feeder) writer(file *fileScan, size int64) io.WriteCloser {
	if size <= smallFile {
		return &smallWriter{l: f, file: file}
	}
	return &largeWriter{l: f, file: file}
}

// piece is one text to scan and the file it belongs to.
type piece struct {
	file  *fileScan
	index int
	base  int64
	text  text
	whole []byte // all of the file, if its format is to be read
}

// batch is a buffer and the pieces that lie in it.
type batch struct {
	buf    []byte
	pieces []piece
}

// Entry begins a file.
func (l *layerScan) Entry(e *layers.Entry) io.WriteCloser {
	if e.Type != layers.Regular || e.Whiteout != layers.NoWhiteout || e.Size == 0 {
		return nil
	}
	file := l.file(e.Seq, e.Path)
	if isOldRPM(e.Path) {
		l.oldRPM = e.Path
	}
	l.byPath(file)
	scan := &opener{f: l.feeder, file: file, size: e.Size}
	if part := l.repos.file(e); part != nil {
		return &both{scan, part}
	}
	return scan
}

func (l *feeder) flush() error {
	b := l.batch
	l.batch = nil
	if b == nil || len(b.pieces) == 0 {
		return nil
	}
	return l.submit(b)
}

// submit scans a batch as soon as a worker is free; that the caller waits until then bounds
// memory.
func (f *feeder) submit(b *batch) error {
	l := f.layer
	select {
	case f.s.slots <- struct{}{}:
	case <-l.ctx.Done():
		f.s.free(b)
		l.ended.Store(true)
		return l.ctx.Err()
	}
	l.wg.Go(func() {
		defer func() { <-f.s.slots }()
		for _, p := range b.pieces {
			if l.ctx.Err() != nil {
				l.ended.Store(true)
				break
			}
			l.scan(p)
		}
		f.s.free(b)
	})
	return nil
}

// scan scans one piece and keeps what it finds.
func (l *layerScan) scan(p piece) {
	f := p.file
	p.text.binary = f.binary
	t := p.text
	if !t.first || !t.last {
		f.countLines(p)
	}
	l.certificate(p)
	// What is to be noted of a file besides is not to be passed over.
	var key pieceKey
	repeatable := f.object == nil && (len(p.whole) == 0 || !hasFormat(p.text.path, p.whole))
	if repeatable {
		key = l.s.known.key(p)
		if hits, ok := l.s.known.find(key); ok {
			l.keep(p, hits)
			return
		}
	}
	ms := l.s.engine.scan(t)
	hits := make([]rawHit, 0, len(ms))
	for _, m := range ms {
		h := rawHit{match: m, base: p.base, piece: p.index, name: nameBefore(t.bytes, m.start, m.secretStart)}
		h.line = f.lineOf(t, m.start)
		h.column = m.start - 1 - bytes.LastIndexByte(t.bytes[:m.start], '\n')
		h.allowed = allowance(t.bytes, m.start, m.end, l.s.specs[m.rule].ID)
		hits = append(hits, h)
	}
	hits, decoded, encoded := l.decoded(p, hits)
	hits = l.stored(p, hits)
	if !encoded { // else what looks like the file is that file encoded
		own := l.credentials(p)
		hits = slices.DeleteFunc(hits, func(h rawHit) bool {
			return h.format && h.decoded != "" && slices.ContainsFunc(own, func(o rawHit) bool { return o.secret == h.secret })
		})
		hits = append(hits, own...)
	}
	l.record(p)
	l.keep(p, hits)
	if repeatable && decoded {
		l.s.known.add(key, hits)
	}
}

// keep adds hits to those of a piece's file.
func (l *layerScan) keep(p piece, hits []rawHit) {
	if len(hits) == 0 {
		return
	}
	f, t := p.file, p.text
	f.mu.Lock()
	if t.first && t.last && f.inner == "" && f.object == nil {
		f.digests = digests(t.bytes)
	}
	f.hits = append(f.hits, hits...)
	if len(f.hits) > 2*MostHits {
		f.trim(MostHits)
	}
	list := !f.listed
	f.listed = true
	f.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if list {
		l.files = append(l.files, f)
	}
	if l.matches += len(hits); l.matches > 2*MostLayerHits {
		l.trim()
	}
}

// trim keeps the first matches of the layer, in the order of the tar.
func (l *layerScan) trim() {
	slices.SortFunc(l.files, func(a, b *fileScan) int { return cmp.Or(a.n-b.n, a.nth-b.nth) })
	l.matches = 0
	for _, f := range l.files {
		f.mu.Lock()
		f.trim(min(MostHits, MostLayerHits-l.matches))
		l.matches += len(f.hits)
		f.mu.Unlock()
	}
}

func digests(content []byte) [3]string {
	a, b, c := md5.Sum(content), sha1.Sum(content), sha256.Sum256(content)
	return [3]string{hex.EncodeToString(a[:]), hex.EncodeToString(b[:]), hex.EncodeToString(c[:])}
}

// Facts leaves it to the rest to wait for the workers.
func (l *layerScan) Facts() layers.ScanFacts { return layers.ScanFacts{Rest: l.rest} }

// rest waits for the workers and joins what they found.
func (l *layerScan) rest() layers.ScanFacts {
	for _, a := range slices.Clone(l.open) { // a scanner that broke down is not asked to close them
		_ = a.Close()
	}
	_ = l.flush() // fails only when the context has ended
	out := &LayerFacts{}
	out.git = l.repos.end()
	l.mu.Lock()
	defer l.mu.Unlock()
	out.certs = l.certs
	l.trim()
	var over []string
	dropped, files := int64(0), int64(0)
	for _, f := range l.files {
		if f.dropped > 0 {
			dropped += f.dropped
			files++
			if len(over) < 5 {
				over = append(over, f.path)
			}
		}
		if facts := f.facts(l.s); len(facts.Hits) > 0 {
			out.Files = append(out.Files, facts)
		}
	}
	l.vendors(out.Files)
	l.files, l.records = nil, nil
	result := layers.ScanFacts{Found: out, Gaps: l.gaps, Notes: l.notes}
	if l.ended.Load() { // else a time limit that the reading just kept would pass in silence
		result.Gaps = append(result.Gaps, layers.Remark{
			Reason: layers.ReasonDeadline, Detail: "not all of the layer was searched for secrets because the time limit was reached; allow more time (Limits.Time)",
		})
	}
	if l.cut > 0 {
		result.Notes = append(result.Notes, layers.Remark{
			Reason: "decoding-limit", Files: int64(l.cut), Detail: "not all that is encoded in files was decoded; it was scanned as it is",
		})
	}
	if l.large > 0 {
		result.Notes = append(result.Notes, layers.Remark{
			Reason: "credential-file-limit", Files: int64(l.large),
			Detail: fmt.Sprintf("files have a format for credentials, but more than %d bytes, %d credentials or %d levels, or could not be read; they were scanned as texts alone",
				credfile.MaxBytes, credfile.MaxCredentials, credfile.MaxDepth),
		})
	}
	if dropped > 0 {
		result.Gaps = append(result.Gaps, layers.Remark{
			Reason: ReasonTooMany, Files: files, Examples: over,
			Detail: fmt.Sprintf("%d matches of secret rules are beyond %d in a file or %d in a layer, and are not listed", dropped, MostHits, MostLayerHits),
		})
	}
	return result
}
