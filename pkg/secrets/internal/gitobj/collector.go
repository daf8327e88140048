package gitobj

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Limits bounds what a [Collector] takes on. A zero field is its default.
type Limits struct {
	// Object is how large an object is that is handed over in one piece, and the
	// largest that deltas are resolved from and to, in bytes. 64 MiB.
	Object int64
	// Pack is how many bytes of one pack are kept until its deltas are
	// resolved. 256 MiB.
	Pack int64
	// Bases is how many bytes of objects are kept for deltas that start from them. 256 MiB.
	Bases int64
	// Inflated is how many bytes are inflated or made by deltas in a layer. 64 GiB.
	Inflated int64
	// Objects is how many objects of a layer are read. 2,000,000.
	Objects int64
	// Facts is how many bytes the graphs of a layer take. 64 MiB.
	Facts int64
}

func (l Limits) orDefaults() Limits {
	return Limits{
		Object: cmp.Or(l.Object, 64<<20), Pack: cmp.Or(l.Pack, 256<<20), Bases: cmp.Or(l.Bases, 256<<20),
		Inflated: cmp.Or(l.Inflated, 64<<30), Objects: cmp.Or(l.Objects, 2_000_000), Facts: cmp.Or(l.Facts, 64<<20),
	}
}

// Hooks are told what is found, one call at a time, from inside the writers'
// Write and Close. A nil hook is not called.
type Hooks struct {
	// Object is handed each whole object of up to [Limits.Object] bytes. The content
	// is valid during the call. An object that lies in several files comes several times.
	Object func(o Object, content []byte)
	// Large begins a larger object, whose content is written to what it
	// returns. o.ID is set before Close is called, and stays empty if the object
	// turned out to be damaged. Where it returns nil there is a remark.
	Large func(o *Object) io.WriteCloser
	// Text is handed URLs of a repository's configuration that do not stand there
	// as they are, with their quotes and escapes undone. from is the file in the layer.
	Text func(repo, from string, text []byte)
}

// Collector reads the files of repositories in one layer. It reads one file at a time and is not safe
// for concurrent use.
type Collector struct {
	ctx    context.Context
	limits Limits
	hooks  Hooks
	ledger ledger
	budget budget
	repos  map[string]*graphBuilder
	excess *graphBuilder // stands for the repositories that do not fit the budget
	last   io.Closer     // the writer given out last

	inflated, objects int64

	// Readers and buffers that one file uses after the other.
	z       inflater
	wide    *bufio.Reader // for files as they stream by
	narrow  *bufio.Reader // for single objects
	content []byte
	scratch []byte
}

// New gives a collector for one layer. When the context ends, what was not read
// by then is left out, with a remark.
func New(ctx context.Context, limits Limits, hooks Hooks) *Collector {
	limits = limits.orDefaults()
	return &Collector{
		ctx: ctx, limits: limits, hooks: hooks,
		budget: budget{left: limits.Facts}, repos: map[string]*graphBuilder{}, excess: newGraphBuilder("", &budget{}),
		wide: bufio.NewReaderSize(nil, 64<<10), narrow: bufio.NewReaderSize(nil, 4<<10), scratch: make([]byte, 64<<10),
	}
}

// Facts is what one layer says about repositories.
type Facts struct {
	Graphs  []*Graph // by repository
	Remarks []Remark // by path and reason
}

// Facts closes the collector and gives what it found.
func (c *Collector) Facts() Facts {
	c.closeLast()
	var out Facts
	for name, g := range c.repos {
		if g.dropped > 0 {
			c.remark(name, ReasonLimit, fmt.Sprintf("facts of repositories take more than %d bytes; for some objects no commit can be told", c.limits.Facts), false, g.dropped)
		}
		if !g.empty() {
			out.Graphs = append(out.Graphs, g.facts())
		}
	}
	if n := c.excess.dropped; n > 0 {
		c.remark("", ReasonLimit, fmt.Sprintf("facts of repositories take more than %d bytes; some repositories have none", c.limits.Facts), false, n)
	}
	slices.SortFunc(out.Graphs, func(a, b *Graph) int { return cmp.Compare(a.Repo, b.Repo) })
	out.Remarks = c.ledger.sorted()
	return out
}

// File begins a file of the layer. It gives a writer for the content, which must
// be closed, or nil if the file is no part of a repository. The size is a hint.
// The writer's methods give no errors: what is wrong with a file is in the remarks.
func (c *Collector) File(path string, size int64) io.WriteCloser {
	at, ok := locate(path)
	if !ok {
		return nil
	}
	c.closeLast()
	w := c.begin(path, size, at)
	c.last = w
	return w
}

// closeLast ends a file that its caller left open.
func (c *Collector) closeLast() {
	if c.last != nil {
		_ = c.last.Close()
		c.last = nil
	}
}

// sink is where objects go, and the file they come from.
type sink struct {
	graph  *graphBuilder
	repo   string
	path   string
	format Format
}

func (c *Collector) begin(path string, size int64, at place) io.WriteCloser {
	switch at.part {
	case loosePart:
		return newFeed(func(r io.Reader) { c.readLoose(r, c.sink(path, at)) })
	case packPart:
		return newFeed(func(r io.Reader) { c.readPack(r, c.sink(path, at)) })
	case bundlePart:
		return newFeed(func(r io.Reader) { c.readBundle(r, path) })
	}
	return &held{
		buf: make([]byte, 0, min(max(size, 0), 4<<10)), most: c.limits.Object,
		whole: func(content []byte) { c.readState(path, at, content) },
		tooBig: func() {
			if at.sure {
				c.remark(path, ReasonTooLarge, fmt.Sprintf("the file has more than %d bytes", c.limits.Object), false, 0)
			}
		},
	}
}

func (c *Collector) sink(path string, at place) sink {
	g := c.repo(at.repo)
	s := sink{graph: g, repo: at.repo, path: path, format: formatOfName(at)}
	if s.format == Unknown {
		s.format = cmp.Or(g.graph.Format, SHA1)
	}
	return s
}

// repoCost is what an empty graph takes, in bytes.
const repoCost = 2 << 10

func (c *Collector) repo(name string) *graphBuilder {
	if g := c.repos[name]; g != nil {
		return g
	}
	if !c.budget.spend(repoCost + len(name)) {
		return c.excess
	}
	g := newGraphBuilder(name, &c.budget)
	c.repos[name] = g
	return g
}

// readState reads a file that holds no objects.
func (c *Collector) readState(path string, at place, content []byte) {
	g := c.repo(at.repo)
	var err error
	switch at.part {
	case indexPart:
		err = g.index(path, content)
	case refPart:
		err = g.ref(path, at.name, content)
	case fetchHeadPart:
		err = g.fetchHead(path, at.name, content)
	case packedRefsPart:
		err = g.packedRefs(path, content)
	case logPart:
		err = g.log(path, at.name, content)
	case shallowPart:
		err = g.shallow(content)
	case alternatesPart:
		g.alternates(content)
	case configPart:
		c.readConfig(g, path, content)
	case reftablePart:
		c.remark(path, ReasonReftable, "refs in the reftable format are not read; what they reach is not known", false, 0)
	}
	if err != nil && at.sure {
		c.remark(path, ReasonCorrupt, err.Error(), false, 0)
	}
}

func (c *Collector) readConfig(g *graphBuilder, path string, content []byte) {
	cfg := parseConfig(content)
	if g.graph.Format == Unknown {
		g.graph.Format = cfg.format
	}
	for _, u := range cfg.urls {
		g.keepRemote(u)
		if c.hooks.Text != nil && !bytes.Contains(content, u) {
			c.hooks.Text(g.graph.Repo, path, u)
		}
	}
}

// object hands an object on and keeps its facts.
func (c *Collector) object(to sink, k Kind, id ID, content []byte) {
	c.objects++
	if err := to.graph.object(k, id, to.format, content); err != nil {
		c.remark(to.path, ReasonCorrupt, err.Error(), false, 1)
	}
	if c.hooks.Object != nil {
		c.hooks.Object(Object{Repo: to.repo, ID: id.hex(to.format), Kind: k, Size: int64(len(content)), From: to.path}, content)
	}
}

// large hands an object of more than [Limits.Object] bytes on in pieces, as the
// inflater gives them.
func (c *Collector) large(to sink, k Kind, size int64, ids *idHash) (ID, error) {
	c.objects++
	o := &Object{Repo: to.repo, Kind: k, Size: size, From: to.path}
	var w io.WriteCloser
	if c.hooks.Large != nil {
		w = c.hooks.Large(o)
	}
	ids.begin(k, size)
	out := largeWriter{ids: ids, w: w}
	err := c.z.copyTo(&out, c.scratch, size)
	c.spend(out.n)
	var id ID
	if err == nil {
		id = ids.sum()
		o.ID = id.hex(to.format)
	}
	if w != nil {
		out.err = cmp.Or(out.err, w.Close())
	}
	if err == nil && (w == nil || out.err != nil) {
		c.remark(to.path, ReasonTooLarge, fmt.Sprintf("objects have more than %d bytes", c.limits.Object), true, 1)
	}
	return id, err
}

// largeWriter hashes what it hands on. That the receiver fails does not end the
// reading: what follows in a pack is still wanted.
type largeWriter struct {
	ids *idHash
	w   io.Writer
	n   int64
	err error
}

func (l *largeWriter) Write(p []byte) (int, error) {
	l.n += int64(len(p))
	_, _ = l.ids.h.Write(p)
	if l.w != nil && l.err == nil {
		_, l.err = l.w.Write(p)
	}
	return len(p), nil
}

var errTooMuch = errors.New("the layer has more objects, or more bytes in them, than the limits allow")

// allow tells whether n more bytes may be inflated.
func (c *Collector) allow(n int64) error {
	if err := c.ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", errTooMuch, err)
	}
	if c.objects >= c.limits.Objects || n > c.limits.Inflated-c.inflated {
		return errTooMuch
	}
	return nil
}

func (c *Collector) spend(n int64) { c.inflated += n }

func (c *Collector) remark(path, reason, detail string, gap bool, objects int64) {
	c.ledger.add(Remark{Path: path, Reason: reason, Detail: detail, Gap: gap, Objects: objects})
}
