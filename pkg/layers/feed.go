package layers

import (
	"context"
	"fmt"
	"io"
)

// feed hands the entries of one layer and their content to the scanners, and
// keeps them apart: what one does wrong costs the others nothing.
type feed struct {
	scans []*scan
}

// scan is one scanner at work on one layer.
type scan struct {
	name   string
	layer  LayerScanner
	path   string         // of the entry at hand
	writer io.WriteCloser // for its content; nil if it wants none
	failed bool           // it panicked and is not asked again
	first  error          // that its writers gave
	gaps   []Remark
	found  ScanFacts
	late   bool // it still works on what it found
}

func newFeed(ctx context.Context, l Layer, scanners []Scanner) *feed {
	f := &feed{}
	for _, s := range scanners {
		sc := &scan{name: s.Name()}
		sc.guard(func() { sc.layer = s.Layer(ctx, l) })
		f.scans = append(f.scans, sc)
	}
	return f
}

// open shows an entry to all scanners, and reports whether any wants content.
func (f *feed) open(e *Entry) bool {
	for _, s := range f.scans {
		if s.failed {
			continue
		}
		s.path = e.Path
		s.guard(func() { s.writer = s.layer.Entry(e) })
	}
	if e.Type != Regular || e.Size == 0 {
		f.close()
	}
	return f.wants()
}

// wants reports whether any scanner still wants content of the entry.
func (f *feed) wants() bool {
	for _, s := range f.scans {
		if s.writer != nil {
			return true
		}
	}
	return false
}

func (f *feed) write(b []byte) {
	if len(b) == 0 {
		return
	}
	for _, s := range f.scans {
		if s.writer == nil {
			continue
		}
		s.guard(func() {
			if _, err := s.writer.Write(b); err != nil {
				s.refuse(err)
				s.shut()
			}
		})
	}
}

func (f *feed) close() {
	for _, s := range f.scans {
		s.guard(s.shut)
	}
}

func (s *scan) shut() {
	if w := s.writer; w != nil {
		s.writer = nil
		if err := w.Close(); err != nil {
			s.refuse(err)
		}
	}
}

// refuse notes content that a scanner did not take. Only the first error is
// told in words, so that the ledger stays short.
func (s *scan) refuse(err error) {
	if s.first == nil {
		s.first = err
	}
	s.gaps = AddRemark(s.gaps, Remark{Reason: ReasonScannerFailed, Files: 1, Examples: []string{clip(s.path)},
		Detail: fmt.Sprintf("the %s scanner failed on files, the first time with: %v", s.name, s.first)})
}

// guard calls a scanner. A panic ends this scanner's work on this layer.
func (s *scan) guard(call func()) {
	defer func() {
		if v := recover(); v != nil {
			s.failed, s.writer = true, nil
			r := Remark{Reason: ReasonScannerFailed, Detail: fmt.Sprintf("the %s scanner broke down and saw no more of the layer: %v", s.name, v)}
			if s.path != "" {
				r.Files, r.Examples = 1, []string{clip(s.path)}
			}
			s.gaps = AddRemark(s.gaps, r)
		}
	}()
	call()
}
