package main

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"

	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/finding"
)

// roomyMatcher matches with as much memory as the matches need. Ten thousands of them outgrow
// the soft limit, and below it the collector would run all the time for nothing.
type roomyMatcher struct{ audit.Matcher }

func (m roomyMatcher) Match(ctx context.Context, bill finding.Bill, image finding.Subject) (finding.Matching, error) {
	runtime.SetFinalizer(new(collected), giveWay)
	return m.Matcher.Match(ctx, bill, image)
}

// withRoom gives a matcher room, unless the user has set a limit.
func (s *settings) withRoom(m audit.Matcher) audit.Matcher {
	if s.maxMemory > 0 || os.Getenv("GOMEMLIMIT") != "" {
		return m
	}
	return roomyMatcher{m}
}

// collected is an object that only a collection notices.
type collected [32]byte

// giveWay raises the soft limit after a collection that has left more than it can be kept with.
func giveWay(c *collected) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	debug.SetMemoryLimit(limitFor(int64(live[0].Value.Uint64())))
	runtime.SetFinalizer(c, giveWay)
}

// limitFor is the soft limit for a heap of which so many bytes are in use: half as much again,
// where the goal leaves less than a quarter of itself.
func limitFor(live int64) int64 {
	if live < memoryGoal/4*3 {
		return memoryGoal
	}
	return live / 2 * 3
}
