package gitobj

import (
	"errors"
	"fmt"
)

// failures counts the deltas that were not resolved, by the reason.
type failures struct {
	corrupt, tooLarge, limit, notKept int64
	resolved                          int64
	example                           error // of a corrupt one
}

// open is a base on the way from a whole object to a delta.
type open struct {
	content []byte
	offsets int32 // the next delta that gives its base by offset
	names   int32 // the next that gives it by ID
	heavy   int32 // the delta that most others depend on, which comes last
}

// resolver goes through trees of deltas, depth first. A base's content is
// kept while deltas that start from it are left. Because the heaviest delta comes
// last, and the base is given up before it, at most as many contents are kept as the
// logarithm of the number of deltas, however deep a chain is.
type resolver struct {
	*packReader
	kind   Kind
	weight []int32 // how many deltas depend on a record, itself included
	path   []open
	kept   int64 // bytes of content in path
	free   [][]byte
	delta  []byte
}

func (p *packReader) resolve() {
	if p.deltas == 0 {
		return
	}
	r := &resolver{packReader: p, weight: p.weights()}
	for i, n := range p.whole {
		names, named := p.named[p.wholeID[i]]
		if !named {
			names = noRecord
		}
		if p.records[n].child == noRecord && !named {
			continue
		}
		if p.records[n].at < 0 || p.c.allow(p.records[n].size) != nil {
			continue // its deltas have no base: report counts them
		}
		delete(p.named, p.wholeID[i])
		r.kind = p.records[n].kind
		content, err := r.inflate(r.take(0), n)
		if err != nil {
			continue
		}
		r.push(content, p.records[n].child, names)
		r.run()
	}
}

// weights counts what depends on each record by offsets, which always point back.
func (p *packReader) weights() []int32 {
	w := make([]int32, len(p.records))
	for i := len(w) - 1; i >= 0; i-- {
		w[i]++
		if base := p.records[i].base; base != noRecord {
			w[base] += w[i]
		}
	}
	return w
}

// push opens a base that deltas start from.
func (r *resolver) push(content []byte, offsets, names int32) {
	o := open{content: content, offsets: offsets, names: names, heavy: noRecord}
	for _, first := range []int32{offsets, names} {
		for n := first; n != noRecord; n = r.records[n].next {
			if o.heavy == noRecord || r.weight[n] > r.weight[o.heavy] {
				o.heavy = n
			}
		}
	}
	r.kept += int64(cap(content))
	r.path = append(r.path, o)
}

// run resolves what depends on the open base.
func (r *resolver) run() {
	for len(r.path) > 0 {
		top := &r.path[len(r.path)-1]
		n := top.step(r.records)
		base := top.content
		last := n == noRecord
		if last {
			n = top.heavy
			r.kept -= int64(cap(base))
			r.path = r.path[:len(r.path)-1]
		}
		content, ok := r.one(n, base)
		if last {
			r.free = append(r.free, base)
		}
		if !ok {
			continue
		}
		id := r.ids.of(r.kind, content)
		r.c.object(r.sink, r.kind, id, content)
		r.failed.resolved++
		names, named := r.named[id]
		if named {
			delete(r.named, id)
		} else {
			names = noRecord
		}
		if r.records[n].child == noRecord && !named {
			r.free = append(r.free, content)
			continue
		}
		r.push(content, r.records[n].child, names)
	}
}

// step gives the next delta but the heaviest, or noRecord if that alone is left.
func (o *open) step(records []record) int32 {
	for _, list := range []*int32{&o.offsets, &o.names} {
		for *list != noRecord {
			n := *list
			*list = records[n].next
			if n != o.heavy {
				return n
			}
		}
	}
	return noRecord
}

// one applies a delta to its base. What fails is counted.
func (r *resolver) one(n int32, base []byte) (content []byte, ok bool) {
	if r.records[n].at < 0 {
		if r.records[n].size <= r.c.limits.Object {
			r.failed.notKept++
		}
		return nil, false
	}
	content, err := r.apply(n, base)
	switch {
	case err == nil:
		return content, true
	case errors.Is(err, errTooMuch):
		r.failed.limit++
	case errors.Is(err, errLarge):
		r.failed.tooLarge++
	default:
		r.failed.corrupt++
		if r.failed.example == nil {
			r.failed.example = fmt.Errorf("the object at byte %d: %w", r.records[n].offset, err)
		}
	}
	return nil, false
}

var errLarge = errors.New("larger than the limit")

func (r *resolver) apply(n int32, base []byte) (content []byte, err error) {
	if err := r.c.allow(r.records[n].size); err != nil {
		return nil, err
	}
	if r.delta, err = r.inflate(r.delta, n); err != nil {
		return nil, err
	}
	baseSize, size, instructions, err := deltaSizes(r.delta)
	if err != nil {
		return nil, err
	}
	if baseSize != int64(len(base)) {
		return nil, errors.New("applying the delta: its base has another size")
	}
	// The bound on what is kept holds for contents that wait for other deltas;
	// this one and its base are there in any case.
	if size > r.c.limits.Object || r.kept > r.c.limits.Bases {
		return nil, errLarge
	}
	if err := r.c.allow(size); err != nil {
		return nil, err
	}
	out, err := applyDelta(r.take(size), base, instructions, size)
	r.c.spend(int64(len(out)))
	if err != nil {
		r.free = append(r.free, out)
		return nil, err
	}
	return out, nil
}

// inflate gives a record's data anew.
func (r *resolver) inflate(buf []byte, n int32) ([]byte, error) {
	r.c.narrow.Reset(r.src.store.reader(r.records[n].at))
	r.c.z.reset(r.c.narrow)
	out, err := r.c.z.whole(buf, r.records[n].size)
	r.c.spend(int64(len(out)))
	return out, err
}

// maxFree is how many buffers wait for their next use.
const maxFree = 4

// take gives a buffer, of the given size if one is at hand.
func (r *resolver) take(size int64) []byte {
	if len(r.free) > maxFree {
		clear(r.free[maxFree:])
		r.free = r.free[:maxFree]
	}
	for i, b := range r.free {
		if int64(cap(b)) >= size {
			last := len(r.free) - 1
			r.free[i], r.free = r.free[last], r.free[:last]
			return b[:0]
		}
	}
	return make([]byte, 0, min(size, firstBytes))
}

// report leaves remarks about the deltas that were not resolved.
func (p *packReader) report() {
	f, path := p.failed, p.sink.path
	baseless := ReasonMissingBase
	if p.c.allow(1) != nil {
		baseless = ReasonLimit // resolving stopped before them
	}
	for _, r := range []struct {
		n              int64
		reason, detail string
	}{
		{f.corrupt, ReasonCorrupt, fmt.Sprint("deltas are damaged, among them ", f.example)},
		{f.tooLarge, ReasonTooLarge, fmt.Sprintf("objects or their deltas are larger than %d bytes, or their bases together than %d", p.c.limits.Object, p.c.limits.Bases)},
		{f.limit, ReasonLimit, errTooMuch.Error()},
		{f.notKept, ReasonTooLarge, fmt.Sprintf("deltas are beyond the first %d bytes of the pack", p.c.limits.Pack)},
		{p.deltas - f.resolved - f.corrupt - f.tooLarge - f.limit - f.notKept, baseless, "the bases of deltas are not in the pack, or were not read"},
	} {
		if r.n > 0 {
			p.c.remark(path, r.reason, r.detail, true, r.n)
		}
	}
}
