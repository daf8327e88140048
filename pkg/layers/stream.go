package layers

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"github.com/imgaudit/imgaudit/internal/decompress"
)

const (
	streamBuffer = 256 << 10
	maxTrailing  = 16 << 20 // read behind the end of the archive, for who writes it
)

// openStdin opens an archive on standard input.
func openStdin(choice string, opts Options) (Source, error) {
	if opts.Stdin == nil {
		return nil, errors.New("opening standard input: there is none; give a file instead, or pipe an image into it")
	}
	b := bundle{kind: "stdin", place: "-", choice: parseChoice(choice), opts: opts}
	return newStream(b, opts.Stdin, nil), nil
}

// ErrNoManifest is for a [Stream] that has ended, or was cut, before it said
// which images its layers are part of.
var ErrNoManifest = errors.New("there is no manifest in it")

// stream reads an archive of images once, from front to back. Documents are
// held, all else is given to who asks for the next member.
type stream struct {
	bundle
	in     io.Reader
	closer io.Closer // what Close closes; nil for what is not ours
	held   heldFiles
	open   func(ctx context.Context) (io.ReadCloser, error) // instead of in, if set

	arc    *tar.Reader
	raw    *cancellable
	decode *decompress.Decoder
	body   *memberBody
	err    error // Next's last word

	mu      sync.Mutex
	seen    map[string]*Facts // by key
	digests map[string]string // key by digest and by diffID
}

// newStream makes a stream of in. The bundle's files are what the stream holds.
func newStream(b bundle, in io.Reader, closer io.Closer) *stream {
	s := &stream{bundle: b, in: in, closer: closer, seen: map[string]*Facts{}, digests: map[string]string{}}
	s.held.docs = map[string][]byte{}
	s.files = &s.held
	return s
}

// Next implements [Stream].
func (s *stream) Next(ctx context.Context) (Layer, io.Reader, error) {
	if s.body != nil {
		s.body.over = true
	}
	if s.err != nil {
		return Layer{}, nil, s.err
	}
	layer, body, err := s.next(ctx)
	switch {
	case err == io.EOF:
		s.err = io.EOF
	case ctx.Err() != nil:
		s.err = ctx.Err()
	case err != nil:
		s.err = fmt.Errorf("reading %s: %w", s.where(), err)
		if s.held.damage == nil && !errors.Is(err, errRootFS) {
			s.held.broken(err)
		}
	default:
		s.body = &memberBody{r: body}
		return layer, s.body, nil
	}
	return Layer{}, nil, s.err
}

func (s *stream) next(ctx context.Context) (Layer, io.Reader, error) {
	if s.arc == nil {
		if err := s.begin(ctx); err != nil {
			return Layer{}, nil, err
		}
	}
	s.raw.ctx = ctx
	for {
		if err := ctx.Err(); err != nil {
			return Layer{}, nil, err
		}
		h, err := s.arc.Next()
		switch {
		case err == io.EOF:
			return Layer{}, nil, s.end()
		case s.held.byName == nil && (errors.Is(err, tar.ErrHeader) || err == io.ErrUnexpectedEOF && s.decode == nil):
			return Layer{}, nil, fmt.Errorf("%w: it is neither a tar nor a compressed tar; pipe docker save, podman save or buildx -o type=oci,dest=- into it", errNotAnArchive)
		case err != nil:
			return Layer{}, nil, noEOF(err)
		}
		if err := s.held.add(h, 0); err != nil {
			return Layer{}, nil, err
		}
		name := cleanName(h.Name)
		if member := s.held.byName[name]; h.Typeflag != tar.TypeReg || member.sparse {
			continue
		}
		body, err := s.sort(name, h.Size)
		if err != nil {
			return Layer{}, nil, err
		}
		if body != nil {
			return Layer{Key: memberKey(name), Size: h.Size}, body, nil
		}
	}
}

// begin finds out how the archive is compressed.
func (s *stream) begin(ctx context.Context) error {
	if s.open != nil {
		rc, err := s.open(ctx)
		if err != nil {
			return err
		}
		s.in, s.closer = rc, rc
	}
	s.raw = &cancellable{ctx: ctx, in: s.in}
	buffered := bufio.NewReaderSize(s.raw, streamBuffer)
	head, err := buffered.Peek(decompress.SniffBytes)
	switch {
	case len(head) == 0 && err == io.EOF:
		return fmt.Errorf("%w: it is empty; did the command that writes it fail?", errNotAnArchive)
	case len(head) == 0:
		return err
	}
	var in io.Reader = buffered
	if compression := decompress.Sniff(head); compression != decompress.None {
		if s.decode, err = decompress.New(compression, buffered); err != nil {
			return fmt.Errorf("uncompressing it (%s): %w", compression, err)
		}
		in = s.decode
	}
	s.in = in
	s.arc = tar.NewReader(in)
	return nil
}

// end reads what follows the archive: a writer that is not read to its end fails, and a
// checksum stands at the end of compressed data.
func (s *stream) end() error {
	if _, err := io.CopyN(io.Discard, s.in, maxTrailing); err != nil && err != io.EOF {
		return noEOF(err)
	}
	return io.EOF
}

// sort holds a member that is a document, gives back one that may be a layer,
// and lets the rest go.
func (s *stream) sort(name string, size int64) (io.Reader, error) {
	head := make([]byte, min(size, tarBlock))
	if _, err := io.ReadFull(s.arc, head); err != nil {
		return nil, noEOF(err)
	}
	body := io.MultiReader(bytes.NewReader(head), s.arc)
	isLayer := isTarHeader(head) || decompress.Sniff(head) != decompress.None
	switch {
	case isLayer:
	case looksLikeJSON(head) && size <= documentLimit(s.opts.Limits):
		raw := make([]byte, size)
		if _, err := io.ReadFull(body, raw); err != nil {
			return nil, noEOF(err)
		}
		s.held.hold(name, raw)
		return nil, nil
	case !isLayerFile(name):
		return nil, nil
	}
	return body, nil
}

// Seen implements [Stream].
func (s *stream) Seen(key string, facts *Facts) {
	if facts == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[key] = facts
	for _, digest := range []string{facts.Digest, facts.DiffID} {
		if _, known := s.digests[digest]; digest != "" && !known {
			s.digests[digest] = key
		}
	}
}

// Images implements [Source].
func (s *stream) Images(ctx context.Context) ([]*Image, error) {
	switch {
	case s.held.byName == nil && s.err != nil && s.err != io.EOF, errors.Is(s.err, errRootFS):
		return nil, s.err
	case s.held.byName == nil && s.err == nil:
		return nil, fmt.Errorf("reading %s: its images are known when it has been read: %w", s.where(), ErrNoManifest)
	}
	if s.kind == "" {
		s.kind = "oci-archive"
		if s.held.docs[dockerManifest] != nil {
			s.kind = "docker-archive"
		}
	}
	images, err := s.images(ctx)
	if err != nil {
		if s.held.damage != nil && errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrNoManifest) {
			err = fmt.Errorf("%w that is whole: %w", ErrNoManifest, err)
		}
		if s.held.damage != nil {
			err = fmt.Errorf("%w (%s)", err, s.held.damage.Detail)
		}
		return nil, fmt.Errorf("reading %s: %w", s.where(), err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, img := range images {
		for i := range img.Layers {
			s.match(&img.Layers[i])
		}
		if s.held.damage != nil {
			img.Gaps = AddRemark(img.Gaps, *s.held.damage)
		}
		img.Notes = AddRemarks(img.Notes, s.held.notes...)
	}
	return images, nil
}

// match finds the member that is a layer by its digest, if it is not there
// under its name.
func (s *stream) match(l *Layer) {
	if s.seen[l.Key] != nil {
		return
	}
	for _, digest := range []string{l.Digest, l.DiffID} {
		if key, ok := s.digests[digest]; ok && digest != "" {
			l.Key = key
			return
		}
	}
}

// Blob implements [Source].
func (s *stream) Blob(context.Context, Layer) (io.ReadCloser, error) {
	return nil, fmt.Errorf("reading a layer of %s again: %w", s.where(), errReadOnce)
}

var errReadOnce = errors.New("a stream or a compressed archive can be read only once; save it as an uncompressed file to read single layers")

// Close implements [Source].
func (s *stream) Close() error {
	if s.decode != nil {
		s.decode.Close()
		s.decode = nil
	}
	s.held.docs = nil
	if s.closer == nil {
		return nil
	}
	err := s.closer.Close()
	s.closer = nil
	return err
}

func (s *stream) where() string {
	if s.kind == "stdin" {
		return "standard input"
	}
	return display(s.place)
}

// memberBody is the content of one member, until the next is asked for.
type memberBody struct {
	r    io.Reader
	over bool
}

func (m *memberBody) Read(p []byte) (int, error) {
	if m.over {
		return 0, errors.New("the stream has moved on to its next member")
	}
	return m.r.Read(p)
}

// cancellable is a reader that fails once its context is done.
type cancellable struct {
	ctx context.Context
	in  io.Reader
}

func (c *cancellable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	if err := waitReadable(c.ctx, c.in); err != nil {
		return 0, err
	}
	return c.in.Read(p)
}
