package bzip2

import (
	"cmp"
	"encoding/binary"
	"slices"
)

const (
	rootBits = 10 // so that the tables of six codes stay in a core's first-level cache

	// groupInput is how many bytes of input a group takes at most, with a look ahead.
	groupInput = groupSize*maxCodeBits/8 + 16
)

// An entry of a table tells the one or two symbols that a row of bits begins with; zero if the first is longer
// than the row:
//
//	bits 0 to 4    how many bits all are together
//	bits 5 and 6   how many symbols
//	bits 7 to 15   the first symbol
//	bits 16 to 24  the second
//	bits 25 to 29  how many bits the first has
//	bit 30         the last of them ends the block
const (
	entrySymbols = 5
	entryFirst   = 7
	entrySecond  = 16
	entryAlone   = 25
	entryEnd     = 1 << 30

	symbolMask = 1<<9 - 1
	bitsMask   = 1<<5 - 1
)

// code is a Huffman code.
type code struct {
	table  [1 << rootBits]uint32
	leaves [maxSymbols]leaf // in the order of their codes
	n      int
}

// leaf is a symbol in the tree of a code.
type leaf struct {
	start  uint32 // the code, with zeros behind it up to 20 bits
	symbol uint16
	bits   uint8
}

// build makes the code that is given by the lengths of its symbols, of which the last one
// ends the block.
func (c *code) build(lengths []uint8) error {
	c.n = len(lengths)
	leaves := c.leaves[:c.n]
	sortByLength(leaves, lengths)
	total := 0
	for _, l := range leaves {
		total += 1 << (maxCodeBits - l.bits)
	}
	if total != 1<<maxCodeBits {
		if err := grow(leaves); err != nil {
			return err
		}
	}
	start := uint32(0)
	for i := range leaves {
		leaves[i].start = start
		start += 1 << (maxCodeBits - leaves[i].bits)
	}
	c.fill(uint32(len(lengths) - 1))
	return nil
}

func sortByLength(leaves []leaf, lengths []uint8) {
	var place [maxCodeBits + 2]int
	for _, n := range lengths {
		place[n+1]++
	}
	for n := 1; n < len(place); n++ {
		place[n] += place[n-1]
	}
	for symbol, n := range lengths {
		leaves[place[n]] = leaf{symbol: uint16(symbol), bits: n}
		place[n]++
	}
}

// grow makes the tree of lengths that are those of no complete code, as compress/bzip2 has it: codes are
// counted down from the longest, with all ones, and forks with one branch are left out.
func grow(leaves []leaf) error {
	code := uint32(1<<maxCodeBits - 1)
	for i := len(leaves) - 1; i >= 0; i-- {
		leaves[i].start = code & (1<<maxCodeBits - 1)
		code -= 1 << (maxCodeBits - leaves[i].bits)
	}
	slices.SortFunc(leaves, func(a, b leaf) int { return cmp.Compare(a.start, b.start) })
	for i := range leaves[1:] {
		if leaves[i].start == leaves[i+1].start {
			return CorruptError("two symbols with the same code")
		}
	}
	fork(leaves, maxCodeBits-1, 0)
	return nil
}

// fork gives leaves that are alike above a bit their depth; depth is that of the fork above.
func fork(leaves []leaf, bit int, depth uint8) {
	if len(leaves) == 1 {
		leaves[0].bits = depth
		return
	}
	i := slices.IndexFunc(leaves, func(l leaf) bool { return l.start>>bit&1 != 0 })
	if i <= 0 { // all go the same way
		fork(leaves, bit-1, depth)
		return
	}
	fork(leaves[:i], bit-1, depth+1)
	fork(leaves[i:], bit-1, depth+1)
}

// fill makes the table.
func (c *code) fill(end uint32) {
	var first [1 << rootBits]uint32
	for _, l := range c.leaves[:c.n] {
		if l.bits > rootBits {
			continue
		}
		e := uint32(l.bits)<<entryAlone | uint32(l.symbol)<<entryFirst | 1<<entrySymbols | uint32(l.bits)
		if uint32(l.symbol) == end {
			e |= entryEnd
		}
		from := l.start >> (maxCodeBits - rootBits)
		for i := range first[from : from+1<<(rootBits-l.bits)] {
			first[from+uint32(i)] = e
		}
	}
	for i, e := range first {
		n := e & bitsMask
		second := first[uint32(i)<<n%(1<<rootBits)]
		if both := n + second&bitsMask; e != 0 && second != 0 && e&entryEnd == 0 && both <= rootBits {
			e += second&bitsMask + 1<<entrySymbols | second&entryEnd | second>>entryFirst&symbolMask<<entrySecond
		}
		c.table[i] = e
	}
}

// find gives the leaf that bits lead to, of which the first is the highest.
func (c *code) find(held uint64) leaf {
	want := uint32(held >> (64 - maxCodeBits))
	low, high := 0, c.n
	for high-low > 1 {
		if middle := (low + high) / 2; c.leaves[middle].start <= want {
			low = middle
		} else {
			high = middle
		}
	}
	return c.leaves[low]
}

// group decodes a group of symbols, or fewer if one of them ends the block or the input ends
// early, and gives how many there are.
func (c *code) group(b *bitReader, out *[groupSize + 1]uint16) (int, error) {
	if len(b.buf)-b.pos < groupInput {
		b.look(groupInput)
		if len(b.buf)-b.pos < groupInput {
			return c.careful(b, out)
		}
	}
	return c.fast(b, out), nil
}

// fast is group while there is input enough.
func (c *code) fast(b *bitReader, out *[groupSize + 1]uint16) int {
	end := uint16(c.n - 1)
	in, held, n := b.buf[b.pos:], b.held, b.n
	pos, i := 0, 0
	for i < groupSize {
		if n < maxCodeBits {
			held |= binary.BigEndian.Uint64(in[pos:]) >> n
			pos += int(63-n) >> 3
			n |= 56
		}
		e := c.table[held>>(64-rootBits)]
		if e == 0 || i == groupSize-1 {
			l := c.one(e, held)
			held <<= l.bits
			n -= uint(l.bits)
			out[i] = l.symbol
			i++
			if l.symbol == end {
				break
			}
			continue
		}
		out[i] = uint16(e >> entryFirst & symbolMask)
		out[i+1] = uint16(e >> entrySecond & symbolMask)
		i += int(e >> entrySymbols & 3)
		held <<= e & bitsMask
		n -= uint(e & bitsMask)
		if e&entryEnd != 0 {
			break
		}
	}
	b.pos, b.held, b.n = b.pos+pos, held, n
	return i
}

// one gives the first symbol of an entry, or looks for it.
func (c *code) one(e uint32, held uint64) leaf {
	if e == 0 {
		return c.find(held)
	}
	return leaf{symbol: uint16(e >> entryFirst & symbolMask), bits: uint8(e >> entryAlone & bitsMask)}
}

// careful is group near the end of the input, where what comes behind the block may be nothing.
func (c *code) careful(b *bitReader, out *[groupSize + 1]uint16) (int, error) {
	for i := range groupSize {
		var err error
		if b.n < maxCodeBits {
			err = b.fill(maxCodeBits)
		}
		l := c.find(b.held)
		if uint(l.bits) > b.n {
			return i, err
		}
		b.skip(uint(l.bits))
		out[i] = l.symbol
		if int(l.symbol) == c.n-1 {
			return i + 1, nil
		}
	}
	return groupSize, nil
}
