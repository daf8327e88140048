package lzma

// Sizes of the window, in bytes.
const (
	firstWindow = 64 << 10 // what a window begins with; it grows as it fills
	pieceBytes  = 64 << 10 // the most that is decoded in one go
	keptWindow  = 16 << 20 // the largest that is kept for another file
	slackBytes  = 32       // copies write up to 15 bytes more than they must
)

// window is the end of what was decoded, as far as matches may reach back: a ring once
// it has grown to its full size.
type window struct {
	buf  []byte
	most int  // what buf may grow to
	w    int  // where the next byte goes
	full bool // the ring was closed: what lies behind w is older output
}

// reset empties the window and sets how far matches may reach back.
func (d *window) reset(dictionary int64) {
	// The bytes that a copy writes too many, and the piece that is being handed over, are
	// beside the dictionary. Positions count modulo 16.
	d.most = int(dictionary+15)&^15 + pieceBytes + slackBytes
	if len(d.buf) > d.most {
		d.buf = d.buf[:d.most]
	} else if d.buf = d.buf[:min(cap(d.buf), d.most)&^15]; len(d.buf) < firstWindow {
		d.buf = make([]byte, firstWindow)
	}
	d.clear()
}

// clear forgets what was decoded.
func (d *window) clear() { d.w, d.full = 0, false }

// room makes room for at least one byte.
func (d *window) room() {
	switch {
	case d.w < len(d.buf):
	case len(d.buf) < d.most:
		grown := make([]byte, min(2*len(d.buf), d.most))
		copy(grown, d.buf)
		d.buf = grown
	default:
		d.w, d.full = 0, true
	}
}

// last is the byte that was decoded last; 0 if none was.
func (d *window) last() byte {
	switch {
	case d.w > 0:
		return d.buf[d.w-1]
	case d.full:
		return d.buf[len(d.buf)-1]
	}
	return 0
}

// holds reports whether a match may reach so far back.
func (d *window) holds(back int) bool {
	return back <= d.w || d.full && back <= len(d.buf)-pieceBytes-slackBytes
}

// copy repeats n bytes from so far back, byte by byte, which works wherever they lie.
func (d *window) copy(back, n int) {
	from := d.w - back
	if from < 0 {
		from += len(d.buf)
	}
	for range n {
		d.buf[d.w] = d.buf[from]
		d.w++
		if from++; from == len(d.buf) {
			from = 0
		}
	}
}
