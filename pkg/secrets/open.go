package secrets

import (
	"errors"
	"io"
	"path"

	"github.com/imgaudit/imgaudit/internal/unpack"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// opener takes the content of one file. By its first bytes it decides whether the file is
// scanned as it is or opened as an archive.
type opener struct {
	f    *feeder
	file *fileScan
	size int64
	head []byte
	to   io.WriteCloser
}

func (o *opener) Write(p []byte) (int, error) {
	if o.to != nil {
		return o.to.Write(p)
	}
	if len(o.head) == 0 && (len(p) >= unpack.HeadBytes || int64(len(p)) == o.size) {
		o.decide(p)
		return o.to.Write(p)
	}
	o.head = append(o.head, p...)
	if len(o.head) >= unpack.HeadBytes {
		if err := o.begin(); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// begin decides and hands on what was held back.
func (o *opener) begin() error {
	head := o.head
	o.head = nil
	o.decide(head)
	_, err := o.to.Write(head)
	return err
}

func (o *opener) decide(head []byte) {
	if format := unpack.DetectNamed(o.file.path, head[:min(len(head), unpack.HeadBytes)]); format != "" {
		o.to = o.f.openArchive(format, o.file)
		return
	}
	if mayHaveZip(head) {
		o.to = o.f.openPrefixed(o.file)
		return
	}
	o.to = o.f.writer(o.file, o.size)
}

func (o *opener) Close() error {
	if o.to == nil {
		if len(o.head) == 0 {
			return nil
		}
		if err := o.begin(); err != nil {
			return err
		}
	}
	return o.to.Close()
}

// archive is one file that is being opened. It is the visitor of its members.
type archive struct {
	*feeder
	file    *fileScan
	content *conduit
	done    chan struct{}
	err     error
}

// openArchive opens an archive on a goroutine of its own, which ends with the writer's
// Close.
func (f *feeder) openArchive(format unpack.Format, file *fileScan) io.WriteCloser {
	a := &archive{feeder: &feeder{s: f.s, layer: f.layer}, file: file, content: newConduit(), done: make(chan struct{})}
	go func() {
		defer close(a.done)
		defer a.content.abandon()
		a.err = f.s.opener.Walk(f.layer.ctx, format, path.Base(file.path), a.content, a)
		if err := a.flush(); a.err == nil {
			a.err = err
		}
	}()
	return a
}

func (a *archive) Write(p []byte) (int, error) {
	if !a.content.send(p) {
		<-a.done
		return 0, a.failed()
	}
	return len(p), nil
}

func (a *archive) Close() error {
	a.content.end()
	<-a.done
	return a.err
}

func (a *archive) failed() error {
	if a.err != nil {
		return a.err
	}
	return errors.New("the archive was not read to its end")
}

// Member implements [unpack.Visitor].
func (a *archive) Member(m unpack.Member) io.WriteCloser {
	return a.writer(a.member(a.file, m.Path), m.Size)
}

// Remark implements [unpack.Visitor].
func (a *archive) Remark(r unpack.Remark) {
	where := finding.EscapePath(a.file.path)
	if r.Path != "" {
		where = finding.Inside(where, r.Path)
	}
	remark := layers.Remark{Reason: r.Reason, Detail: r.Detail, Files: 1, Examples: []string{where}}
	l := a.layer
	l.mu.Lock()
	defer l.mu.Unlock()
	// A damaged archive is the file that everybody gets, such as the test data of a library that
	// reads archives; what a limit of ours left out is missing from the scan.
	if r.Gap && r.Reason != unpack.ReasonCorrupt && r.Reason != unpack.ReasonTruncated {
		l.gaps = layers.AddRemark(l.gaps, remark)
	} else {
		l.notes = layers.AddRemark(l.notes, remark)
	}
}

// conduit carries content from the walk to the goroutine that opens an archive. A few
// pieces may be on their way, so that the two work side by side.
type conduit struct {
	full, free chan []byte
	quit       chan struct{}
	cur, left  []byte
}

const (
	conduitPiece  = 64 << 10
	conduitPieces = 4
)

func newConduit() *conduit {
	return &conduit{full: make(chan []byte, conduitPieces), free: make(chan []byte, conduitPieces+1), quit: make(chan struct{})}
}

// send copies a piece; false if nobody reads any more.
func (c *conduit) send(p []byte) bool {
	for len(p) > 0 {
		var b []byte
		select {
		case b = <-c.free:
		default:
			b = make([]byte, 0, conduitPiece)
		}
		n := min(len(p), conduitPiece)
		b = append(b[:0], p[:n]...)
		select {
		case c.full <- b:
		case <-c.quit:
			return false
		}
		p = p[n:]
	}
	return true
}

func (c *conduit) end()     { close(c.full) }
func (c *conduit) abandon() { close(c.quit) }

func (c *conduit) Read(p []byte) (int, error) {
	for len(c.left) == 0 {
		if c.cur != nil {
			select {
			case c.free <- c.cur:
			default:
			}
		}
		b, ok := <-c.full
		c.cur, c.left = b, b
		if !ok {
			return 0, io.EOF
		}
	}
	n := copy(p, c.left)
	c.left = c.left[n:]
	return n, nil
}
