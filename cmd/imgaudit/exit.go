package main

import (
	"errors"
	"fmt"
)

// The exit statuses, a contract with every pipeline that runs the command.
const (
	exitDone        = 0
	exitGate        = 1
	exitNothing     = 2
	exitIncomplete  = 3
	exitInterrupted = 130
)

// exitTable ends the help of each verb.
const exitTable = `
Exit status:
  0    done, and the gate (--fail-on, --deny-license), if any, held
  1    the gate failed; wins over 3
  2    nothing could be judged: bad usage, bad input, unreachable registry
  3    judged, but with gaps (--incomplete=warn turns it into 0)
  130  interrupted`

var errInterrupted = errors.New("interrupted")

// statusError ends a run whose report was written with a status other than 0.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string { return e.text }

// usageError is a command line, a variable or a file of settings that is wrong.
type usageError struct {
	text string
	hint string
}

func (e *usageError) Error() string {
	if e.hint == "" {
		return e.text
	}
	return e.text + "; " + e.hint
}

func usagef(hint, format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...), hint}
}

// statusOf gives the exit status of a run's error.
func statusOf(err error) int {
	var status *statusError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &status):
		return status.status
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	}
	return exitNothing
}
