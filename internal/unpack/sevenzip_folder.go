package unpack

// szFolder is a chain of coders, and the files in what comes out.
type szFolder struct {
	coders []szCoder
	feeds  map[int]int // a coder's input, by the coder whose output it is
	first  int         // number of its first packed stream
	packs  []int       // coders' inputs that are packed streams
	unpack []int64     // sizes of what the coders give
	sizes  []int64     // of the files
	crc    bool        // it has one CRC for all of it
}

type szCoder struct {
	id    string
	props []byte
}

func (r *szReader) folder() szFolder {
	var f szFolder
	coders := r.count()
	if coders == 0 || coders > 32 {
		r.bad = true
		return f
	}
	if coders > 1 {
		f.feeds = map[int]int{}
	}
	inputs := 0
	for range coders {
		c, in := r.coder()
		f.coders = append(f.coders, c)
		inputs += in
	}
	for range coders - 1 {
		in, out := r.index(inputs), r.index(coders)
		f.feeds[in] = out
	}
	f.packs = r.packs(inputs, inputs-(coders-1), f.feeds)
	return f
}

// coder reads one coder, and how many inputs it has.
func (r *szReader) coder() (szCoder, int) {
	flags := r.byte()
	c := szCoder{id: string(r.bytes(int(flags & 0x0f)))}
	in := 1
	if flags&0x10 != 0 {
		in = r.upTo(32)
		if out := r.upTo(32); in != 1 || out != 1 { // BCJ2 joins four streams
			c.id = "several streams: " + c.id
		}
	}
	if flags&0x20 != 0 {
		c.props = r.bytes(r.size())
	}
	if flags&0x80 != 0 {
		r.bad = true
	}
	return c, in
}

// packs reads which of the inputs are packed streams. A single one is not named: it is the
// input that no coder feeds.
func (r *szReader) packs(inputs, count int, feeds map[int]int) (packs []int) {
	switch {
	case count < 1 || count > 64:
		r.bad = true
	case count == 1:
		for i := range inputs {
			if _, fed := feeds[i]; !fed {
				return []int{i}
			}
		}
	default:
		for range count {
			packs = append(packs, r.index(inputs))
		}
	}
	return packs
}

// total is the size of what a folder unpacks to: what the coder gives that feeds no other.
func (f *szFolder) total() int64 {
	if last := f.last(); last >= 0 && last < len(f.unpack) {
		return f.unpack[last]
	}
	return -1
}

func (f *szFolder) last() int {
	feeding := map[int]bool{}
	for _, from := range f.feeds {
		feeding[from] = true
	}
	for i := range f.coders {
		if !feeding[i] {
			return i
		}
	}
	return -1
}
