//go:build !amd64

package secrets

// lookup is lookupGeneric, where there is nothing faster.
func (f *filter) lookup(text []byte, size int, blocks *[lookupBytes / blockSize]uint32) int {
	return f.lookupGeneric(text, size, blocks)
}

// wordBlocks is wordBlocksGeneric, where there is nothing faster.
func wordBlocks(text []byte) int { return wordBlocksGeneric(text) }
