package bytemask

import xcpu "golang.org/x/sys/cpu"

var hasAVX2 = xcpu.X86.HasAVX2

//go:noescape
func masksAVX2(content *byte, masks *uint64, n int, halves *[2][16]uint8)

// blocks is blocksGeneric, by a faster way where the processor has one.
func (s *Set) blocks(content []byte, masks []uint64) {
	if !hasAVX2 || len(masks) == 0 {
		s.blocksGeneric(content, masks)
		return
	}
	_ = content[len(masks)*Block-1]
	masksAVX2(&content[0], &masks[0], len(masks), &s.halves)
}
