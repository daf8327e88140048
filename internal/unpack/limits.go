package unpack

import (
	"fmt"
	"io"
)

// Limits bound what one archive may cost with all that is inside it. A zero field
// means its default.
type Limits struct {
	Depth   int   // archives inside each other; default 8
	Members int64 // default 1,000,000
	Bytes   int64 // unpacked, counted anew at each depth; default 16 GiB
	Ratio   int64 // unpacked to packed bytes, beyond the first 64 MiB; default 250
}

func (l Limits) orDefault() Limits {
	set := func(v *int64, d int64) {
		if *v == 0 {
			*v = d
		}
	}
	if l.Depth == 0 {
		l.Depth = 8
	}
	set(&l.Members, 1_000_000)
	set(&l.Bytes, 16<<30)
	set(&l.Ratio, 250)
	return l
}

// ratioFrom is how many bytes come out before the ratio counts.
const ratioFrom = 64 << 20

// stop ends the whole walk because a limit was reached.
type stop struct{ path, reason, detail string }

func (s stop) Error() string { return s.detail }

// unpacked counts what comes out of a decoder against the limits.
type unpacked struct {
	w  *walker
	r  io.Reader
	at string
}

func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	if lerr := u.w.count(u.at, int64(n)); lerr != nil {
		return n, lerr
	}
	return n, err
}

// count adds unpacked bytes.
func (w *walker) count(at string, n int64) error {
	w.bytes += n
	switch {
	case w.bytes > w.limits.Bytes:
		return stop{at, ReasonBytes, fmt.Sprintf("the archive unpacks to more than %d bytes", w.limits.Bytes)}
	case w.bytes > ratioFrom && w.bytes/w.limits.Ratio > w.packed.n:
		return stop{at, ReasonRatio, fmt.Sprintf("the archive unpacks to more than %d times its size", w.limits.Ratio)}
	}
	return nil
}
