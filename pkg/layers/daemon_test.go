package layers

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/internal/imagemake"
)

func TestDaemonErrorsSayWhatToDo(t *testing.T) {
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	cases := []struct {
		name   string
		target string
		host   string           // of the daemon
		serve  http.HandlerFunc // instead of host
		want   []string
	}{
		{name: "no image named", target: "docker:", want: []string{"no image is named", "docker:IMAGE"}},
		{name: "no socket", target: "docker:app:1", host: "unix:///nowhere/docker.sock", want: []string{"opening docker:app:1", "no socket of docker at /nowhere/docker.sock", "DOCKER_HOST", "docker save IMAGE | imgaudit scan -"}},
		{name: "a daemon elsewhere", target: "podman:app:1", host: "tcp://192.0.2.1:2375", want: []string{"tcp://192.0.2.1:2375 is no unix socket", "podman save IMAGE | imgaudit scan -"}},
		{name: "no such image", target: "docker:app:1", serve: answer(404, `{"message":"No such image: app:1"}`), want: []string{"docker has no such image (No such image: app:1)", "docker pull app:1", "registry:app:1"}},
		{name: "an error of the daemon", target: "podman:app:1", serve: answer(500, `{"message":"out of \u001b[31mspace"}`), want: []string{`podman answers 500: out of \x1b[31mspace`}},
		{name: "an answer that is no JSON", target: "docker:app:1", serve: answer(502, "<html>"), want: []string{"docker answers 502: 502 Bad Gateway"}},
		{name: "another server", target: "docker:app:1", serve: answer(200, "<html>"), want: []string{"answers with something else than an image"}},
		{name: "a file that is no socket", target: "docker:app:1", host: writeFile(t, "plain", nil), want: []string{"docker does not answer at", "is the service running?"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			host := c.host
			if c.serve != nil {
				host = "unix://" + serveSocket(t, c.serve)
			}
			_, err := Open(t.Context(), c.target, Options{Daemon: Daemon{DockerHost: host, PodmanHost: host}})
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q\nlacks %q", err, want)
				}
			}
			if c.name == "no such image" && !errors.Is(err, fs.ErrNotExist) {
				t.Error("it is not fs.ErrNotExist")
			}
		})
	}
}

func TestDaemonIsFoundInTheEnvironment(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	if err := os.WriteFile(socket, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DOCKER_HOST", "unix://"+socket)
	t.Setenv("CONTAINER_HOST", socket)
	for _, kind := range []string{"docker", "podman"} {
		d, err := findDaemon(kind, Daemon{})
		if err != nil || d.socket != socket {
			t.Errorf("%s: %v, %v", kind, d, err)
		}
	}
}

func TestDaemonSavesOneTag(t *testing.T) {
	img := imagemake.Tagged{Ref: "app:latest", Built: sampleImage("a")}
	for _, c := range []struct {
		ref  string
		tags []string
		want string // what is saved
	}{
		{"app", []string{"app:2", "app:latest"}, "app:latest"},
		{"example.test/team/app:1", []string{"example.test/team/app:1"}, "example.test/team/app:1"},
		{"app:1", []string{"localhost/app:1"}, "app:1"},
		{"0123456789ab", nil, "sha256:0123"},
	} {
		t.Run(c.ref, func(t *testing.T) {
			var asked []string
			socket := serveSocket(t, func(w http.ResponseWriter, r *http.Request) {
				asked = append(asked, r.URL.EscapedPath())
				if strings.HasSuffix(r.URL.Path, "/json") {
					tags := `"` + strings.Join(c.tags, `","`) + `"`
					io.WriteString(w, `{"Id":"sha256:0123","RepoTags":[`+tags+`]}`)
					return
				}
				w.Write(imagemake.NewDockerArchive(imagemake.ArchiveOptions{}, img))
			})
			images, err := openImages(t, "docker:"+c.ref, Options{Platform: "linux/amd64", Daemon: Daemon{DockerHost: "unix://" + socket}})
			if err != nil {
				t.Fatal(err)
			}
			if images[0].Reference != c.ref {
				t.Errorf("reference %q", images[0].Reference)
			}
			escape := func(s string) string { return strings.ReplaceAll(s, "/", "%2F") }
			if want := []string{"/images/" + escape(c.ref) + "/json", "/images/" + escape(c.want) + "/get"}; !slices.Equal(asked, want) {
				t.Errorf("asked for %v, want %v", asked, want)
			}
		})
	}
}

func TestADaemonThatHangsIsLeftWhenCancelled(t *testing.T) {
	before := runtime.NumGoroutine()
	archive := imagemake.NewDockerArchive(imagemake.ArchiveOptions{}, imagemake.Tagged{Ref: "app:1", Built: sampleImage("a")})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	t.Run("hang", func(t *testing.T) {
		socket := serveSocket(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/json") {
				io.WriteString(w, `{"Id":"sha256:0123"}`)
				return
			}
			io.Copy(w, bytes.NewReader(archive[:len(archive)/2]))
			w.(http.Flusher).Flush()
			cancel()
			<-r.Context().Done()
		})
		src, err := Open(ctx, "docker:app:1", Options{Daemon: Daemon{DockerHost: "unix://" + socket}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Walk(ctx, src, WalkOptions{}); !errors.Is(err, context.Canceled) {
			t.Errorf("the walk gives %v", err)
		}
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	})
	goroutinesEnd(t, before)
}
