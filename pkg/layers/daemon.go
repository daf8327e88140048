package layers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// openDaemon opens an image that the Docker daemon or Podman's service has. It is
// read as docker save gives it: once, as a stream.
func openDaemon(ctx context.Context, kind, ref string, opts Options) (Source, error) {
	if ref == "" {
		return nil, fmt.Errorf("opening %s: no image is named; write %s:IMAGE", kind, kind)
	}
	d, err := findDaemon(kind, opts.Daemon)
	if err != nil {
		return nil, fmt.Errorf("opening %s:%s: %w", kind, finding.EscapeText(ref), err)
	}
	asked, err := d.inspect(ctx, ref)
	if err != nil {
		d.client.CloseIdleConnections()
		return nil, fmt.Errorf("opening %s:%s: %w", kind, finding.EscapeText(ref), err)
	}
	s := newStream(bundle{kind: kind, place: ref, opts: opts}, nil, nil)
	s.open = func(ctx context.Context) (io.ReadCloser, error) { return d.save(ctx, asked) }
	return &daemonSource{s, d}, nil
}

type daemonSource struct {
	*stream
	daemon *daemon
}

// Images gives the image under the name that was asked for.
func (s *daemonSource) Images(ctx context.Context) ([]*Image, error) {
	images, err := s.stream.Images(ctx)
	for _, img := range images {
		img.Reference = s.place
	}
	return images, err
}

func (s *daemonSource) Close() error {
	err := s.stream.Close()
	s.daemon.client.CloseIdleConnections()
	return err
}

// inspectTimeout is how long a daemon may take to say whether it has an image.
const inspectTimeout = 30 * time.Second

// daemon speaks the part of Docker's API that Podman has as well.
type daemon struct {
	kind   string
	socket string
	client *http.Client
}

// findDaemon finds the socket: the option, the environment, the usual places.
func findDaemon(kind string, opts Daemon) (*daemon, error) {
	host, variable := opts.DockerHost, "DOCKER_HOST"
	if kind == "podman" {
		host, variable = opts.PodmanHost, "CONTAINER_HOST"
	}
	if host == "" {
		host = os.Getenv(variable)
	}
	places := usualSockets(kind)
	if host != "" {
		socket, ok := strings.CutPrefix(host, "unix://")
		if !ok && !filepath.IsAbs(host) {
			return nil, fmt.Errorf("%s is no unix socket (%s), and others are not spoken to; pipe the image instead: %s save IMAGE | imgaudit scan -",
				finding.EscapeText(host), variable, kind)
		}
		if !ok {
			socket = host
		}
		places = []string{socket}
	}
	for _, socket := range places {
		if exists(socket) {
			return newDaemon(kind, socket), nil
		}
	}
	return nil, fmt.Errorf("no socket of %s at %s: %w; start the service, set %s, or pipe the image: %s save IMAGE | imgaudit scan -",
		kind, finding.EscapeText(strings.Join(places, ", ")), fs.ErrNotExist, variable, kind)
}

func usualSockets(kind string) []string {
	var places []string
	runtimeDir := os.Getenv("XDG_RUNTIME_DIR")
	if kind == "podman" {
		if runtimeDir != "" {
			places = append(places, filepath.Join(runtimeDir, "podman/podman.sock"))
		}
		return append(places, "/run/podman/podman.sock")
	}
	places = append(places, "/var/run/docker.sock")
	if runtimeDir != "" {
		places = append(places, filepath.Join(runtimeDir, "docker.sock"))
	}
	if home, err := os.UserHomeDir(); err == nil {
		places = append(places, filepath.Join(home, ".docker/run/docker.sock"))
	}
	return places
}

func newDaemon(kind, socket string) *daemon {
	dialer := net.Dialer{Timeout: 10 * time.Second}
	return &daemon{kind, socket, &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", socket)
		},
		DisableCompression: true,
		// No time limit on an answer: Docker gathers an image before it sends the first byte.
	}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// inspect asks whether the image is there, and gives the name under which to
// save it: a name without a tag would save all tags.
func (d *daemon) inspect(ctx context.Context, ref string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, inspectTimeout)
	defer cancel()
	body, err := d.get(ctx, ref, "json")
	if err != nil {
		return "", err
	}
	defer body.Close()
	raw, err := readDocument(body, documentLimit(Limits{}))
	if err != nil {
		return "", fmt.Errorf("asking %s: %w", d.kind, err)
	}
	var image struct {
		ID       string `json:"Id"`
		RepoTags []string
	}
	if err := json.Unmarshal(raw, &image); err != nil || image.ID == "" {
		return "", fmt.Errorf("%s answers with something else than an image; is %s its socket?", d.kind, finding.EscapeText(d.socket))
	}
	for _, tag := range image.RepoTags {
		if tag == ref || sameName(tag, ref) {
			return tag, nil
		}
	}
	if strings.ContainsAny(ref[strings.LastIndexByte(ref, '/')+1:], ":@") {
		return ref, nil
	}
	return image.ID, nil
}

// save asks for the image as docker save writes it.
func (d *daemon) save(ctx context.Context, ref string) (io.ReadCloser, error) {
	return d.get(ctx, ref, "get")
}

// get asks for one aspect of an image.
func (d *daemon) get(ctx context.Context, ref, what string) (io.ReadCloser, error) {
	u := url.URL{Scheme: "http", Host: d.kind, Path: "/images/" + ref + "/" + what, RawPath: "/images/" + url.PathEscape(ref) + "/" + what}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return nil, d.unreachable(ctx, err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp.Body, nil
	}
	defer resp.Body.Close()
	var answer struct{ Message string }
	raw, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if json.Unmarshal(raw, &answer) != nil || answer.Message == "" {
		answer.Message = resp.Status
	}
	if resp.StatusCode == http.StatusNotFound {
		name := finding.EscapeText(ref)
		return nil, fmt.Errorf("%s has no such image (%s): %w; pull it first (%s pull %s), or read it from its registry (registry:%s)",
			d.kind, finding.EscapeText(answer.Message), fs.ErrNotExist, d.kind, name, name)
	}
	return nil, fmt.Errorf("%s answers %d: %s", d.kind, resp.StatusCode, finding.EscapeText(answer.Message))
}

// unreachable says why the socket does not answer.
func (d *daemon) unreachable(ctx context.Context, err error) error {
	socket := finding.EscapeText(d.socket)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("the socket %s may not be opened: %w; join its group, or pipe the image: sudo %s save IMAGE | imgaudit scan -", socket, fs.ErrPermission, d.kind)
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return fmt.Errorf("%s does not answer at %s: %w; is the service running?", d.kind, socket, err)
}
