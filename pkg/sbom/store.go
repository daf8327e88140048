package sbom

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
)

// Where kept bytes lie.
const (
	smallFile  = 16 << 10  // a file up to this size is kept in memory
	blockBytes = 256 << 10 // a larger one goes to the temporary file in blocks of this size
	handBytes  = 4 << 20   // of an executable that is in hand lie in memory; the rest in blocks
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
	free []int64 // blocks that are used again
	err  error   // of making the file
	gone bool
}

// content is the content of one file that was kept, or of the parts of it that are
// asked for.
type content struct {
	size    int64
	extents []extent // by from; what lies between them was not kept
	store   *store
}

// extent is a stretch of a file's content, in memory or else in the temporary file.
type extent struct {
	from, n int64
	memory  []byte
	at      int64 // in the temporary file
}

// writer takes the content of one file.
type writer struct {
	store   *store
	lent    bool // what memory does not hold goes to blocks that can be given back
	content content
	buf     []byte
}

// most is how many bytes of the file are in hand at once.
func (w *writer) most() int {
	if w.lent {
		return handBytes
	}
	return blockBytes
}

// expect makes room for a file of a size in bytes.
func (w *writer) expect(size int64) {
	w.buf = slices.Grow(w.buf, int(max(0, min(size, int64(w.most())))))
}

func (w *writer) Write(p []byte) (int, error) {
	n := len(p)
	most := w.most()
	for len(p) > 0 {
		room := min(len(p), most-len(w.buf))
		w.buf = append(w.buf, p[:room]...)
		p = p[room:]
		if len(w.buf) == most {
			if err := w.flush(); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

// finish gives what was written. It does not hold on to the writer and its buffer.
func (w *writer) finish() (*content, error) {
	if w.content.size == 0 && len(w.buf) <= smallFile && w.store.reserve(int64(len(w.buf))) {
		c := &content{size: int64(len(w.buf)), store: w.store}
		if c.size > 0 {
			c.extents = []extent{{n: c.size, memory: bytes.Clone(w.buf)}}
		}
		return c, nil
	}
	if len(w.buf) > 0 {
		if err := w.flush(); err != nil {
			return nil, err
		}
	}
	return &content{size: w.content.size, extents: w.content.extents, store: w.store}, nil
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
	for rest := w.buf; len(rest) > 0; {
		part := rest[:min(len(rest), blockBytes)]
		rest = rest[len(part):]
		room := int64(len(part))
		if w.lent {
			room = blockBytes
		}
		at, err := w.store.append(part, room)
		if err != nil {
			return err
		}
		w.content.add(at, int64(len(part)))
	}
	if !w.lent {
		w.store.onDisk.Add(int64(len(w.buf)))
	}
	w.buf = w.buf[:0]
	return nil
}

// add says where the next bytes of the content lie.
func (c *content) add(at, n int64) {
	if i := len(c.extents) - 1; i >= 0 && c.extents[i].at+c.extents[i].n == at {
		c.extents[i].n += n
	} else {
		c.extents = append(c.extents, extent{from: c.size, n: n, at: at})
	}
	c.size += n
}

// giveBack lets the blocks of a content that were lent be used again.
func (s *store) giveBack(c *content) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range c.extents {
		for at := e.at; at < e.at+e.n; at += blockBytes {
			s.free = append(s.free, at)
		}
	}
}

// append writes to the temporary file and says where. As much room as room says is
// the caller's.
func (s *store) append(p []byte, room int64) (int64, error) {
	file, at, err := s.claim(room)
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
	case n == blockBytes && len(s.free) > 0:
		at := s.free[len(s.free)-1]
		s.free = s.free[:len(s.free)-1]
		return s.file, at, nil
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

// errNotKept says that a part of a file is asked for that was not kept.
var errNotKept = errors.New("this part of the file was not kept for the SBOM")

// open gives the content as Syft likes to read it: from front to back, from
// anywhere, and with a seek.
func (c *content) open() io.ReadCloser {
	if len(c.extents) == 1 && c.extents[0].memory != nil && c.extents[0].n == c.size {
		return reader{bytes.NewReader(c.extents[0].memory)}
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

// whole reports whether all of the file was kept.
func (c *content) whole() bool {
	end := int64(0)
	for _, e := range c.extents {
		if e.from != end {
			return false
		}
		end += e.n
	}
	return end == c.size
}

// ReadAt implements io.ReaderAt.
func (c *content) ReadAt(p []byte, off int64) (n int, err error) {
	i := sort.Search(len(c.extents), func(i int) bool { return c.extents[i].from+c.extents[i].n > off })
	for ; n < len(p); i++ {
		at := off + int64(n)
		switch {
		case at >= c.size:
			return n, io.EOF
		case i >= len(c.extents) || c.extents[i].from > at:
			return n, errNotKept
		}
		e := c.extents[i]
		skip := at - e.from
		part := p[n:min(int64(len(p)), int64(n)+e.n-skip)]
		if e.memory != nil {
			n += copy(part, e.memory[skip:])
			continue
		}
		m, err := c.store.readAt(part, e.at+skip)
		n += m
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// readAt reads from the temporary file.
func (s *store) readAt(p []byte, at int64) (int, error) {
	s.mu.Lock()
	file := s.file
	s.mu.Unlock()
	if file == nil {
		return 0, os.ErrClosed
	}
	n, err := file.ReadAt(p, at)
	if err != nil {
		return n, fmt.Errorf("reading back what was kept for the SBOM: %w", err)
	}
	return n, nil
}
