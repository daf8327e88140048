package layers

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
)

// endpoint is one repository on one host: the registry's, or a mirror's. It
// finds out how to talk to the host, logs in, and repeats what failed.
type endpoint struct {
	wire     *wire
	host     string // with port, if it is not the usual one
	repo     string
	mirror   bool
	keychain authn.Keychain

	scheme   string            // http or https; found out by prepare if empty
	actions  string            // in the repository that tokens are asked for; empty means pull
	login    *authn.AuthConfig // nil: anonymous; found out by prepare if nil
	loginErr string            // why the Docker configuration gave none
	ready    once[bool]
	answered atomic.Bool // by HTTP
	down     atomic.Bool // a mirror that did not answer is not asked again

	mu     sync.Mutex
	header string // Authorization, as it was last accepted
	relog  once[string]
}

// request is one question to a registry, within its repository.
type request struct {
	op     string // in words, for errors
	path   string // manifests/… or blobs/…
	query  string
	header http.Header
	status []int // that are answers; none means 200
}

// do asks until accept is content with the answer, the errors are such that
// asking again is of no use, or the attempts are used up. The answer's body is
// closed afterwards.
func (ep *endpoint) do(ctx context.Context, r request, accept func(*http.Response) error) error {
	return ep.ask(ctx, r, func(resp *http.Response) error {
		defer resp.Body.Close()
		return accept(resp)
	})
}

// ask is do for an answer whose body outlives it.
func (ep *endpoint) ask(ctx context.Context, r request, accept func(*http.Response) error) error {
	if err := ep.prepare(ctx); err != nil {
		return err
	}
	return ep.repeat(ctx, r.op, func() error {
		resp, err := ep.try(ctx, r)
		if err != nil {
			return err
		}
		if err := accept(resp); err != nil {
			resp.Body.Close()
			return err
		}
		return nil
	})
}

// repeat runs f until it succeeds or gives up, and explains its error.
func (ep *endpoint) repeat(ctx context.Context, op string, f func() error) error {
	attempts, hangs := ep.wire.retries, 1
	if ep.mirror {
		attempts, hangs = min(attempts, 1), 0
	}
	for attempt := 0; ; attempt++ {
		err := f()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%s at %s: %w", op, shownHost(ep.host), ctx.Err())
		}
		err = wireError(ep.host, op, err)
		var e *RegistryError
		if !errors.As(err, &e) {
			return err
		}
		if ep.answered.Load() && errors.Is(err, syscall.ECONNREFUSED) {
			e.again = true // it was there a moment ago: it may be starting again
		}
		if !e.again || e.wait > ep.wire.timing.maxWait {
			return err
		}
		if e.hung {
			if hangs--; hangs < 0 {
				return err
			}
			ep.wire.transport.CloseIdleConnections()
		}
		if attempt >= attempts {
			e.Reason += fmt.Sprintf(" (%d attempts)", attempt+1)
			return err
		}
		if err := sleep(ctx, max(e.wait, ep.wire.timing.pause(attempt))); err != nil {
			return fmt.Errorf("%s at %s: %w", op, shownHost(ep.host), err)
		}
	}
}

// pause is how long to wait before another attempt: doubled each time, and half
// of it by chance, so that many clients do not come back at once.
func (t registryTiming) pause(attempt int) time.Duration {
	d := min(t.backoff<<min(attempt, 16), t.maxBackoff)
	return d/2 + rand.N(d/2+1)
}

// try asks once; it logs in again if the registry says that it must.
func (ep *endpoint) try(ctx context.Context, r request) (*http.Response, error) {
	u := &url.URL{Scheme: ep.scheme, Host: ep.host, Path: "/v2/" + ep.repo + "/" + r.path, RawQuery: r.query}
	for again := false; ; again = true {
		used := ep.authorization()
		resp, err := ep.wire.send(ctx, http.MethodGet, u, r.header, "", func(u *url.URL) string {
			if ep.owns(u) {
				return used
			}
			return ""
		})
		if err != nil {
			return nil, err
		}
		if resp.StatusCode == http.StatusUnauthorized && !again && ep.owns(resp.Request.URL) {
			fresh, err := ep.logIn(ctx, used, parseChallenges(resp.Header), true)
			if err != nil {
				discard(resp)
				return nil, err
			}
			if fresh != used {
				discard(resp)
				continue
			}
		}
		if resp.StatusCode == http.StatusOK && r.status == nil {
			return resp, nil
		}
		for _, s := range r.status {
			if resp.StatusCode == s {
				return resp, nil
			}
		}
		return nil, ep.failure(r.op, resp)
	}
}

// failure explains an answer that is none.
func (ep *endpoint) failure(op string, resp *http.Response) error {
	e := statusError(ep.host, op, resp, ep.login != nil, ep.hide)
	if !ep.owns(resp.Request.URL) {
		e.Host = sentOn(ep.host, resp.Request.URL.Host)
		if e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden {
			// A signed URL that has expired: the registry will sign another.
			e.Reason, e.Hint, e.again = fmt.Sprintf("HTTP %d", e.Status), "", true
		}
	} else if ep.loginErr != "" && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden) {
		e.Hint += "; the Docker configuration gave no credentials: " + ep.loginErr
	}
	return e
}

// failed remembers that a mirror is down. One that only lacks something is not.
func (ep *endpoint) failed(err error) {
	var e *RegistryError
	if errors.As(err, &e) && (e.Status == 0 || e.Status >= 500 || e.Status == http.StatusTooManyRequests || e.Status == http.StatusUnauthorized) {
		ep.down.Store(true)
	}
}

// prepare finds out once whether the host speaks TLS and how it wants us to log in.
func (ep *endpoint) prepare(ctx context.Context) error {
	_, err := ep.ready.do(ctx, func() (bool, error) {
		if err := ep.findLogin(ctx); err != nil {
			return false, err
		}
		if ep.scheme == "" {
			if err := ep.findScheme(ctx); err != nil {
				return false, err
			}
		}
		err := ep.repeat(ctx, "reaching the registry", func() error {
			resp, err := ep.ping(ctx, ep.scheme)
			if err != nil {
				return err
			}
			defer discard(resp)
			ep.answered.Store(true)
			switch s := resp.StatusCode; {
			case s == http.StatusUnauthorized:
				_, err = ep.logIn(ctx, "", parseChallenges(resp.Header), false)
				return err
			case s == http.StatusTooManyRequests, s >= 500, s == http.StatusBadRequest:
				return ep.failure("reaching the registry", resp)
			}
			return nil // what is wrong, if anything is, the next request will say better
		})
		return err == nil, err
	})
	return err
}

func (ep *endpoint) ping(ctx context.Context, scheme string) (*http.Response, error) {
	u := &url.URL{Scheme: scheme, Host: ep.host, Path: "/v2/"}
	// Redirects are not followed here: where they lead is not our registry.
	return ep.wire.roundTrip(ctx, http.MethodGet, u, http.Header{"User-Agent": {ep.wire.agent}}, "")
}

// findScheme takes HTTPS, but for a server on this very machine that speaks HTTP only.
func (ep *endpoint) findScheme(ctx context.Context) error {
	if !isLoopback(ep.host) {
		ep.scheme = "https"
		return nil
	}
	resp, err := ep.ping(ctx, "https")
	if err == nil {
		discard(resp)
		ep.scheme = "https"
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var e *RegistryError
	var record tls.RecordHeaderError
	err = wireError(ep.host, "reaching the registry", err)
	if errors.As(err, &e) && !e.again && !errors.As(err, &record) {
		return err // nobody there, or a certificate that is not trusted
	}
	ep.scheme = "http"
	return nil
}

// owns reports whether a URL leads to the endpoint's own host, in its own scheme.
func (ep *endpoint) owns(u *url.URL) bool {
	return u.Scheme == ep.scheme && withPort(u.Host, u.Scheme) == withPort(ep.host, ep.scheme)
}

func withPort(host, scheme string) string {
	host = strings.ToLower(host)
	if _, port, err := net.SplitHostPort(host); err == nil && port != "" {
		return host
	}
	port := "443"
	if scheme == "http" {
		port = "80"
	}
	return net.JoinHostPort(strings.Trim(strings.TrimSuffix(host, ":"), "[]"), port)
}

// isLoopback reports whether a host is this machine, by its name alone.
func isLoopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}
