package bzip2

import (
	"encoding/binary"
	"math/bits"
)

const (
	noByte = -1
	ones   = 0x0101010101010101
	highs  = ones << 7
)

// runs expands runs: four equal bytes are followed by one that says how many more there are.
type runs struct {
	last    int // the byte before, or noByte if none counts
	equal   int // how many before that were the same
	repeats int // copies of last that are due
}

// expand writes to p what src stands for, and gives how many bytes it wrote and read. It
// ends when p is full or src is used up and no copies are due.
func (x *runs) expand(p, src []byte) (wrote, read int) {
	for wrote < len(p) {
		if x.repeats > 0 {
			n := min(x.repeats, len(p)-wrote)
			fill(p[wrote:wrote+n], byte(x.last))
			wrote += n
			if x.repeats -= n; x.repeats == 0 {
				x.last = noByte
			}
			continue
		}
		if read == len(src) {
			break
		}
		if x.equal < 3 && int(src[read]) != x.last {
			n := copyPlain(p[wrote:], src[read:])
			wrote += n
			read += n
			x.last, x.equal = noByte, 0
			if wrote == len(p) || read == len(src) {
				break
			}
		}
		b := src[read]
		read++
		if x.equal == 3 {
			x.repeats, x.equal = int(b), 0
			continue
		}
		if int(b) == x.last {
			x.equal++
		} else {
			x.equal = 0
		}
		x.last = int(b)
		p[wrote] = b
		wrote++
	}
	return wrote, read
}

// copyPlain copies bytes before which no run begins, and gives how many. It may write more.
func copyPlain(p, src []byte) (n int) {
	for n+9 <= len(src) && n+8 <= len(p) {
		w := binary.LittleEndian.Uint64(src[n:])
		differ := w ^ binary.LittleEndian.Uint64(src[n+1:])
		same := ^(differ&^highs + ^uint64(highs) | differ) & highs // where the next byte is the same
		binary.LittleEndian.PutUint64(p[n:], w)
		if run := same & (same >> 8) & (same >> 16); run != 0 {
			return n + bits.TrailingZeros64(run)/8
		}
		n += 6
	}
	return n
}
