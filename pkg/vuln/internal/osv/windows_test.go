package osv

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// numbers orders versions that are whole numbers.
func numbers(a, b string) (int, error) {
	x, err1 := strconv.Atoi(a)
	y, err2 := strconv.Atoi(b)
	return cmp.Compare(x, y), errors.Join(err1, err2)
}

func TestEventsMeanWindows(t *testing.T) {
	in := func(v string) Event { return Event{Introduced: v} }
	fix := func(v string) Event { return Event{Fixed: v} }
	last := func(v string) Event { return Event{LastAffected: v} }
	lim := func(v string) Event { return Event{Limit: v} }
	for _, c := range []struct {
		name   string
		events []Event
		want   []Window
	}{
		{"everything", []Event{in("0")}, []Window{{}}},
		{"everything before a fix", []Event{in("0"), fix("3")}, []Window{{Before: "3"}}},
		{"from a version on", []Event{in("3")}, []Window{{From: "3"}}},
		{"the last affected one is in", []Event{in("2"), last("3")}, []Window{{From: "2", UpTo: "3"}}},
		{"several branches", []Event{in("1"), fix("2"), in("5"), fix("6"), in("9")}, []Window{{From: "1", Before: "2"}, {From: "5", Before: "6"}, {From: "9"}}},
		{"events in no order", []Event{fix("6"), in("5"), fix("2"), in("1")}, []Window{{From: "1", Before: "2"}, {From: "5", Before: "6"}}},
		{"0 comes first wherever it stands", []Event{fix("2"), in("0")}, []Window{{Before: "2"}}},
		{"introduced twice", []Event{in("1"), in("2"), fix("3")}, []Window{{From: "1", Before: "3"}}},
		{"fixed twice", []Event{in("1"), fix("2"), fix("3")}, []Window{{From: "1", Before: "2"}}},
		{"a version both last affected and fixed is fixed", []Event{in("1"), last("9"), fix("9")}, []Window{{From: "1", Before: "9"}}},
		{"and so it is in every branch", []Event{in("1"), last("9"), in("9"), last("9"), fix("9")}, []Window{{From: "1", Before: "9"}, {From: "9", Before: "9"}}},
		{"a limit ends what is open", []Event{in("1"), lim("4")}, []Window{{From: "1", Before: "4"}}},
		{"a limit cuts a window", []Event{in("1"), fix("9"), lim("4")}, []Window{{From: "1", Before: "4"}}},
		{"a limit at the last affected one takes it out", []Event{in("1"), last("4"), lim("4")}, []Window{{From: "1", Before: "4"}}},
		{"a limit behind the fix changes nothing", []Event{in("1"), fix("3"), lim("4")}, []Window{{From: "1", Before: "3"}}},
		{"a limit takes away what begins behind it", []Event{in("1"), fix("2"), in("5"), lim("4")}, []Window{{From: "1", Before: "2"}}},
		{"the highest limit counts", []Event{in("0"), lim("4"), lim("7"), lim("2")}, []Window{{Before: "7"}}},
		{"a limit without an end", []Event{in("1"), lim("4"), lim("*")}, []Window{{From: "1"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			have, err := Range{Events: c.events}.Windows(numbers)
			if err != nil || !slices.Equal(have, c.want) {
				t.Errorf("have %+v, %v, want %+v", have, err, c.want)
			}
		})
	}
}

func TestRangesThatMeanNothingAreErrors(t *testing.T) {
	for name, events := range map[string][]Event{
		"nothing":                         nil,
		"no beginning":                    {{Fixed: "1"}},
		"an empty event":                  {{Introduced: "1"}, {}},
		"two versions in one event":       {{Introduced: "1", Fixed: "2"}},
		"a version that cannot be one":    {{Introduced: "1"}, {Fixed: "one"}},
		"a limit that cannot be ordered":  {{Introduced: "1"}, {Limit: "x"}, {Limit: "2"}},
		"one limit that cannot be either": {{Introduced: "1"}, {Limit: "x"}},
	} {
		if w, err := (Range{Events: events}).Windows(numbers); err == nil {
			t.Errorf("%s: %+v", name, w)
		}
	}
}

// bySchema is the schema's algorithm as it is written there, for versions that are numbers.
func bySchema(events []Event, v int) bool {
	at := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			panic(err) // Windows had no error, so that all are numbers
		}
		return n
	}
	limited, before := false, false
	var order []Event
	for _, e := range events {
		if e.Limit == "" {
			order = append(order, e)
			continue
		}
		limited = true
		before = before || strings.Contains(e.Limit, "*") || v < at(e.Limit)
	}
	if limited && !before {
		return false
	}
	step := func(e Event) int {
		if e.Introduced == "0" {
			return -1 << 62
		}
		return at(e.Introduced + e.Fixed + e.LastAffected)
	}
	slices.SortStableFunc(order, func(a, b Event) int { return cmp.Compare(step(a), step(b)) })
	vulnerable := false
	for _, e := range order {
		switch {
		case e.Introduced != "" && v >= step(e):
			vulnerable = true
		case e.Fixed != "" && v >= step(e), e.LastAffected != "" && v > step(e):
			vulnerable = false
		}
	}
	return vulnerable
}

// allNumbers reports whether bySchema can judge events.
func allNumbers(events []Event) bool {
	for _, e := range events {
		v, err := e.version()
		if _, bad := strconv.Atoi(v); err != nil || bad != nil && !(e.Limit != "" && strings.Contains(v, "*")) {
			return false
		}
	}
	return true
}

func inWindows(windows []Window, v int) bool {
	for _, w := range windows {
		in := true
		if w.From != "" {
			c, _ := numbers(strconv.Itoa(v), w.From)
			in = c >= 0
		}
		if w.Before != "" {
			c, _ := numbers(strconv.Itoa(v), w.Before)
			in = in && c < 0
		}
		if w.UpTo != "" {
			c, _ := numbers(strconv.Itoa(v), w.UpTo)
			in = in && c <= 0
		}
		if in {
			return true
		}
	}
	return false
}
