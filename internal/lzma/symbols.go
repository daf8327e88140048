package lzma

// input is what is decoded next. Its fixed size spares a register, and the register is worth it.
type input [maxInput + maxSymbol]byte

// bit decodes one bit of a probability without a branch: what the bit is cannot be foreseen
// where it counts. It gives the probability's next value, and all ones if the bit is 0.
func bit(prob uint16, rng, code uint32) (newProb uint16, zero, newRng, newCode uint32) {
	bound := (rng >> probBits) * uint32(prob)
	d := uint64(code) - uint64(bound)
	zero = uint32(d >> 32)
	prob -= uint16(int16(prob-uint16(zero)&(1<<probBits-1<<moveBits+1)) >> moveBits)
	rng -= bound
	return prob, zero, rng + zero&(bound-rng), uint32(d) + zero&bound
}

// choose gives what comes after a bit: of two neighbours the first if the bit was 0. They were
// both fetched while the bit was decoded, which takes as long.
func choose(next *[2]uint16, zero uint32) uint16 {
	return next[1] ^ (next[0]^next[1])&uint16(zero)
}

// literal decodes a byte.
func literal(probs *[literalProbs]uint16, in *input, pos int, rng, code uint32) (byte, int, uint32, uint32) {
	symbol, prob := uint32(1), probs[1]
	var zero uint32
	for symbol < 0x100 {
		if rng < topRange {
			rng <<= 8
			code = code<<8 | uint32(in[pos])
			pos++
		}
		probs[uint8(symbol)], zero, rng, code = bit(prob, rng, code)
		prob = choose((*[2]uint16)(probs[symbol<<1&0x1fe:]), zero)
		symbol = symbol<<1 + zero + 1
	}
	return byte(symbol), pos, rng, code
}

// otherLiteral decodes a byte behind a match, which is known to differ from the one that the match
// would have gone on with.
func otherLiteral(probs *[literalProbs]uint16, match byte, in *input, pos int, rng, code uint32) (byte, int, uint32, uint32) {
	symbol, other := uint32(1), uint32(match)
	var zero uint32
	for symbol < 0x100 { // up to the first bit that differs
		if rng < topRange {
			rng <<= 8
			code = code<<8 | uint32(in[pos])
			pos++
		}
		other <<= 1
		p := &probs[(0x100+other&0x100+symbol)&0x3ff]
		*p, zero, rng, code = bit(*p, rng, code)
		symbol = symbol<<1 + zero + 1
		if (symbol<<8^other)&0x100 != 0 {
			break
		}
	}
	prob := probs[uint8(symbol)]
	for symbol < 0x100 {
		if rng < topRange {
			rng <<= 8
			code = code<<8 | uint32(in[pos])
			pos++
		}
		probs[uint8(symbol)], zero, rng, code = bit(prob, rng, code)
		prob = choose((*[2]uint16)(probs[symbol<<1&0x1fe:]), zero)
		symbol = symbol<<1 + zero + 1
	}
	return byte(symbol), pos, rng, code
}

// match decodes the length of a match.
func (l *lengths) match(place uint32, in *input, pos int, rng, code uint32) (n, _ int, _, _ uint32) {
	if rng < topRange {
		rng <<= 8
		code = code<<8 | uint32(in[pos])
		pos++
	}
	p := &l.choice[0]
	bound := (rng >> probBits) * uint32(*p)
	tree := (*[8]uint16)(l.low[place<<3&127:])
	if code < bound {
		rng = bound
		*p += (1<<probBits - *p) >> moveBits
		n = minMatch - 8
	} else {
		rng -= bound
		code -= bound
		*p -= *p >> moveBits
		if rng < topRange {
			rng <<= 8
			code = code<<8 | uint32(in[pos])
			pos++
		}
		p = &l.choice[1]
		bound = (rng >> probBits) * uint32(*p)
		if code >= bound {
			rng -= bound
			code -= bound
			*p -= *p >> moveBits
			symbol, prob := uint32(1), l.high[1]
			var zero uint32
			for symbol < 0x100 {
				if rng < topRange {
					rng <<= 8
					code = code<<8 | uint32(in[pos])
					pos++
				}
				l.high[uint8(symbol)], zero, rng, code = bit(prob, rng, code)
				prob = choose((*[2]uint16)(l.high[symbol<<1&0xfe:]), zero)
				symbol = symbol<<1 + zero + 1
			}
			return int(symbol) - 0x100 + 16 + minMatch, pos, rng, code
		}
		rng = bound
		*p += (1<<probBits - *p) >> moveBits
		tree = (*[8]uint16)(l.mid[place<<3&127:])
		n = minMatch
	}
	symbol, prob := uint32(1), tree[1]
	var zero uint32
	for symbol < 8 {
		if rng < topRange {
			rng <<= 8
			code = code<<8 | uint32(in[pos])
			pos++
		}
		tree[symbol&7], zero, rng, code = bit(prob, rng, code)
		prob = choose((*[2]uint16)(tree[symbol<<1&6:]), zero)
		symbol = symbol<<1 + zero + 1
	}
	return n + int(symbol), pos, rng, code
}

// distance decodes how far a match of n bytes reaches back, less one: a slot, which is
// the two highest bits and how many are below them, and these.
func (m *model) distance(n int, in *input, pos int, rng, code uint32) (_ uint32, _ int, _, _ uint32) {
	tree := (*[64]uint16)(m.slot[min(n-minMatch, 3)<<6&255:])
	slot, prob := uint32(1), tree[1]
	var zero uint32
	for slot < 64 {
		if rng < topRange {
			rng <<= 8
			code = code<<8 | uint32(in[pos])
			pos++
		}
		tree[slot&63], zero, rng, code = bit(prob, rng, code)
		prob = choose((*[2]uint16)(tree[slot<<1&62:]), zero)
		slot = slot<<1 + zero + 1
	}
	slot -= 64
	if slot < 4 {
		return slot, pos, rng, code
	}
	below := slot>>1 - 1
	dist := 2 + slot&1
	if slot < 14 {
		dist <<= below
		base, symbol := dist-slot, uint32(1)
		for i := uint32(0); i < below; i++ {
			if rng < topRange {
				rng <<= 8
				code = code<<8 | uint32(in[pos])
				pos++
			}
			p := &m.special[(base+symbol)&127]
			*p, zero, rng, code = bit(*p, rng, code)
			symbol = symbol<<1 + zero + 1
			dist += (zero + 1) << (i & 31)
		}
		return dist, pos, rng, code
	}
	return m.far(dist, below, in, pos, rng, code)
}

// far decodes the bits of a large distance that are below the two highest: all but four of them
// are not worth a probability.
func (m *model) far(dist, below uint32, in *input, pos int, rng, code uint32) (_ uint32, _ int, _, _ uint32) {
	for ; below > 4; below-- {
		if rng < topRange {
			rng <<= 8
			code = code<<8 | uint32(in[pos])
			pos++
		}
		rng >>= 1
		d := uint64(code) - uint64(rng)
		zero := uint32(d >> 32)
		code = uint32(d) + rng&zero
		dist = dist<<1 + zero + 1
	}
	dist <<= 4
	symbol, prob := uint32(1), m.align[1]
	var zero uint32
	for i := range uint32(4) {
		if rng < topRange {
			rng <<= 8
			code = code<<8 | uint32(in[pos])
			pos++
		}
		m.align[symbol&15], zero, rng, code = bit(prob, rng, code)
		prob = choose((*[2]uint16)(m.align[symbol<<1&14:]), zero)
		symbol = symbol<<1 + zero + 1
		dist += (zero + 1) << i
	}
	return dist, pos, rng, code
}
