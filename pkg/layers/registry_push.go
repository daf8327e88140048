package layers

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// pusher carries the requests of go-containerregistry's writer to one repository: it logs
// in, chooses the scheme, repeats and explains as every other request of an endpoint.
type pusher struct {
	ep    *endpoint
	limit int64 // bytes of an answer
}

// options leave to go-containerregistry what to send, and nothing else.
func (p pusher) options(ctx context.Context) []remote.Option {
	return []remote.Option{
		remote.WithContext(ctx), remote.WithTransport(p), remote.WithAuth(authn.Anonymous),
		remote.WithRetryPredicate(func(error) bool { return false }), remote.WithRetryStatusCodes(),
		remote.WithRetryBackoff(remote.Backoff{Steps: 1}),
	}
}

// maxUpload is the most bytes of one request.
const maxUpload = 256 << 20

// RoundTrip implements [http.RoundTripper].
func (p pusher) RoundTrip(req *http.Request) (*http.Response, error) {
	body := ""
	if req.Body != nil {
		raw, err := readDocument(req.Body, maxUpload)
		req.Body.Close()
		if err != nil {
			return nil, err
		}
		body = string(raw)
	}
	if err := p.ep.prepare(req.Context()); err != nil {
		return nil, err
	}
	u := *req.URL
	if withPort(u.Host, u.Scheme) == withPort(p.ep.host, u.Scheme) {
		u.Scheme = p.ep.scheme
	}
	var resp *http.Response
	err := p.ep.repeat(req.Context(), "storing an artifact in "+display(p.ep.repo), func() (err error) {
		resp, err = p.send(req, &u, body) //nolint:bodyclose // the writer closes it
		return err
	})
	if err != nil {
		return nil, err
	}
	resp.Body = bodyOf{io.LimitReader(resp.Body, p.limit), resp.Body}
	return resp, nil
}

// bodyOf reads from one and closes another.
type bodyOf struct {
	io.Reader
	io.Closer
}

// send sends one request, and again after it has logged in. What the writer makes of
// an answer is its own affair, but for the answers that say what a user has to do.
func (p pusher) send(req *http.Request, u *url.URL, body string) (*http.Response, error) {
	ep := p.ep
	for again := false; ; again = true {
		used := ep.authorization()
		resp, err := ep.wire.send(req.Context(), req.Method, u, req.Header, body, func(u *url.URL) string {
			if ep.owns(u) {
				return used
			}
			return ""
		})
		if err != nil {
			return nil, err
		}
		list := req.Method == http.MethodGet && strings.Contains(u.Path, "/referrers/")
		switch s := resp.StatusCode; {
		case list && s == http.StatusOK && !isList(resp), list && s >= 400 && s < 500 && s != http.StatusUnauthorized && s != http.StatusTooManyRequests:
			// A registry that does not know of lists of referrers.
			discard(resp)
			resp.StatusCode, resp.Body = http.StatusNotFound, http.NoBody
			return resp, nil
		case s == http.StatusUnauthorized && !again && ep.owns(resp.Request.URL):
			fresh, err := ep.logIn(req.Context(), used, parseChallenges(resp.Header), true)
			if err != nil {
				discard(resp)
				return nil, err
			}
			if fresh != used {
				discard(resp)
				continue
			}
		case s < 400, s == http.StatusNotFound && req.Method != http.MethodPut:
			return resp, nil
		}
		return nil, ep.failure("storing an artifact in "+display(ep.repo), resp)
	}
}
