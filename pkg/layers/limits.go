package layers

import (
	"cmp"
	"fmt"
	"math"
	"sync/atomic"
)

// The defaults of [Limits].
const (
	defaultEntries     = 5_000_000
	defaultBytes       = 64 << 30
	defaultRatio       = 250
	defaultNameLength  = 64 << 10
	defaultHeaderBytes = 1 << 20
	defaultIndexBytes  = 1 << 30
	defaultDocument    = 8 << 20
)

// ratioFreeBytes may come out of a layer before its ratio is looked at, so that
// a small layer of zeros is no bomb.
const ratioFreeBytes = 256 << 20

// filled gives the limits with defaults for what is zero and the largest number
// for what is negative.
func (l Limits) filled() Limits {
	l.Entries = limit(l.Entries, defaultEntries, math.MaxInt64)
	l.Bytes = limit(l.Bytes, defaultBytes, math.MaxInt64)
	l.Ratio = limit(l.Ratio, defaultRatio, math.MaxFloat64)
	l.NameLength = limit(l.NameLength, defaultNameLength, math.MaxInt)
	l.HeaderBytes = limit(l.HeaderBytes, defaultHeaderBytes, math.MaxInt64)
	l.IndexBytes = limit(l.IndexBytes, defaultIndexBytes, math.MaxInt64)
	l.Document = limit(l.Document, defaultDocument, math.MaxInt64)
	return l
}

func limit[T cmp.Ordered](v, byDefault, unlimited T) T {
	var zero T
	switch {
	case v == zero:
		return byDefault
	case v < zero:
		return unlimited
	}
	return v
}

// tooBig says whether a layer has given more than it may: out bytes of stored.
func (l Limits) tooBig(out, stored int64) *cut {
	switch {
	case out > l.Bytes:
		return &cut{reason: ReasonLimitBytes, detail: fmt.Sprintf(
			"the layer holds more than %d bytes uncompressed and was not read further; raise the limit on bytes of one layer (Limits.Bytes)", l.Bytes)}
	case l.inflates(out, stored):
		return &cut{reason: ReasonLimitRatio, detail: fmt.Sprintf(
			"the layer grows more than %g times when it is uncompressed and was not read further, as a decompression bomb would; raise the limit on the ratio (Limits.Ratio)", l.Ratio)}
	}
	return nil
}

func (l Limits) inflates(out, stored int64) bool {
	return out > ratioFreeBytes && float64(out) > l.Ratio*float64(stored)
}

// budget is the memory that the layers of one walk share for their indexes.
type budget struct{ left atomic.Int64 }

func newBudget(bytes int64) *budget {
	b := &budget{}
	b.left.Store(bytes)
	return b
}

// take reports whether there is room for so many bytes more.
func (b *budget) take(bytes int64) bool {
	if b.left.Add(-bytes) < 0 {
		b.left.Add(bytes)
		return false
	}
	return true
}

// cut is why the reading of a layer ended before its end. It becomes a gap.
type cut struct {
	reason string
	detail string
	err    error // what caused it, if anything
}

func (c *cut) Error() string { return c.detail }
func (c *cut) Unwrap() error { return c.err }

func (c *cut) gap() Remark { return Remark{Reason: c.reason, Detail: c.detail} }
