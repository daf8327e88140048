package secrets

import xcpu "golang.org/x/sys/cpu"

var hasAVX2 = xcpu.X86.HasAVX2

//go:noescape
func lookupAVX2(text *byte, size int, seen *[1 << packedBits]uint8, halves *nibbles, found *uint32) (n int)

// lookup is lookupGeneric, by a faster way where the processor has one.
func (f *filter) lookup(text []byte, size int, found *[lookupBytes / blockSize]uint32) int {
	if !hasAVX2 || size == 0 {
		return f.lookupGeneric(text, size, found)
	}
	_ = text[size+lookupBehind-1]
	return lookupAVX2(&text[0], size, &f.seen, &f.halves, &found[0])
}

//go:noescape
func wordBlocksAVX2(text *byte, size int) (n int)

// wordBlocks is wordBlocksGeneric, by a faster way where the processor has one.
func wordBlocks(text []byte) int {
	size := len(text) &^ (2*spanBlock - 1)
	if !hasAVX2 || size == 0 {
		return wordBlocksGeneric(text)
	}
	n := wordBlocksAVX2(&text[0], size)
	if n*spanBlock == size {
		n += wordBlocksGeneric(text[size:])
	}
	return n
}
