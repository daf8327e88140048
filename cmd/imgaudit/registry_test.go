package main

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRegistryFlags scans an image of a registry with TLS and passwords.
func TestRegistryFlags(t *testing.T) {
	const user, password = "robot", "correct horse battery"
	inner := registryWith(func(w http.ResponseWriter, _ *http.Request, blob []byte) { _, _ = w.Write(blob) })
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if u, p, ok := r.BasicAuth(); !ok || u != user || p != password {
			w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
			w.WriteHeader(http.StatusUnauthorized)
			// A server that repeats what it got must not make us print it.
			_, _ = io.WriteString(w, `{"errors":[{"message":"wrong: `+p+`"}]}`)
			return
		}
		inner(w, r)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(server.Close)
	ref := strings.TrimPrefix(server.URL, "https://") + "/app:1"
	ca := filepath.Join(t.TempDir(), "ca.pem")
	must(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600))

	for name, tc := range map[string]struct {
		flags  []string
		stdin  string
		status int
		says   string // on standard error
	}{
		"with its authority and the password":  {[]string{"--ca-file", ca, "--username", user, "--password-stdin"}, password + "\n", 0, ""},
		"without looking at its certificate":   {[]string{"--insecure", "--username", user, "--password-stdin"}, password, 0, ""},
		"without its authority":                {[]string{"--username", user, "--password-stdin"}, password, 2, "certificate"},
		"with a wrong password":                {[]string{"--ca-file", ca, "--username", user, "--password-stdin"}, "Tr0ub4dor and three", 2, "401"},
		"without a password":                   {[]string{"--ca-file", ca}, "", 2, "docker login"},
		"with an empty password":               {[]string{"--ca-file", ca, "--username", user, "--password-stdin"}, "\n", 2, "the password on standard input is empty"},
		"with an authority that is not there":  {[]string{"--ca-file", ca + ".none"}, "", 2, ".none"},
		"through a mirror that is not there":   {[]string{"--ca-file", ca, "--username", user, "--password-stdin", "--mirror", "127.0.0.1:1"}, password, 0, ""},
		"with the image and password on stdin": {[]string{"--username", user, "--password-stdin"}, password, 2, "cannot be the image and the password at once"},
	} {
		t.Run(name, func(t *testing.T) {
			target := ref
			if strings.Contains(tc.says, "at once") {
				target = "-"
			}
			r := call{stdin: strings.NewReader(tc.stdin)}.run(t, append([]string{"scan", target, "-o", "json", "--timeout", "30s"}, tc.flags...)...).expect(t, tc.status)
			if !strings.Contains(r.stderr, tc.says) {
				t.Errorf("standard error %q, want %q", r.stderr, tc.says)
			}
			if word := strings.TrimSpace(tc.stdin); word != "" && strings.Contains(r.stdout+r.stderr, word) {
				t.Errorf("the password is printed: %s", r.stderr)
			}
		})
	}
}
