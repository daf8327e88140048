package e2e

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/imgaudit/imgaudit/pkg/report"

	"github.com/imgaudit/imgaudit/internal/tooltest"
)

// program is the built imgaudit.
var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "imgaudit-e2e")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		program = filepath.Join(dir, "imgaudit")
		build := exec.Command("go", "build", "-o", program, "../cmd/imgaudit")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "building the program:", err)
			return 1
		}
		return m.Run()
	}())
}

// run runs another tool and fails the test if that fails.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// answer is what one run of the program gave.
type answer struct {
	status         int
	stdout, stderr string
}

// imgaudit runs the program with a home of its own. stdin may be nil.
func imgaudit(t *testing.T, stdin []byte, args ...string) answer {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "DOCKER_CONFIG="+t.TempDir(), "XDG_RUNTIME_DIR="+t.TempDir(), "XDG_CONFIG_HOME="+t.TempDir())
	if stdin != nil {
		cmd.Stdin = bytes.NewReader(stdin)
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return answer{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// scan gives the report on a target, which must be judged whole.
func scan(t *testing.T, stdin []byte, target string, flags ...string) report.Report {
	t.Helper()
	a := imgaudit(t, stdin, append([]string{"scan", target, "-o", "json"}, flags...)...)
	if a.status != 0 {
		t.Fatalf("scan %s: status %d\n%s", target, a.status, a.stderr)
	}
	var rep report.Report
	if err := json.Unmarshal([]byte(a.stdout), &rep); err != nil {
		t.Fatalf("scan %s: %v", target, err)
	}
	if !rep.Coverage.Complete {
		t.Errorf("scan %s is not complete: %+v", target, rep.Coverage.Gaps)
	}
	return rep
}

// registryOptions say what kind of registry is run.
type registryOptions struct{ tls, auth bool }

// registryServer is CNCF's distribution, as Debian packages it.
type registryServer struct {
	host, caFile, user, password string
}

func startRegistry(t *testing.T, opts registryOptions) registryServer {
	t.Helper()
	tooltest.Need(t, "docker-registry")
	dir := t.TempDir()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := registryServer{host: listener.Addr().String()}
	listener.Close()

	config := fmt.Sprintf("version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: %s/data\nhttp:\n  addr: %s\n", dir, s.host)
	scheme, client := "http", &http.Client{Timeout: time.Second}
	if opts.tls {
		tooltest.Need(t, "openssl")
		s.caFile = filepath.Join(dir, "cert.pem")
		run(t, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
			"-addext", "subjectAltName=IP:127.0.0.1", "-keyout", filepath.Join(dir, "key.pem"), "-out", s.caFile)
		config += fmt.Sprintf("  tls:\n    certificate: %s\n    key: %s/key.pem\n", s.caFile, dir)
		scheme = "https"
		client.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // only asks whether it is up
	}
	if opts.auth {
		tooltest.Need(t, "htpasswd")
		s.user, s.password = "auditor", randomHex(t, 12)
		run(t, "htpasswd", "-Bbc", filepath.Join(dir, "htpasswd"), s.user, s.password)
		config += fmt.Sprintf("auth:\n  htpasswd:\n    realm: test\n    path: %s/htpasswd\n", dir)
	}
	file := filepath.Join(dir, "config.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("docker-registry", "serve", file)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for deadline := time.Now().Add(20 * time.Second); ; {
		res, err := client.Get(scheme + "://" + s.host + "/v2/")
		if err == nil {
			res.Body.Close()
			return s
		}
		if time.Now().After(deadline) {
			t.Fatalf("the registry does not come up: %v\n%s", err, log.String())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// push puts an image of an OCI layout into the registry with skopeo.
func (s registryServer) push(t *testing.T, layout, name string, flags ...string) string {
	t.Helper()
	tooltest.Need(t, "skopeo")
	ref := s.host + "/" + name
	args := append([]string{"copy", "-q", "--dest-tls-verify=false"}, flags...)
	if s.user != "" {
		args = append(args, "--dest-creds="+s.user+":"+s.password)
	}
	run(t, "skopeo", append(args, "oci:"+layout, "docker://"+ref)...)
	return ref
}

func randomHex(t *testing.T, n int) string {
	t.Helper()
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(b)
}

// gunzip gives back a tar that may be compressed with gzip.
func gunzip(t *testing.T, stored []byte) []byte {
	t.Helper()
	if !bytes.HasPrefix(stored, []byte{0x1f, 0x8b}) {
		return stored
	}
	r, err := gzip.NewReader(bytes.NewReader(stored))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
