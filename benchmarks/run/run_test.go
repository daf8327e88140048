//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTemporaryBytesCountFilesWithAndWithoutAName(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "named"), make([]byte, 5000), 0o600); err != nil {
		t.Fatal(err)
	}
	before := temporaryBytes(os.Getpid(), dir)
	f, err := os.Create(filepath.Join(dir, "unlinked"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.Remove(f.Name()); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(strings.Repeat("x", 7000))); err != nil {
		t.Fatal(err)
	}
	if got := temporaryBytes(os.Getpid(), dir) - before; got != 7000 {
		t.Errorf("the unlinked file counts as %d bytes, not 7000", got)
	}
	if got := bytesIn(dir); got != 5000 {
		t.Errorf("the named file counts as %d bytes, not 5000", got)
	}
}

func TestAChildIsMeasured(t *testing.T) {
	m, err := runChild(t.Context(), t.TempDir(), "/bin/sh", "-c", `printf out; printf err >&2; printf 123 >"$TMPDIR/left"; exit 3`)
	if err != nil {
		t.Fatal(err)
	}
	if m.status != 3 || string(m.stdout) != "out" || m.stderr != "err" || m.left != 3 || m.peak == 0 || m.wall == 0 {
		t.Errorf("got %+v", m)
	}
}

func TestRatiosAreTakenWithinARound(t *testing.T) {
	at := func(s ...time.Duration) (ms []measured) {
		for _, d := range s {
			ms = append(ms, measured{wall: d * time.Second})
		}
		return ms
	}
	if got := ratio(at(2, 8, 30), at(1, 2, 10), wall); got != 3 {
		t.Errorf("got %v, want 3", got)
	}
	if got := median([]int{5, 1, 9}); got != 5 {
		t.Errorf("got %v, want 5", got)
	}
}

func TestNotesOutliveANewTable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "RESULTS.md")
	for _, step := range []func() error{
		func() error { return write(path, "table 1\n") },
		func() error {
			old, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(path, append(old, "a note\n"...), 0o600)
		},
		func() error { return write(path, "table 2\n") },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := "table 2\n" + notesMark + "a note\n"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEveryRowHasAllColumns(t *testing.T) {
	one := []measured{{wall: time.Second, cpu: time.Second}}
	r := row{name: "x", floor: one, scan: one, walk: one, whole: one, bill: one, syft: one}
	if len(r.cells()) != len(columns) {
		t.Errorf("%d cells for %d columns", len(r.cells()), len(columns))
	}
	if len(r.besideSyft()) != len(columnsBesideSyft) {
		t.Errorf("%d cells for %d columns beside Syft", len(r.besideSyft()), len(columnsBesideSyft))
	}
}
