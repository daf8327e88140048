package inflate

import "math/bits"

// How the decoding tables are made. The first bits of a code, as many as a root has,
// lead to an entry; longer codes go on in a second table. 11 and 8 bits are what
// prevents most second look-ups without driving the tables out of the cache.
const (
	litRoot  = 11
	distRoot = 8

	// Enough for any complete code of 288 symbols with a root of 11 bits (2,342) and
	// of 32 symbols with a root of 8 (402), as the program "enough" of zlib counts;
	// powers of two, so that a mask proves that an index is inside.
	litSize  = 4096
	distSize = 512

	maxCodeBits = 15
	endOfBlock  = 256
	maxLitSyms  = 286
	maxDistSyms = 30
)

// An entry of a table:
//
//	literal:   flagLiteral, the byte in bits 16 to 23
//	length or  the base in bits 16 to 30, in bits 8 to 12 how long the code is, and
//	distance:  in bits 0 to 5 how long code and extra bits are together
//	others:    flagOther; with flagSub the place of the second table in bits 16 to 30
//	           and its bits in 0 to 5; with flagEnd the end of the block; else no code
//
// Bits 0 to 5 of all but flagSub say how many bits to take.
const (
	flagLiteral = 1 << 31
	flagOther   = 1 << 15
	flagSub     = 1 << 14
	flagEnd     = 1 << 13

	noCode = flagOther
)

// Symbols of lengths and distances, from RFC 1951, section 3.2.5.
var (
	lengthBase  = [29]uint16{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra = [29]uint8{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distBase    = [30]uint16{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	distExtra   = [30]uint8{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}

	// codeOrder is the order of the code lengths of code lengths, section 3.2.7.
	codeOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
)

// litEntries and distEntries are the entries of all symbols, but for how many bits
// their codes have.
var litEntries, distEntries = litTemplates(), distTemplates()

func litTemplates() (all [288]uint32) {
	for sym := range all {
		switch {
		case sym < endOfBlock:
			all[sym] = flagLiteral | uint32(sym)<<16
		case sym == endOfBlock:
			all[sym] = flagOther | flagEnd
		case sym < maxLitSyms:
			i := sym - endOfBlock - 1
			all[sym] = uint32(lengthBase[i])<<16 | uint32(lengthExtra[i])
		default:
			all[sym] = noCode
		}
	}
	return all
}

func distTemplates() (all [32]uint32) {
	for sym := range all {
		all[sym] = noCode
		if sym < maxDistSyms {
			all[sym] = uint32(distBase[sym])<<16 | uint32(distExtra[sym])
		}
	}
	return all
}

// bitsOf is what n bits of a code are in an entry: those of the code, and of the code
// with what follows.
func bitsOf(n uint32) uint32 { return n<<8 | n }

// build fills a table for a code that is given by the lengths of its symbols, and the
// entries of these. It reports whether the code is one: complete, or with one symbol of one
// bit, or with none at all, as compress/flate has it.
func build(table []uint32, root uint32, lengths []uint8, entries []uint32) bool {
	var count [maxCodeBits + 1]uint32
	for _, n := range lengths {
		count[n&maxCodeBits]++
	}
	longest := maxCodeBits
	for longest > 0 && count[longest] == 0 {
		longest--
	}
	table = table[:len(table):len(table)]
	if longest == 0 {
		fill(table[:1<<root], noCode)
		return true
	}
	var next [maxCodeBits + 1]uint32
	code := uint32(0)
	for n := 1; n <= longest; n++ {
		code <<= 1
		next[n] = code
		code += count[n]
	}
	switch {
	case longest == 1 && code == 1:
		fill(table[:1<<root], noCode)
	case code != 1<<longest:
		return false
	}
	if longest > int(root) {
		placeSecondTables(table, root, lengths, next)
	}
	for sym, length := range lengths {
		n := uint32(length)
		if n == 0 {
			continue
		}
		back := reversed(next[n&maxCodeBits], n)
		next[n&maxCodeBits]++
		if n <= root {
			e := entries[sym] + bitsOf(n)
			for i := back; i < 1<<root; i += 1 << n {
				table[i] = e
			}
			continue
		}
		second := table[back&(1<<root-1)]
		e := entries[sym] + bitsOf(n-root)
		for i := back >> root; i < 1<<(second&63); i += 1 << (n - root) {
			table[second>>16+i] = e
		}
	}
	return true
}

// placeSecondTables finds a place for the second table below each entry of the root
// that codes longer than the root lead to.
func placeSecondTables(table []uint32, root uint32, lengths []uint8, next [maxCodeBits + 1]uint32) {
	var deepest [1 << litRoot]uint8 // the longest code below each entry of the root
	var used []uint32
	var room [1 << litRoot / 4]uint32
	used = room[:0]
	for _, length := range lengths {
		n := uint32(length)
		if n > root {
			prefix := reversed(next[n&maxCodeBits], n) & (1<<root - 1)
			if deepest[prefix] == 0 {
				used = append(used, prefix)
			}
			deepest[prefix] = max(deepest[prefix], length)
		}
		next[n&maxCodeBits]++
	}
	free := uint32(1) << root
	for _, prefix := range used {
		size := uint32(deepest[prefix]) - root
		table[prefix] = flagOther | flagSub | free<<16 | size
		free += 1 << size
	}
}

func reversed(code, n uint32) uint32 { return bits.Reverse32(code) >> (32 - n) }

func fill(table []uint32, e uint32) {
	for i := range table {
		table[i] = e
	}
}
