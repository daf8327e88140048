package layers

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/imgaudit/imgaudit/internal/decompress"
)

// A layer's bytes pass through stages, each a goroutine of its own, so that one
// fat layer keeps several cores busy:
//
//	store (read, hash) → uncompress → hash → the reader's own goroutine
//
// An uncompressed layer needs only the first and the last. Between the stages run
// flows of blocks; each block has one owner at a time, and goes back to the pool
// when the last stage is done with it.

const flowBlocks = 2 // that wait between two stages

type block struct {
	buf  decompress.Buffer
	n    int
	used int64 // stored bytes that everything up to the end of this block was made of
}

func (b *block) data() []byte { return b.buf.Room()[:b.n] }

// flow carries blocks from one stage to the next.
type flow struct {
	blocks chan *block
	err    error // why it ended if not at the layer's end; set before blocks is closed
}

func newFlow() *flow { return &flow{blocks: make(chan *block, flowBlocks)} }

func (f *flow) end(err error) {
	f.err = err
	close(f.blocks)
}

// pipeline reads the bytes of one blob. Its Read gives them uncompressed.
type pipeline struct {
	ctx    context.Context
	stop   context.CancelCauseFunc
	limits Limits
	pool   *sync.Pool // of *block
	sums   *sumMeeting
	stages sync.WaitGroup
	told   progress

	compression string
	stored      atomic.Int64 // bytes read so far as they are stored
	digest      string       // set when the stages have ended, if all was read
	diffID      string
	tail        decompress.Tail // behind the compressed data

	in      *flow
	cur     *block
	left    []byte // of cur
	out     int64  // bytes that came out of the last stage
	used    int64  // stored bytes that they were made of
	limited bool   // a limit ended the reading
	given   int64  // bytes that Read has given
	err     error  // the end
	ended   bool   // the last stage has nothing more
	last512 [512]byte
}

// startPipeline sniffs body and starts the stages. Who calls it must call finish.
// stop ends ctx, and with it the stages.
func startPipeline(ctx context.Context, stop context.CancelCauseFunc, body io.Reader, limits Limits, pool *sync.Pool, sums *sumMeeting, told progress) *pipeline {
	p := &pipeline{ctx: ctx, stop: stop, limits: limits, pool: pool, sums: sums, told: told}
	head := make([]byte, decompress.SniffBytes)
	n, err := io.ReadFull(body, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		body = failing{err}
	}
	body = io.MultiReader(bytes.NewReader(head[:n]), body)
	p.compression = decompress.Sniff(head[:n])
	p.in = newFlow()
	if p.compression == decompress.None {
		p.stages.Go(func() { p.store(body, p.in) })
		return p
	}
	stored, plain, hashed := newFlow(), newFlow(), p.in
	p.stages.Go(func() { p.store(body, stored) })
	p.stages.Go(func() { p.uncompress(stored, plain) })
	p.stages.Go(func() { p.hash(plain, hashed) })
	return p
}

// store reads and hashes the bytes as they are stored.
func (p *pipeline) store(body io.Reader, to *flow) {
	sum := p.sums.newSum()
	for {
		b := p.block()
		var err error
		b.n, err = decompress.ReadFull(body, b.buf.Room())
		sum.write(b.data())
		b.used = p.stored.Add(int64(b.n))
		if serr := p.send(b, to); serr != nil {
			to.end(serr)
			return
		}
		switch {
		case err == io.EOF:
			p.digest = sum.digest()
			to.end(nil)
			return
		case err != nil:
			to.end(p.cutBySource(err))
			return
		}
	}
}

// uncompress turns stored bytes into plain ones. When the decoder fails it still
// draws what is left, so that the digest of the blob is known.
func (p *pipeline) uncompress(from, to *flow) {
	src := &flowReader{p: p, from: from}
	in := bufio.NewReaderSize(src, 64<<10)
	end := p.decode(src, in, to)
	to.end(end)
	for b := range from.blocks {
		p.pool.Put(b)
	}
}

func (p *pipeline) decode(src *flowReader, in *bufio.Reader, to *flow) (end error) {
	var out int64
	fail := func(err error) error {
		if src.err != nil { // the stored bytes ended early; what the decoder says follows from that
			return src.err
		}
		return cutByDecoder(p.compression, err, out)
	}
	defer func() {
		if v := recover(); v != nil { // a decoder that does not stand what a stranger wrote
			end = fail(fmt.Errorf("the decoder failed: %v", v))
		}
	}()
	d, err := decompress.New(p.compression, in)
	if err != nil {
		return fail(err)
	}
	defer d.Close()
	var last *block // the decoder looks back at it until the next one is full
	for {
		b := p.block()
		var err error
		b.n, err = d.Fill(&b.buf)
		out += int64(b.n)
		b.used = src.taken
		if last != nil {
			if serr := p.send(last, to); serr != nil {
				p.pool.Put(b)
				return serr
			}
		}
		last = b
		if err == nil {
			continue
		}
		if serr := p.send(last, to); serr != nil {
			return serr
		}
		if err == io.EOF {
			if _, err := io.Copy(&p.tail, d.Rest()); err != nil {
				return fail(err)
			}
			return nil
		}
		return fail(err)
	}
}

// hash takes the digest of the plain bytes as they pass.
func (p *pipeline) hash(from, to *flow) {
	sum := p.sums.newSum()
	var err error
	for b := range from.blocks {
		if err != nil {
			p.pool.Put(b)
			continue
		}
		sum.write(b.data())
		err = p.send(b, to)
	}
	if err == nil {
		err = from.err
	}
	if err == nil {
		p.diffID = sum.digest()
	}
	to.end(err)
}

// Read gives the plain bytes. It fills all of buf except at the end.
func (p *pipeline) Read(buf []byte) (int, error) {
	n := 0
	for n < len(buf) {
		if len(p.left) == 0 && !p.next() {
			break
		}
		c := copy(buf[n:], p.left)
		p.left = p.left[c:]
		n += c
	}
	if n == len(p.last512) {
		copy(p.last512[:], buf)
	}
	p.given += int64(n)
	if n == 0 && len(buf) > 0 {
		return 0, p.err
	}
	return n, nil
}

// peek gives plain bytes that lie ready, some of the next ones, without taking them;
// none at the end.
func (p *pipeline) peek() []byte {
	if len(p.left) == 0 {
		p.next()
	}
	return p.left
}

// take takes bytes that peek gave.
func (p *pipeline) take(n int) {
	p.left = p.left[n:]
	p.given += int64(n)
}

// next takes the next block, and holds what has come out against the limits.
func (p *pipeline) next() bool {
	if p.cur != nil {
		p.pool.Put(p.cur)
		p.cur = nil
	}
	if p.err != nil {
		return false
	}
	b, ok := <-p.in.blocks
	if !ok {
		p.ended = true
		p.err = p.in.err
		if p.err == nil {
			p.err = io.EOF
		}
		return false
	}
	p.cur, p.left = b, b.data()
	p.out += int64(b.n)
	p.used = b.used
	p.told.reading(p.stored.Load(), p.out)
	if c := p.limits.tooBig(p.out, p.used); c != nil {
		p.stop(c)
		p.limited = true
		p.err = c
		p.left = nil
		return false
	}
	return true
}

// finish ends all stages and waits for them. What was not read by then stays
// unread.
func (p *pipeline) finish() {
	if !p.ended {
		p.stop(errAbandoned)
	}
	if p.cur != nil {
		p.pool.Put(p.cur)
		p.cur, p.left = nil, nil
	}
	for b := range p.in.blocks {
		p.pool.Put(b)
	}
	p.stages.Wait()
	if p.compression == decompress.None {
		p.diffID = p.digest
	}
}

var errAbandoned = errors.New("the layer was abandoned")

func (p *pipeline) block() *block { return p.pool.Get().(*block) }

// send hands a block on, or takes it back when the layer was stopped. It does not
// block for long: every stage draws its flow to the end, whatever happens.
func (p *pipeline) send(b *block, to *flow) error {
	if b.n == 0 || p.ctx.Err() != nil {
		p.pool.Put(b)
		return context.Cause(p.ctx)
	}
	to.blocks <- b
	return nil
}

func (p *pipeline) cutBySource(err error) error {
	switch {
	case p.ctx.Err() != nil:
		return context.Cause(p.ctx)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &cut{reason: ReasonTruncated, err: err, detail: fmt.Sprintf("the source ended early: %v", err)}
	}
	return &cut{reason: ReasonReadError, err: err, detail: fmt.Sprintf("the source failed: %v", err)}
}

// flowReader reads a flow as bytes.
type flowReader struct {
	p     *pipeline
	from  *flow
	cur   *block
	left  []byte
	taken int64 // bytes of the blocks that were begun
	err   error // why the flow ended early
}

func (r *flowReader) Read(buf []byte) (int, error) {
	for len(r.left) == 0 {
		if r.cur != nil {
			r.p.pool.Put(r.cur)
			r.cur = nil
		}
		b, ok := <-r.from.blocks
		if !ok {
			if r.err = r.from.err; r.err != nil {
				return 0, r.err
			}
			return 0, io.EOF
		}
		r.cur, r.left = b, b.data()
		r.taken += int64(b.n)
	}
	n := copy(buf, r.left)
	r.left = r.left[n:]
	return n, nil
}

// failing gives an error that came early.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
