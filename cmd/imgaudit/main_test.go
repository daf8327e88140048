package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// asCommand names a variable that makes the test binary be the command. Its
// value is a file that takes what the system says of the process at its end: a
// child's resource usage would count the memory of the test that forked it.
const asCommand = "TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if peak := os.Getenv(asCommand); peak != "" {
		status := mainStatus()
		text, _ := os.ReadFile("/proc/self/status")
		_ = os.WriteFile(peak, text, 0o600)
		os.Exit(status)
	}
	testscript.Main(m, map[string]func(){"imgaudit": main})
}

// ran is what one run of the command did.
type ran struct {
	status         int
	stdout, stderr string
	peak           int64 // bytes of memory at most; 0 where the system does not say
}

// call says how the command is run. The zero value is a run in an empty
// directory, with no settings of the user's.
type call struct {
	dir   string
	env   []string
	stdin io.Reader
	limit time.Duration // after which the run is a failure; 0 means a minute
}

// run runs the command in a process of its own.
func (c call) run(t *testing.T, args ...string) ran {
	t.Helper()
	if c.dir == "" {
		c.dir = t.TempDir()
	}
	if c.limit == 0 {
		c.limit = time.Minute
	}
	ctx, cancel := context.WithTimeout(t.Context(), c.limit)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, self, args...)
	home := filepath.Join(c.dir, ".home")
	about := filepath.Join(t.TempDir(), "status")
	cmd.Env = append([]string{asCommand + "=" + about, "HOME=" + home, "XDG_CONFIG_HOME=" + home, "DOCKER_CONFIG=" + home, "PATH=" + os.Getenv("PATH")}, c.env...)
	cmd.Dir = c.dir
	if c.stdin != nil {
		cmd.Stdin = c.stdin
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("imgaudit %s: still running after %v", strings.Join(args, " "), c.limit)
	}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return ran{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String(), peakOf(about)}
}

// expect fails the test if a run did not end with a status.
func (r ran) expect(t *testing.T, status int) ran {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d, want %d\nstdout: %s\nstderr: %s", r.status, status, r.stdout, r.stderr)
	}
	return r
}

func peakOf(file string) int64 {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n << 10
		}
	}
	return 0
}
