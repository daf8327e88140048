package bzip2

import "encoding/binary"

// slackBytes is what a group of symbols may write behind the end of a block, before that is
// seen.
const slackBytes = groupSize*8 + 8

// recency is the list of bytes, the last used one first: the lowest of the first word.
type recency [256 / 8]uint64

func (l *recency) set(bytes *[256]byte) {
	for i := range l {
		l[i] = binary.LittleEndian.Uint64(bytes[i*8:])
	}
}

// front moves the byte at a place to the front.
func (l *recency) front(at uint) {
	word, shift := at>>3, at&7*8
	carry := l[word] >> shift & 0xff
	for i := range l[:word] {
		l[i], carry = l[i]<<8|carry, l[i]>>56
	}
	moved := uint64(0x100)<<shift - 1 // up to the place, what lay before it moves
	l[word] = l[word]&^moved | l[word]<<8&moved | carry
}

// placing writes the bytes that symbols stand for.
type placing struct {
	recent *recency
	count  *[256]uint32
	out    []byte
	limit  int
	n      int    // bytes written
	power  uint32 // what the next symbol of a run is worth
}

func (p *placing) start() {
	clear(p.count[:])
	p.power = 1
}

func (p *placing) place(symbols []uint16) error {
	list, count, out := p.recent, p.count, p.out
	n, power := p.n, p.power
	first := list[0]
	for _, s := range symbols {
		if s <= runB {
			repeats := power << s
			power <<= 1
			count[byte(first)] += repeats
			if repeats <= 8 {
				binary.LittleEndian.PutUint64(out[n:], first&0xff*0x0101010101010101)
				n += int(repeats)
				continue
			}
			if int(repeats) > p.limit-n {
				return errTooLong
			}
			fill(out[n:n+int(repeats)], byte(first))
			n += int(repeats)
			continue
		}
		power = 1
		at := uint(s - 1)
		if at < 8 { // most of them; the same as front, in the register
			shift := at * 8
			moved := uint64(0x100)<<shift - 1
			first = first&^moved | first<<8&moved | first>>shift&0xff
		} else {
			list[0] = first
			list.front(at)
			first = list[0]
		}
		out[n] = byte(first)
		n++
		count[byte(first)]++
	}
	list[0] = first
	p.n, p.power = n, power
	if n > p.limit {
		return errTooLong
	}
	return nil
}

const errTooLong = CorruptError("a block is longer than the stream's level allows")

func fill(p []byte, b byte) {
	for i := range p {
		p[i] = b
	}
}
