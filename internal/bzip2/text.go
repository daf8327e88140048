package bzip2

// The text of a block is what its bytes were before they were sorted. It is put together from
// pieces, since a row of the sorted rotations tells only which one the text goes on with: to
// follow one row to the next is to wait for memory each time. So the rows are followed from
// many places at once. Where one way comes to the start of another the text goes on there.
//
// A way writes its bytes to chunks. The sorted bytes are not needed any more when the links
// between the rows are made, so that the chunks lie in their place.

const (
	chunkBytes = 512
	maxStarts  = 128
	minStride  = 4096 // rows from one start to the next, at least
	lanes      = 16   // ways that are followed at the same time
)

// A link is what a row begins with (bits 0 to 7), whether the next row is a start, and the number
// of the next row, which begins one byte later.
const (
	linkStart = 1 << 8
	linkRow   = 9
)

// chunk is a part of bytes, and what comes behind it: a chunk, or a start if it is negative.
type chunk struct {
	from, to int
	next     int
}

// text is what is left of a block.
type text struct {
	bytes  []byte // first the sorted bytes, then the chunks
	links  []uint32
	chunks []chunk
	used   int // chunks
	limit  int // of a block

	origin int
	stride int
	starts []int // rows, ascending
	firsts []int // the first chunk of each start
	taken  int   // starts that have been followed

	left int // bytes that were not taken yet
	at   int // the chunk that they begin in
	from int // and where in it
}

// room makes room for a block.
func (t *text) room(limit int) {
	// Of each way two chunks may not be full: it begins anywhere in one, and ends so.
	n := (limit+chunkBytes-1)/chunkBytes + 2*(maxStarts+1)
	if len(t.chunks) < n {
		t.bytes, t.chunks = make([]byte, n*chunkBytes), make([]chunk, n)
	}
	t.limit, t.left = limit, 0
}

// unsort puts the text of n bytes together.
func (t *text) unsort(n, origin int, count *[256]uint32) {
	if len(t.links) < n {
		t.links = make([]uint32, min(2*n, t.limit))
	}
	t.setStarts(n, origin)
	t.link(n, count)
	t.used, t.taken = 0, 0
	t.follow()
	t.left, t.at = n, t.firsts[t.startOf(origin)]
	t.from = t.chunks[t.at].from
}

// setStarts chooses where the ways begin: at the origin, and at rows of the same distance.
func (t *text) setStarts(n, origin int) {
	t.origin, t.stride = origin, max(minStride, (n+maxStarts-1)/maxStarts)
	t.starts = t.starts[:0]
	for row := 0; row < n; row += t.stride {
		t.starts = append(t.starts, row)
		if origin > row && origin < row+t.stride {
			t.starts = append(t.starts, origin)
		}
	}
	t.firsts = append(t.firsts[:0], t.starts...)
}

// startOf gives the number of the start at a row.
func (t *text) startOf(row int) int {
	i := row / t.stride
	if row >= t.origin && t.origin%t.stride != 0 {
		i++
	}
	return i
}

// link makes the links. The rows that begin with the same byte have the order of those that they follow.
func (t *text) link(n int, count *[256]uint32) {
	var place [256]uint32
	sum := uint32(0)
	for b, c := range count {
		place[b] = sum
		sum += c
	}
	links := t.links[:n]
	for i, row := range t.starts {
		end := n
		if i+1 < len(t.starts) {
			end = t.starts[i+1]
		}
		b := t.bytes[row]
		links[place[b]] = uint32(row)<<linkRow | linkStart | uint32(b)
		place[b]++
		for k, b := range t.bytes[row+1 : end] {
			links[place[b]] = uint32(row+1+k)<<linkRow | uint32(b)
			place[b]++
		}
	}
}

// lane is one of the ways that are followed.
type lane struct {
	link  uint32 // to the row that comes next
	chunk int
	out   *[chunkBytes]byte
}

// follow follows all ways.
func (t *text) follow() {
	var all [lanes]lane
	active := all[:0]
	for len(active) < min(lanes, len(t.starts)) {
		active = append(active, t.begin(0))
	}
	for at := 0; len(active) > 0; {
		at = step(t.links, active, at)
		for i := len(active) - 1; i >= 0; i-- {
			if active[i].link&linkStart == 0 {
				continue
			}
			t.chunks[active[i].chunk].end(at, ^t.startOf(int(active[i].link>>linkRow)))
			if t.taken < len(t.starts) {
				active[i] = t.begin(at)
			} else {
				last := len(active) - 1
				active[i] = active[last]
				active = active[:last]
			}
		}
		if at == chunkBytes {
			at = 0
			t.goOn(active)
		}
	}
}

// step follows lanes by the same number of bytes, until their chunks are full or one comes to a start.
func step(links []uint32, all []lane, at int) int {
	for at < chunkBytes {
		met := uint32(0)
		for i := range all {
			l := &all[i]
			e := links[l.link>>linkRow]
			l.link = e
			l.out[at] = byte(e)
			met |= e
		}
		at++
		if met&linkStart != 0 {
			break
		}
	}
	return at
}

// begin makes a lane of the next start, at a place of a new chunk.
func (t *text) begin(at int) lane {
	l := lane{link: uint32(t.starts[t.taken]) << linkRow}
	t.newChunk(&l, at)
	t.firsts[t.taken] = l.chunk
	t.taken++
	return l
}

// goOn gives lanes new chunks behind those that are full.
func (t *text) goOn(all []lane) {
	for i := range all {
		full := &t.chunks[all[i].chunk]
		t.newChunk(&all[i], 0)
		full.end(chunkBytes, all[i].chunk)
	}
}

func (t *text) newChunk(l *lane, from int) {
	l.chunk, l.out = t.used, (*[chunkBytes]byte)(t.bytes[t.used*chunkBytes:])
	t.chunks[t.used].from = from
	t.used++
}

func (c *chunk) end(to, next int) { c.to, c.next = to, next }

// piece gives what comes next, or nothing at the end.
func (t *text) piece() []byte {
	if t.left == 0 {
		return nil
	}
	c := &t.chunks[t.at]
	for t.from == c.to {
		if t.at = c.next; t.at < 0 {
			t.at = t.firsts[^t.at]
		}
		c = &t.chunks[t.at]
		t.from = c.from
	}
	start := t.at * chunkBytes
	return t.bytes[start+t.from : start+min(c.to, t.from+t.left)]
}

// take takes what was used of a piece.
func (t *text) take(n int) {
	t.from += n
	t.left -= n
}
