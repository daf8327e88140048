package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// readsStdin reports whether a target is standard input: -, -:NAME or -@DIGEST.
func readsStdin(target string) bool {
	return target == "-" || strings.HasPrefix(target, "-:") || strings.HasPrefix(target, "-@")
}

// cancelReader reads from a pipe that may never say anything again, and gives up
// when its context ends. One read may then still wait in the background.
type cancelReader struct {
	ctx  context.Context
	from io.Reader

	started bool
	full    chan piece
	empty   chan []byte
	rest    []byte
	last    piece
}

type piece struct {
	buf []byte
	err error
}

const pipeBuffer = 256 << 10

func (r *cancelReader) Read(p []byte) (int, error) {
	if !r.started {
		r.started = true
		r.full, r.empty = make(chan piece, 1), make(chan []byte, 2)
		r.empty <- make([]byte, pipeBuffer)
		r.empty <- make([]byte, pipeBuffer)
		go r.fill()
	}
	for len(r.rest) == 0 {
		if r.last.err != nil {
			return 0, r.last.err
		}
		if r.last.buf != nil {
			r.empty <- r.last.buf[:pipeBuffer]
		}
		select {
		case r.last = <-r.full:
			r.rest = r.last.buf
		case <-r.ctx.Done():
			r.last = piece{err: context.Cause(r.ctx)}
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// fill reads ahead until the end, an error, or the end of the context.
func (r *cancelReader) fill() {
	for {
		select {
		case buf := <-r.empty:
			n, err := r.from.Read(buf)
			select {
			case r.full <- piece{buf[:n], err}:
			case <-r.ctx.Done():
				return
			}
			if err != nil {
				return
			}
		case <-r.ctx.Done():
			return
		}
	}
}

// withTimeout ends a context after a time that the user chose; 0 means never.
func withTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, d, timeLimit(d))
}

// timeLimit is the cause of a context that --timeout ended.
type timeLimit time.Duration

func (t timeLimit) Error() string {
	return fmt.Sprintf("the time limit of %v was reached; allow more with --timeout", time.Duration(t))
}

// Is makes it a deadline to whom that makes a difference.
func (t timeLimit) Is(target error) bool { return target == context.DeadlineExceeded }
