package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// terminal gives both ends of a new pseudo terminal of so many columns.
func terminal(t *testing.T, columns uint16) (ours, theirs *os.File) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo terminals here: ", err)
	}
	t.Cleanup(func() { ours.Close() })
	must(t, unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(int(ours.Fd()), unix.TIOCGPTN)
	must(t, err)
	theirs, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	must(t, unix.IoctlSetWinsize(int(ours.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}))
	return ours, theirs
}

// inTerminal runs the command with standard output and error in a terminal and
// gives what was shown.
func inTerminal(t *testing.T, columns uint16, env []string, args ...string) string {
	t.Helper()
	ours, theirs := terminal(t, columns)
	self, err := os.Executable()
	must(t, err)
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Dir = dir
	cmd.Env = append([]string{"TERM=xterm", asCommand + "=" + filepath.Join(t.TempDir(), "status"), "HOME=" + dir}, env...)
	cmd.Stdout, cmd.Stderr = theirs, theirs
	must(t, cmd.Start())
	theirs.Close()
	var shown bytes.Buffer
	_, _ = io.Copy(&shown, ours) // ends with an error when the last of them closes it
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, shown.String())
	}
	return strings.ReplaceAll(shown.String(), "\r\n", "\n")
}

func TestATerminalGetsColoursAndItsWidth(t *testing.T) {
	wide := inTerminal(t, 100, nil, "demo", "--no-progress")
	if !strings.Contains(wide, "\x1b[") {
		t.Error("no colours in a terminal")
	}
	for name, tc := range map[string]struct{ env, flags []string }{
		"NO_COLOR":          {[]string{"NO_COLOR=1"}, nil},
		"IMGAUDIT_NO_COLOR": {[]string{"IMGAUDIT_NO_COLOR=true"}, nil},
		"--no-color":        {nil, []string{"--no-color"}},
		"a dumb terminal":   {[]string{"TERM=dumb"}, nil},
	} {
		if out := inTerminal(t, 100, tc.env, append([]string{"demo", "--no-progress"}, tc.flags...)...); strings.Contains(out, "\x1b") {
			t.Errorf("%s: there are escape sequences", name)
		}
	}
	for _, columns := range []int{60, 83} {
		out := inTerminal(t, uint16(columns), nil, "demo", "--no-progress", "--no-color")
		for line := range strings.Lines(out) {
			line = strings.TrimSuffix(line, "\n")
			if n := utf8.RuneCountInString(line); n > columns && !strings.Contains(line, "imgaudit extract") {
				t.Errorf("%d columns in a terminal of %d: %q", n, columns, line)
			}
		}
	}
}

func TestProgressLeavesNothingInATerminal(t *testing.T) {
	plain := inTerminal(t, 100, nil, "demo", "--no-color", "--quiet")
	if strings.Contains(plain, "\x1b") {
		t.Error("--quiet shows progress")
	}
	shown := inTerminal(t, 100, nil, "demo", "--no-color")
	// What stands behind the last wipe is the report alone.
	_, rest, wiped := lastCut(shown, "\x1b[J")
	if !wiped {
		rest = shown // the scan was over before the first bar
	}
	reference := regexp.MustCompile(`127\.0\.0\.1:\d+/demo/shop`)
	if !reference.MatchString(strings.SplitN(rest, "\n", 2)[0]) {
		t.Errorf("the report begins with %q", rest[:min(len(rest), 200)])
	}
}

func lastCut(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
