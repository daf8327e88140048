package secrets

import (
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
	window  int
	targets []target
}

// check is the quick comparison of a candidate: eight bytes at once.
type check struct {
	mask    uint64 // bits that are the same in all members of a set
	value   uint64
	shift   int32 // from the window to the eight bytes
	pattern int32
}

// filter finds the runs of all patterns in one pass: three tables say for each
// byte in which buckets it may be the first, second or third byte of a window.
// A bucket that all three agree on is a candidate, and is compared.
type filter struct {
	tables   [windowSize][256]uint64
	buckets  [64][]check
	patterns []pattern
	longest  int // run
}

// newFilter spreads the patterns over 64 buckets, so that few windows of
// ordinary content are candidates.
func newFilter(patterns []pattern, freq *frequency) *filter {
	f := &filter{patterns: patterns}
	type bucket struct {
		sets   [windowSize]byteSet
		chance float64
	}
	var buckets [64]bucket
	chance := func(sets *[windowSize]byteSet) float64 {
		q := 1.0
		for i := range sets {
			q *= freq.chance(&sets[i])
		}
		return q
	}
	windows := make([][windowSize]byteSet, len(patterns))
	order := make([]int, len(patterns))
	weight := make([]float64, len(patterns))
	for i := range patterns {
		p := &patterns[i]
		f.longest = max(f.longest, len(p.run))
		for j := range windowSize {
			windows[i][j] = allBytes()
			if p.window+j < len(p.run) {
				windows[i][j] = p.run[p.window+j]
			}
		}
		order[i], weight[i] = i, chance(&windows[i])
	}
	// The commonest first: they get buckets of their own.
	slices.SortStableFunc(order, func(a, b int) int {
		return -compareFloat(weight[a], weight[b])
	})
	for _, i := range order {
		best, bestCost := 0, math.Inf(1)
		var bestSets [windowSize]byteSet
		for b := range buckets {
			sets := windows[i]
			if buckets[b].chance > 0 {
				for j := range sets {
					sets[j] = sets[j].union(&buckets[b].sets[j])
				}
			}
			cost := chance(&sets) - buckets[b].chance
			if cost < bestCost {
				best, bestCost, bestSets = b, cost, sets
			}
			if buckets[b].chance == 0 {
				break // all further ones are empty too
			}
		}
		buckets[best].sets, buckets[best].chance = bestSets, buckets[best].chance+bestCost
		f.buckets[best] = append(f.buckets[best], patterns[i].check(i))
	}
	for b := range buckets {
		for j := range windowSize {
			for c := range 256 {
				if len(f.buckets[b]) > 0 && buckets[b].sets[j].has(byte(c)) {
					f.tables[j][c] |= 1 << b
				}
			}
		}
	}
	return f
}

func compareFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// check chooses the eight bytes of a run that say most.
func (p *pattern) check(number int) check {
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
		c := check{pattern: int32(number), shift: int32(from - p.window)}
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

// scan calls hit for each pattern and position where its run's window lies in
// [from, to) of the text, in the order of the windows.
func (f *filter) scan(text []byte, from, to int, hit func(p *pattern, pos int)) {
	t0, t1, t2 := &f.tables[0], &f.tables[1], &f.tables[2]
	i := from
	for stop := min(to, len(text)-windowSize+1) - 8; i <= stop && i+16 <= len(text); i += 8 {
		block := text[i : i+16]
		v := binary.LittleEndian.Uint64(block)
		w := binary.LittleEndian.Uint64(block[8:])
		b0, b1, b2, b3 := byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
		b4, b5, b6, b7 := byte(v>>32), byte(v>>40), byte(v>>48), byte(v>>56)
		b8, b9 := byte(w), byte(w>>8)
		m0 := t0[b0] & t1[b1] & t2[b2]
		m1 := t0[b1] & t1[b2] & t2[b3]
		m2 := t0[b2] & t1[b3] & t2[b4]
		m3 := t0[b3] & t1[b4] & t2[b5]
		m4 := t0[b4] & t1[b5] & t2[b6]
		m5 := t0[b5] & t1[b6] & t2[b7]
		m6 := t0[b6] & t1[b7] & t2[b8]
		m7 := t0[b7] & t1[b8] & t2[b9]
		if m0|m1|m2|m3|m4|m5|m6|m7 == 0 {
			continue
		}
		for k, m := range [8]uint64{m0, m1, m2, m3, m4, m5, m6, m7} {
			if m != 0 {
				f.verify(text, i+k, m, hit)
			}
		}
	}
	// The end of the text, where a window may hang over.
	for ; i < to; i++ {
		m := t0[text[i]]
		for j := 1; j < windowSize; j++ {
			if i+j < len(text) {
				m &= f.tables[j][text[i+j]]
			}
		}
		if m != 0 {
			f.verify(text, i, m, hit)
		}
	}
}

func (f *filter) verify(text []byte, pos int, buckets uint64, hit func(p *pattern, pos int)) {
	for ; buckets != 0; buckets &= buckets - 1 {
		for _, c := range f.buckets[bits.TrailingZeros64(buckets)] {
			if at := pos + int(c.shift); at >= 0 && at+8 <= len(text) &&
				(binary.LittleEndian.Uint64(text[at:])^c.value)&c.mask != 0 {
				continue
			}
			p := &f.patterns[c.pattern]
			if start := pos - p.window; p.at(text, start) {
				hit(p, start)
			}
		}
	}
}
