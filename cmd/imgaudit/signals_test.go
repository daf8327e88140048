package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/imgaudit/imgaudit/internal/imagemake"
)

// TestASignalEndsARunThatWaits interrupts a scan of a pipe that says nothing more.
func TestASignalEndsARunThatWaits(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		dir := t.TempDir()
		self, err := os.Executable()
		must(t, err)
		cmd := exec.CommandContext(t.Context(), self, "scan", "-", "-o", "json=report.json")
		cmd.Dir = dir
		cmd.Env = []string{asCommand + "=" + filepath.Join(t.TempDir(), "status"), "HOME=" + dir}
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		stdin, err := cmd.StdinPipe()
		must(t, err)
		must(t, cmd.Start())
		// More than a pipe holds: when it is written, the command is reading.
		archive := imagemake.Archive(imagemake.Layout(imagemake.Tagged{Built: plainImage("gzip")}), imagemake.ArchiveOptions{})
		_, err = stdin.Write(archive[:190_000])
		must(t, err)
		start := time.Now()
		must(t, cmd.Process.Signal(signal))
		_ = cmd.Wait()
		if got := cmd.ProcessState.ExitCode(); got != exitInterrupted {
			t.Errorf("%v: status %d, want %d", signal, got, exitInterrupted)
		}
		if took := time.Since(start); took > graceful {
			t.Errorf("%v: it took %v", signal, took)
		}
		if stderr.String() != "imgaudit: interrupted\n" {
			t.Errorf("%v: standard error %q", signal, stderr.String())
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
			t.Errorf("%v: left behind: %v", signal, left)
		}
	}
}

// TestATimeLimitEndsARunThatWaits lets the time of a silent pipe run out.
func TestATimeLimitEndsARunThatWaits(t *testing.T) {
	r, w, err := os.Pipe()
	must(t, err)
	defer r.Close()
	defer w.Close()
	got := call{stdin: r}.run(t, "scan", "-", "--timeout", "300ms").expect(t, exitNothing)
	if want := "imgaudit: reading the images' manifests: "; !bytes.HasPrefix([]byte(got.stderr), []byte(want)) {
		t.Errorf("standard error %q", got.stderr)
	}
}
