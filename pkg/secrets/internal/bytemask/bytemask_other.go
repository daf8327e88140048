//go:build !amd64

package bytemask

// blocks is blocksGeneric, where there is nothing faster.
func (s *Set) blocks(content []byte, masks []uint64) { s.blocksGeneric(content, masks) }
