package secrets

import (
	"math"
	"math/bits"
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

// window is bytes of a pattern in a row that are looked up: three, and the one behind them.
type window struct {
	pattern, at int
	sets        [lookedAt]byteSet
	chance      float64 // of the three, as they look when they are packed
}

// windows gives the rarest windows of a run at an even and at an odd distance from its
// beginning.
func (p *pattern) windows(number int, freq *frequency) (best [2]window) {
	var last window
	var cost float64
	least := [2]float64{math.Inf(1), math.Inf(1)}
	for i := firstWindow; i < len(p.run); i++ {
		w := window{pattern: number, at: i, chance: last.chance}
		for j := range w.sets {
			w.sets[j] = p.set(i + j)
		}
		if w.sets != last.sets {
			var seen [windowSize]byteSet
			for j := range seen {
				seen[j] = w.sets[j].alike()
			}
			w.chance = freq.inRow(seen[:])
			cost = w.chance * (sharedGroup + (1-sharedGroup)*freq.chance(&w.sets[windowSize]))
		}
		if cost < least[i&1] {
			best[i&1], least[i&1] = w, cost
		}
		last = w
	}
	return best
}

// groupsOf puts windows together behind which much the same may stand.
func groupsOf(windows []window, freq *frequency) []uint8 {
	type group struct {
		behind       nibbleSet
		mass, chance float64 // of the windows, and of what stands behind them
	}
	var groups []group
	index := map[nibbleSet]int{}
	of := make([]int, len(windows))
	for i := range windows {
		behind := nibblesOf(&windows[i].sets[windowSize])
		n, ok := index[behind]
		if !ok {
			n = len(groups)
			index[behind] = n
			groups = append(groups, group{behind: behind, chance: behind.chance(freq)})
		}
		groups[n].mass += windows[i].chance
		of[i] = n
	}
	// The two that lose least by it are put together, until they are few.
	loss := make([][]float64, len(groups))
	lose := func(i int) {
		for j := range groups {
			a, b := &groups[i], &groups[j]
			q := a.behind.union(b.behind).chance(freq)
			loss[max(i, j)][min(i, j)] = (q-a.chance)*a.mass + (q-b.chance)*b.mass
		}
	}
	for i := range groups {
		loss[i] = make([]float64, len(groups))
	}
	for i := range groups {
		lose(i)
	}
	for len(groups) > mostGroups {
		x, y := 1, 0
		for i := range groups {
			for j := range i {
				if loss[i][j] < loss[x][y] {
					x, y = i, j
				}
			}
		}
		a, b, last := &groups[y], &groups[x], len(groups)-1
		a.behind, a.mass = a.behind.union(b.behind), a.mass+b.mass
		a.chance = a.behind.chance(freq)
		*b = groups[last]
		groups = groups[:last]
		for i, n := range of {
			switch n {
			case x:
				of[i] = y
			case last:
				of[i] = x
			}
		}
		lose(y)
		if x < last {
			lose(x)
		}
	}
	groupBits := make([]uint8, len(windows))
	for i, n := range of {
		groupBits[i] = 1 << n
	}
	return groupBits
}

// nibbleSet is a set of bytes by their lower and upper halves: it has all whose halves it has.
type nibbleSet struct{ lower, upper uint16 }

func nibblesOf(set *byteSet) (n nibbleSet) {
	for b := range set.all() {
		n.lower |= 1 << (b & 15)
		n.upper |= 1 << (b >> 4)
	}
	return n
}

func (n nibbleSet) union(o nibbleSet) nibbleSet {
	return nibbleSet{n.lower | o.lower, n.upper | o.upper}
}

func (n nibbleSet) chance(freq *frequency) (p float64) {
	for upper := n.upper; upper != 0; upper &= upper - 1 {
		for lower := n.lower; lower != 0; lower &= lower - 1 {
			p += freq.alone[bits.TrailingZeros16(upper)<<4|bits.TrailingZeros16(lower)]
		}
	}
	return p
}

// packed gives all that a window stands for; nil if that is too much.
func (w *window) packed() (all []uint32) {
	var sets [windowSize]byteSet
	n := 1
	for i := range sets {
		s := w.sets[i].alike()
		sets[i] = byteSet{s[0]&math.MaxUint32 | s[1]<<32}
		n *= sets[i].size()
	}
	if n > wideFrom {
		return nil
	}
	for x := range sets[0].all() {
		for y := range sets[1].all() {
			for z := range sets[2].all() {
				all = append(all, uint32(x)|uint32(y)<<6|uint32(z)<<12)
			}
		}
	}
	return all
}

// alike gives all bytes that look like a member when they are packed.
func (s *byteSet) alike() byteSet {
	small, large := s[0]|s[2], s[1]|s[3]
	small, large = small|bits.RotateLeft64(small, 32), large|bits.RotateLeft64(large, 32)
	return byteSet{small, large, small, large}
}
