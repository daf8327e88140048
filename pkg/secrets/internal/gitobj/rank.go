package gitobj

import (
	"bytes"
	"cmp"
	"container/heap"
)

// ranked orders commits: parents before children, otherwise the older first.
func (r *Repo) ranked() []int32 {
	waits := make([]int32, len(r.commits)) // for so many parents
	children := make([][]int32, len(r.commits))
	for i, c := range r.commits {
		for _, p := range c.Parents {
			if parent, ok := r.commit[p]; ok {
				children[parent] = append(children[parent], int32(i))
				waits[i]++
			}
		}
	}
	ready := &oldestFirst{repo: r}
	for i, n := range waits {
		if n == 0 {
			heap.Push(ready, int32(i))
		}
	}
	order := make([]int32, 0, len(r.commits))
	for ready.Len() > 0 {
		c := heap.Pop(ready).(int32)
		order = append(order, c)
		for _, child := range children[c] {
			if waits[child]--; waits[child] == 0 {
				heap.Push(ready, child)
			}
		}
	}
	return order
}

// oldestFirst is a heap of commits.
type oldestFirst struct {
	repo *Repo
	list []int32
}

func (h *oldestFirst) Len() int      { return len(h.list) }
func (h *oldestFirst) Swap(i, j int) { h.list[i], h.list[j] = h.list[j], h.list[i] }
func (h *oldestFirst) Push(c any)    { h.list = append(h.list, c.(int32)) }

func (h *oldestFirst) Pop() any {
	last := len(h.list) - 1
	c := h.list[last]
	h.list = h.list[:last]
	return c
}

func (h *oldestFirst) Less(i, j int) bool {
	a, b := h.repo.commits[h.list[i]], h.repo.commits[h.list[j]]
	ids := h.repo.ids.keys
	return cmp.Or(cmp.Compare(a.Date, b.Date), bytes.Compare(ids[a.ID][:], ids[b.ID][:])) < 0
}
