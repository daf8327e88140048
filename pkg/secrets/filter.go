package secrets

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// windowSize is how many bytes in a row the filter looks up.
const windowSize = 3

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

// list is a part of a filter's checks.
type list struct{ from, to int }

// filter finds the runs of all patterns in one pass. Tables say for each byte in which
// buckets it may be the first, second or third byte of a window. A bucket that all
// three agree on is a candidate: its bytes are looked up in a table of windows, and the patterns that
// have it are compared.
//
// Windows are looked up at even places alone, which halves the work: each pattern has
// one window at an even distance from its run's beginning and one at an odd distance,
// and one of the two is at an even place wherever the run stands.
type filter struct {
	tables   [windowSize][256]uint64
	known    [1 << knownBits]uint16 // by the hash of a window: which list
	lists    []list
	checks   []check
	wide     [64][]check // by bucket, of windows that stand for too many to be known by hash
	isWide   uint64      // buckets that have some
	ends     []check     // of windows that hang over the end of their run
	patterns []pattern
	spans    spans
}

const (
	knownBits = 12
	wideFrom  = 100 // windows that one of a pattern stands for
)

// set gives the set of bytes at a place of the run, or beside it.
func (p *pattern) set(i int) byteSet {
	switch {
	case i >= 0 && i < len(p.run):
		return p.run[i]
	case i == -1:
		return p.before
	case i == len(p.run):
		return p.after
	}
	return allBytes()
}

// window is three bytes of a pattern in a row that are looked up.
type window struct {
	pattern, at int
	sets        [windowSize]byteSet
	chance      float64
}

// windows gives the rarest windows of a run at an even and at an odd distance from its
// beginning.
func (p *pattern) windows(number int, freq *frequency) (best [2]window) {
	last := window{}
	for i := -1; i < len(p.run); i++ {
		w := window{pattern: number, at: i, sets: [windowSize]byteSet{p.set(i), p.set(i + 1), p.set(i + 2)}}
		if w.chance = last.chance; w.sets != last.sets {
			w.chance = freq.inRow(w.sets[:])
		}
		if i < 1 || w.chance < best[i&1].chance {
			best[i&1] = w
		}
		last = w
	}
	return best
}

// newFilter spreads the windows of patterns over 64 buckets, so that few places of
// ordinary content are candidates.
func newFilter(patterns []pattern, freq *frequency) *filter {
	f := &filter{patterns: patterns, lists: make([]list, 1)}
	var windows []window
	for i := range patterns {
		if len(patterns[i].run) >= shortestSpan {
			f.spans.add(&patterns[i])
			continue
		}
		best := patterns[i].windows(i, freq)
		windows = append(windows, best[:]...)
	}
	// The commonest first: they get buckets of their own.
	slices.SortStableFunc(windows, func(a, b window) int { return cmp.Compare(b.chance, a.chance) })
	var buckets buckets
	var known [1 << knownBits][]check
	for i := range windows {
		w := &windows[i]
		bucket := buckets.add(w, freq)
		for j, set := range w.sets {
			for b := range set.all() {
				f.tables[j][b] |= 1 << bucket
			}
		}
		c := patterns[w.pattern].check(w.pattern, w.at)
		if hashes := windowHashes(&w.sets); hashes == nil {
			f.wide[bucket] = append(f.wide[bucket], c)
			f.isWide |= 1 << bucket
		} else {
			for _, h := range hashes {
				known[h] = append(known[h], c)
			}
		}
		if w.at+windowSize > len(patterns[w.pattern].run) {
			f.ends = append(f.ends, c)
		}
	}
	for h, checks := range known {
		if len(checks) > 0 {
			f.known[h] = uint16(len(f.lists))
			f.lists = append(f.lists, list{len(f.checks), len(f.checks) + len(checks)})
			f.checks = append(f.checks, checks...)
		}
	}
	return f
}

// buckets are what the windows in each bucket let pass together, and how likely that is.
type buckets struct {
	sets   [64][windowSize]byteSet
	chance [64]float64
	guess  [64]float64 // the same if bytes were independent of each other
}

// triedBuckets is how many buckets are compared in earnest for a window, after a guess at all.
const triedBuckets = 6

// add gives a window the bucket in which it makes the least of new candidates.
func (s *buckets) add(w *window, freq *frequency) int {
	type option struct {
		bucket int
		cost   float64
	}
	var tried []option
	empty := -1
	for b := range s.sets {
		if s.chance[b] == 0 {
			empty = b
			break // all further ones are empty too
		}
		with := 1.0
		for j := range s.sets[b] {
			both := s.sets[b][j].union(&w.sets[j])
			with *= freq.chance(&both)
		}
		tried = append(tried, option{b, with - s.guess[b]})
	}
	slices.SortStableFunc(tried, func(a, b option) int { return cmp.Compare(a.cost, b.cost) })
	best := option{empty, w.chance}
	if empty < 0 {
		best.cost = math.Inf(1)
	}
	for _, t := range tried[:min(len(tried), triedBuckets)] {
		var both [windowSize]byteSet
		for j := range both {
			both[j] = s.sets[t.bucket][j].union(&w.sets[j])
		}
		if cost := freq.inRow(both[:]) - s.chance[t.bucket]; cost < best.cost {
			best = option{t.bucket, cost}
		}
	}
	s.guess[best.bucket] = 1
	for j := range w.sets {
		set := &s.sets[best.bucket][j]
		*set = set.union(&w.sets[j])
		s.guess[best.bucket] *= freq.chance(set)
	}
	s.chance[best.bucket] = max(s.chance[best.bucket]+best.cost, math.SmallestNonzeroFloat64)
	return best.bucket
}

// windowHashes gives the hashes of all that a window stands for; nil if that is too much.
func windowHashes(sets *[windowSize]byteSet) (hashes []uint32) {
	if sets[0].size()*sets[1].size()*sets[2].size() > wideFrom {
		return nil
	}
	for x := range sets[0].all() {
		for y := range sets[1].all() {
			for z := range sets[2].all() {
				if h := windowHash(x, y, z); !slices.Contains(hashes, h) {
					hashes = append(hashes, h)
				}
			}
		}
	}
	return hashes
}

// windowHash is the same for capitals and small letters.
func windowHash(x, y, z byte) uint32 {
	return (uint32(x|0x20) | uint32(y|0x20)<<8 | uint32(z|0x20)<<16) * 0x9E3779B1 >> (32 - knownBits)
}

// check chooses the eight bytes of a run that say most.
func (p *pattern) check(number, window int) check {
	masks, values := make([]byte, len(p.run)), make([]byte, len(p.run))
	for i, set := range p.run {
		and, or := byte(0xff), byte(0)
		for b := range 256 {
			if set.has(byte(b)) {
				and &= byte(b)
				or |= byte(b)
			}
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
	t0, t1, t2 := &f.tables[0], &f.tables[1], &f.tables[2]
	i := from + from&1
	for rest := text[min(i, len(text)):]; len(rest) >= 16 && i+8 <= to; rest, i = rest[8:], i+8 {
		b := (*[16]byte)(rest)
		m := t0[b[0]] & t1[b[1]] & t2[b[2]]
		m |= t0[b[2]] & t1[b[3]] & t2[b[4]]
		m |= t0[b[4]] & t1[b[5]] & t2[b[6]]
		m |= t0[b[6]] & t1[b[7]] & t2[b[8]]
		if m != 0 {
			f.block(text, i, hit)
		}
	}
	for ; i < to; i += 2 {
		if i+windowSize > len(text) { // the window hangs over the end
			f.verify(f.ends, text, i, hit)
		} else if m := t0[text[i]] & t1[text[i+1]] & t2[text[i+2]]; m != 0 {
			f.candidate(text, i, m, hit)
		}
	}
	f.spans.scan(text, from, to, hit)
}

// block looks at the four places of a block that has a candidate.
func (f *filter) block(text []byte, at int, hit func(p *pattern, pos int)) {
	b := (*[16]byte)(text[at:])
	m := [4]uint64{
		f.tables[0][b[0]] & f.tables[1][b[1]] & f.tables[2][b[2]],
		f.tables[0][b[2]] & f.tables[1][b[3]] & f.tables[2][b[4]],
		f.tables[0][b[4]] & f.tables[1][b[5]] & f.tables[2][b[6]],
		f.tables[0][b[6]] & f.tables[1][b[7]] & f.tables[2][b[8]],
	}
	// Which of them it is cannot be foretold, so that no branch depends on it.
	var set uint
	for i := range m {
		set |= uint((m[i]|-m[i])>>63) << i
	}
	for ; set != 0; set &= set - 1 {
		i := bits.TrailingZeros(set) & 3
		f.candidate(text, at+2*i, m[i], hit)
	}
}

func (f *filter) candidate(text []byte, at int, buckets uint64, hit func(p *pattern, pos int)) {
	b := (*[windowSize]byte)(text[at:])
	n := f.known[windowHash(b[0], b[1], b[2])]
	if buckets &= f.isWide; n == 0 && buckets == 0 {
		return
	}
	l := f.lists[n]
	f.verify(f.checks[l.from:l.to], text, at, hit)
	for ; buckets != 0; buckets &= buckets - 1 {
		f.verify(f.wide[bits.TrailingZeros64(buckets)], text, at, hit)
	}
}

func (f *filter) verify(list []check, text []byte, pos int, hit func(p *pattern, pos int)) {
	for i := range list {
		c := &list[i]
		if at := pos + int(c.shift); at >= 0 && at+8 <= len(text) &&
			(binary.LittleEndian.Uint64(text[at:])^c.value)&c.mask != 0 {
			continue
		}
		p := &f.patterns[c.pattern]
		if start := pos + int(c.start); p.at(text, start) {
			hit(p, start)
		}
	}
}
