package layers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// enoughProgress is how much must have come before earlier failures are forgiven, so
// that a connection that breaks every few bytes ends in an error.
const enoughProgress = 4 << 20

// download reads a layer from a registry or its mirrors. When the connection
// breaks it asks for the rest, first of the same host, then of the next. It does
// not verify: its reader does.
type download struct {
	source *registrySource
	ctx    context.Context
	stop   context.CancelFunc
	digest string
	size   int64 // claimed; -1 if unknown

	at       int   // of the endpoints, that is being read
	offset   int64 // that was handed out
	resumes  int   // without progress
	mark     int64 // offset at the last failure
	finished error // that every further Read gives

	mu   sync.Mutex // Close may come while a Read is under way
	body io.ReadCloser
	shut bool
}

// connect opens the blob at the offset, on the first endpoint that can.
func (b *download) connect() error {
	var err error
	endpoints := b.source.endpoints
	for ; b.at < len(endpoints); b.at++ {
		ep := endpoints[b.at]
		if ep.mirror && ep.down.Load() {
			continue
		}
		if err = b.open(ep); err == nil || b.ctx.Err() != nil {
			return err
		}
		if ep.mirror {
			ep.failed(err)
		}
	}
	return err
}

// open asks one endpoint for the blob from the offset on.
func (b *download) open(ep *endpoint) error {
	r := request{op: "reading the layer " + b.digest, path: "blobs/" + b.digest}
	if b.offset > 0 {
		r.header = http.Header{"Range": {fmt.Sprintf("bytes=%d-", b.offset)}}
		r.status = []int{http.StatusOK, http.StatusPartialContent}
	}
	return ep.ask(b.ctx, r, func(resp *http.Response) error {
		switch {
		case b.offset > 0:
			if err := b.skip(resp); err != nil {
				return err
			}
		case resp.ContentLength >= 0 && resp.ContentLength < b.size:
			// The manifest promises more than there is: the reader will say so.
			b.size = resp.ContentLength
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.shut {
			return refusal("it was closed")
		}
		b.body = resp.Body
		return nil
	})
}

// skip brings an answer to the offset: a server may know no ranges and begin
// from the front, or give an earlier part.
func (b *download) skip(resp *http.Response) error {
	start := int64(0)
	if resp.StatusCode == http.StatusPartialContent {
		var ok bool
		if start, ok = rangeStart(resp.Header.Get("Content-Range")); !ok || start > b.offset {
			return refusal("it gave another part of the layer than it was asked for")
		}
	}
	if n, err := io.CopyN(io.Discard, resp.Body, b.offset-start); err != nil {
		if err == io.EOF {
			return fmt.Errorf("%w after %d bytes", io.ErrUnexpectedEOF, start+n)
		}
		return err
	}
	return nil
}

// rangeStart reads "bytes 100-199/200".
func rangeStart(header string) (int64, bool) {
	unit, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	first, _, ok := strings.Cut(rest, "-")
	n, err := strconv.ParseInt(strings.TrimSpace(first), 10, 64)
	return n, ok && err == nil && n >= 0 && strings.EqualFold(unit, "bytes")
}

// Read implements [io.Reader].
func (b *download) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for b.finished == nil {
		b.mu.Lock()
		body := b.body
		b.mu.Unlock()
		n, err := body.Read(p)
		if b.size >= 0 && b.offset+int64(n) > b.size {
			// More than was promised: one byte of it tells the reader so.
			n, err = int(b.size+1-b.offset), io.EOF
		}
		b.offset += int64(n)
		switch {
		case err == io.EOF && (b.size < 0 || b.offset >= b.size):
			b.finished = io.EOF
		case err != nil:
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			b.finished = b.resume(body, err)
		}
		if n > 0 {
			return n, nil
		}
	}
	return 0, b.finished
}

// resume goes on after a failure, or gives the error to end with.
func (b *download) resume(body io.Closer, cause error) error {
	body.Close()
	ep := b.source.endpoints[b.at]
	op := "reading the layer " + b.digest
	if b.ctx.Err() != nil {
		return fmt.Errorf("%s at %s: %w", op, shownHost(ep.host), b.ctx.Err())
	}
	if b.offset-b.mark >= enoughProgress {
		b.resumes = 0
	}
	b.mark = b.offset
	cause = wireError(ep.host, op, cause)
	if b.resumes >= ep.wire.retries {
		b.resumes = 0
		if b.at++; b.at == len(b.source.endpoints) {
			var e *RegistryError
			if errors.As(cause, &e) {
				e.Reason += fmt.Sprintf(" after %d of %d bytes, again and again", b.offset, b.size)
			}
			return cause
		}
		ep.failed(cause)
	} else {
		if err := sleep(b.ctx, ep.wire.timing.pause(b.resumes)); err != nil {
			return fmt.Errorf("%s at %s: %w", op, shownHost(ep.host), err)
		}
		b.resumes++
	}
	return b.connect()
}

// Close implements [io.Closer].
func (b *download) Close() error {
	b.stop()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shut = true
	if b.body != nil {
		b.body.Close()
	}
	return nil
}
