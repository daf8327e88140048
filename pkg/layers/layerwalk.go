package layers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/imgaudit/imgaudit/internal/decompress"
)

// blobReader is what the layers of one walk share.
type blobReader struct {
	opts     WalkOptions
	limits   Limits
	scanners []Scanner
	pool     sync.Pool // of *block
	sums     sumMeeting
	index    *budget

	mu       sync.Mutex
	outcomes []*outcome // of layers that scanners have not done with
}

func newBlobReader(opts WalkOptions, scanners []Scanner) *blobReader {
	limits := opts.Limits.filled()
	return &blobReader{
		opts: opts, limits: limits, scanners: scanners, index: newBudget(limits.IndexBytes),
		pool: sync.Pool{New: func() any { return new(block) }},
	}
}

// errDeadline is the cause of a context that [Limits.Time] ended.
var errDeadline = errors.New("the time limit was reached")

// read reads one blob to its end: digests, tar, scanners. It never fails: what
// went wrong is in the gaps. isTar is false for a blob that holds no tar at all.
// A limit ends the context of the reading by stop, so that the source gives up as
// well; ctx, which the scanners have, goes on: they look at all that was read.
func (w *blobReader) read(ctx, reading context.Context, stop context.CancelCauseFunc, l Layer, body io.Reader) (f *Facts, isTar bool) {
	told := progress{tell: w.opts.Progress, layer: l}
	told.event(Started, 0, 0)
	p := startPipeline(reading, stop, body, w.limits, &w.pool, &w.sums, told)

	t := newTarRead(p, w.limits, w.index)
	t.feed = newFeed(ctx, l, w.scanners)
	t.read()
	end := p.drain(&t.tail)
	p.finish()

	f = t.facts
	f.Compression, f.Bytes = p.compression, p.out
	if p.limited {
		f.StoredBytes = p.used // what stages had read ahead by then is a matter of chance
	} else {
		f.Digest, f.DiffID, f.StoredBytes = p.digest, p.diffID, p.stored.Load()
	}
	if end != nil {
		f.Gaps = AddRemark(f.Gaps, gapOf(end, t.at))
	} else if t.err != nil {
		f.Gaps = AddRemark(f.Gaps, t.gap())
	} else {
		t.checkEnd(p.tail)
	}
	f.Oddities = t.odd.list()
	w.finish(t.feed, f)
	told.event(Finished, f.StoredBytes, f.Bytes)
	return f, t.isTar
}

// gapOf turns the error that ended the bytes of a layer into a line of the
// ledger. at is the path that was being read, if any.
func gapOf(err error, at string) Remark {
	r := Remark{Reason: ReasonReadError, Detail: err.Error()}
	var c *cut
	switch {
	case errors.As(err, &c):
		r = c.gap()
	case errors.Is(err, errDeadline), errors.Is(err, context.DeadlineExceeded):
		r = deadlineGap("the layer was not read to its end")
	case errors.Is(err, context.Canceled):
		r.Detail = "the walk was cancelled"
	}
	if at != "" {
		r.Files, r.Examples = 1, []string{clip(at)}
	}
	return r
}

func deadlineGap(what string) Remark {
	return Remark{Reason: ReasonDeadline, Detail: fmt.Sprintf("%s because the time limit was reached; allow more time (Limits.Time)", what)}
}

// drain reads what is left, and gives the error that ended the bytes, or nil.
func (p *pipeline) drain(t *decompress.Tail) error {
	for len(p.left) > 0 || p.next() {
		_, _ = t.Write(p.left)
		p.given += int64(len(p.left))
		p.left = nil
	}
	if p.err == io.EOF {
		return nil
	}
	return p.err
}

// verified gives the facts of a layer with gaps for every claim about it that
// does not hold. The claims are those of one image, so the facts that other
// images share stay as they are.
func verified(f *Facts, l Layer) *Facts {
	var gaps []Remark
	stored, whole := f.StoredBytes, f.Digest != ""
	switch {
	case whole && l.Size >= 0 && stored != l.Size:
		gaps = append(gaps, Remark{Reason: ReasonSizeMismatch, Detail: fmt.Sprintf(
			"the manifest says %d bytes, the source gave %d", l.Size, stored)})
	case whole && l.Digest != "" && l.Digest != f.Digest:
		gaps = append(gaps, Remark{Reason: ReasonDigestMismatch, Detail: fmt.Sprintf(
			"the manifest says %s, the bytes are %s", l.Digest, f.Digest)})
	}
	same := f.Compression == decompress.None && len(gaps) > 0 // the diffID is the digest: one gap says it
	if f.DiffID != "" && l.DiffID != "" && l.DiffID != f.DiffID && !same {
		gaps = append(gaps, Remark{Reason: ReasonDiffIDMismatch, Detail: fmt.Sprintf(
			"the configuration says %s, the uncompressed bytes are %s", l.DiffID, f.DiffID)})
	}
	if len(gaps) == 0 {
		return f
	}
	own := *f
	own.Gaps = slices.Concat(f.Gaps, gaps)
	return &own
}
