package layers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// ReasonMirror is the reason of the note on an image that says which mirror was
// passed over, and why.
const ReasonMirror = "mirror"

// openRegistry gives the images of a reference: host/repository:tag@digest, of
// which all but the repository may be missing. Nothing is asked of the registry
// before Images.
func openRegistry(ctx context.Context, reference string, opts Options) (Source, error) {
	return newRegistry(ctx, reference, opts, registryTiming{}, authn.DefaultKeychain)
}

func newRegistry(ctx context.Context, reference string, opts Options, timing registryTiming, keychain authn.Keychain) (*registrySource, error) {
	ref, err := parseReference(reference)
	if err != nil {
		return nil, err
	}
	if _, err := parsePlatform(opts.Platform); err != nil {
		return nil, err
	}
	if (opts.Registry.Username == "") != (opts.Registry.Password == "") {
		return nil, errors.New("a user name needs a password and a password a user name: give both --username and --password-stdin")
	}
	w, err := newWire(opts.Registry, timing)
	if err != nil {
		return nil, err
	}
	s := &registrySource{reference: reference, ref: ref, opts: opts, wire: w, limit: documentLimit(opts.Limits)}
	s.life, s.end = context.WithCancel(context.WithoutCancel(ctx))
	repo := ref.Context()
	for _, m := range opts.Registry.Mirrors {
		ep, err := mirrorEndpoint(m, repo, w, keychain)
		if err != nil {
			return nil, err
		}
		s.endpoints = append(s.endpoints, ep)
	}
	ep := &endpoint{wire: w, host: repo.RegistryStr(), repo: repo.RepositoryStr(), keychain: keychain}
	if opts.Registry.PlainHTTP {
		ep.scheme = "http"
	}
	if opts.Registry.Username != "" {
		ep.login = &authn.AuthConfig{Username: opts.Registry.Username, Password: opts.Registry.Password}
	}
	s.endpoints = append(s.endpoints, ep)
	return s, nil
}

// parseReference reads a reference. Its errors do not repeat what may be a password.
func parseReference(reference string) (name.Reference, error) {
	if strings.Contains(reference, "://") {
		return nil, errors.New("a reference has no scheme such as https://: write it as host/repository:tag")
	}
	if before, digest, has := strings.Cut(reference, "@"); has {
		if _, err := v1.NewHash(digest); err != nil {
			return nil, errors.New("what follows the @ of the reference is no digest (sha256:…); a user name goes into --username")
		}
		// go-containerregistry knows sha256 alone.
		if !strings.HasPrefix(digest, "sha256:") {
			repo, err := parseReference(before)
			if err != nil {
				return nil, err
			}
			return repo.Context().Digest(digest), nil
		}
	}
	ref, err := name.ParseReference(reference)
	if err != nil {
		return nil, fmt.Errorf("parsing the reference %q: %s; write it as host/repository:tag or host/repository@sha256:…",
			reference, finding.EscapeText(err.Error()))
	}
	return ref, nil
}

// mirrorEndpoint reads host[:port][/prefix]; the prefix goes before the name of
// the repository. http:// before it makes that mirror speak HTTP.
func mirrorEndpoint(mirror string, repo name.Repository, w *wire, keychain authn.Keychain) (*endpoint, error) {
	rest, scheme := mirror, ""
	if i := strings.Index(mirror, "://"); i >= 0 {
		scheme, rest = mirror[:i], mirror[i+3:]
	}
	u, err := url.Parse("https://" + rest)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || scheme != "" && scheme != "http" && scheme != "https" {
		return nil, errors.New("a mirror is not of the form host[:port][/prefix], with http:// before it to speak HTTP; its credentials come from the Docker configuration")
	}
	path := repo.RepositoryStr()
	if prefix := strings.Trim(u.Path, "/"); prefix != "" {
		path = prefix + "/" + path
	}
	return &endpoint{wire: w, host: u.Host, repo: path, scheme: scheme, mirror: true, keychain: keychain}, nil
}

// registrySource is the source of one reference: its registry and the mirrors
// that are asked before it.
type registrySource struct {
	reference string
	ref       name.Reference
	opts      Options
	wire      *wire
	limit     int64
	endpoints []*endpoint // mirrors, then the registry
	life      context.Context
	end       context.CancelFunc

	mu    sync.Mutex
	notes []Remark

	imagesOnce once[[]*Image]
}

// Images implements [Source]. The manifest is asked for once.
func (s *registrySource) Images(ctx context.Context) ([]*Image, error) {
	return s.imagesOnce.do(ctx, func() ([]*Image, error) {
		ctx, stop := s.join(ctx)
		defer stop()
		root, raw, err := s.root(ctx)
		if err != nil {
			return nil, err
		}
		docs := func(ctx context.Context, d v1.Descriptor) ([]byte, error) {
			if d.Digest == root.Digest {
				return raw, nil
			}
			return s.document(ctx, d)
		}
		images, err := resolve(ctx, root, s.reference, "registry", docs, s.opts)
		if err != nil {
			return nil, err
		}
		if !s.opts.NoReferrers {
			for _, img := range images {
				readReferrers(ctx, img, s.referrers, docs, s.opts)
			}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, img := range images {
			img.Notes = append(img.Notes, s.notes...)
		}
		return images, nil
	})
}

// Blob implements [Source]. A broken download goes on where it broke off.
func (s *registrySource) Blob(ctx context.Context, layer Layer) (io.ReadCloser, error) {
	digest, err := v1.NewHash(layer.Digest)
	if err != nil {
		return nil, fmt.Errorf("opening layer %d: it has no digest to ask a registry for", layer.Index)
	}
	ctx, stop := s.join(ctx)
	b := &download{source: s, ctx: ctx, stop: stop, digest: digest.String(), size: layer.Size}
	if err := b.connect(); err != nil {
		stop()
		return nil, err
	}
	return b, nil
}

// Close implements [Source].
func (s *registrySource) Close() error {
	s.end()
	s.wire.transport.CloseIdleConnections()
	return nil
}

// join gives a context that ends with ctx and with the source.
func (s *registrySource) join(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.life, cancel)
	return ctx, func() { stop(); cancel() }
}

// manifestTypes are what a registry may answer with.
var manifestTypes = strings.Join([]string{
	string(types.OCIImageIndex), string(types.OCIManifestSchema1), string(types.DockerManifestList), string(types.DockerManifestSchema2),
	"application/vnd.oci.artifact.manifest.v1+json", string(types.DockerManifestSchema1Signed) + ";q=0.1",
}, ", ")

// root reads the document that the reference names.
func (s *registrySource) root(ctx context.Context) (v1.Descriptor, []byte, error) {
	var want v1.Hash
	if digest, ok := s.ref.(name.Digest); ok {
		var err error
		if want, err = v1.NewHash(digest.DigestStr()); err != nil {
			return v1.Descriptor{}, nil, fmt.Errorf("parsing the digest of %s: %w", display(s.reference), err)
		}
	}
	var found v1.Descriptor
	var raw []byte
	err := s.each(ctx, func(ep *endpoint) error {
		var err error
		found, raw, err = ep.manifest(ctx, s.ref.Identifier(), want, s.limit)
		return err
	})
	return found, raw, err
}

// document reads a manifest or a configuration by its digest.
func (s *registrySource) document(ctx context.Context, d v1.Descriptor) ([]byte, error) {
	var raw []byte
	err := s.each(ctx, func(ep *endpoint) (err error) {
		if c := classify(d.MediaType); c == isIndex || c == isManifest {
			_, raw, err = ep.manifest(ctx, d.Digest.String(), d.Digest, s.limit)
			return err
		}
		raw, err = ep.blob(ctx, d, s.limit)
		if d.MediaType == "" && errors.Is(err, fs.ErrNotExist) {
			_, raw, err = ep.manifest(ctx, d.Digest.String(), d.Digest, s.limit)
		}
		return err
	})
	return raw, err
}

// each asks one endpoint after the other until one answers. What a mirror does
// wrong is a note, what the registry does an error.
func (s *registrySource) each(ctx context.Context, ask func(*endpoint) error) error {
	var err error
	for _, ep := range s.endpoints {
		if ep.mirror && ep.down.Load() {
			continue
		}
		if err = ask(ep); err == nil || ctx.Err() != nil {
			return err
		}
		if ep.mirror {
			ep.failed(err)
			s.note(Remark{Reason: ReasonMirror, Detail: fmt.Sprintf("the mirror %s was passed over: %v", finding.EscapeText(ep.host), err)})
		}
	}
	return err
}

func (s *registrySource) note(r Remark) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.notes {
		if n.Detail == r.Detail {
			return
		}
	}
	if len(s.notes) < 20 {
		s.notes = append(s.notes, r)
	}
}

// manifest reads a manifest by tag or digest. If want is not zero it must have
// that digest.
func (ep *endpoint) manifest(ctx context.Context, identifier string, want v1.Hash, limit int64) (v1.Descriptor, []byte, error) {
	var d v1.Descriptor
	var raw []byte
	r := request{
		op:     "reading the manifest " + display(ep.repo+separator(identifier)+identifier),
		path:   "manifests/" + identifier,
		header: http.Header{"Accept": {manifestTypes}},
	}
	err := ep.do(ctx, r, func(resp *http.Response) (err error) {
		if raw, err = readDocument(resp.Body, limit); err != nil {
			return err
		}
		mediaType, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
		d = v1.Descriptor{MediaType: types.MediaType(strings.TrimSpace(mediaType)), Size: int64(len(raw)), Digest: want}
		if want == (v1.Hash{}) {
			if d.Digest, err = digestOf("sha256", raw); err != nil {
				return err
			}
		}
		return checkDigest(d, raw, resp.Header.Get("Docker-Content-Digest"))
	})
	return d, raw, err
}

// checkDigest holds a manifest against the digest that was asked for and the one
// that the registry says it sent.
func checkDigest(d v1.Descriptor, raw []byte, header string) error {
	if err := verify(d, raw); err != nil {
		return err
	}
	said, err := v1.NewHash(header)
	if err != nil {
		return nil // some registries do not say
	}
	got, err := digestOf(said.Algorithm, raw)
	if err == nil && got != said {
		return &mismatch{ReasonDigestMismatch, fmt.Sprintf("the registry calls it %s, but its digest is %s", said, got)}
	}
	return err
}

// blob reads a small blob, as a configuration is.
func (ep *endpoint) blob(ctx context.Context, d v1.Descriptor, limit int64) ([]byte, error) {
	var raw []byte
	r := request{op: "reading " + d.Digest.String() + " of " + display(ep.repo), path: "blobs/" + d.Digest.String()}
	err := ep.do(ctx, r, func(resp *http.Response) (err error) {
		if raw, err = readDocument(resp.Body, limit); err != nil {
			return err
		}
		return verify(d, raw)
	})
	return raw, err
}

func separator(identifier string) string {
	if strings.Contains(identifier, ":") {
		return "@"
	}
	return ":"
}

// once runs a function until it succeeds once, and lets others wait for it no
// longer than their context.
type once[T any] struct {
	init sync.Once
	lock chan struct{}
	done bool
	got  T
}

func (o *once[T]) do(ctx context.Context, f func() (T, error)) (T, error) {
	return o.again(ctx, func() (T, error) {
		if o.done {
			return o.got, nil
		}
		got, err := f()
		if err == nil {
			o.got, o.done = got, true
		}
		return got, err
	})
}

// again runs a function whether or not it has succeeded before, one at a time.
func (o *once[T]) again(ctx context.Context, f func() (T, error)) (T, error) {
	o.init.Do(func() { o.lock = make(chan struct{}, 1) })
	select {
	case o.lock <- struct{}{}:
		defer func() { <-o.lock }()
		return f()
	case <-ctx.Done():
		var zero T
		return zero, ctx.Err()
	}
}

// sleep waits, or not, if the context ends before.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
