package sbom

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"sync"
	"sync/atomic"
)

// Where kept bytes lie.
const (
	smallFile  = 16 << 10  // a file up to this size is kept in memory
	blockBytes = 256 << 10 // a larger one goes to the temporary file in blocks of this size
)

// errFull says that no more may be kept.
var errFull = errors.New("the bound of what is kept for the SBOM was reached")

// store holds the content of files that were kept: small ones in memory up to a
// bound, others in one temporary file without a name. Its methods may be called
// from many goroutines.
type store struct {
	memory, disk int64 // bounds
	dir          string

	inMemory, onDisk atomic.Int64

	mu   sync.Mutex
	file *os.File
	next int64
	err  error // of making the file
	gone bool
}

// content is the content of one file that was kept. Parts of it lie in memory or
// in the temporary file, never in both.
type content struct {
	size    int64
	memory  []byte
	extents []extent
	store   *store
}

// extent is a stretch of a file's content in the temporary file.
type extent struct{ from, at, n int64 }

// writer takes the content of one file.
type writer struct {
	store   *store
	content content
	buf     []byte
}

func (w *writer) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		room := min(len(p), blockBytes-len(w.buf))
		w.buf = append(w.buf, p[:room]...)
		p = p[room:]
		if len(w.buf) == blockBytes {
			if err := w.flush(); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

// finish gives what was written.
func (w *writer) finish() (*content, error) {
	c := &w.content
	c.store = w.store
	if c.size == 0 && len(w.buf) <= smallFile && w.store.reserve(int64(len(w.buf))) {
		c.size, c.memory = int64(len(w.buf)), bytes.Clone(w.buf)
		return c, nil
	}
	if len(w.buf) > 0 {
		if err := w.flush(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// reserve takes memory for a small file, if there is some left.
func (s *store) reserve(n int64) bool {
	if s.inMemory.Add(n) > s.memory {
		s.inMemory.Add(-n)
		return false
	}
	return true
}

func (w *writer) flush() error {
	at, err := w.store.append(w.buf)
	if err != nil {
		return err
	}
	c, n := &w.content, int64(len(w.buf))
	if i := len(c.extents) - 1; i >= 0 && c.extents[i].at+c.extents[i].n == at {
		c.extents[i].n += n
	} else {
		c.extents = append(c.extents, extent{c.size, at, n})
	}
	c.size += n
	w.buf = w.buf[:0]
	return nil
}

// append writes to the temporary file and says where.
func (s *store) append(p []byte) (int64, error) {
	file, at, err := s.claim(int64(len(p)))
	if err != nil {
		return 0, err
	}
	if _, err := file.WriteAt(p, at); err != nil {
		return 0, fmt.Errorf("keeping a file for the SBOM: %w; set TMPDIR to a place with more room", err)
	}
	return at, nil
}

func (s *store) claim(n int64) (*os.File, int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.gone:
		return nil, 0, os.ErrClosed
	case s.err != nil:
		return nil, 0, s.err
	case s.next+n > s.disk:
		return nil, 0, errFull
	}
	if s.file == nil {
		if s.file, s.err = nameless(s.dir); s.err != nil {
			s.err = fmt.Errorf("making a temporary file for the SBOM: %w; set TMPDIR to a place that can be written", s.err)
			return nil, 0, s.err
		}
	}
	at := s.next
	s.next += n
	s.onDisk.Add(n)
	return s.file, at, nil
}

// Close lets go of all that was kept.
func (s *store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone = true
	if s.file == nil {
		return nil
	}
	file := s.file
	s.file = nil
	return discard(file)
}

// open gives the content as Syft likes to read it: from front to back, from
// anywhere, and with a seek.
func (c *content) open() io.ReadCloser {
	if c.extents == nil {
		return reader{bytes.NewReader(c.memory)}
	}
	return reader{io.NewSectionReader(c, 0, c.size)}
}

type reader struct {
	readSeekerAt
}

type readSeekerAt interface {
	io.ReadSeeker
	io.ReaderAt
}

func (reader) Close() error { return nil }

// ReadAt reads what lies in the temporary file.
func (c *content) ReadAt(p []byte, off int64) (n int, err error) {
	c.store.mu.Lock()
	file := c.store.file
	c.store.mu.Unlock()
	if file == nil {
		return 0, os.ErrClosed
	}
	i := sort.Search(len(c.extents), func(i int) bool { return c.extents[i].from+c.extents[i].n > off })
	for ; n < len(p); i++ {
		if i >= len(c.extents) {
			return n, io.EOF
		}
		e := c.extents[i]
		skip := off + int64(n) - e.from
		part := p[n:min(int64(len(p)), int64(n)+e.n-skip)]
		m, err := file.ReadAt(part, e.at+skip)
		n += m
		if err != nil {
			return n, fmt.Errorf("reading back what was kept for the SBOM: %w", err)
		}
	}
	return n, nil
}
