package layers

import (
	"encoding/hex"
	"runtime"
	"sync"

	"github.com/imgaudit/imgaudit/internal/sha256pair"
)

// layerSum takes one SHA-256 digest, together with another of the same walk where
// both have bytes at the same time: that costs the processor as much as one alone.
type layerSum struct {
	sum    *sha256pair.Digest
	meet   *sumMeeting
	offer  []byte        // lies here for another to write it too
	served chan struct{} // who took the offer has written it
}

// sumMeeting is where the sums of a walk find each other.
type sumMeeting struct {
	mu      sync.Mutex
	waiting *layerSum // has an offer that nobody has taken
}

func (m *sumMeeting) newSum() *layerSum {
	return &layerSum{sum: sha256pair.New(), meet: m, served: make(chan struct{}, 1)}
}

// write adds b. It lets other goroutines run once, so that one may bring a partner,
// and waits for none: when none came it goes on alone.
func (s *layerSum) write(b []byte) {
	if !sha256pair.Paired() || len(b) == 0 {
		_, _ = s.sum.Write(b)
		return
	}
	if other := s.meet.takeOr(s, b); other != nil {
		sha256pair.Write(s.sum, b, other.sum, other.offer)
		other.served <- struct{}{}
		return
	}
	runtime.Gosched()
	if s.meet.withdraw(s) {
		_, _ = s.sum.Write(b)
		return
	}
	<-s.served
}

// takeOr takes the offer that waits, or leaves b as one if none does.
func (m *sumMeeting) takeOr(s *layerSum, b []byte) (other *layerSum) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if other = m.waiting; other != nil {
		m.waiting = nil
		return other
	}
	s.offer = b
	m.waiting = s
	return nil
}

// withdraw takes the offer of s back, unless another has taken it.
func (m *sumMeeting) withdraw(s *layerSum) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.waiting != s {
		return false
	}
	m.waiting = nil
	return true
}

func (s *layerSum) digest() string { return "sha256:" + hex.EncodeToString(s.sum.Sum(nil)) }
