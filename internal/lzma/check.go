package lzma

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"sync"
)

// check is what xz computes over the content of each block.
type check struct {
	bytes  int // how many stand behind a block
	update func(p []byte)
	crc    uint64
	sha    hash.Hash
}

// begin makes the check one of a kind.
func (c *check) begin(kind byte) error {
	c.bytes, c.update = 0, nil
	switch kind {
	case 0:
	case 1:
		c.bytes = 4
		c.update = func(p []byte) { c.crc = uint64(crc32.Update(uint32(c.crc), crc32.IEEETable, p)) }
	case 4:
		c.bytes = 8
		c.update = func(p []byte) { c.crc = updateCRC(c.crc, p) }
	case 10:
		c.bytes = sha256.Size
		if c.sha == nil {
			c.sha = sha256.New()
		}
		c.update = func(p []byte) { _, _ = c.sha.Write(p) }
	default:
		return UnsupportedError("a check of an xz stream")
	}
	return nil
}

// reset is for the next block.
func (c *check) reset() {
	c.crc = 0
	if c.sha != nil {
		c.sha.Reset()
	}
}

func (c *check) add(p []byte) {
	if c.update != nil {
		c.update(p)
	}
}

// sum is what stands behind the block.
func (c *check) sum() []byte {
	if c.bytes == sha256.Size {
		return c.sha.Sum(nil)
	}
	return binary.LittleEndian.AppendUint64(nil, c.crc)[:c.bytes]
}

// crcTables are what a byte adds to a CRC-64 when so many more bytes follow it: sixteen of
// them, for twice the speed of the standard library's eight. Decoding is fast enough for
// that to show.
var crcTables = sync.OnceValue(func() *[16]crc64.Table {
	var t [16]crc64.Table
	t[0] = *crc64.MakeTable(crc64.ECMA)
	for i := range t[0] {
		crc := t[0][i]
		for n := 1; n < len(t); n++ {
			crc = t[0][byte(crc)] ^ crc>>8
			t[n][i] = crc
		}
	}
	return &t
})

// updateCRC adds bytes to a CRC-64, as xz has it.
func updateCRC(crc uint64, p []byte) uint64 {
	t := crcTables()
	crc = ^crc
	for ; len(p) >= 16; p = p[16:] {
		a, b := crc^binary.LittleEndian.Uint64(p), binary.LittleEndian.Uint64(p[8:])
		behind := (t[7][byte(b)] ^ t[6][byte(b>>8)]) ^ (t[5][byte(b>>16)] ^ t[4][byte(b>>24)]) ^
			((t[3][byte(b>>32)] ^ t[2][byte(b>>40)]) ^ (t[1][byte(b>>48)] ^ t[0][b>>56]))
		crc = behind ^ (t[15][byte(a)] ^ t[14][byte(a>>8)]) ^ (t[13][byte(a>>16)] ^ t[12][byte(a>>24)]) ^
			((t[11][byte(a>>32)] ^ t[10][byte(a>>40)]) ^ (t[9][byte(a>>48)] ^ t[8][a>>56]))
	}
	for _, v := range p {
		crc = t[0][byte(crc)^v] ^ crc>>8
	}
	return ^crc
}
