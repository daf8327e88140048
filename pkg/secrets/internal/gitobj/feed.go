package gitobj

import (
	"io"
	"iter"
)

// feed turns a reader's code into a writer: what is written is what the code
// reads. The code runs inside Write and Close, as a coroutine, so nothing happens
// at the same time as something else.
type feed struct {
	chunk []byte // written and not read yet
	ended bool   // Close was called
	done  bool   // the code has returned
	next  func() (struct{}, bool)
}

func newFeed(read func(io.Reader)) *feed {
	f := &feed{}
	f.next, _ = iter.Pull(func(yield func(struct{}) bool) {
		read(readFunc(func(p []byte) (int, error) {
			for len(f.chunk) == 0 {
				if f.ended || !yield(struct{}{}) {
					return 0, io.EOF
				}
			}
			n := copy(p, f.chunk)
			f.chunk = f.chunk[n:]
			return n, nil
		}))
	})
	return f
}

type readFunc func(p []byte) (int, error)

func (r readFunc) Read(p []byte) (int, error) { return r(p) }

// Write implements [io.Writer]. It never fails: what the code does not want is dropped.
func (f *feed) Write(p []byte) (int, error) {
	f.chunk = p
	for len(f.chunk) > 0 && !f.done {
		f.resume()
	}
	f.chunk = nil
	return len(p), nil
}

// Close lets the code read the end, and waits until it has returned.
func (f *feed) Close() error {
	f.ended = true
	for !f.done {
		f.resume()
	}
	return nil
}

func (f *feed) resume() {
	if _, more := f.next(); !more {
		f.done = true
	}
}

// held is a file that is kept until it is whole.
type held struct {
	buf    []byte
	most   int64
	over   bool
	closed bool
	whole  func(content []byte)
	tooBig func()
}

func (h *held) Write(p []byte) (int, error) {
	if h.over = h.over || int64(len(h.buf))+int64(len(p)) > h.most; h.over {
		h.buf = nil
	} else {
		h.buf = append(h.buf, p...)
	}
	return len(p), nil
}

func (h *held) Close() error {
	if h.closed {
		return nil
	}
	h.closed = true
	if h.over {
		h.tooBig()
	} else {
		h.whole(h.buf)
	}
	h.buf = nil
	return nil
}
