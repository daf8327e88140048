// Command imgaudit says what is baked into container images: secrets in every
// layer, also deleted ones, and what else should not ship.
//
// One verb stands in each file; they read flags, show progress, choose the exit
// status and leave the work to pkg/audit and the verdict's form to pkg/report.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	os.Exit(mainStatus())
}

// mainStatus runs the command until it ends or a signal ends it.
func mainStatus() int {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel(errInterrupted)
		// Whatever does not stop by itself, or a second signal, ends here.
		select {
		case <-signals:
		case <-time.After(graceful):
		}
		os.Exit(exitInterrupted)
	}()
	p := program{
		args: os.Args[1:], stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		env: os.Environ(), configDir: os.UserConfigDir, cacheDir: os.UserCacheDir,
	}
	return p.run(ctx)
}

// graceful is how long work may take to end after a signal.
const graceful = 3 * time.Second

// program is one run of the command with all that it touches of its process.
type program struct {
	args           []string
	stdin          io.Reader
	stdout, stderr io.Writer
	env            []string // NAME=VALUE
	configDir      func() (string, error)
	cacheDir       func() (string, error)
}
