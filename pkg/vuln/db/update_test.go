package db

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// mirror builds a directory to serve: v6/latest.json and the archive.
func mirror(t testing.TB, built time.Time) (root string) {
	t.Helper()
	root = t.TempDir()
	small(t, filepath.Join(root, "v6", "vulnerability-db_v6.1.10_made.tar.zst"), BuildOptions{Time: built, Listing: true})
	return root
}

// listing changes the listing of a mirror.
func listing(t testing.TB, root string, change map[string]any) {
	t.Helper()
	file := filepath.Join(root, "v6", "latest.json")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	l := map[string]any{}
	if err := json.Unmarshal(raw, &l); err != nil {
		t.Fatal(err)
	}
	for k, v := range change {
		l[k] = v
	}
	raw, err = json.Marshal(l)
	if err = errors.Join(err, os.WriteFile(file, raw, 0o600)); err != nil {
		t.Fatal(err)
	}
}

func TestUpdateTakesWhatIsNewer(t *testing.T) {
	root := mirror(t, builtAt)
	server := httptest.NewServer(http.FileServer(http.Dir(root)))
	defer server.Close()
	for name, address := range map[string]string{
		"the address above the version": server.URL, "the address of the listing": server.URL + "/v6/latest.json",
		"a path": root, "the path of the listing": filepath.Join(root, "v6", "latest.json"),
		"the path of its directory": filepath.Join(root, "v6"), "an address of a file": "file://" + root,
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "db")
			small(t, dir, BuildOptions{Time: builtAt.AddDate(0, 0, -1)})
			s, newer, err := Update(t.Context(), address, dir, UpdateOptions{})
			if err != nil || !newer || !s.Built.Equal(builtAt) || !strings.HasSuffix(s.Source, "made.tar.zst") {
				t.Fatalf("%+v, %v, %v", s, newer, err)
			}
			if s := opened(t, dir).Status(); !s.Built.Equal(builtAt) {
				t.Errorf("%+v", s)
			}
			s, newer, err = Update(t.Context(), address, dir, UpdateOptions{})
			if err != nil || newer || !s.Built.Equal(builtAt) {
				t.Errorf("again: %+v, %v, %v", s, newer, err)
			}
		})
	}
}

func TestUpdateFetchesNothingThatIsNotNewer(t *testing.T) {
	root := mirror(t, builtAt)
	var asked []string
	files := http.FileServer(http.Dir(root))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		files.ServeHTTP(w, r)
	}))
	defer server.Close()
	dir := filepath.Join(t.TempDir(), "db")
	small(t, dir, BuildOptions{Time: builtAt})
	if _, newer, err := Update(t.Context(), server.URL, dir, UpdateOptions{}); newer || err != nil || len(asked) != 1 {
		t.Errorf("%v, %v, asked for %v", newer, err, asked)
	}
	if _, newer, err := Update(t.Context(), server.URL, dir, UpdateOptions{Force: true}); !newer || err != nil || len(asked) != 3 {
		t.Errorf("forced: %v, %v, asked for %v", newer, err, asked)
	}
}

func TestTheOldDatabaseStandsWhenAnUpdateFails(t *testing.T) {
	for name, c := range map[string]struct {
		change map[string]any
		opts   UpdateOptions
		kind   error
		want   string
	}{
		"the archive is another":     {change: map[string]any{"checksum": "sha256:" + strings.Repeat("0", 64)}, kind: ErrChecksum},
		"no checksum":                {change: map[string]any{"checksum": ""}, want: "no sha256 checksum"},
		"a checksum of another kind": {change: map[string]any{"checksum": "md5:d41d8cd98f00b204e9800998ecf8427e"}, want: "no sha256 checksum"},
		"another schema":             {change: map[string]any{"schemaVersion": "7.0.0"}, kind: ErrSchema, want: "6 is needed"},
		"no archive there":           {change: map[string]any{"path": "none.tar.zst"}, want: "404"},
		"an archive that lies above": {change: map[string]any{"path": "../../etc/passwd"}, want: "does not lie beside"},
		"an archive elsewhere":       {change: map[string]any{"path": "https://example.test/a.tar.zst"}, want: "does not lie beside"},
		"an absolute path":           {change: map[string]any{"path": "/etc/passwd"}, want: "does not lie beside"},
		"more than the limit":        {opts: UpdateOptions{MaxDownload: 1000}, kind: ErrTooLarge},
		"no listing":                 {change: map[string]any{"built": 7}, want: "no listing of a database"},
	} {
		t.Run(name, func(t *testing.T) {
			root := mirror(t, builtAt)
			listing(t, root, c.change)
			server := httptest.NewServer(http.FileServer(http.Dir(root)))
			defer server.Close()
			parent := t.TempDir()
			dir := filepath.Join(parent, "db")
			small(t, dir, BuildOptions{Time: builtAt.AddDate(0, 0, -1)})
			_, newer, err := Update(t.Context(), server.URL, dir, c.opts)
			if err == nil || newer || c.kind != nil && !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, %v", newer, err)
			}
			t.Log(err)
			if s := opened(t, dir).Status(); s.Built.Equal(builtAt) {
				t.Error("the old database is gone")
			}
			if entries, _ := os.ReadDir(parent); len(entries) != 1 {
				t.Errorf("left behind: %v", entries)
			}
		})
	}
}

func TestUpdateTellsNoPasswordAndEndsWithItsContext(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	address := strings.Replace(server.URL, "://", "://user:hunter2@", 1)
	_, _, err := Update(t.Context(), address, dir, UpdateOptions{})
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "404") {
		t.Error(err)
	}
	server.Close()
	if _, _, err = Update(t.Context(), address, dir, UpdateOptions{}); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err = Update(ctx, address, dir, UpdateOptions{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for _, bad := range []string{"ftp://example.test/", "http://[::1", "http://user:hunter2@[::1"} {
		if _, _, err = Update(t.Context(), bad, dir, UpdateOptions{}); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestUpdateSaysWhatAServerDidWrong(t *testing.T) {
	root := mirror(t, builtAt)
	files := http.FileServer(http.Dir(root))
	elsewhere := httptest.NewServer(http.NotFoundHandler())
	defer elsewhere.Close()
	host := strings.TrimPrefix(elsewhere.URL, "http://")
	safe := httptest.NewTLSServer(http.RedirectHandler(elsewhere.URL, http.StatusFound))
	defer safe.Close()
	cutOff := func(part string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, part) {
				files.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Length", "1000")
			w.Write([]byte(`{"status":`))
		}
	}
	for name, c := range map[string]struct {
		server http.Handler
		want   string
	}{
		"it breaks off in the archive":            {cutOff(".tar.zst"), "made.tar.zst: the connection broke off"},
		"it breaks off in the listing":            {cutOff(".json"), "latest.json: the connection broke off"},
		"it sends a page for people":              {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>")) }), "it is no listing of a database"},
		"it leads to another that has nothing":    {http.RedirectHandler(elsewhere.URL, http.StatusFound), host + ", to which it redirects, answers 404"},
		"it leads from https to http":             {nil, "it redirects to " + host + ", without encryption"},
		"it leads to itself, and again to itself": {http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }), "stopped after 10 redirects"},
	} {
		t.Run(name, func(t *testing.T) {
			address, opts := safe.URL, UpdateOptions{Client: safe.Client()}
			if c.server != nil {
				server := httptest.NewServer(c.server)
				defer server.Close()
				address, opts = server.URL, UpdateOptions{}
			}
			parent := t.TempDir()
			_, _, err := Update(t.Context(), address, filepath.Join(parent, "db"), opts)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Count(err.Error(), "latest.json") > 1 {
				t.Errorf("%v", err)
			}
			if entries, _ := os.ReadDir(parent); len(entries) != 0 {
				t.Errorf("left behind: %v", entries)
			}
		})
	}
}
