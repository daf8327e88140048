package bytemask

import xcpu "golang.org/x/sys/cpu"

var hasAVX2 = xcpu.X86.HasAVX2

//go:noescape
func masksAVX2(content *byte, masks *uint64, n int, halves *[2][16]uint8)

//go:noescape
func foursAVX2(content *byte, masks *uint64, n int, halves *[2][16]uint8)

//go:noescape
func wideAVX2(content *byte, masks *uint64, n int)

// blocks is blocksGeneric, by a faster way where the processor has one.
func (s *Set) blocks(content []byte, masks []uint64) {
	if !hasAVX2 {
		s.blocksGeneric(content, masks)
		return
	}
	_ = content[len(masks)*Block-1]
	masksAVX2(&content[0], &masks[0], len(masks), &s.halves)
}

// fours is foursGeneric, in the same way.
func (s *Set) fours(content []byte, masks []uint64) {
	if !hasAVX2 {
		s.foursGeneric(content, masks)
		return
	}
	_ = content[len(masks)*Block<<fours-1]
	foursAVX2(&content[0], &masks[0], len(masks), &s.halves)
}

// wide is wideGeneric, in the same way.
func wide(content []byte, masks []uint64) {
	if !hasAVX2 {
		wideGeneric(content, masks)
		return
	}
	_ = content[len(masks)*Block<<eights-1]
	wideAVX2(&content[0], &masks[0], len(masks))
}
