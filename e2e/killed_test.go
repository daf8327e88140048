package e2e

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/imgaudit/imgaudit/internal/imagemake"
)

// TestAKilledScanLeavesNothingBehind kills scans at random moments and looks
// at every directory that the program could have written to.
func TestAKilledScanLeavesNothingBehind(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 42))
	var layers []imagemake.Layer
	for range 3 {
		noise := make([]byte, 24<<20)
		for i := range noise {
			noise[i] = byte(' ' + r.IntN(90))
		}
		layers = append(layers, imagemake.Layer{Entries: []imagemake.Entry{imagemake.File("noise", string(noise))}})
	}
	built := imagemake.Image{Layers: layers}.Build()
	dir := t.TempDir()
	if err := imagemake.WriteFiles(filepath.Join(dir, "image"), imagemake.Layout(imagemake.Tagged{Ref: "app", Built: built})); err != nil {
		t.Fatal(err)
	}

	start := time.Now()
	if a := imgaudit(t, nil, "scan", filepath.Join(dir, "image")); a.status != 0 {
		t.Fatalf("status %d\n%s", a.status, a.stderr)
	}
	whole := time.Since(start)

	killed := 0
	for i := range 20 {
		places := filepath.Join(dir, "places")
		for _, p := range []string{"tmp", "home", "cwd", "run", "config"} {
			if err := os.MkdirAll(filepath.Join(places, p), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command(program, "scan", filepath.Join(dir, "image"), "-o", "json=report.json")
		cmd.Dir = filepath.Join(places, "cwd")
		cmd.Env = append(os.Environ(), "TMPDIR="+places+"/tmp", "HOME="+places+"/home", "XDG_RUNTIME_DIR="+places+"/run", "XDG_CONFIG_HOME="+places+"/config", "XDG_CACHE_HOME="+places+"/home")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// Stay clear of the very end, where the report itself is written.
		time.Sleep(time.Duration(r.Int64N(int64(whole * 8 / 10))))
		_ = cmd.Process.Kill()
		if err := cmd.Wait(); err != nil {
			killed++
		}
		_ = filepath.WalkDir(places, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				t.Error(err)
				return nil
			}
			if !d.IsDir() && cmd.ProcessState.ExitCode() != 0 {
				t.Errorf("kill %d left %s behind", i, path)
			}
			return nil
		})
		if err := os.RemoveAll(places); err != nil {
			t.Fatal(err)
		}
	}
	if killed < 10 {
		t.Errorf("only %d of 20 scans were killed in time", killed)
	}
}
