package unpack

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"

	"github.com/imgaudit/imgaudit/internal/decompress"
	"github.com/imgaudit/imgaudit/pkg/finding"
)

// Limits bound what one archive may cost with all that is inside it. A zero field
// means its default.
type Limits struct {
	Depth   int   // archives inside each other; default 8
	Members int64 // default 1,000,000
	Bytes   int64 // unpacked, counted anew at each depth; default 16 GiB
	Ratio   int64 // unpacked to packed bytes, beyond the first 64 MiB; default 250
}

func (l Limits) orDefault() Limits {
	set := func(v *int64, d int64) {
		if *v == 0 {
			*v = d
		}
	}
	if l.Depth == 0 {
		l.Depth = 8
	}
	set(&l.Members, 1_000_000)
	set(&l.Bytes, 16<<30)
	set(&l.Ratio, 250)
	return l
}

// ratioFrom is how many bytes come out before the ratio counts.
const ratioFrom = 64 << 20

// Member is one file of an archive.
type Member struct {
	// Path leads from the archive that was opened inwards, with "!/" between one archive
	// and the next: lib/a.jar!/b/c. Names are escaped as [finding.EscapePath] does. It
	// is empty for bytes that belong to no member.
	Path string
	Size int64 // bytes, as the archive says; -1 if it does not
}

// Visitor gets what is in an archive.
type Visitor interface {
	// Member begins a member. Its content is written to the returned writer, if that is not
	// nil, and then closed; the pieces are valid only during the call.
	Member(Member) io.WriteCloser
	// Remark says what of an archive was not read as it should be.
	Remark(Remark)
}

// Remark is one thing that was not read as it should be.
type Remark struct {
	Path   string // of the archive or member, as in [Member]; empty for the outermost
	Reason string // one of the Reason constants
	Detail string
	Gap    bool // content is missing; else it was handed over in another form
}

// The reasons of remarks.
const (
	ReasonCorrupt   = "archive-corrupt"
	ReasonTruncated = "archive-truncated"
	ReasonEncrypted = "archive-encrypted"
	ReasonMethod    = "archive-method" // an unknown way of compression
	ReasonDepth     = "archive-depth"
	ReasonMembers   = "archive-members"
	ReasonBytes     = "archive-bytes"
	ReasonRatio     = "archive-ratio"
	ReasonNames     = "archive-names"  // that lead out of the archive
	ReasonHidden    = "archive-hidden" // members that one of a zip's two lists does not have
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
	pieces  [][]byte
	zips    []zipTools
}

// stop ends the whole walk because a limit was reached.
type stop struct{ path, reason, detail string }

func (s stop) Error() string { return s.detail }

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
		err = w.member(at, withoutSuffix(name), -1, in, depth)
	}
	if err != nil {
		return err
	}
	return w.drain(at, w.buffered(depth, d.Rest()))
}

// withoutSuffix names what is inside a compressed file.
func withoutSuffix(name string) string {
	base := path.Base(name)
	switch ext := path.Ext(base); strings.ToLower(ext) {
	case ".gz", ".z", ".bz2", ".xz", ".zst", ".zstd", ".lzma", ".lz":
		if inner := strings.TrimSuffix(base, ext); inner != "" {
			return inner
		}
	case ".tgz", ".tbz", ".tbz2", ".txz", ".tzst", ".tlz":
		return strings.TrimSuffix(base, ext) + ".tar"
	}
	return base
}

// unpacked counts what comes out of a decoder against the limits.
type unpacked struct {
	w  *walker
	r  io.Reader
	at string
}

func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	if lerr := u.w.count(u.at, int64(n)); lerr != nil {
		return n, lerr
	}
	return n, err
}

// count adds unpacked bytes.
func (w *walker) count(at string, n int64) error {
	w.bytes += n
	switch {
	case w.bytes > w.limits.Bytes:
		return stop{at, ReasonBytes, fmt.Sprintf("the archive unpacks to more than %d bytes", w.limits.Bytes)}
	case w.bytes > ratioFrom && w.bytes/w.limits.Ratio > w.packed.n:
		return stop{at, ReasonRatio, fmt.Sprintf("the archive unpacks to more than %d times its size", w.limits.Ratio)}
	}
	return nil
}

// member hands over one member, or opens it if it is an archive. It reads r to its end.
func (w *walker) member(at, name string, size int64, r io.Reader, depth int) error {
	inner := clean(name)
	where := join(at, inner)
	if escapes(name) {
		w.remark(where, ReasonNames, "the name of a member leads out of the archive", false)
	}
	if w.members++; w.members > w.limits.Members {
		return stop{at, ReasonMembers, fmt.Sprintf("the archive has more than %d members", w.limits.Members)}
	}
	in, ok := r.(*bufio.Reader)
	if !ok {
		in = w.buffered(depth, r)
	}
	head, err := in.Peek(HeadBytes)
	if err != nil && err != io.EOF {
		return err
	}
	if format := DetectNamed(inner, head); format != "" {
		if depth < w.limits.Depth {
			if err := w.open(format, where, path.Base(inner), in, depth+1); err != nil {
				return err
			}
			return w.drain(where, in)
		}
		w.remark(where, ReasonDepth, fmt.Sprintf("archives lie in each other more than %d deep; this one was not opened", w.limits.Depth), false)
	}
	return w.copy(w.visitor.Member(Member{Path: where, Size: size}), in, depth)
}

// copy hands content over. A writer's error ends the walk.
func (w *walker) copy(to io.WriteCloser, from io.Reader, depth int) (err error) {
	if to == nil {
		_, err := io.Copy(io.Discard, onlyReader{from})
		return err
	}
	defer func() {
		if cerr := to.Close(); cerr != nil && err == nil {
			err = fatal{cerr}
		}
	}()
	for len(w.pieces) <= depth {
		w.pieces = append(w.pieces, make([]byte, bufferBytes))
	}
	for piece := w.pieces[depth]; ; {
		n, err := from.Read(piece)
		if n > 0 {
			if _, werr := to.Write(piece[:n]); werr != nil {
				return fatal{werr}
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// onlyReader hides WriteTo.
type onlyReader struct{ io.Reader }

// drain hands over what an archive inside another leaves unread.
func (w *walker) drain(at string, in *bufio.Reader) error {
	var out io.WriteCloser
	for {
		if _, err := in.Peek(1); err != nil {
			if out != nil {
				if cerr := out.Close(); cerr != nil {
					return fatal{cerr}
				}
			}
			if err == io.EOF {
				return nil
			}
			return err
		}
		piece, _ := in.Peek(in.Buffered())
		if out == nil && len(bytes.TrimLeft(piece, "\x00")) > 0 {
			if out = w.visitor.Member(Member{Path: at, Size: -1}); out == nil {
				out = discard{}
			}
		}
		if out != nil {
			if _, err := out.Write(piece); err != nil {
				return fatal{err}
			}
		}
		if _, err := in.Discard(len(piece)); err != nil {
			return err
		}
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) Close() error                { return nil }

// join names a member of what lies at a path, as reports do.
func join(at, name string) string {
	name = finding.EscapePath(name)
	if at == "" {
		return name
	}
	return finding.Inside(at, name)
}

// clean makes a member's name a path below the archive.
func clean(name string) string {
	name = strings.ReplaceAll(name, `\`, "/")
	if p := path.Clean("/" + name)[1:]; p != "" {
		return p
	}
	return "unnamed"
}

func escapes(name string) bool {
	name = strings.ReplaceAll(name, `\`, "/")
	if strings.HasPrefix(name, "/") || strings.IndexByte(name, 0) >= 0 {
		return true
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return true
		}
	}
	return false
}
