package bzip2

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

// checksum is that of a block: the CRC-32 of IEEE 802.3 with the highest bit of a byte
// first. The processor knows the other order, so that of the bits is turned around.
type checksum struct {
	sum    uint32
	turned [1024]byte // kept here, since it would not stay on the stack
}

func (c *checksum) value() uint32 { return bits.Reverse32(c.sum) }

func (c *checksum) update(p []byte) {
	for len(p) > 0 {
		n := min(len(p), len(c.turned))
		i := 0
		for ; i+8 <= n; i += 8 {
			binary.LittleEndian.PutUint64(c.turned[i:], turnBytes(binary.LittleEndian.Uint64(p[i:])))
		}
		for ; i < n; i++ {
			c.turned[i] = bits.Reverse8(p[i])
		}
		c.sum = crc32.Update(c.sum, crc32.IEEETable, c.turned[:n])
		p = p[n:]
	}
}

// turnBytes reverses the bits of each byte.
func turnBytes(w uint64) uint64 {
	w = w>>4&0x0f0f0f0f0f0f0f0f | w&0x0f0f0f0f0f0f0f0f<<4
	w = w>>2&0x3333333333333333 | w&0x3333333333333333<<2
	return w>>1&0x5555555555555555 | w&0x5555555555555555<<1
}
