package bzip2

import "bufio"

// CorruptError says what of the data is damaged. Data that end early give io.ErrUnexpectedEOF.
type CorruptError string

func (e CorruptError) Error() string { return "the bzip2 data are damaged: " + string(e) }

// What stands before a block, and behind the last one of a stream.
const (
	blockMagic = 0x314159265359
	endMagic   = 0x177245385090
	magicBits  = 48
)

// levelBytes is what a block may have for each level of compression.
const levelBytes = 100_000

// Reader decodes one file: a stream, or several behind each other. Make one with [NewReader].
type Reader struct {
	bits  bitReader
	began bool
	err   error

	limit     int    // bytes of a block, before runs are expanded
	streamSum uint32 // of the sums of the blocks so far
	wantedSum uint32 // that the block has by its header
	blockSum  checksum
	block     block
	runs      runs
	text      text
}

// NewReader gives a reader of a file. Input in larger pieces is faster: 4 KiB and more are
// good sizes of the buffer.
func NewReader(in *bufio.Reader) *Reader {
	r := &Reader{}
	r.Reset(in)
	return r
}

// Reset makes the reader as new, for another file.
func (r *Reader) Reset(in *bufio.Reader) {
	r.bits.reset(in)
	r.began, r.err = false, nil
	r.startBlock(0)
	r.text.left = 0
}

func (r *Reader) startBlock(sum uint32) {
	r.wantedSum, r.blockSum.sum = sum, 0
	r.runs = runs{last: noByte}
}

// Read implements [io.Reader]. It gives io.EOF when the data have ended and were whole.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for r.err == nil {
		if n := r.expand(p); n > 0 {
			r.blockSum.update(p[:n])
			return n, nil
		}
		if r.err = r.next(); r.err != nil {
			r.bits.giveBack()
		}
	}
	return 0, r.err
}

// expand fills p with what is left of the block, as far as that goes.
func (r *Reader) expand(p []byte) (n int) {
	for n < len(p) {
		piece := r.text.piece()
		if len(piece) == 0 && r.runs.repeats == 0 {
			break
		}
		wrote, read := r.runs.expand(p[n:], piece)
		r.text.take(read)
		n += wrote
	}
	return n
}

// next goes to the next block, of this stream or the one behind it, or gives io.EOF.
func (r *Reader) next() error {
	if !r.began {
		r.began = true
		return r.header()
	}
	if r.blockSum.value() != r.wantedSum {
		return CorruptError("wrong checksum of a block")
	}
	magic, err := r.bits.read(magicBits)
	if err != nil {
		return err
	}
	switch magic {
	case blockMagic:
		return r.nextBlock()
	case endMagic:
		return r.trailer()
	}
	return CorruptError("no block where one should begin")
}

// header reads the start of a stream.
func (r *Reader) header() error {
	magic, err := r.bits.read(16)
	if err != nil {
		return err
	}
	if magic != 'B'<<8|'Z' {
		return CorruptError("no bzip2 stream where one should begin")
	}
	kind, err := r.bits.read(8)
	if err != nil {
		return err
	}
	if kind != 'h' {
		return CorruptError("not compressed by Huffman codes")
	}
	level, err := r.bits.read(8)
	if err != nil {
		return err
	}
	if level < '1' || level > '9' {
		return CorruptError("no such level of compression")
	}
	r.limit = levelBytes * int(level-'0')
	r.streamSum = 0
	r.startBlock(0)
	return nil
}

// trailer reads the end of a stream and begins the next one, if any.
func (r *Reader) trailer() error {
	sum, err := r.bits.read(32)
	if err != nil {
		return err
	}
	if uint32(sum) != r.streamSum {
		return CorruptError("wrong checksum of the stream")
	}
	r.bits.align()
	if r.bits.n == 0 {
		_ = r.bits.fill(0)
	}
	if r.bits.n == 0 {
		return r.bits.err
	}
	return r.header()
}

// nextBlock decodes a block as far as its text, in which runs are still packed.
func (r *Reader) nextBlock() error {
	sum, err := r.bits.read(32)
	if err != nil {
		return err
	}
	r.startBlock(uint32(sum))
	r.streamSum = (r.streamSum<<1 | r.streamSum>>31) ^ uint32(sum)
	origin, err := r.block.header(&r.bits)
	if err != nil {
		return err
	}
	r.text.room(r.limit)
	n, err := r.block.decode(&r.bits, r.text.bytes, r.limit)
	if err != nil {
		return err
	}
	if origin >= n {
		return CorruptError("the origin lies outside the block")
	}
	r.text.unsort(n, origin, &r.block.count)
	return nil
}
