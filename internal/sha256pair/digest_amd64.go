package sha256pair

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"fmt"
	"strings"

	xcpu "golang.org/x/sys/cpu"
)

const (
	chunkBytes = sha256.BlockSize
	mostChunks = 1024 // in one go: assembly is not preempted

	// What crypto/sha256 marshals: this, the variables, the chunk that is begun, the
	// bytes written so far.
	magic          = "sha\x03"
	lengthAt       = len(magic) + sha256.Size + chunkBytes
	marshaledBytes = lengthAt + 8
)

var paired = xcpu.X86.HasSSSE3 && xcpu.X86.HasSSE41 && hasSHA()

func hasSHA() bool

// variables are a digest's, in the order of the processor's registers: those that FIPS
// 180-4 calls f, e, b, a, h, g, d and c.
type variables [8]uint32

var places = [8]int{5, 4, 1, 0, 7, 6, 3, 2}

// chunks adds n chunks at p to x, and as many at q to y.
//
//go:noescape
func chunks(x *variables, p *byte, y *variables, q *byte, n int)

// writePaired writes what can be written of both at the same time, and gives what is
// left.
func writePaired(x *Digest, p []byte, y *Digest, q []byte) (restP, restQ []byte) {
	p, q = x.fill(p), y.fill(q)
	n := min(len(p), len(q)) / chunkBytes
	if n == 0 || !paired {
		return p, q
	}
	mx, my := x.marshal(), y.marshal()
	if mx == nil || my == nil {
		return p, q
	}
	vx, vy := mx.variables(), my.variables()
	for left := n; left > 0; {
		m := min(left, mostChunks)
		chunks(&vx, &p[0], &vy, &q[0], m)
		p, q = p[m*chunkBytes:], q[m*chunkBytes:]
		left -= m
	}
	x.unmarshal(mx.advance(vx, n))
	y.unmarshal(my.advance(vy, n))
	return p, q
}

// fill writes what makes a chunk whole that is begun, and gives what is left.
func (d *Digest) fill(p []byte) (rest []byte) {
	n := min(len(p), -d.begun&(chunkBytes-1))
	_, _ = d.Write(p[:n])
	return p[n:]
}

type marshaled []byte

// marshal gives nil if this crypto/sha256 marshals in another way than is known here.
func (d *Digest) marshal() marshaled {
	a, ok := d.hash.(encoding.BinaryAppender)
	if !ok {
		return nil
	}
	m, err := a.AppendBinary(make([]byte, 0, marshaledBytes))
	if err != nil || len(m) != marshaledBytes || !strings.HasPrefix(string(m), magic) {
		return nil
	}
	return m
}

func (m marshaled) variables() (v variables) {
	for i, at := range places {
		v[i] = binary.BigEndian.Uint32(m[len(magic)+4*at:])
	}
	return v
}

// advance puts in what n more chunks have made of the variables.
func (m marshaled) advance(v variables, n int) marshaled {
	for i, at := range places {
		binary.BigEndian.PutUint32(m[len(magic)+4*at:], v[i])
	}
	length := m[lengthAt:]
	binary.BigEndian.PutUint64(length, binary.BigEndian.Uint64(length)+uint64(n*chunkBytes))
	return m
}

func (d *Digest) unmarshal(m marshaled) {
	if err := d.hash.(encoding.BinaryUnmarshaler).UnmarshalBinary(m); err != nil {
		panic(fmt.Sprintf("crypto/sha256 refused its own state: %v", err))
	}
}
