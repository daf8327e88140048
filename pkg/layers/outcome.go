package layers

import (
	"slices"
	"sync"
)

// outcome is what the scanners found in one layer, some of it maybe later.
type outcome struct {
	facts       *Facts
	gaps, notes []Remark // of the reading
	scans       []*scan
	work        sync.WaitGroup
}

// finish collects what the scanners found, and lets those go on that are not done.
func (w *blobReader) finish(f *feed, facts *Facts) {
	o := &outcome{facts: facts, gaps: facts.Gaps, notes: facts.Notes, scans: f.scans}
	late := false
	for _, s := range f.scans {
		if s.layer == nil {
			continue
		}
		s.guard(func() { s.found = s.layer.Facts() })
		if rest := s.found.Rest; rest != nil {
			s.late, late = true, true
			o.work.Go(func() { s.guard(func() { s.found = rest() }) })
		}
	}
	o.tell()
	if late {
		w.mu.Lock()
		w.outcomes = append(w.outcomes, o)
		w.mu.Unlock()
	}
}

// tell puts what was found into the layer's facts, in the order of the scanners.
func (o *outcome) tell() {
	f := o.facts
	f.Gaps, f.Notes = copied(o.gaps), copied(o.notes)
	for _, s := range o.scans {
		if s.late {
			continue
		}
		if s.found.Found != nil {
			f.Scans[s.name] = s.found.Found
		}
		f.Gaps = AddRemarks(AddRemarks(f.Gaps, s.gaps...), s.found.Gaps...)
		f.Notes = AddRemarks(f.Notes, s.found.Notes...)
	}
}

// copied keeps a ledger from those who add to it.
func copied(ledger []Remark) []Remark {
	own := slices.Clone(ledger)
	for i := range own {
		own[i].Examples = slices.Clone(own[i].Examples)
	}
	return own
}

// await waits for the scanners, and puts what they found late into the facts.
func (w *blobReader) await() {
	for _, o := range w.outcomes {
		o.work.Wait()
		for _, s := range o.scans {
			s.late = false
		}
		o.tell()
	}
	w.outcomes = nil
}

// settled gives the layers of images their facts: while [WalkOptions.Beside] runs those
// that are there by then, and all in the end.
func (w *blobReader) settled(out *Walked, facts map[string]*Facts, missing *Remark) (*Walked, error) {
	settle(out.Images, facts, missing)
	if err := w.beside(out); err != nil {
		return nil, err
	}
	w.await()
	settle(out.Images, facts, missing)
	return out, nil
}

func (w *blobReader) beside(out *Walked) error {
	if w.opts.Beside == nil {
		return nil
	}
	return w.opts.Beside(out)
}
