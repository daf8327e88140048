package layers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// ErrUnverified is what an extraction fails with when the file was written, but
// the layer it came from is not what the manifest promises.
var ErrUnverified = errors.New("the layer does not hold what its manifest promises")

// NotInLayerError says that a layer has no such path, and where it is instead.
type NotInLayerError struct {
	Path    string
	Layer   int
	Others  []int // layers that have it
	Deleted bool  // the layer deletes it
}

func (e *NotInLayerError) Error() string {
	what := "has no"
	if e.Deleted {
		what = "deletes"
	}
	msg := fmt.Sprintf("layer %d %s %q", e.Layer, what, e.Path)
	switch n := len(e.Others); n {
	case 0:
		return msg + ", and no other layer has it"
	case 1:
		return fmt.Sprintf("%s; it is in layer %d", msg, e.Others[0])
	default:
		var s []string
		for _, i := range e.Others {
			s = append(s, fmt.Sprint(i))
		}
		return fmt.Sprintf("%s; it is in layers %s and %s", msg, strings.Join(s[:n-1], ", "), s[n-1])
	}
}

// Extract writes the content of one file of one layer to w, whether a higher
// layer deletes it or not. Of a path that the layer writes twice it takes the
// last; a hard link gives the file it names within the layer. The layer is read
// once for its index, unless it has [Facts] already, and once for the content;
// both digests are verified. If they do not hold, the file is written all the
// same and the error is [ErrUnverified].
func Extract(ctx context.Context, src Source, img *Image, layer int, path string, w io.Writer) (Entry, error) {
	if _, ok := src.(Stream); ok {
		return Entry{}, errors.New("extracting: a stream can be read only once; save the image to a file and extract from there")
	}
	if layer < 0 || layer >= len(img.Layers) {
		return Entry{}, fmt.Errorf("extracting: there is no layer %d; the image has %d, counted from 0", layer, len(img.Layers))
	}
	l := img.Layers[layer]
	if l.Unreadable != nil {
		return Entry{}, fmt.Errorf("extracting from layer %d: %s: %s", layer, l.Unreadable.Reason, l.Unreadable.Detail)
	}
	path = cleanPath(path).path
	facts, err := index(ctx, src, l)
	if err != nil {
		return Entry{}, fmt.Errorf("extracting from layer %d: %w", layer, err)
	}
	e, target := find(facts, path)
	if e == nil {
		return Entry{}, fmt.Errorf("extracting: %w", lost(ctx, src, img, layer, path, facts))
	}
	if target == nil {
		return *e, fmt.Errorf("extracting from layer %d: %q is %s; only regular files have content", layer, path, describe(e))
	}
	if err := write(ctx, src, l, target, w); err != nil {
		return *e, fmt.Errorf("extracting %q from layer %d: %w", path, layer, err)
	}
	return *e, nil
}

// index gives the facts of one layer without scanning it.
func index(ctx context.Context, src Source, l Layer) (*Facts, error) {
	if l.Facts != nil && l.Facts.Complete() {
		return l.Facts, nil
	}
	facts := newBlobReader(WalkOptions{}, nil).blob(ctx, src, l)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	facts = verified(facts, l)
	if len(facts.Entries) == 0 && !facts.Complete() {
		return nil, fmt.Errorf("%s: %s", facts.Gaps[0].Reason, facts.Gaps[0].Detail)
	}
	return facts, nil
}

// find gives the last entry with a path, and the regular file that it is or is a
// hard link to; nil if it is none.
func find(f *Facts, path string) (e, file *Entry) {
	e = lastEntry(f.Entries, path)
	file = e
	for hops := 0; file != nil && file.Type == HardLink; hops++ {
		if hops > 40 { // as many as Linux follows: a circle
			return e, nil
		}
		file = lastEntry(f.Entries, file.Link)
	}
	if file != nil && file.Type != Regular {
		file = nil
	}
	return e, file
}

func lastEntry(entries []Entry, path string) *Entry {
	for i := range slices.Backward(entries) {
		if e := &entries[i]; e.Path == path && e.Whiteout == NoWhiteout {
			return e
		}
	}
	return nil
}

// lost looks for a path in the other layers.
func lost(ctx context.Context, src Source, img *Image, layer int, path string, facts *Facts) error {
	e := &NotInLayerError{Path: path, Layer: layer, Deleted: slices.ContainsFunc(facts.Entries, func(e Entry) bool {
		return e.Whiteout == PathWhiteout && e.Path == path
	})}
	for i, l := range img.Layers {
		if i == layer || l.Unreadable != nil {
			continue
		}
		f, err := index(ctx, src, l)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil && lastEntry(f.Entries, path) != nil {
			e.Others = append(e.Others, i)
		}
	}
	return e
}

func describe(e *Entry) string {
	switch e.Type {
	case Directory:
		return "a directory"
	case Symlink:
		return fmt.Sprintf("a symbolic link to %q", e.Link)
	case HardLink:
		return fmt.Sprintf("a hard link to %q, which the layer does not have as a file", e.Link)
	case CharDev, BlockDev:
		return "a device"
	case FIFO:
		return "a named pipe"
	}
	return fmt.Sprintf("an entry of type %q", byte(e.Type))
}

// write reads the layer again and writes the content of one entry.
func write(ctx context.Context, src Source, l Layer, e *Entry, w io.Writer) error {
	p := &pick{entry: e, to: w}
	facts := newBlobReader(WalkOptions{}, []Scanner{p}).blob(ctx, src, l)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	facts = verified(facts, l)
	switch {
	case p.err != nil:
		return p.err
	case p.wrote < e.Size && facts.Complete():
		return errors.New("the layer changed while it was read")
	case p.wrote < e.Size:
		return fmt.Errorf("%s: %s", facts.Gaps[0].Reason, facts.Gaps[0].Detail)
	case !facts.Complete():
		return fmt.Errorf("%w: %s: %s", ErrUnverified, facts.Gaps[0].Reason, facts.Gaps[0].Detail)
	}
	return nil
}

// pick is the scanner that writes the content of one entry.
type pick struct {
	entry *Entry
	to    io.Writer
	wrote int64
	err   error
}

func (p *pick) Name() string                              { return "extract" }
func (p *pick) Layer(context.Context, Layer) LayerScanner { return p }
func (p *pick) Facts() ScanFacts                          { return ScanFacts{} }
func (p *pick) Close() error                              { return nil }

func (p *pick) Entry(e *Entry) io.WriteCloser {
	if e.Seq == p.entry.Seq && e.Path == p.entry.Path {
		return p
	}
	return nil
}

func (p *pick) Write(b []byte) (int, error) {
	n, err := p.to.Write(b)
	p.wrote, p.err = p.wrote+int64(n), err
	return n, err
}
