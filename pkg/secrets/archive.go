package secrets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"

	"github.com/imgaudit/imgaudit/internal/unpack"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// archive is one file that is opened on a goroutine of its own. It is the visitor of its
// members. One that there is memory for is searched once it was written, while the walk
// goes on; for the search of another the walk waits.
type archive struct {
	*feeder
	format  unpack.Format
	file    *fileScan
	left    int64 // bytes that are not written yet
	beside  bool  // it is in memory, and its search has not begun
	content *conduit
	members int
	said    *remarks
	done    chan struct{}
	err     error
}

// openArchive gives the writer for an archive of a size in bytes.
func (f *feeder) openArchive(format unpack.Format, file *fileScan, size int64) io.WriteCloser {
	l := f.layer
	content := f.s.packed.conduit(size)
	a := &archive{
		feeder: &feeder{s: f.s, layer: l}, format: format, file: file, left: size, beside: content.reserved > 0, content: content,
		said: &remarks{}, done: make(chan struct{}),
	}
	l.open = append(l.open, a)
	l.mu.Lock()
	l.opened = append(l.opened, a.said)
	l.mu.Unlock()
	if !a.beside {
		l.wg.Go(a.search)
	}
	return a
}

// search opens the archive.
func (a *archive) search() {
	defer close(a.done)
	defer a.layer.settle(a.said)
	defer a.content.abandon()
	a.err = a.s.opener.Walk(a.layer.ctx, a.format, path.Base(a.file.path), a.content, a)
	if err := a.flush(); a.err == nil {
		a.err = err
	}
	if a.err != nil && a.beside { // of others the writer tells it
		a.said.gaps = layers.AddRemark(a.said.gaps, layers.Remark{
			Reason: layers.ReasonScannerFailed, Files: 1, Examples: []string{finding.EscapePath(a.file.path)},
			Detail: fmt.Sprintf("archives were not searched to their end: %v", context.Cause(a.layer.ctx)),
		})
	}
}

// searchInTurn searches an archive that the walk does not wait for, and few others at once.
func (a *archive) searchInTurn() {
	a.s.turns <- struct{}{}
	defer func() { <-a.s.turns }()
	a.search()
}

func (a *archive) Write(p []byte) (int, error) {
	if a.left -= int64(len(p)); a.left < 0 && a.beside { // it is longer than was said
		a.beside = false
		a.layer.wg.Go(a.search)
	}
	if !a.content.send(p) {
		<-a.done
		return 0, a.failed()
	}
	return len(p), nil
}

func (a *archive) Close() error {
	l := a.layer
	l.open = slices.DeleteFunc(l.open, func(o *archive) bool { return o == a })
	a.content.end()
	if a.beside {
		l.wg.Go(a.searchInTurn)
		return nil
	}
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
	of := a.file
	a.members++
	file := &fileScan{n: of.n, nth: a.members, seq: of.seq, path: of.path, inner: m.Path, object: of.object}
	return a.writer(file, m.Size)
}

// Remark implements [unpack.Visitor].
func (a *archive) Remark(r unpack.Remark) {
	where := finding.EscapePath(a.file.path)
	if r.Path != "" {
		where = finding.Inside(where, r.Path)
	}
	remark := layers.Remark{Reason: r.Reason, Detail: r.Detail, Files: 1, Examples: []string{where}}
	// A damaged archive is the file that everybody gets, such as the test data of a library that
	// reads archives; what a limit of ours left out is missing from the scan.
	if r.Gap && r.Reason != unpack.ReasonCorrupt && r.Reason != unpack.ReasonTruncated {
		a.said.gaps = layers.AddRemark(a.said.gaps, remark)
	} else {
		a.said.notes = layers.AddRemark(a.said.notes, remark)
	}
}

// remarks are what is said of one archive.
type remarks struct {
	gaps, notes []layers.Remark
	whole       bool // no more is said
}

// settle takes over what was said of an archive, in the order in which they were opened.
func (l *layerScan) settle(said *remarks) {
	l.mu.Lock()
	defer l.mu.Unlock()
	said.whole = true
	for len(l.opened) > 0 && l.opened[0].whole {
		l.gaps = layers.AddRemarks(l.gaps, l.opened[0].gaps...)
		l.notes = layers.AddRemarks(l.notes, l.opened[0].notes...)
		l.opened = l.opened[1:]
	}
}
