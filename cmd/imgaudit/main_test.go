package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// asCommand makes the test binary be the command.
const asCommand = "TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	testscript.Main(m, map[string]func(){"imgaudit": main})
}

// ran is what one run of the command did.
type ran struct {
	status         int
	stdout, stderr string
	maxRSS         int64 // bytes
}

// call says how the command is run. The zero value is a run in an empty
// directory, with no settings of the user's.
type call struct {
	dir   string
	env   []string
	stdin []byte
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
	cmd.Env = append([]string{asCommand + "=1", "HOME=" + home, "XDG_CONFIG_HOME=" + home, "DOCKER_CONFIG=" + home, "PATH=" + os.Getenv("PATH")}, c.env...)
	cmd.Dir = c.dir
	if c.stdin != nil {
		cmd.Stdin = bytes.NewReader(c.stdin)
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("imgaudit %s: still running after %v", strings.Join(args, " "), c.limit)
	}
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return ran{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String(), usage.Maxrss << 10}
}

// expect fails the test if a run did not end with a status.
func (r ran) expect(t *testing.T, status int) ran {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d, want %d\nstdout: %s\nstderr: %s", r.status, status, r.stdout, r.stderr)
	}
	return r
}
