package layers

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/imgaudit/imgaudit/internal/sha256pair"
)

func sumContent(seed byte, n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

func checkSum(t *testing.T, s *layerSum, content []byte) {
	t.Helper()
	if got, want := s.digest(), fmt.Sprintf("sha256:%x", sha256.Sum256(content)); got != want {
		t.Errorf("%d bytes: %s instead of %s", len(content), got, want)
	}
}

func TestSumsOfManyStreamsAtTheSameTime(t *testing.T) {
	var m sumMeeting
	var streams sync.WaitGroup
	for i := range 9 {
		streams.Go(func() {
			content := sumContent(byte(i), i*100_003)
			s := m.newSum()
			for at, piece := 0, 1+i; at < len(content); piece = (piece*7 + i) % 70_000 {
				end := min(len(content), at+piece)
				s.write(content[at:end])
				at = end
			}
			checkSum(t, s, content)
		})
	}
	streams.Wait()
	if m.waiting != nil {
		t.Error("an offer is left of streams that have ended")
	}
}

func TestASumServesAnOfferThatWaits(t *testing.T) {
	if !sha256pair.Paired() {
		t.Skip("this processor takes one digest at a time")
	}
	var m sumMeeting
	first, second := m.newSum(), m.newSum()
	a, b := sumContent(1, 5000), sumContent(2, 7000)
	if m.takeOr(first, a) != nil {
		t.Fatal("there was an offer before the first")
	}
	second.write(b)
	if m.withdraw(first) {
		t.Fatal("the offer of the first was left")
	}
	<-first.served
	checkSum(t, first, a)
	checkSum(t, second, b)
}

func TestASumAloneGoesOn(t *testing.T) {
	var m sumMeeting
	s := m.newSum()
	content := sumContent(3, 3*blockBytes+1)
	s.write(content[:blockBytes])
	s.write(content[blockBytes:])
	checkSum(t, s, content)
}
