package layers

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// RegistryError says what a registry or mirror failed to do, and what a user can
// do about it. It never holds credentials or the query of a URL. A 404 is
// fs.ErrNotExist.
type RegistryError struct {
	Host   string // that was asked
	Op     string // what for: "reading the manifest library/alpine:3.20"
	Status int    // of HTTP; 0 if no answer came
	Code   string // as registries name errors: MANIFEST_UNKNOWN; may be empty
	Reason string // in words
	Hint   string // what to do next; may be empty
	Err    error

	again bool          // worth another attempt
	hung  bool          // it cost much time, so not too many of them
	wait  time.Duration // that the registry asks for; 0 if it does not
}

func (e *RegistryError) Error() string {
	s := fmt.Sprintf("%s at %s: %s", e.Op, e.Host, e.Reason)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Unwrap gives the cause.
func (e *RegistryError) Unwrap() error { return e.Err }

// refused is an answer that another attempt will not change.
type refused struct{ text string }

func (e *refused) Error() string { return e.text }

func refusal(format string, args ...any) error { return &refused{fmt.Sprintf(format, args...)} }

// elsewhere is an error that came from where a redirect led.
type elsewhere struct {
	host string
	error
}

func (e *elsewhere) Unwrap() error { return e.error }

func sentOn(from, to string) string {
	return shownHost(from) + " (which sent us on to " + shownHost(to) + ")"
}

// shownHost is a host as users know it.
func shownHost(host string) string {
	if host == "index.docker.io" {
		return "docker.io"
	}
	return finding.EscapeText(host)
}

// wireError explains an error that came instead of an answer.
func wireError(host, op string, err error) error {
	var already *RegistryError
	if errors.As(err, &already) {
		return err
	}
	e := &RegistryError{Host: shownHost(host), Op: op, Err: err}
	var away *elsewhere
	if errors.As(err, &away) {
		e.Host = sentOn(host, away.host)
	}
	var (
		record    tls.RecordHeaderError
		authority x509.UnknownAuthorityError
		cert      *tls.CertificateVerificationError
		dns       *net.DNSError
		no        *refused
		wrong     *mismatch
		netErr    net.Error
	)
	switch {
	case errors.As(err, &no), errors.As(err, &wrong), errors.Is(err, errLinkLocal):
		e.Reason = err.Error()
	case errors.As(err, &record):
		e.Reason, e.Hint = "it does not speak HTTPS", "--plain-http speaks HTTP with it"
	case errors.As(err, &authority):
		e.Reason = "its certificate is signed by an authority that this machine does not trust"
		e.Hint = "--ca-file FILE trusts that authority"
	case errors.As(err, &cert):
		e.Reason = "its certificate is not valid: " + cert.Err.Error()
	case errors.As(err, &dns) && dns.IsNotFound:
		e.Reason = "there is no host of that name"
	case errors.As(err, &dns):
		e.Reason, e.again = "its name could not be looked up: "+dns.Err, true
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Reason = "nothing listens there (connection refused)"
	case errors.Is(err, errHang), errors.Is(err, errStall):
		e.Reason, e.again, e.hung = err.Error(), true, true
	case errors.As(err, &netErr) && netErr.Timeout():
		e.Reason, e.again, e.hung = "it did not answer in time", true, true
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE),
		strings.HasPrefix(err.Error(), "stream error:"), strings.HasPrefix(err.Error(), "http2:"): // net/http does not export its types
		e.Reason, e.again = "the connection broke off", true
	default:
		e.Reason, e.again = err.Error(), true
	}
	e.Reason = finding.EscapeText(e.Reason)
	return e
}

// statusError explains an answer that is not what was asked for. It reads and
// closes the body. hide takes out what must not be printed.
func statusError(host, op string, resp *http.Response, loggedIn bool, hide func(string) string) *RegistryError {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 16<<10))
	resp.Body.Close()
	host = shownHost(host)
	e := &RegistryError{Host: host, Op: op, Status: resp.StatusCode}
	var said string
	e.Code, said = saidError(body)
	e.Code, said = shorten(hide(e.Code), 60), shorten(hide(said), 200)
	e.Reason = strings.TrimSpace(fmt.Sprintf("HTTP %d %s", e.Status, http.StatusText(e.Status)))
	if said != "" {
		e.Reason += " (" + said + ")"
	}
	switch s := e.Status; {
	case (s == http.StatusUnauthorized || s == http.StatusForbidden) && loggedIn:
		e.Reason += ": the credentials for " + host + " were refused"
		e.Hint = "look whether they are right and may read that repository, and whether it exists"
	case s == http.StatusUnauthorized || s == http.StatusForbidden:
		e.Reason += ": it needs credentials, or there is no such repository"
		e.Hint = "docker login " + host + ", or --username with --password-stdin"
	case s == http.StatusNotFound && e.Code == "NAME_UNKNOWN":
		e.Reason, e.Err = "there is no such repository", fs.ErrNotExist
	case s == http.StatusNotFound && e.Code == "MANIFEST_UNKNOWN":
		e.Reason, e.Err = "there is no such tag or digest, or no such repository", fs.ErrNotExist
	case s == http.StatusNotFound && e.Code == "BLOB_UNKNOWN":
		e.Reason, e.Err = "it does not have that blob", fs.ErrNotExist
	case s == http.StatusNotFound:
		e.Reason, e.Err = "there is no such thing (HTTP 404)", fs.ErrNotExist
		if strings.HasPrefix(op, "reading the manifest") {
			e.Reason = "there is no such tag, digest or repository (HTTP 404)"
		}
	case s == http.StatusTooManyRequests:
		e.Reason += ": it asks to slow down"
		e.again, e.wait = true, retryAfter(resp.Header.Get("Retry-After"), time.Now())
		if e.wait > 0 {
			e.Hint = fmt.Sprintf("it wants to be asked again in %v", e.wait.Round(time.Second))
		} else if !loggedIn {
			e.Hint = "docker login " + host + " often allows more"
		}
	case s == http.StatusRequestTimeout, s >= 500 && s != http.StatusNotImplemented && s != http.StatusHTTPVersionNotSupported:
		e.again, e.wait = true, retryAfter(resp.Header.Get("Retry-After"), time.Now())
	case s == http.StatusBadRequest && strings.Contains(string(body), "HTTP request to an HTTPS server"):
		e.Reason, e.Hint = "it speaks HTTPS", "leave --plain-http out"
	}
	return e
}

// saidError reads the first error of a registry's answer.
func saidError(body []byte) (code, message string) {
	var doc struct {
		Errors []struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	if json.Unmarshal(body, &doc) != nil || len(doc.Errors) == 0 {
		return "", ""
	}
	return doc.Errors[0].Code, doc.Errors[0].Message
}

// shorten makes a stranger's words short and fit for a terminal.
func shorten(s string, most int) string {
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return finding.EscapeText(s)
}

// retryAfter reads the header: seconds or a date.
func retryAfter(header string, now time.Time) time.Duration {
	if s, err := strconv.Atoi(strings.TrimSpace(header)); err == nil {
		return time.Duration(min(max(s, 0), 1<<30)) * time.Second
	}
	if t, err := http.ParseTime(header); err == nil {
		return max(t.Sub(now), 0)
	}
	return 0
}
