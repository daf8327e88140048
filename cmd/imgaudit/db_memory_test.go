package main

import (
	"context"
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

func TestTheMemoryGoalGivesWayToWhatIsInUse(t *testing.T) {
	for live, want := range map[int64]int64{0: memoryGoal, 100 << 20: memoryGoal, 160 << 20: 240 << 20, 600 << 20: 900 << 20} {
		if got := limitFor(live); got != want {
			t.Errorf("%d MiB in use: a limit of %d MiB, not %d", live>>20, got>>20, want>>20)
		}
	}
}

// hungry needs more memory than the goal.
type hungry struct{ limit int64 }

func (h *hungry) Match(context.Context, finding.Bill, finding.Subject) (finding.Matching, error) {
	held := make([]byte, 2*memoryGoal)
	for range 100 {
		runtime.GC()
		time.Sleep(10 * time.Millisecond) // finalizers run in their own time
		if h.limit = debug.SetMemoryLimit(-1); h.limit > memoryGoal {
			break
		}
	}
	runtime.KeepAlive(held)
	return finding.Matching{}, nil
}

func TestMatchingHasRoomUnlessTheUserSetALimit(t *testing.T) {
	t.Setenv("GOMEMLIMIT", "")
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(memoryGoal))
	h := &hungry{}
	if _, err := (&settings{maxMemory: 1 << 20}).withRoom(h).Match(t.Context(), finding.Bill{}, finding.Subject{}); err != nil || h.limit != memoryGoal {
		t.Errorf("with a limit of the user's: %d, %v", h.limit, err)
	}
	if _, err := (&settings{}).withRoom(h).Match(t.Context(), finding.Bill{}, finding.Subject{}); err != nil || h.limit < 2*memoryGoal || h.limit == math.MaxInt64 {
		t.Errorf("without one: %d, %v", h.limit, err)
	}
}
