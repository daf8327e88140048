package lzma

import "encoding/binary"

// The ids of filters. All but delta make the targets of calls and jumps relative again:
// encoders make them absolute, so that those of one target look alike.
const (
	idDelta   = 0x03
	idX86     = 0x04
	idPowerPC = 0x05
	idIA64    = 0x06
	idARM     = 0x07
	idThumb   = 0x08
	idSPARC   = 0x09
	idARM64   = 0x0a
)

// undoDelta adds to each byte the one that stood so far before it.
func undoDelta(back int) undo {
	var last [256]byte
	next := 0
	return func(b []byte, _ uint32) int {
		for i := range b {
			b[i] += last[next]
			last[next] = b[i]
			if next++; next == back {
				next = 0
			}
		}
		return len(b)
	}
}

// undoX86 undoes calls and jumps of 32 bits (E8, E9), whose targets are near: their highest
// byte is 00 or FF. What looks like an opcode within the last bytes may be part of the
// target of one that was not changed; encoder and decoder keep track of these alike.
func undoX86() undo {
	near := func(b byte) bool { return b == 0 || b == 0xff }
	seen := uint32(0) // bit n: what looks like an opcode n+1 bytes before, as it was counted last
	return func(b []byte, at uint32) int {
		since := 1 // bytes from the last that was counted
		i := 0
		for ; i+5 <= len(b); i++ {
			if b[i]&0xfe != 0xe8 {
				since++
				continue
			}
			if since > 3 {
				seen = 0
			} else {
				seen = seen << (since - 1) & 7
			}
			since = 1
			shift := uint32(0) // from the highest byte of the target to the one that decides
			if seen != 0 {
				shift = 8 * [8]uint32{1: 1, 2: 2, 3: 2, 4: 3, 5: 3, 6: 3, 7: 3}[seen]
				if seen != 1 && seen != 2 && seen != 4 || near(b[i+4-int(shift/8)]) {
					seen = seen<<1 | 1
					continue
				}
			}
			if !near(b[i+4]) {
				seen = seen<<1 | 1
				continue
			}
			here := at + uint32(i) + 5
			target := binary.LittleEndian.Uint32(b[i+1:])
			relative := target - here
			for seen != 0 && near(byte(relative>>(24-shift))) {
				target = relative ^ (1<<(32-shift) - 1)
				relative = target - here
			}
			relative &= 1<<25 - 1
			relative |= -(relative & (1 << 24)) // its sign
			binary.LittleEndian.PutUint32(b[i+1:], relative)
			i += 4
			since, seen = 5, 0
		}
		if since > 3 {
			seen = 0
		} else {
			seen <<= since - 1
		}
		return i
	}
}

func undoPowerPC(b []byte, at uint32) int {
	i := 0
	for ; i+4 <= len(b); i += 4 {
		if v := binary.BigEndian.Uint32(b[i:]); v&0xfc000003 == 0x48000001 { // bl
			binary.BigEndian.PutUint32(b[i:], 0x48000001|(v-at-uint32(i))&0x03fffffc)
		}
	}
	return i
}

func undoARM(b []byte, at uint32) int {
	i := 0
	for ; i+4 <= len(b); i += 4 {
		if v := binary.LittleEndian.Uint32(b[i:]); v>>24 == 0xeb { // bl
			binary.LittleEndian.PutUint32(b[i:], 0xeb<<24|(v-(at+uint32(i)+8)>>2)&0xffffff)
		}
	}
	return i
}

func undoThumb(b []byte, at uint32) int {
	i := 0
	for ; i+4 <= len(b); i += 2 {
		high, low := uint32(binary.LittleEndian.Uint16(b[i:])), uint32(binary.LittleEndian.Uint16(b[i+2:]))
		if high>>11 != 0x1e || low>>11 != 0x1f { // the two halves of bl
			continue
		}
		v := high&0x7ff<<11 + low&0x7ff - (at+uint32(i)+4)>>1
		binary.LittleEndian.PutUint16(b[i:], uint16(0xf000|v>>11&0x7ff))
		binary.LittleEndian.PutUint16(b[i+2:], uint16(0xf800|v&0x7ff))
		i += 2
	}
	return i
}

func undoSPARC(b []byte, at uint32) int {
	i := 0
	for ; i+4 <= len(b); i += 4 {
		v := binary.BigEndian.Uint32(b[i:])
		if v>>22 != 0x100 && v>>22 != 0x1ff { // call, near
			continue
		}
		v -= (at + uint32(i)) >> 2
		// The sign, bit 22, fills what is above it.
		binary.BigEndian.PutUint32(b[i:], 0x40000000|-(v&0x400000)&0x3fffffff|v&0x3fffff)
	}
	return i
}

func undoARM64(b []byte, at uint32) int {
	i := 0
	for ; i+4 <= len(b); i += 4 {
		v, here := binary.LittleEndian.Uint32(b[i:]), at+uint32(i)
		switch {
		case v>>26 == 0x25: // bl
			v = 0x25<<26 | (v-here>>2)&0x03ffffff
		case v&0x9f000000 == 0x90000000: // adrp, within 512 MiB
			page := v>>29&3 | v>>3&0x1ffffc
			if (page+0x20000)&0x1c0000 != 0 {
				continue
			}
			page -= here >> 12
			v = v&0x9000001f | page&3<<29 | page&0x3fffc<<3 | -(page&0x20000)&0xe00000
		default:
			continue
		}
		binary.LittleEndian.PutUint32(b[i:], v)
	}
	return i
}

// undoIA64 undoes branches in bundles of three instructions of 41 bits behind a template of
// five, which says what units these are for.
func undoIA64(b []byte, at uint32) int {
	// By template: which of the instructions are branches.
	branches := [32]byte{16: 4, 4, 6, 6, 22: 7, 7, 4, 4, 28: 4, 4}
	i := 0
	for ; i+16 <= len(b); i += 16 {
		for slot := range 3 {
			if branches[b[i]&31]>>slot&1 == 0 {
				continue
			}
			first := 5 + 41*slot
			bytes := b[i+first/8:][:6]
			var word uint64
			for k, v := range bytes {
				word |= uint64(v) << (8 * k)
			}
			v := word >> (first % 8)
			if v>>37&0xf != 5 || v>>9&7 != 0 {
				continue
			}
			// 20 bits of the target, in bundles, and its sign far above them.
			target := uint32(v>>13&0xfffff|v>>36&1<<20) - (at+uint32(i))>>4
			v = v&^(0x8fffff<<13) | uint64(target&0xfffff)<<13 | uint64(target>>20&1)<<36
			word = word&(1<<(first%8)-1) | v<<(first%8)
			for k := range bytes {
				bytes[k] = byte(word >> (8 * k))
			}
		}
	}
	return i
}
