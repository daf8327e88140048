//go:build linux

package main

import (
	"fmt"
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
	if got := median([]int{7, 1, 9, 5}); got != 6 {
		t.Errorf("got %v, want 6", got)
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

func TestOnlyScansThatReadEverythingWithinTheLimitsAreTaken(t *testing.T) {
	// A layer that two images share counts once.
	report := func(complete bool, gaps string) string {
		return fmt.Sprintf(`{"images": [{"layers": [{"diffID": "sha256:a", "bytes": 700}, {"diffID": "sha256:b", "bytes": 300}]},
			{"layers": [{"diffID": "sha256:a", "bytes": 700}]}], "findings": [{}, {}], "coverage": {"complete": %v, "gaps": [%s]}}`, complete, gaps)
	}
	ratio, bytes := `{"reason": "archive-ratio", "files": 3}`, `{"reason": "archive-bytes", "files": 1}`
	for _, c := range []struct {
		name    string
		report  string
		status  int
		raw     int64
		want    scanFacts
		problem string // part of the error; empty if the scan is taken
	}{
		{"a complete scan", report(true, ""), 0, 1000, scanFacts{findings: 2}, ""},
		{"an archive that unpacks to many times its size", report(false, ratio), 3, 1000, scanFacts{findings: 2, limited: 3}, ""},
		{"archives beyond either limit", report(false, ratio+","+bytes), 3, 1000, scanFacts{findings: 2, limited: 4}, ""},
		{"a damaged archive", report(false, `{"reason": "archive-corrupt", "files": 1}`), 3, 1000, scanFacts{}, "archive-corrupt"},
		{"a damaged archive beside one beyond a limit", report(false, ratio+`, {"reason": "archive-truncated"}`), 3, 1000, scanFacts{}, "archive-truncated"},
		{"a layer that was not read to its end", report(true, ""), 0, 1001, scanFacts{}, "1000 of 1001"},
		{"an archive beyond a limit in a layer that was cut", report(false, ratio), 3, 1001, scanFacts{}, "1000 of 1001"},
		{"a gap with the status of success", report(false, ratio), 0, 1000, scanFacts{}, "status 0"},
		{"a gap in a report that says complete", report(true, ratio), 3, 1000, scanFacts{}, "complete true"},
		{"an incomplete scan that names no gap", report(false, ""), 3, 1000, scanFacts{}, "0 gaps"},
		{"no report", "", 0, 1000, scanFacts{}, "reading the report"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := judge([]byte(c.report), c.status, c.raw)
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if c.problem == "" && err != nil || c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)) {
				t.Errorf("the error is %v, not %q", err, c.problem)
			}
		})
	}
}

func TestTheTableSaysWhichScansMetALimit(t *testing.T) {
	rows := []row{{name: "small"}, {name: "large", seen: scanFacts{limited: 3}}}
	text := document(machine{}, 1, rows)
	if got := strings.Count(text, "| large \\* |"); got != 2 {
		t.Errorf("the image is marked in %d tables, not in 2", got)
	}
	if !strings.Contains(text, "\n\\* large: archives in it that unpack to more than the limits allow (3)") || strings.Contains(text, "small:") || strings.Contains(text, "small \\*") {
		t.Errorf("not the note alone:\n%s", text)
	}
}
