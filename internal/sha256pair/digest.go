package sha256pair

import (
	"crypto/sha256"
	"hash"
)

// Digest is a SHA-256 digest. It is crypto/sha256's own, so that it can go on alone
// at any time.
type Digest struct {
	hash  hash.Hash
	begun int // bytes of a chunk that is not whole yet
}

// New gives the digest of nothing so far.
func New() *Digest { return &Digest{hash: sha256.New()} }

// Write adds p. It never fails.
func (d *Digest) Write(p []byte) (int, error) {
	d.begun = (d.begun + len(p)) % sha256.BlockSize
	return d.hash.Write(p)
}

// Sum appends the digest of all that was written to b.
func (d *Digest) Sum(b []byte) []byte { return d.hash.Sum(b) }

// Paired says whether this processor can take two at the same time.
func Paired() bool { return paired }

// Write adds p to x, and q to y, another digest. What one is longer than the other
// takes as long as alone.
func Write(x *Digest, p []byte, y *Digest, q []byte) {
	p, q = writePaired(x, p, y, q)
	_, _ = x.Write(p)
	_, _ = y.Write(q)
}
