package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	v6 "github.com/anchore/grype/grype/db/v6"
	"github.com/anchore/grype/grype/db/v6/distribution"
)

// UpdateOptions say how a database is fetched.
type UpdateOptions struct {
	// Client is used for http and https; nil means one that gives up on a server that does
	// not answer within 30 seconds.
	Client *http.Client
	Limits Limits
	// MaxDownload bounds the bytes of the archive; 0 means 4 GiB.
	MaxDownload int64
	// Force fetches the archive even if it is not newer than what is there.
	Force bool
}

// DefaultURL is where Grype's databases are published.
func DefaultURL() string { return distribution.DefaultConfig().LatestURL }

// Update fetches the database that a listing names, if it is newer than the one in the
// directory, and imports it. The address is that of the listing (…/latest.json) or of the
// directory that Grype's clients are told, above v6/latest.json; http, https, file, or a
// path. The checksum of the archive has to be in the listing. The second result is
// whether there was a newer one.
func Update(ctx context.Context, address, dir string, opts UpdateOptions) (Status, bool, error) {
	f, err := newFetcher(address, opts)
	if err != nil {
		return Status{}, false, err
	}
	listing, err := f.listing(ctx)
	if err != nil {
		return Status{}, false, fmt.Errorf("reading the listing %s: %w", f.shown(), err)
	}
	current, err := Open(dir, OpenOptions{SkipChecksum: true})
	if err == nil {
		defer current.Close()
		if s := current.Status(); !opts.Force && !listing.Built.After(s.Built) {
			return s, false, nil
		}
		current.Close()
	}
	s, err := newStage(dir, false) // the archive lies in a stage of its own
	if err != nil {
		return Status{}, false, err
	}
	defer s.discard()
	archive := filepath.Join(s.dir, "archive")
	from, err := f.archive(ctx, listing.Path, archive)
	if err != nil {
		return Status{}, false, fmt.Errorf("fetching the vulnerability database: %w", err)
	}
	status, err := Import(ctx, archive, dir, ImportOptions{Checksum: listing.Checksum, Limits: opts.Limits, source: from})
	return status, err == nil, err
}

type fetcher struct {
	at     *url.URL // of the listing; a path has the scheme file
	client *http.Client
	max    int64
}

func newFetcher(address string, opts UpdateOptions) (*fetcher, error) {
	f := &fetcher{client: opts.Client, max: opts.MaxDownload}
	if f.max == 0 {
		f.max = 4 << 30
	}
	if f.client == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.ResponseHeaderTimeout = 30 * time.Second
		f.client = &http.Client{Transport: t}
	}
	if f.client.CheckRedirect == nil {
		client := *f.client
		client.CheckRedirect = staySafe
		f.client = &client
	}
	if address == "" {
		address = DefaultURL()
	}
	if !strings.Contains(address, "://") {
		abs, err := filepath.Abs(address)
		if err != nil {
			return nil, err
		}
		address = (&url.URL{Scheme: "file", Path: filepath.ToSlash(abs)}).String()
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("reading the address of the database: %w", errors.Unwrap(err))
	}
	switch u.Scheme {
	case "http", "https", "file":
	default:
		return nil, fmt.Errorf("the address %s begins with none of http, https and file", u.Redacted())
	}
	if !strings.HasSuffix(u.Path, ".json") {
		inside := path.Join(u.Path, distribution.LatestFileName)
		if _, err := os.Stat(inside); u.Scheme != "file" || err != nil {
			inside = path.Join(u.Path, fmt.Sprintf("v%d", v6.ModelVersion), distribution.LatestFileName)
		}
		u.Path = inside
	}
	f.at = u
	return f, nil
}

// staySafe ends redirects that lead from https to http, where anybody on the way could change
// the listing and its checksum.
func staySafe(req *http.Request, via []*http.Request) error {
	if len(via) >= 10 {
		return errors.New("stopped after 10 redirects")
	}
	if via[0].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return fmt.Errorf("it redirects to %s, without encryption", req.URL.Host)
	}
	return nil
}

func (f *fetcher) shown() string {
	if f.at.Scheme == "file" {
		return f.at.Path
	}
	return f.at.Redacted()
}

func (f *fetcher) listing(ctx context.Context) (*distribution.LatestDocument, error) {
	body, err := f.open(ctx, f.at)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	l, err := parseListing(body)
	if err != nil {
		return nil, err
	}
	if l.SchemaVersion.Model != v6.ModelVersion {
		return nil, fmt.Errorf("%w: version %s, %d is needed", ErrSchema, l.SchemaVersion.String(), v6.ModelVersion)
	}
	if !sha256Pattern.MatchString(l.Checksum) {
		return nil, errors.New("it tells no sha256 checksum of its archive")
	}
	p := path.Clean(l.Path)
	if l.Path == "" || path.IsAbs(p) || p == ".." || strings.HasPrefix(p, "../") || strings.Contains(l.Path, "://") {
		return nil, fmt.Errorf("its archive %.200q does not lie beside it", l.Path)
	}
	return l, nil
}

// archive fetches the archive that lies beside the listing.
func (f *fetcher) archive(ctx context.Context, name, to string) (from string, err error) {
	at := *f.at
	at.Path, at.RawPath = path.Join(path.Dir(f.at.Path), path.Clean(name)), ""
	body, err := f.open(ctx, &at)
	if err == nil {
		err = save(to, &limited{&watched{ctx, body}, f.max})
		body.Close()
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", at.Redacted(), brokenOff(err))
	}
	at.User, at.RawQuery = nil, ""
	if at.Scheme == "file" {
		return at.Path, nil
	}
	return at.String(), nil
}

func (f *fetcher) open(ctx context.Context, u *url.URL) (io.ReadCloser, error) {
	if u.Scheme == "file" {
		return os.Open(filepath.FromSlash(u.Path))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "imgaudit")
	resp, err := f.client.Do(req)
	if err != nil {
		if u := (*url.Error)(nil); errors.As(err, &u) {
			err = u.Err // its text has the address once more
		}
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		who := "the server"
		if host := resp.Request.URL.Host; host != u.Host {
			who = host + ", to which it redirects,"
		}
		return nil, fmt.Errorf("%s answers %s", who, resp.Status)
	}
	return resp.Body, nil
}

// brokenOff says of a transfer that ended early that it did.
func brokenOff(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the connection broke off: %w", err)
	}
	return err
}

func readListing(file string) (*distribution.LatestDocument, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseListing(f)
}

func parseListing(r io.Reader) (*distribution.LatestDocument, error) {
	l, err := distribution.NewLatestFromReader(&limited{r, maxMetadata})
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, brokenOff(io.ErrUnexpectedEOF)
	case err != nil:
		return nil, fmt.Errorf("it is no listing of a database: %w", cmp.Or(errors.Unwrap(err), err))
	}
	if l == nil {
		return nil, errors.New("it is empty")
	}
	return l, nil
}

// limited is a reader that fails where it has given too much.
type limited struct {
	r    io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err
}
