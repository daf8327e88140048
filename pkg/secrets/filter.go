package secrets

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
)

// pattern is one run that rules share, and what to do when it is seen.
type pattern struct {
	run     []byteSet
	before  byteSet // what may stand before the run and after it; all bytes if nothing need
	after   byteSet
	targets []target
}

// check is the quick comparison of a candidate: eight bytes at once.
type check struct {
	mask    uint64 // bits that are the same in all members of a set
	value   uint64
	shift   int32 // from the window to the eight bytes
	start   int32 // from the window to the run
	pattern int32
}

// noPattern is that of a check which never passes: it makes lists even.
const noPattern = -1

// passes gives 1 if the run may stand where its window does, else 0: without a branch, as nobody
// could foretell which. Where not all of the eight bytes are in the text nothing is known.
func (c *check) passes(text []byte, window int) int {
	at := window + int(c.shift)
	if at < 0 || at+8 > len(text) {
		return 1
	}
	differ := binary.LittleEndian.Uint64(text[at:at+8])&c.mask ^ c.value
	return int((differ|-differ)>>63 ^ 1)
}

// list is a part of a filter's checks, an even number of them.
type list struct{ from, to int32 }

// candidates are places of windows that patterns have, in their order.
type candidates struct {
	n  int
	at [64]int
}

// suspect is a pattern that may stand at a place.
type suspect struct {
	check *check
	at    int
}

// filter finds the runs of all patterns in one pass. One table says, by the three bytes of a
// window, which groups of windows have them; another by the byte behind it which groups may go
// on with that. Where both agree on a group is a candidate: the patterns that have the window
// are compared.
//
// Windows are looked up at even places alone, which halves the work: each pattern has
// one window at an even distance from its run's beginning and one at an odd distance,
// and one of the two is at an even place wherever the run stands.
type filter struct {
	seen     [1 << packedBits]uint8 // by the packed bytes of a window
	next     [256]uint8             // by the byte behind it
	halves   nibbles                // the same as next
	known    [1 << knownBits]uint16 // by the hash of a packed window: which list
	lists    []list
	checks   []check
	wide     []check // of windows that stand for too many to be known by hash
	starts   []check // of windows that begin before what stands before their run
	ends     []check // of windows that hang over the end of it
	patterns []pattern
	spans    spans
}

const (
	windowSize = 3              // bytes in a row that are looked up
	lookedAt   = windowSize + 1 // and the one behind them
	packedBits = 6 * windowSize
	packedMask = 1<<packedBits - 1
	knownBits  = 14
	wideFrom   = 1 << 13 // packed windows that one of a pattern stands for
	mostGroups = 8       // bits of the tables

	firstWindow = -2   // from the beginning of a run
	sharedGroup = 0.15 // chance that another window of the group lets pass what stands behind
)

// newFilter chooses the windows of patterns, so that few places of ordinary content are candidates.
func newFilter(patterns []pattern, freq *frequency) *filter {
	f := &filter{patterns: patterns, lists: make([]list, 1)}
	best := make([][2]window, len(patterns))
	eachAtOnce(len(patterns), func(i int) { best[i] = patterns[i].windows(i, freq) })
	var windows []window
	for i := range patterns {
		if !f.spans.add(&patterns[i]) {
			windows = append(windows, best[i][:]...)
		}
	}
	groups := groupsOf(windows, freq)
	known := make([][]check, 1<<knownBits)
	for i := range windows {
		w, group := &windows[i], groups[i]
		for b := range w.sets[windowSize].all() {
			f.halves.add(b, group)
		}
		c := patterns[w.pattern].check(w.pattern, w.at)
		if w.at+lookedAt > len(patterns[w.pattern].run) {
			f.ends = append(f.ends, c)
		}
		if w.at < -1 {
			f.starts = append(f.starts, c)
		}
		all := w.packed()
		if all == nil {
			f.wide = append(f.wide, c)
			for i := range f.seen {
				f.seen[i] |= group
			}
		}
		for _, p := range all {
			f.seen[p] |= group
			h := packedHash(p)
			if l := known[h]; len(l) == 0 || l[len(l)-1] != c {
				known[h] = append(l, c)
			}
		}
	}
	slices.SortStableFunc(f.ends, func(a, b check) int { return cmp.Compare(a.shift, b.shift) })
	for b := range f.next {
		f.next[b] = f.halves.of(byte(b))
	}
	for h, checks := range known {
		if len(checks) > 0 {
			if len(checks)%2 == 1 {
				checks = append(checks, check{value: 1, pattern: noPattern})
			}
			f.known[h] = uint16(len(f.lists))
			f.lists = append(f.lists, list{int32(len(f.checks)), int32(len(f.checks) + len(checks))})
			f.checks = append(f.checks, checks...)
		}
	}
	return f
}

// check chooses the eight bytes of a run that say most.
func (p *pattern) check(number, window int) check {
	masks, values := make([]byte, len(p.run)), make([]byte, len(p.run))
	for i, set := range p.run {
		and, or := byte(0xff), byte(0)
		for b := range set.all() {
			and &= b
			or |= b
		}
		masks[i] = ^(and ^ or)
		values[i] = and & masks[i]
	}
	var best check
	for from := 0; from == 0 || from+8 <= len(p.run); from++ {
		c := check{pattern: int32(number), shift: int32(from - window), start: int32(-window)}
		for i := range min(8, len(p.run)-from) {
			c.mask |= uint64(masks[from+i]) << (8 * i)
			c.value |= uint64(values[from+i]) << (8 * i)
		}
		if from == 0 || bits.OnesCount64(c.mask) > bits.OnesCount64(best.mask) {
			best = c
		}
	}
	return best
}

// at reports whether the run stands in the text at a position.
func (p *pattern) at(text []byte, pos int) bool {
	if pos < 0 || pos+len(p.run) > len(text) {
		return false
	}
	for i := range p.run {
		if !p.run[i].has(text[pos+i]) {
			return false
		}
	}
	return true
}

// scan calls hit for each pattern and position where its run's window, the one that begins at
// an even place, lies in [from, to) of the text, in the order of the windows.
func (f *filter) scan(text []byte, from, to int, hit func(p *pattern, pos int)) {
	var found [lookupBytes / blockSize]uint32
	var c candidates
	i := from + from&1
	if i == 0 && to > 0 {
		f.verifyAll(f.starts, text, -2, hit)
	}
	for last := min(to, len(text)-lookupBehind); i+blockSize <= last; {
		size := min(lookupBytes, (last-i)&^(blockSize-1))
		for _, block := range found[:f.lookup(text[i:], size, &found)] {
			for at := i + int(block>>16); block&0xffff != 0; block &= block - 1 {
				if c.n == len(c.at) {
					f.compare(text, &c, hit)
				}
				c.at[c.n] = at + 2*bits.TrailingZeros16(uint16(block))
				c.n++
			}
		}
		i += size
	}
	f.compare(text, &c, hit)
	for ; i < to; i += 2 {
		if i+lookedAt > len(text) { // the window hangs over the end
			f.verifyAll(f.ends, text, i, hit)
		} else if w := pack(uint64(binary.LittleEndian.Uint32(text[i:]))) & packedMask; f.seen[w]&f.next[text[i+windowSize]] != 0 {
			c.n, c.at[0] = 1, i
			f.compare(text, &c, hit)
		}
	}
	f.spans.scan(text, from, to, hit)
}

// compare compares the patterns of candidates, and takes these away. Several go together, so that none
// waits for what is looked up for the one before.
func (f *filter) compare(text []byte, c *candidates, hit func(p *pattern, pos int)) {
	var lists [len(c.at)]list
	for i, at := range c.at[:c.n] {
		w := uint32(pack(uint64(binary.LittleEndian.Uint32(text[at:])))) & packedMask
		lists[i] = f.lists[f.known[packedHash(w)]]
	}
	var suspects [len(c.at)]suspect
	n := 0
	for i, at := range c.at[:c.n] {
		for checks := f.checks[lists[i].from:lists[i].to]; len(checks) >= 2; checks = checks[2:] {
			if n > len(suspects)-2 {
				f.verify(text, suspects[:n], hit)
				n = 0
			}
			suspects[n] = suspect{&checks[0], at}
			n += checks[0].passes(text, at)
			suspects[n] = suspect{&checks[1], at}
			n += checks[1].passes(text, at)
		}
		if len(f.wide) > 0 {
			f.verify(text, suspects[:n], hit)
			n = 0
			f.verifyAll(f.wide, text, at, hit)
		}
	}
	f.verify(text, suspects[:n], hit)
	c.n = 0
}

// verify looks at whole runs.
func (f *filter) verify(text []byte, suspects []suspect, hit func(p *pattern, pos int)) {
	for _, s := range suspects {
		if s.check.pattern == noPattern {
			continue
		}
		p := &f.patterns[s.check.pattern]
		if start := s.at + int(s.check.start); p.at(text, start) {
			hit(p, start)
		}
	}
}

// verifyAll is verify for each check that passes. It is for the edges of texts, which short texts consist
// of: there all that can be known is. Checks of the same bytes best come one after the other.
func (f *filter) verifyAll(checks []check, text []byte, at int, hit func(p *pattern, pos int)) {
	word, from := uint64(0), -1
	for i := range checks {
		c := &checks[i]
		if compares := at + int(c.shift); compares != from {
			if compares < 0 {
				continue // what it compares lies in the run
			}
			word, from = wordAt(text, compares), compares
		}
		if word&c.mask == c.value {
			f.verify(text, []suspect{{c, at}}, hit)
		}
	}
}

// wordAt gives the eight bytes at a place, with zeros for those behind the end of the text.
func wordAt(text []byte, at int) uint64 {
	if at+8 <= len(text) {
		return binary.LittleEndian.Uint64(text[at:])
	}
	if len(text) >= 8 {
		return binary.LittleEndian.Uint64(text[len(text)-8:]) >> (8 * min(8, at+8-len(text)))
	}
	var all [8]byte
	copy(all[:], text[min(at, len(text)):])
	return binary.LittleEndian.Uint64(all[:])
}
