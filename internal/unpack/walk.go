package unpack

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"sync"

	"github.com/imgaudit/imgaudit/internal/decompress"
)

// Opener opens archives. It keeps buffers from one to the next, and may be used by many
// goroutines. The zero value works.
type Opener struct {
	Limits Limits

	walkers  sync.Pool // of *walker
	decoders decompress.Pool
}

// Walk opens an archive of a format that [Detect] or [DetectNamed] told. name is its base name, which tells
// what is inside a compressed file. The error is the visitor's writer's, the reader's
// or the context's; damage is a remark. The archive is read to its end in any case.
func (o *Opener) Walk(ctx context.Context, format Format, name string, r io.Reader, v Visitor) (err error) {
	w, ok := o.walkers.Get().(*walker)
	if !ok {
		w = &walker{decoders: &o.decoders}
	}
	defer o.walkers.Put(w)
	w.packed = counted{ctx: ctx, r: r}
	w.limits, w.visitor, w.members, w.bytes = o.Limits.orDefault(), v, 0, 0
	defer func() { w.visitor, w.packed = nil, counted{} }()
	in := w.buffered(0, &w.packed)
	if err := w.walk(format, name, in); err != nil {
		return err
	}
	err = w.drain("", in)
	var f fatal
	if errors.As(err, &f) {
		return f.error
	}
	return err
}

func (w *walker) walk(format Format, name string, in *bufio.Reader) (err error) {
	defer func() {
		if p := recover(); p != nil { // a decoder that does not stand what a stranger wrote
			w.remark("", ReasonCorrupt, fmt.Sprintf("reading the archive broke down: %v", p), true)
			err = nil
		}
	}()
	err = w.open(format, "", name, in, 1)
	var s stop
	var f fatal
	switch {
	case errors.As(err, &f):
		return f.error
	case errors.As(err, &s):
		w.remark(s.path, s.reason, s.detail, true)
		return nil
	}
	return err
}

// walker is one walk, and what is used again in the next.
type walker struct {
	decoders *decompress.Pool
	limits   Limits
	visitor  Visitor
	packed   counted
	members  int64
	bytes    int64 // unpacked

	// By depth.
	buffers []*bufio.Reader
	zips    []*zipTools
}

// fatal is an error that is not the archive's: of the source, a writer or the context.
type fatal struct{ error }

func (f fatal) Unwrap() error { return f.error }

// counted is the outermost archive.
type counted struct {
	ctx context.Context
	r   io.Reader
	n   int64
}

func (c *counted) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, fatal{err}
	}
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil && err != io.EOF {
		err = fatal{err}
	}
	return n, err
}

const bufferBytes = 64 << 10

// buffered gives the reader of a depth, for another stream.
func (w *walker) buffered(depth int, r io.Reader) *bufio.Reader {
	for len(w.buffers) <= depth {
		w.buffers = append(w.buffers, bufio.NewReaderSize(nil, bufferBytes))
	}
	b := w.buffers[depth]
	b.Reset(r)
	return b
}

func (w *walker) remark(path, reason, detail string, gap bool) {
	w.visitor.Remark(Remark{Path: path, Reason: reason, Detail: detail, Gap: gap})
}

// broken says of an archive that it could not be read to its end, and why. It gives
// only errors that end the walk.
func (w *walker) broken(at string, err error) error {
	var f fatal
	var s stop
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &s):
		return s
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		w.remark(at, ReasonTruncated, "the archive ends early", true)
	default:
		w.remark(at, ReasonCorrupt, err.Error(), true)
	}
	return nil
}

// open reads one archive. at is its path, with nothing for the outermost; what of r it
// does not read is the caller's.
func (w *walker) open(format Format, at, name string, r *bufio.Reader, depth int) error {
	var err error
	switch format {
	case Zip:
		err = w.zip(at, r, depth)
	case Seven:
		err = w.sevenZip(at, name, r, depth)
	case Tar:
		err = w.tar(at, r, depth)
	case Ar:
		err = w.ar(at, r, depth)
	case Cpio:
		err = w.cpio(at, r, depth)
	case RPM:
		err = w.rpm(at, name, r, depth)
	default:
		err = w.compressed(format, at, name, r, depth)
	}
	if err != nil {
		return w.broken(at, err)
	}
	return nil
}

// compressed reads a compressed file: the archive in it, or else the one file in it.
func (w *walker) compressed(format Format, at, name string, r *bufio.Reader, depth int) error {
	d, err := w.decoders.New(string(format), r)
	if err != nil {
		return err
	}
	defer d.Close()
	in := w.buffered(depth, &unpacked{w: w, r: d, at: at})
	head, err := in.Peek(HeadBytes)
	if err != nil && err != io.EOF {
		return err
	}
	switch inner := Detect(head); inner {
	case Tar, Cpio, Ar:
		if err = w.open(inner, at, name, in, depth+1); err == nil {
			err = w.drain(at, in)
		}
	default:
		err = w.member(placeOf(at, withoutSuffix(name)), -1, in, depth)
	}
	if err != nil {
		return err
	}
	return w.drain(at, w.buffered(depth, d.Rest()))
}

// member hands over one member, or opens it if it is an archive. It reads r to its end.
func (w *walker) member(p place, size int64, r io.Reader, depth int) error {
	if escapes(p.name) {
		w.remark(p.path, ReasonNames, "the name of a member leads out of the archive", false)
	}
	if w.members++; w.members > w.limits.Members {
		return stop{p.archive, ReasonMembers, fmt.Sprintf("the archive has more than %d members", w.limits.Members)}
	}
	in, ok := r.(*bufio.Reader)
	if !ok {
		in = w.buffered(depth, r)
	}
	head, err := in.Peek(HeadBytes)
	if err != nil && err != io.EOF {
		return err
	}
	if format := DetectNamed(p.inner, head); format != "" {
		if depth < w.limits.Depth {
			if err := w.open(format, p.path, path.Base(p.inner), in, depth+1); err != nil {
				return err
			}
			return w.drain(p.path, in)
		}
		w.remark(p.path, ReasonDepth, fmt.Sprintf("archives lie in each other more than %d deep; this one was not opened", w.limits.Depth), false)
	}
	return handOver(w.visitor.Member(Member{Path: p.path, Size: size}), in)
}
