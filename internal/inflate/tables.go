package inflate

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
//
// Symbols are taken in the order of their codes, so that the table of all codes of up to n
// bits becomes that of n+1 bits by being copied behind itself. The copying costs less than
// writing every place of a short code by itself, which counts where blocks are small.
func build(table []uint32, root uint32, lengths []uint8, entries []uint32) bool {
	var count, place [maxCodeBits + 1]uint32
	for _, n := range lengths {
		count[n&maxCodeBits]++
	}
	count[0] = 0
	total, open := uint32(0), uint32(1) // symbols; codes that are left of all with so many bits
	for n := 1; n <= maxCodeBits; n++ {
		place[n] = total
		total += count[n]
		open <<= 1
		if count[n] > open {
			return false
		}
		open -= count[n]
	}
	var sorted [maxLitSyms + 2]uint16
	for sym, length := range lengths {
		if n := length & maxCodeBits; n != 0 {
			sorted[place[n]] = uint16(sym)
			place[n]++
		}
	}
	switch {
	case total == 0 || total == 1 && count[1] == 1:
		fill(table[:1<<root], noCode)
		for i := uint32(0); i < 1<<root && total == 1; i += 2 {
			table[i] = entries[sorted[0]] + bitsOf(1)
		}
		return true
	case open != 0:
		return false
	}
	code, n := uint32(0), uint32(0) // the next code, its first bit lowest, and its bits
	next := sorted[:total]
	for n < root {
		copy(table[1<<n:2<<n], table[:1<<n])
		n++
		for _, sym := range next[:count[n]] {
			table[code] = entries[sym] + bitsOf(n)
			code = following(code, n)
		}
		next = next[count[n]:]
	}
	buildSecond(table, root, code, next, &count, entries)
	return true
}

// buildSecond fills the second tables behind that of the root, for the symbols whose codes
// are longer; code is the first of these. Codes that begin alike follow each other.
func buildSecond(table []uint32, root, code uint32, symbols []uint16, count *[maxCodeBits + 1]uint32, entries []uint32) {
	free := uint32(1) << root
	prefix, start, size := uint32(1)<<root, uint32(0), uint32(0)
	n := root + 1
	for _, sym := range symbols {
		for count[n] == 0 {
			n++
		}
		if p := code & (1<<root - 1); p != prefix {
			// The codes that are left fill the table in their order, to the last place.
			prefix, start, size = p, free, n-root
			for held := count[n]; held < 1<<size; {
				size++
				held = held<<1 + count[root+size]
			}
			table[prefix] = flagOther | flagSub | start<<16 | size
			free += 1 << size
		}
		e := entries[sym] + bitsOf(n-root)
		for i := code >> root; i < 1<<size; i += 1 << (n - root) {
			table[start+i] = e
		}
		code = following(code, n)
		count[n]--
	}
}

// following is the code of n bits after one, both with their first bit lowest.
func following(code, n uint32) uint32 {
	top := uint32(1) << n >> 1
	for code&top != 0 {
		code ^= top
		top >>= 1
	}
	return code | top
}

func fill(table []uint32, e uint32) {
	for i := range table {
		table[i] = e
	}
}
