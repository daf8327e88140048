package layers

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// quick is patience for tests.
var quick = registryTiming{connect: 2 * time.Second, idle: 2 * time.Second, backoff: time.Millisecond, maxBackoff: 2 * time.Millisecond, maxWait: 2 * time.Second}

// hasty is patience for tests of servers that hang.
var hasty = registryTiming{connect: 300 * time.Millisecond, idle: 150 * time.Millisecond, backoff: time.Millisecond, maxBackoff: 2 * time.Millisecond, maxWait: time.Second}

// nobodysSecret is a secret that is nobody's.
func nobodysSecret() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// asked is one request that a fake registry saw.
type asked struct{ method, path, authorization, byteRange string }

// fakeRegistry is a registry that does as it is told.
type fakeRegistry struct {
	store store
	types map[v1.Hash]types.MediaType
	tags  map[string]v1.Hash

	// before sees each request first and reports whether it has answered it;
	// n counts the requests for that path, from 0.
	before func(w http.ResponseWriter, r *http.Request, n int) bool

	mu   sync.Mutex
	log  []asked
	seen map[string]int
}

func newFakeRegistry() *fakeRegistry {
	return &fakeRegistry{store: store{}, types: map[v1.Hash]types.MediaType{}, tags: map[string]v1.Hash{}, seen: map[string]int{}}
}

func (f *fakeRegistry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.log = append(f.log, asked{r.Method, r.URL.Path, r.Header.Get("Authorization"), r.Header.Get("Range")})
	n := f.seen[r.URL.Path]
	f.seen[r.URL.Path]++
	f.mu.Unlock()
	if f.before != nil && f.before(w, r, n) {
		return
	}
	f.serve(w, r)
}

func (f *fakeRegistry) serve(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.URL.Path, "/")
	id, kind := parts[len(parts)-1], parts[len(parts)-2]
	if r.URL.Path == "/v2/" {
		return
	}
	h, ok := f.tags[id]
	if !ok {
		h, _ = v1.NewHash(id)
	}
	raw, ok := f.store[h]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintf(w, `{"errors":[{"code":"%s_UNKNOWN","message":"no %s"}]}`, strings.ToUpper(strings.TrimSuffix(kind, "s")), id)
		return
	}
	if kind == "manifests" {
		w.Header().Set("Content-Type", string(f.types[h]))
		w.Header().Set("Docker-Content-Digest", h.String())
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(raw))
}

// paths are the paths that were asked for.
func (f *fakeRegistry) paths() []asked {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]asked(nil), f.log...)
}

// image puts an image with one layer of n bytes under a tag, and gives the
// layer's bytes. What is in them does not matter to a source.
func (f *fakeRegistry) image(t testing.TB, tag string, n int) []byte {
	t.Helper()
	body := make([]byte, n)
	_, _ = rand.Read(body)
	layer := f.store.add(t, types.OCILayer, body)
	cfg := f.store.add(t, types.OCIConfigJSON, configFor("linux", runtime.GOARCH, "", 1))
	m := f.store.add(t, types.OCIManifestSchema1, obj{"schemaVersion": 2, "mediaType": types.OCIManifestSchema1, "config": cfg, "layers": []v1.Descriptor{layer}})
	f.types[m.Digest], f.tags[tag] = types.OCIManifestSchema1, m.Digest
	return body
}

// plain serves the fake over HTTP, secure over HTTPS; both give its host.
func (f *fakeRegistry) plain(t testing.TB) string {
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

func (f *fakeRegistry) secure(t testing.TB) (host, caFile string) {
	s := httptest.NewUnstartedServer(f)
	s.Config.ErrorLog = silent()
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	err := os.WriteFile(caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(s.URL, "https://"), caFile
}

// openRef gives a registry source that asks no one's Docker configuration.
func openRef(t testing.TB, ref string, r Registry, timing registryTiming) *registrySource {
	t.Helper()
	return openWith(t, ref, Options{Registry: r}, timing, nil)
}

func openWith(t testing.TB, ref string, opts Options, timing registryTiming, keychain authn.Keychain) *registrySource {
	t.Helper()
	s, err := newRegistry(context.Background(), ref, opts, timing, keychain)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// firstImage gives the image of a source, which must be one.
func firstImage(t testing.TB, s Source) *Image {
	t.Helper()
	images, err := s.Images(context.Background())
	if err != nil {
		t.Fatalf("listing images: %v", err)
	}
	if len(images) != 1 || len(images[0].Gaps) > 0 {
		t.Fatalf("got %d images, the first with gaps %v", len(images), images[0].Gaps)
	}
	return images[0]
}

// readLayer reads a layer to its end.
func readLayer(s Source, l Layer) ([]byte, error) {
	r, err := s.Blob(context.Background(), l)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// wantLayer reads the one layer of the one image and compares it.
func wantLayer(t testing.TB, s Source, want []byte) *Image {
	t.Helper()
	img := firstImage(t, s)
	got, err := readLayer(s, img.Layers[0])
	if err != nil {
		t.Fatalf("reading the layer: %v", err)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("got %d bytes that are not the layer's %d", len(got), len(want))
	}
	return img
}

// staticKeychain is a keychain of one user a host.
type staticKeychain map[string]authn.AuthConfig

func (k staticKeychain) Resolve(r authn.Resource) (authn.Authenticator, error) {
	if c, ok := k[r.RegistryStr()]; ok {
		return authn.FromConfig(c), nil
	}
	return authn.Anonymous, nil
}

// noLeaks fails if goroutines that were started since are still there after the
// sources are closed.
func noLeaks(t testing.TB) {
	before := runtime.NumGoroutine()
	t.Cleanup(func() { goroutinesEnd(t, before) })
}

func tokenAnswer(w http.ResponseWriter, field, token string) {
	_ = json.NewEncoder(w).Encode(map[string]any{field: token, "expires_in": 60})
}
