package inflate

import "encoding/binary"

// dynamicCodes reads the codes of a block, section 3.2.7.
func (r *Reader) dynamicCodes() error {
	if err := r.need(14); err != nil {
		return err
	}
	nlit, ndist, ncode := int(r.take(5))+257, int(r.take(5))+1, int(r.take(4))+4
	if nlit > maxLitSyms || ndist > maxDistSyms {
		return r.corrupt()
	}
	var lengths [19]uint8
	for _, i := range codeOrder[:ncode] {
		if err := r.need(3); err != nil {
			return err
		}
		lengths[i] = uint8(r.take(3))
	}
	const root = 7 // the longest code of a code length
	var table [1 << root]uint32
	if !build(table[:], root, lengths[:], codeEntries[:]) {
		return r.corrupt()
	}
	r.fixed = false
	l := r.lengths[:nlit+ndist]
	if err := r.codeLengths(&table, l); err != nil {
		return err
	}
	if !build(r.lit[:], litRoot, l[:nlit], litEntries[:]) || !build(r.dist[:], distRoot, l[nlit:], distEntries[:]) {
		return r.corrupt()
	}
	return nil
}

// repeats are the codes that stand for several lengths: those from 16 on.
var repeats = [3]struct {
	extra uint // bits
	least int
}{{2, 3}, {3, 3}, {7, 11}}

// codeLengths reads the lengths of the codes, without taking more of the input than it
// needs.
func (r *Reader) codeLengths(table *[128]uint32, l []uint8) error {
	for i := r.fastLengths(table, l); i < len(l); {
		e, err := r.codeLength(table)
		if err != nil {
			return err
		}
		if e < 16 {
			l[i] = uint8(e)
			i++
			continue
		}
		repeat := &repeats[e-16]
		var value uint8
		if e == 16 {
			if i == 0 {
				return r.corrupt()
			}
			value = l[i-1]
		}
		if err := r.need(repeat.extra); err != nil {
			return err
		}
		n := repeat.least + int(r.take(repeat.extra))
		if i+n > len(l) {
			return r.corrupt()
		}
		for range n {
			l[i] = value
			i++
		}
	}
	return nil
}

// fastLengths reads lengths while the input has slack, and gives how many they are. It stops before what
// is not as it should be.
func (r *Reader) fastLengths(table *[128]uint32, l []uint8) (i int) {
	in, _ := r.in.Peek(r.in.Buffered())
	held, nheld, pos := r.held, r.nheld, 0
read:
	for pos+8 <= len(in) && i < len(l) {
		held |= binary.LittleEndian.Uint64(in[pos:]) << (nheld & 63) // as in fastCodes
		pos += int((63 - nheld) >> 3)
		nheld |= 56
		for nheld >= 7+7 && i < len(l) {
			e := table[held&127]
			if e&flagOther != 0 {
				break read
			}
			n, length := uint(e&63), e>>16
			if length < 16 {
				held >>= n & 63
				nheld -= n
				l[i] = uint8(length)
				i++
				continue
			}
			repeat := &repeats[length-16]
			times := repeat.least + int(held>>n&(1<<repeat.extra-1))
			if i+times > len(l) || length == 16 && i == 0 {
				break read
			}
			var value uint8
			if length == 16 {
				value = l[i-1]
			}
			for range times {
				l[i] = value
				i++
			}
			held >>= (n + repeat.extra) & 63
			nheld -= n + repeat.extra
		}
	}
	pos -= int(nheld >> 3)
	nheld &= 7
	r.held, r.nheld = held&(1<<nheld-1), nheld
	_, _ = r.in.Discard(pos) // which is there
	return i
}

// codeEntries are the entries of the code of code lengths.
var codeEntries = func() (all [19]uint32) {
	for sym := range all {
		all[sym] = uint32(sym) << 16
	}
	return all
}()

// codeLength reads one symbol of the code of code lengths, without taking more of the
// input than it needs.
func (r *Reader) codeLength(table *[128]uint32) (uint32, error) {
	for {
		e := table[r.held&127]
		if n := uint(e & 63); e&flagOther == 0 && n <= r.nheld {
			r.take(n)
			return e >> 16, nil
		}
		if r.nheld >= 7 {
			return 0, r.corrupt()
		}
		if err := r.need(r.nheld + 1); err != nil {
			return 0, err
		}
	}
}
