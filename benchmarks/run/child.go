//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// measured is what one run of a program took.
type measured struct {
	wall, cpu time.Duration
	peak      int64 // resident bytes
	temporary int64 // bytes in TMPDIR at their peak
	left      int64 // bytes in TMPDIR when it was over
	status    int
	stdout    []byte
	stderr    string
}

const pollInterval = 10 * time.Millisecond

// runChild runs a program to its end with a TMPDIR and a cache directory of its own.
func runChild(ctx context.Context, work, program string, args ...string) (measured, error) {
	scratch, err := os.MkdirTemp(work, "scratch-")
	if err != nil {
		return measured{}, err
	}
	defer os.RemoveAll(scratch)
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "TMPDIR="+scratch, "XDG_CACHE_HOME="+scratch)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return measured{}, fmt.Errorf("starting %s: %w", filepath.Base(program), err)
	}
	over, peak := make(chan struct{}), make(chan int64)
	go func() {
		most := int64(0)
		tick := time.NewTicker(pollInterval)
		defer tick.Stop()
		for {
			most = max(most, temporaryBytes(cmd.Process.Pid, scratch))
			select {
			case <-over:
				peak <- most
				return
			case <-tick.C:
			}
		}
	}()
	err = cmd.Wait()
	m := measured{wall: time.Since(start)}
	close(over)
	m.temporary = <-peak
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return m, err
	}
	if ctx.Err() != nil {
		return m, ctx.Err()
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return m, errors.New("the kernel told nothing of the process")
	}
	m.cpu = time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	m.peak = usage.Maxrss * 1024 // Linux counts in KiB
	m.status = cmd.ProcessState.ExitCode()
	m.stdout, m.stderr = stdout.Bytes(), strings.TrimSpace(stderr.String())
	m.left = bytesIn(scratch)
	return m, nil
}

// temporaryBytes counts what takes room on disk for a process: the files of a
// directory, and files that it holds open although no name is left.
func temporaryBytes(pid int, dir string) int64 {
	sum := bytesIn(dir)
	fds := fmt.Sprintf("/proc/%d/fd", pid)
	open, _ := os.ReadDir(fds) // fails once the process is over
	seen := map[uint64]bool{}
	for _, fd := range open {
		path := filepath.Join(fds, fd.Name())
		if name, err := os.Readlink(path); err != nil || strings.HasPrefix(name, "/memfd:") {
			continue
		}
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if s, ok := info.Sys().(*syscall.Stat_t); ok && s.Nlink == 0 && !seen[s.Ino] {
			seen[s.Ino] = true
			sum += room(info)
		}
	}
	return sum
}

// bytesIn counts what the files below a directory take.
func bytesIn(dir string) int64 {
	var sum int64
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // it went away meanwhile
		}
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			sum += room(info)
		}
		return nil
	})
	return sum
}

// room is what a file takes: its size, or the blocks that it has if those are fewer,
// as for files with holes.
func room(info fs.FileInfo) int64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok && s.Blocks > 0 {
		return min(info.Size(), s.Blocks*512)
	}
	return info.Size()
}
