package layers

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// member is what the walk found a member of a stream to be.
type member struct {
	facts *Facts
	isTar bool
}

// stream walks a stream: every member first, and only then the manifests, which
// may come last. limited ends when the time is up, ctx when the caller says so.
func (w *blobReader) stream(ctx, limited context.Context, src Stream) (*Walked, error) {
	found := map[string]member{}
	var order []string
	broken := w.members(limited, src, func(key string, m member) {
		if _, ok := found[key]; !ok {
			order = append(order, key)
		}
		found[key] = m
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	images, err := src.Images(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if errors.Is(err, ErrNoManifest) {
		return w.unnamed(found, order, err, broken)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the images' manifests: %w", err)
	}

	facts, named := map[string]*Facts{}, map[string]bool{}
	for _, l := range distinct(images) {
		named[l.Key] = true
	}
	out := &Walked{Images: images}
	for key, m := range found {
		if named[key] {
			facts[key] = m.facts
		} else {
			out.Dropped += m.facts.StoredBytes
		}
	}
	return w.settled(out, facts, streamGap(broken))
}

// members reads all members of a stream, and gives what broke it before its end.
func (w *blobReader) members(ctx context.Context, src Stream, found func(string, member)) (broken error) {
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		l, body, err := src.Next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return stopped(ctx, err)
		}
		own, stop := context.WithCancelCause(ctx)
		facts, isTar := w.read(ctx, own, stop, l, body)
		stop(nil)
		found(l.Key, member{facts, isTar})
		src.Seen(l.Key, facts)
	}
}

// streamGap says why layers that the manifests name did not come; nil if the
// stream was whole.
func streamGap(broken error) *Remark {
	if broken == nil {
		return nil
	}
	r := Remark{Reason: ReasonTruncated, Detail: fmt.Sprintf("the stream broke before this layer: %v", broken)}
	if errors.Is(broken, errDeadline) {
		r = deadlineGap("the layer was not read")
	}
	return &r
}

// unnamed gives what a stream without a manifest held. If that is nothing, the
// stream is no image.
func (w *blobReader) unnamed(found map[string]member, order []string, noManifest, broken error) (*Walked, error) {
	w.await()
	out := &Walked{}
	for _, key := range order {
		m := found[key]
		if !m.isTar {
			out.Dropped += m.facts.StoredBytes
			continue
		}
		detail := fmt.Sprintf("it is not known which image the layer is part of: %v", noManifest)
		if broken != nil {
			detail += fmt.Sprintf("; the stream broke: %v", broken)
		}
		m.facts.Gaps = append(m.facts.Gaps, Remark{Reason: ReasonUnnamed, Detail: detail})
		out.Unnamed = append(out.Unnamed, m.facts)
	}
	if len(out.Unnamed) == 0 {
		return nil, fmt.Errorf("reading the images' manifests: %w", noManifest)
	}
	if err := w.beside(out); err != nil {
		return nil, err
	}
	return out, nil
}
