package bytemask

// Differ sets the highest bit of each byte of a word that is not c; the other bits say nothing.
func Differ(word uint64, c byte) uint64 {
	const ones, below = 0x0101010101010101, 0x7f7f7f7f7f7f7f7f
	x := word ^ uint64(c)*ones
	return x&below + below | x
}
