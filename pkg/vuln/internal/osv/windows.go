package osv

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Window is an interval of versions that have the vulnerability.
type Window struct {
	From   string // the first version; empty if there is none before
	Before string // the first version that has it no more; empty if none is known
	UpTo   string // the last version that has it, where only that is known
}

// Compare orders two versions of an ecosystem: below zero if a is older than b.
type Compare func(a, b string) (int, error)

// everything is the version before all others in an introduced event.
const everything = "0"

// Windows gives what the events of a range mean, in the ascending order of versions, by
// the evaluation algorithm of the schema: an introduced event opens a window, a fixed or
// last_affected event closes it, and the highest limit ends all. The error is that of a
// version that cannot be ordered, or of a range without an introduced event.
func (r Range) Windows(compare Compare) ([]Window, error) {
	events, limit, err := sorted(r.Events, compare)
	if err != nil {
		return nil, err
	}
	var windows []Window
	from, open := "", false
	for _, e := range events {
		switch {
		case e.Introduced != "" && !open:
			from, open = e.Introduced, true
		case e.Fixed != "":
			if err := endBefore(windows, e.Fixed, compare); err != nil {
				return nil, err
			}
			if open {
				windows, open = append(windows, Window{From: from, Before: e.Fixed}), false
			}
		case e.LastAffected != "" && open:
			windows, open = append(windows, Window{From: from, UpTo: e.LastAffected}), false
		}
	}
	if open {
		windows = append(windows, Window{From: from})
	}
	for i := range windows {
		if windows[i].From == everything {
			windows[i].From = ""
		}
	}
	if limit != "" {
		return clip(windows, limit, compare)
	}
	return windows, nil
}

// endBefore takes the fixed version out of the windows that were said to end with it: of a
// version that is both the last affected and the first fixed, the algorithm says fixed.
func endBefore(windows []Window, fixed string, compare Compare) error {
	for i := len(windows) - 1; i >= 0 && windows[i].UpTo != ""; i-- {
		c, err := compare(windows[i].UpTo, fixed)
		switch {
		case err != nil:
			return fmt.Errorf("ordering versions: %w", err)
		case c != 0:
			return nil
		}
		windows[i].Before, windows[i].UpTo = fixed, ""
	}
	return nil
}

// sorted gives the events in the order of their versions, but for limits, and the highest
// limit, which is empty if nothing limits.
func sorted(events []Event, compare Compare) (in []Event, limit string, err error) {
	introduced, unlimited := false, false
	for _, e := range events {
		version, err := e.version()
		switch {
		case err != nil:
			return nil, "", err
		case e.Limit == "":
			introduced = introduced || e.Introduced != ""
			in = append(in, e)
			continue
		case strings.Contains(version, "*"):
			unlimited = true
			continue
		}
		higher := limit == ""
		if !higher {
			c, err := compare(version, limit)
			if err != nil {
				return nil, "", fmt.Errorf("ordering versions: %w", err)
			}
			higher = c > 0
		}
		if higher {
			limit = version
		}
	}
	if !introduced {
		return nil, "", errors.New("no event says where it begins")
	}
	if unlimited {
		limit = ""
	}
	slices.SortStableFunc(in, func(a, b Event) int {
		c, e := order(a, b, compare)
		if e != nil && err == nil {
			err = fmt.Errorf("ordering versions: %w", e)
		}
		return c
	})
	return in, limit, err
}

func order(a, b Event, compare Compare) (int, error) {
	switch first, second := a.Introduced == everything, b.Introduced == everything; {
	case first && second:
		return 0, nil
	case first:
		return -1, nil
	case second:
		return 1, nil
	}
	va, err := a.version()
	if err != nil {
		return 0, err
	}
	vb, err := b.version()
	if err != nil {
		return 0, err
	}
	return compare(va, vb)
}

// version is the one version that an event names.
func (e Event) version() (string, error) {
	var found []string
	for _, v := range []string{e.Introduced, e.Fixed, e.LastAffected, e.Limit} {
		if v != "" {
			found = append(found, v)
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("an event has %d versions instead of one", len(found))
	}
	if err := name(found[0]); err != nil {
		return "", fmt.Errorf("the version of an event: %w", err)
	}
	return found[0], nil
}

// clip ends windows before a limit.
func clip(windows []Window, limit string, compare Compare) ([]Window, error) {
	var in []Window
	for _, w := range windows {
		if w.From != "" {
			if c, err := compare(w.From, limit); err != nil {
				return nil, fmt.Errorf("ordering versions: %w", err)
			} else if c >= 0 {
				continue
			}
		}
		end := w.Before + w.UpTo // one of them is empty
		c := 1
		if end != "" {
			var err error
			if c, err = compare(end, limit); err != nil {
				return nil, fmt.Errorf("ordering versions: %w", err)
			}
		}
		if c > 0 || c == 0 && w.UpTo != "" {
			w.Before, w.UpTo = limit, ""
		}
		in = append(in, w)
	}
	return in, nil
}
