package gitobj

import (
	"bufio"
	"hash"
	"io"
)

const storeBlock = 256 << 10

// packStore keeps the bytes of a pack in blocks, up to a bound.
type packStore struct {
	blocks [][]byte // all but the last have storeBlock bytes
	size   int64
	most   int64
	off    bool // keeps nothing for the time being
	full   bool
}

func (s *packStore) append(p []byte) {
	if s.off || s.full {
		return
	}
	if fits := s.most - s.size; int64(len(p)) > fits {
		s.full = true
		p = p[:fits]
	}
	s.size += int64(len(p))
	for len(p) > 0 {
		last := len(s.blocks) - 1
		if last < 0 || len(s.blocks[last]) == storeBlock {
			s.blocks = append(s.blocks, make([]byte, 0, storeBlock))
			last++
		}
		b := s.blocks[last]
		n := min(len(p), storeBlock-len(b))
		s.blocks[last] = append(b, p[:n]...)
		p = p[n:]
	}
}

// truncate forgets what is at and behind a position.
func (s *packStore) truncate(at int64) {
	if at >= s.size {
		return
	}
	s.size = at
	whole := int(at / storeBlock)
	clear(s.blocks[whole+1:])
	s.blocks = s.blocks[:whole+1]
	s.blocks[whole] = s.blocks[whole][:at%storeBlock]
}

// reader reads from a position on.
func (s *packStore) reader(at int64) *storeReader { return &storeReader{s, at} }

type storeReader struct {
	s  *packStore
	at int64
}

func (r *storeReader) Read(p []byte) (int, error) {
	if r.at >= r.s.size {
		return 0, io.EOF
	}
	n := copy(p, r.s.blocks[r.at/storeBlock][r.at%storeBlock:])
	r.at += int64(n)
	return n, nil
}

// packSource reads a pack once, keeps its bytes in the store, and hashes all but
// the checksum at the end.
type packSource struct {
	*bufio.Reader
	in    io.Reader
	read  int64 // from in
	store packStore
	sum   hash.Hash
	tail  []byte // the last bytes read, as many as a checksum has
}

func newPackSource(in io.Reader, buffer *bufio.Reader, f Format, most int64) *packSource {
	s := &packSource{in: in, store: packStore{most: most}, sum: f.new(), Reader: buffer}
	buffer.Reset(readFunc(s.take))
	return s
}

func (s *packSource) take(p []byte) (int, error) {
	n, err := s.in.Read(p)
	s.read += int64(n)
	s.store.append(p[:n])
	s.tail = append(s.tail, p[:n]...)
	if ready := len(s.tail) - s.sum.Size(); ready > 0 {
		_, _ = s.sum.Write(s.tail[:ready])
		s.tail = s.tail[:copy(s.tail, s.tail[ready:])]
	}
	return n, err
}

// offset is how many bytes of the pack were used up.
func (s *packSource) offset() int64 { return s.read - int64(s.Buffered()) }

// position is where in the store the next byte is; it is of use unless the
// store is off or full.
func (s *packSource) position() int64 { return s.store.size - int64(s.Buffered()) }

// skip stops keeping bytes, from the next one on.
func (s *packSource) skip() {
	if s.store.full || s.store.off {
		return
	}
	s.store.truncate(s.position())
	s.store.off = true
}

// keep goes on with keeping, from the next byte on.
func (s *packSource) keep() {
	if !s.store.off {
		return
	}
	s.store.off = false
	ahead, _ := s.Peek(s.Buffered())
	s.store.append(ahead)
}

// whole reads the rest and reports whether it is the right checksum and nothing else.
func (s *packSource) whole() bool {
	at := s.offset()
	_, _ = io.Copy(io.Discard, s.Reader)
	return s.read-at == int64(s.sum.Size()) && string(s.sum.Sum(nil)) == string(s.tail)
}
