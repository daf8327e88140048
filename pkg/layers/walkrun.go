package layers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"sync"
)

// Walk reads every layer of the images of a source once and gives the images
// with [Facts] in their layers. Layers that share a blob share its facts, except
// where their claims about it differ.
//
// It fails if the images cannot be told, with ctx.Err() if the context ends, or
// with the error of [WalkOptions.Beside].
// What is wrong with one layer is a gap in its facts; so is what [Limits.Time]
// left unread. A [Stream] is walked in its own order, and gives [Walked.Unnamed]
// if it ends without a manifest.
func Walk(ctx context.Context, src Source, opts WalkOptions, scanners ...Scanner) (*Walked, error) {
	for i, s := range scanners {
		for _, o := range scanners[:i] {
			if s.Name() == o.Name() {
				return nil, fmt.Errorf("walking layers: two scanners are called %q; each needs a name of its own", s.Name())
			}
		}
	}
	limited := ctx
	if opts.Limits.Time > 0 {
		var stop context.CancelFunc
		limited, stop = context.WithTimeoutCause(ctx, opts.Limits.Time, errDeadline)
		defer stop()
	}
	w := newBlobReader(opts, scanners)
	defer w.await() // so that no goroutine is left
	if stream, ok := src.(Stream); ok {
		return w.stream(ctx, limited, stream)
	}
	images, err := src.Images(limited)
	if err != nil {
		return nil, fmt.Errorf("reading the images' manifests: %w", stopped(limited, err))
	}
	facts := w.blobs(limited, src, images)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return w.settled(&Walked{Images: images}, facts, nil)
}

// blobs reads each blob of the images once, the biggest first so that none is
// left alone at the end.
func (w *blobReader) blobs(ctx context.Context, src Source, images []*Image) map[string]*Facts {
	todo := distinct(images)
	slices.SortStableFunc(todo, func(a, b Layer) int { return -cmp.Compare(a.Size, b.Size) })
	found := make([]*Facts, len(todo))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(w.workers(), len(todo)) {
		workers.Go(func() {
			for i := range next {
				found[i] = w.blob(ctx, src, todo[i])
			}
		})
	}
	for i := range todo {
		next <- i
	}
	close(next)
	workers.Wait()

	facts := make(map[string]*Facts, len(todo))
	for i, l := range todo {
		facts[l.Key] = found[i]
	}
	return facts
}

func (w *blobReader) workers() int {
	if w.opts.Workers > 0 {
		return w.opts.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// blob reads one blob of a source.
func (w *blobReader) blob(ctx context.Context, src Source, l Layer) *Facts {
	if ctx.Err() != nil {
		return unread(gapOf(context.Cause(ctx), ""))
	}
	own, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	body, err := src.Blob(own, l)
	if err != nil {
		return unread(openGap(stopped(ctx, err)))
	}
	defer body.Close() // all that it could tell of is verified
	facts, _ := w.read(ctx, own, stop, l, body)
	return facts
}

func openGap(err error) Remark {
	if errors.Is(err, fs.ErrNotExist) {
		return Remark{Reason: ReasonMissingBlob, Detail: fmt.Sprintf("the manifest names a layer that is not there: %v", err)}
	}
	if errors.Is(err, errDeadline) {
		return deadlineGap("the layer was not read")
	}
	return Remark{Reason: ReasonReadError, Detail: fmt.Sprintf("opening the layer: %v", err)}
}

// unread makes facts of a layer of which nothing was read.
func unread(why Remark) *Facts { return &Facts{Gaps: []Remark{why}, Scans: map[string]any{}} }

// stopped prefers the reason why a context ended to the error that followed.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// distinct gives the readable layers of images, each blob once.
func distinct(images []*Image) []Layer {
	var ls []Layer
	seen := map[string]bool{}
	for _, img := range images {
		for _, l := range img.Layers {
			if l.Unreadable == nil && !seen[l.Key] {
				seen[l.Key] = true
				ls = append(ls, l)
			}
		}
	}
	return ls
}

// settle gives each layer the facts of its blob, with what does not hold of the
// claims about it. A blob without facts is missing for the given reason.
func settle(images []*Image, facts map[string]*Facts, missing *Remark) {
	type claim struct {
		key, digest, diffID string
		size                int64
	}
	done := map[claim]*Facts{} // so that equal claims share
	for _, img := range images {
		for i := range img.Layers {
			l := &img.Layers[i]
			if l.Unreadable != nil {
				continue
			}
			c := claim{l.Key, l.Digest, l.DiffID, l.Size}
			if done[c] == nil {
				switch f := facts[l.Key]; {
				case f != nil:
					done[c] = verified(f, *l)
				case missing != nil:
					done[c] = unread(*missing)
				default:
					done[c] = unread(Remark{Reason: ReasonMissingBlob, Detail: "the manifest names a layer that is not there"})
				}
			}
			l.Facts = done[c]
		}
	}
}
