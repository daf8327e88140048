package secrets

import "encoding/binary"

const (
	blockSize    = 32      // bytes with sixteen places for windows
	lookupBytes  = 2 << 10 // bytes that candidates are looked for in at once
	lookupBehind = 8       // bytes behind them that are read
)

// lookupGeneric gives the blocks at the beginning of a text that have candidates, and how many
// they are: the block's place, times 1<<16, and a bit for each of its places that is one. The size is that of all
// blocks; lookupBehind bytes behind them are read.
func (f *filter) lookupGeneric(text []byte, size int, found *[lookupBytes / blockSize]uint32) (n int) {
	seen, next := &f.seen, &f.next
	w := pack(binary.LittleEndian.Uint64(text))
	for i, rest := 0, text[:size+lookupBehind]; len(rest) >= 16; i, rest = i+8, rest[8:] {
		b := (*[16]byte)(rest)
		more := pack(binary.LittleEndian.Uint64(b[8:]))
		w |= more << 48
		if seen[w&packedMask]&next[b[3]]|seen[w>>12&packedMask]&next[b[5]]|
			seen[w>>24&packedMask]&next[b[7]]|seen[w>>36&packedMask]&next[b[9]] != 0 {
			n = f.mark(b, i, found, n)
		}
		w = more
	}
	return n
}

// mark notes the places of eight bytes at i in their block, the last of n or one more.
func (f *filter) mark(b *[16]byte, i int, found *[lookupBytes / blockSize]uint32, n int) int {
	if at := uint32(i &^ (blockSize - 1)); n == 0 || found[n-1]>>16 != at {
		found[n] = at << 16
		n++
	}
	w := pack(binary.LittleEndian.Uint64(b[:])) | pack(uint64(b[8]))<<48
	for k := range 4 {
		if f.seen[w>>(12*k)&packedMask]&f.next[b[2*k+windowSize]] != 0 {
			found[n-1] |= 1 << (i%blockSize/2 + k)
		}
	}
	return n
}

// nibbles are sets of bytes, one for each bit, by the lower and by the upper half of the bytes.
type nibbles [2][16]uint8

func (s *nibbles) add(b byte, set uint8) {
	s[0][b&15] |= set
	s[1][b>>4] |= set
}

// of gives the sets that a byte may be in.
func (s *nibbles) of(b byte) uint8 { return s[0][b&15] & s[1][b>>4] }

// pack gives six bits of each of eight bytes, all but 0x20 and 0x80: they are the same for capitals
// and small letters.
func pack(w uint64) uint64 {
	w = w&0x1f1f1f1f1f1f1f1f | w>>1&0x2020202020202020
	w = w&0x003f003f003f003f | w>>2&0x0fc00fc00fc00fc0
	w = w&0x00000fff00000fff | w>>4&0x00fff00000fff000
	return w&0xffffff | w>>8&0xffffff000000
}

// packedHash is a hash of a packed window.
func packedHash(w uint32) uint32 { return w * 0x9E3779B1 >> (32 - knownBits) }
