package layers

import "time"

// A layer tells its progress after so many bytes or so long, whichever is first.
const (
	progressBytes = 1 << 20
	progressEvery = 100 * time.Millisecond
)

// progress throttles the events of one blob. It is used by one goroutine.
type progress struct {
	tell  func(Event)
	layer Layer
	out   int64
	at    time.Time
}

func (p *progress) event(stage Stage, read, out int64) {
	if p.tell != nil {
		p.tell(Event{Key: p.layer.Key, Layer: p.layer, Stage: stage, Read: read, Out: out})
	}
}

// reading may be called as often as one likes.
func (p *progress) reading(read, out int64) {
	if p.tell == nil {
		return
	}
	if out-p.out < progressBytes && time.Since(p.at) < progressEvery {
		return
	}
	p.out, p.at = out, time.Now()
	p.event(Reading, read, out)
}
