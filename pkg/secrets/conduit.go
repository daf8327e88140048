package secrets

import (
	"cmp"
	"io"
	"sync"
	"sync/atomic"
)

const (
	conduitPiece  = 64 << 10
	conduitPieces = 4

	mostPacked = 8 << 20 // bytes of all archives that wait to be opened
)

// packed is the memory that archives wait in.
type packed struct {
	left   atomic.Int64 // pieces that archives may still take
	pieces sync.Pool    // of *[conduitPiece]byte
}

// conduit gives one that holds all of a content of a size, if there is memory left for it.
func (m *packed) conduit(size int64) *conduit {
	c := &conduit{memory: m, quit: make(chan struct{})}
	if 0 < size && size <= mostPacked {
		c.reserved = m.take((size + conduitPiece - 1) / conduitPiece)
	}
	c.full = make(chan []byte, cmp.Or(c.reserved, conduitPieces))
	return c
}

// take takes so many pieces, or none.
func (m *packed) take(n int64) int64 {
	if m.left.Add(-n) >= 0 {
		return n
	}
	m.left.Add(n)
	return 0
}

// conduit carries content from the walk to the goroutine that opens an archive. Some pieces
// may be on their way, so that the two work side by side; or all of them, so that the
// one begins when the other has ended.
type conduit struct {
	memory   *packed
	reserved int64 // pieces of the memory
	full     chan []byte
	quit     chan struct{}
	filling  []byte
	cur      []byte // that is being read
	left     []byte // of it
}

// send copies content; false if nobody reads any more.
func (c *conduit) send(p []byte) bool {
	for len(p) > 0 {
		if c.filling == nil {
			c.filling = c.memory.piece()
		}
		n := min(len(p), conduitPiece-len(c.filling))
		c.filling = append(c.filling, p[:n]...)
		p = p[n:]
		if len(c.filling) == conduitPiece && !c.push() {
			return false
		}
	}
	return true
}

func (c *conduit) push() bool {
	select {
	case c.full <- c.filling:
		c.filling = nil
		return true
	case <-c.quit:
		return false
	}
}

// end says that no more is sent.
func (c *conduit) end() {
	if c.filling != nil {
		c.push()
	}
	close(c.full)
}

// abandon says that no more is read.
func (c *conduit) abandon() {
	close(c.quit)
	c.memory.left.Add(c.reserved)
}

func (c *conduit) Read(p []byte) (int, error) {
	for len(c.left) == 0 {
		if c.cur != nil {
			c.giveBack()
		}
		piece, ok := <-c.full
		if !ok {
			return 0, io.EOF
		}
		c.cur, c.left = piece, piece
	}
	n := copy(p, c.left)
	c.left = c.left[n:]
	return n, nil
}

// giveBack returns the piece that was read.
func (c *conduit) giveBack() {
	c.memory.pieces.Put((*[conduitPiece]byte)(c.cur[:conduitPiece]))
	c.cur = nil
	if c.reserved > 0 {
		c.reserved--
		c.memory.left.Add(1)
	}
}

func (m *packed) piece() []byte {
	if b, ok := m.pieces.Get().(*[conduitPiece]byte); ok {
		return b[:0]
	}
	return make([]byte, 0, conduitPiece)
}
