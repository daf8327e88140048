package main

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/internal/sample"
)

// TestNoSecretIsPrinted runs every verb in every format over an image full of
// secrets, with what makes errors too, and looks for each planted value in all
// that was written.
func TestNoSecretIsPrinted(t *testing.T) {
	registry, err := sample.Serve(t.Context())
	must(t, err)
	t.Cleanup(func() { registry.Close() })
	ref := registry.Reference
	dir := t.TempDir()
	for _, args := range [][]string{
		{"pull-and-scan", ref},
		{"pull-and-scan", ref, "--verbose", "--fail-on", "high"},
		{"pull-and-scan", ref, "-o", "json"},
		{"pull-and-scan", ref, "-o", "jsonl"},
		{"scan", "registry:" + ref, "-o", "json=r.json", "-o", "jsonl=r.jsonl", "-o", "text=r.txt"},
		{"scan", "registry:" + ref, "--scanners", "hygiene", "-o", "json"},
		{"scan", "registry:" + ref, "--scanners", "hygiene,config"},
		{"scan", "registry:" + ref, "--max-entries", "2", "-o", "json"},
		{"layers", ref},
		{"layers", ref, "-o", "json"},
		{"layers", ref, "--scanners", "config"},
		{"extract", ref, "--layer", "1", "root/.ssh/id_rsa"},
		{"rules"},
		{"rules", "-o", "json"},
	} {
		name := strings.ReplaceAll(strings.Join(args, " "), ref, "REF")
		t.Run(name, func(t *testing.T) {
			r := call{dir: dir}.run(t, args...)
			if r.stdout+r.stderr == "" && !strings.Contains(name, "=r.") {
				t.Error("nothing was written")
			}
			noSecret(t, registry.Planted, "standard output", r.stdout)
			noSecret(t, registry.Planted, "standard error", r.stderr)
		})
	}
	files, err := filepath.Glob(filepath.Join(dir, "r.*"))
	must(t, err)
	if len(files) != 3 {
		t.Fatalf("files: %v", files)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		must(t, err)
		noSecret(t, registry.Planted, filepath.Base(file), string(raw))
	}
}

// TestTheRedactionTestSeesSecrets shows that it could fail: with --show-secrets
// the values are there, and the file is private.
func TestTheRedactionTestSeesSecrets(t *testing.T) {
	registry, err := sample.Serve(t.Context())
	must(t, err)
	t.Cleanup(func() { registry.Close() })
	dir := t.TempDir()
	r := call{dir: dir}.run(t, "pull-and-scan", registry.Reference, "--show-secrets", "-o", "json", "-o", "jsonl=r.jsonl").expect(t, 0)
	for i, v := range registry.Planted {
		found := false
		for _, form := range formsOf(v) {
			found = found || strings.Contains(r.stdout, form)
		}
		if !found {
			t.Errorf("planted secret %d is not found", i)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "r.jsonl"))
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("a file with secrets has mode %v", info.Mode())
	}
}

func noSecret(t *testing.T, planted []string, where, text string) {
	t.Helper()
	for i, v := range planted {
		for _, form := range formsOf(v) {
			if at := strings.Index(text, form); at >= 0 {
				t.Errorf("%s holds planted secret %d: …%s…", where, i, text[max(0, at-80):min(len(text), at+len(form)+20)])
				break
			}
		}
	}
}

// formsOf gives a value as it is and as it looks inside other things. A key of
// several lines counts by each of its lines.
func formsOf(value string) []string {
	quoted, _ := json.Marshal(value)
	forms := []string{
		value, strings.Trim(string(quoted), `"`), url.QueryEscape(value), url.PathEscape(value),
		strings.ReplaceAll(value, "\n", `\x0a`), strings.ReplaceAll(value, "\n", " "),
	}
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		// At each of three offsets, without what depends on the neighbours.
		for skip := range 3 {
			raw := enc.EncodeToString([]byte(strings.Repeat("x", skip) + value))
			forms = append(forms, raw[4:len(raw)-4])
		}
	}
	for line := range strings.Lines(value) {
		if line = strings.TrimSpace(line); len(line) >= 40 && strings.Contains(value, "\n") {
			forms = append(forms, line)
		}
	}
	return forms
}
