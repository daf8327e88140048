package layers

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// registryTiming are the patience of a registry source. Zero fields mean their
// defaults; tests set them.
type registryTiming struct {
	connect    time.Duration // for one connection; 15 s
	idle       time.Duration // without a header or a byte of the body; 30 s
	backoff    time.Duration // before the first repetition, doubled for each; 300 ms
	maxBackoff time.Duration // 10 s
	maxWait    time.Duration // that a registry may ask for; 60 s
}

func (t registryTiming) withDefaults() registryTiming {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	set(&t.connect, 15*time.Second)
	set(&t.idle, 30*time.Second)
	set(&t.backoff, 300*time.Millisecond)
	set(&t.maxBackoff, 10*time.Second)
	set(&t.maxWait, time.Minute)
	return t
}

// maxRedirects is how often one request may be sent elsewhere.
const maxRedirects = 5

// wire sends single requests: no repetition, no knowledge of registries.
type wire struct {
	transport *http.Transport
	agent     string
	retries   int
	downgrade bool // a redirect from HTTPS to HTTP may be followed
	timing    registryTiming
}

func newWire(r Registry, timing registryTiming) (*wire, error) {
	timing = timing.withDefaults()
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: r.Insecure}
	if r.CAFile != "" {
		pem, err := os.ReadFile(r.CAFile)
		if err != nil {
			return nil, fmt.Errorf("reading the file of trusted authorities: %w", err)
		}
		if config.RootCAs, err = x509.SystemCertPool(); err != nil {
			config.RootCAs = x509.NewCertPool()
		}
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("reading the file of trusted authorities: %s has no certificate in PEM form", r.CAFile)
		}
	}
	w := &wire{agent: r.UserAgent, retries: r.Retries, timing: timing, downgrade: r.Insecure || r.PlainHTTP}
	if w.agent == "" {
		w.agent = "imgaudit"
	}
	switch {
	case w.retries == 0:
		w.retries = 4
	case w.retries < 0:
		w.retries = 0
	}
	dialer := &net.Dialer{Timeout: timing.connect, KeepAlive: 30 * time.Second, Control: refuseLinkLocal}
	w.transport = &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        config,
		TLSHandshakeTimeout:    timing.connect,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        time.Minute,
		MaxResponseHeaderBytes: 256 << 10,
		DisableCompression:     true, // the bytes as they are stored, not as they travel
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: timing.idle / 2, PingTimeout: timing.idle / 2},
	}
	return w, nil
}

// refuseLinkLocal keeps a hostile registry from sending us, by a redirect or a
// token service, to the metadata service of the cloud machine that we run on.
func refuseLinkLocal(_, address string, _ syscall.RawConn) error {
	if ap, err := netip.ParseAddrPort(address); err == nil {
		if a := ap.Addr().Unmap(); a.Is4() && a.IsLinkLocalUnicast() || a == netip.MustParseAddr("fd00:ec2::254") {
			return errLinkLocal
		}
	}
	return nil
}

var (
	errLinkLocal = errors.New("link-local addresses are not asked")
	errHang      = errors.New("it sent nothing for too long")
	errStall     = errors.New("it sent next to nothing for too long")
)

// send sends one request and follows its redirects. authorize gives the
// Authorization header for the URL at hand; nothing else is secret, so nothing
// secret reaches the host of a redirect unless authorize says so.
func (w *wire) send(ctx context.Context, method string, u *url.URL, header http.Header, body string, authorize func(*url.URL) string) (*http.Response, error) {
	for hop := 0; ; hop++ {
		h := header.Clone()
		if h == nil {
			h = http.Header{}
		}
		h.Set("User-Agent", w.agent)
		h.Set("Accept-Encoding", "identity")
		if a := authorize(u); a != "" {
			h.Set("Authorization", a)
		}
		resp, err := w.roundTrip(ctx, method, u, h, body)
		switch {
		case err != nil && hop > 0:
			return nil, &elsewhere{u.Host, err}
		case err != nil:
			return nil, err
		}
		location := resp.Header.Get("Location")
		switch resp.StatusCode {
		case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		default:
			return resp, nil
		}
		if location == "" || method != http.MethodGet {
			return resp, nil
		}
		discard(resp)
		if hop == maxRedirects {
			return nil, refusal("it redirects in a loop, or more than %d times", maxRedirects)
		}
		if u, err = w.redirect(u, location); err != nil {
			return nil, err
		}
	}
}

// discard ends an answer that is of no more use. A short rest is read, so that
// the connection can be used again.
func discard(resp *http.Response) {
	_, _ = io.CopyN(io.Discard, resp.Body, 16<<10)
	resp.Body.Close()
}

// redirect is where a redirect leads. Its errors do not repeat the URL, which may be signed.
func (w *wire) redirect(from *url.URL, location string) (*url.URL, error) {
	to, err := from.Parse(location)
	switch {
	case err != nil || to.Host == "" || to.Scheme != "http" && to.Scheme != "https":
		return nil, refusal("it redirects to something that is no web address")
	case from.Scheme == "https" && to.Scheme == "http" && !w.downgrade:
		return nil, refusal("it redirects from HTTPS to HTTP, which is not followed")
	}
	to.User, to.Fragment = nil, ""
	return to, nil
}

// roundTrip sends one request. The body of its answer fails if nothing comes for
// a while, and must be closed.
func (w *wire) roundTrip(ctx context.Context, method string, u *url.URL, header http.Header, body string) (*http.Response, error) {
	ctx, cancel := context.WithCancel(ctx)
	g := &guardedBody{cancel: cancel, idle: w.timing.idle}
	upload := time.Duration(len(body)/leastBytes) * time.Second
	g.timer = time.AfterFunc(w.timing.connect+w.timing.idle+upload, g.expire)
	req, err := http.NewRequestWithContext(ctx, method, u.String(), strings.NewReader(body))
	if err != nil {
		g.stop()
		return nil, refusal("it is no web address")
	}
	if body == "" {
		req.Body, req.GetBody, req.ContentLength = nil, nil, 0
	}
	req.Header = header
	resp, err := w.transport.RoundTrip(req)
	g.timer.Stop()
	if err != nil {
		g.stop()
		return nil, g.explain(err)
	}
	g.body = resp.Body
	resp.Body = g
	return resp, nil
}

// guardedBody is a response's body that a silent server cannot hold forever.
// Time that the reader spends elsewhere does not count.
type guardedBody struct {
	body    io.ReadCloser
	cancel  context.CancelFunc
	timer   *time.Timer
	idle    time.Duration
	expired atomic.Bool

	waited time.Duration // in Read, since the last look at got
	got    int
}

// leastBytes must come in two idle times, lest a server hold us with a byte now
// and then.
const leastBytes = 16 << 10

// Read implements [io.Reader].
func (g *guardedBody) Read(p []byte) (int, error) {
	g.timer.Reset(g.idle)
	start := time.Now()
	n, err := g.body.Read(p)
	g.timer.Stop()
	g.waited += time.Since(start)
	g.got += n
	if g.waited > 2*g.idle {
		if g.got < leastBytes && err == nil {
			return n, errStall
		}
		g.waited, g.got = 0, 0
	}
	if err != nil && err != io.EOF {
		err = g.explain(err)
	}
	return n, err
}

// Close implements [io.Closer].
func (g *guardedBody) Close() error {
	g.stop()
	return g.body.Close()
}

func (g *guardedBody) stop()   { g.timer.Stop(); g.cancel() }
func (g *guardedBody) expire() { g.expired.Store(true); g.cancel() }

// explain tells a server that hangs from other errors.
func (g *guardedBody) explain(err error) error {
	if g.expired.Load() {
		return fmt.Errorf("%w (%v)", errHang, g.idle)
	}
	return err
}
