package bzip2

// Limits of a block's codes.
const (
	minCodes    = 2
	maxCodes    = 6
	maxCodeBits = 20
	maxSymbols  = 256 + 2 // two for runs, one for the end, none for the byte in front
	groupSize   = 50      // symbols that are decoded with the same code
	maxGroups   = 1<<15 - 1
)

// The symbols of runs; the last symbol of the alphabet ends the block.
const (
	runA = iota
	runB
)

// block decodes what is in a block.
type block struct {
	recent    recency // bytes that occur
	symbols   int
	codes     [maxCodes]code
	selectors [maxGroups]uint8 // the codes of the groups
	groups    int
	count     [256]uint32 // how often each byte occurs
}

// header reads all that stands before the symbols. It gives where in the sorted rotations the text is.
func (k *block) header(b *bitReader) (origin int, err error) {
	randomised, err := b.read(1)
	if err != nil {
		return 0, err
	}
	if randomised != 0 {
		return 0, CorruptError("a randomised block, of a version before 0.9.5")
	}
	at, err := b.read(24)
	if err != nil {
		return 0, err
	}
	if err := k.alphabet(b); err != nil {
		return 0, err
	}
	codes, err := b.read(3)
	if err != nil {
		return 0, err
	}
	if codes < minCodes || codes > maxCodes {
		return 0, CorruptError("too few or too many codes")
	}
	if err := k.selection(b, uint(codes)); err != nil {
		return 0, err
	}
	for i := range k.codes[:codes] {
		if err := k.code(b, &k.codes[i]); err != nil {
			return 0, err
		}
	}
	if k.groups == 0 {
		return 0, CorruptError("no group of symbols")
	}
	return int(at), nil
}

// alphabet reads which bytes occur.
func (k *block) alphabet(b *bitReader) error {
	ranges, err := b.read(16)
	if err != nil {
		return err
	}
	var occur [256]byte
	n := 0
	for high := range 16 {
		if ranges>>(15-high)&1 == 0 {
			continue
		}
		bytes, err := b.read(16)
		if err != nil {
			return err
		}
		for low := range 16 {
			if bytes>>(15-low)&1 != 0 {
				occur[n] = byte(high<<4 | low)
				n++
			}
		}
	}
	if n == 0 {
		return CorruptError("a block without bytes")
	}
	k.recent.set(&occur)
	k.symbols = n + 2
	return nil
}

// selection reads which code each group of symbols has.
func (k *block) selection(b *bitReader, codes uint) error {
	groups, err := b.read(15)
	if err != nil {
		return err
	}
	k.groups = int(groups)
	recent := [maxCodes]uint8{0, 1, 2, 3, 4, 5}
	for g := range k.selectors[:k.groups] {
		i, err := b.unary()
		if err != nil {
			return err
		}
		if i >= codes {
			return CorruptError("no such code")
		}
		first := recent[i]
		copy(recent[1:i+1], recent[:i])
		recent[0] = first
		k.selectors[g] = first
	}
	return nil
}

// code reads a code: how many bits each symbol has, as the difference to the one before.
func (k *block) code(b *bitReader, c *code) error {
	first, err := b.read(5)
	if err != nil {
		return err
	}
	n := int(first)
	var lengths [maxSymbols]uint8
	for i := range lengths[:k.symbols] {
		for {
			if n < 1 || n > maxCodeBits {
				return CorruptError("a code is too long or too short")
			}
			more, err := b.read(1)
			if err != nil {
				return err
			}
			if more == 0 {
				break
			}
			less, err := b.read(1)
			if err != nil {
				return err
			}
			n += 1 - 2*int(less)
		}
		lengths[i] = uint8(n)
	}
	return c.build(lengths[:k.symbols])
}

// decode reads the symbols, writes to out what they stand for, and gives how many bytes that is: at
// most the limit. out has slackBytes more.
func (k *block) decode(b *bitReader, out []byte, limit int) (int, error) {
	p := placing{recent: &k.recent, out: out[:limit+slackBytes], limit: limit, count: &k.count}
	p.start()
	var symbols [groupSize + 1]uint16
	for _, s := range k.selectors[:k.groups] {
		n, err := k.codes[s].group(b, &symbols)
		ended := n > 0 && int(symbols[n-1]) == k.symbols-1
		if ended {
			n--
		}
		if err := p.place(symbols[:n]); err != nil {
			return 0, err
		}
		if err != nil {
			return 0, err
		}
		if ended {
			return p.n, nil
		}
	}
	return 0, CorruptError("more symbols than groups hold")
}
