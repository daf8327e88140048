//go:build !amd64

package bytemask

// What follows is the generic way, where there is nothing faster.

func (s *Set) blocks(content []byte, masks []uint64) { s.blocksGeneric(content, masks) }

func (s *Set) fours(content []byte, masks []uint64) { s.foursGeneric(content, masks) }

func wide(content []byte, masks []uint64) { wideGeneric(content, masks) }
