package gitobj

import "hash/maphash"

// interner numbers values in the order they come: one number for equal ones. It takes
// about half the memory of a map, and hashes with a seed, because what it is given was
// written by strangers.
type interner[K comparable] struct {
	keys  []K
	slots []uint32 // number + 1; a power of two of them
	seed  maphash.Seed
}

func newInterner[K comparable]() *interner[K] {
	return &interner[K]{slots: make([]uint32, 64), seed: maphash.MakeSeed()}
}

// add gives the value's number, and whether it is new.
func (t *interner[K]) add(k K) (n uint32, fresh bool) {
	if 4*len(t.keys) >= 3*len(t.slots) {
		t.grow()
	}
	i := t.slot(k)
	if t.slots[i] != 0 {
		return t.slots[i] - 1, false
	}
	t.keys = append(t.keys, k)
	t.slots[i] = uint32(len(t.keys))
	return uint32(len(t.keys) - 1), true
}

// find gives the value's number, if it has one.
func (t *interner[K]) find(k K) (uint32, bool) {
	n := t.slots[t.slot(k)]
	return n - 1, n != 0
}

func (t *interner[K]) slot(k K) int {
	mask := len(t.slots) - 1
	for i := int(maphash.Comparable(t.seed, k)) & mask; ; i = (i + 1) & mask {
		if n := t.slots[i]; n == 0 || t.keys[n-1] == k {
			return i
		}
	}
}

func (t *interner[K]) grow() {
	t.slots = make([]uint32, 2*len(t.slots))
	for n, k := range t.keys {
		t.slots[t.slot(k)] = uint32(n + 1)
	}
}
