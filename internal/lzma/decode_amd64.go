package lzma

// What ended the fast loop.
const (
	fastOver    = iota // there is not enough room, or input, for any symbol
	matchBeyond        // a match of n bytes begins behind the end of the ring, or too far back
	markerRead
	dataCorrupt
)

// fastState is what the fast loop gets beside the decoder, and gives back.
type fastState struct {
	pos     int // in the input
	stop    int // how far the input may have been read when a symbol begins
	limit   int // where no symbol begins any more in the window
	n       int // what is left of a match
	outcome int
}

//go:noescape
func decodeFast(d *decoder, in *input, s *fastState)

// fast decodes symbols while there is room for the longest of them, and gives where the input stands
// then. What is pending then is a match that the window holds.
func (d *decoder) fast(in *input, pos, stop, limit int) (int, error) {
	s := fastState{pos: pos, stop: stop, limit: min(limit, len(d.buf)-slackBytes) - maxMatch}
	if d.w == 0 || d.w >= s.limit {
		return pos, nil
	}
	decodeFast(d, in, &s)
	switch s.outcome {
	case markerRead:
		return s.pos, errMarker
	case dataCorrupt:
		return s.pos, errCorrupt
	case matchBeyond:
		if !d.holds(int(d.rep0) + 1) {
			return s.pos, errCorrupt
		}
		d.pending = s.n
	}
	return s.pos, nil
}
