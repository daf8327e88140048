package layers

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	ggcr "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

const spdxType = "application/spdx+json"

// writable starts a registry that can be written to, with one image in it, and gives the
// reference of the image and its digest.
func writable(t *testing.T, wrap func(http.Handler) http.Handler, opts ...ggcr.Option) (ref, digest string) {
	t.Helper()
	inner := ggcr.New(append(opts, ggcr.Logger(log.New(io.Discard, "", 0)))...)
	plain := httptest.NewServer(inner)
	t.Cleanup(plain.Close)
	image, err := random.Image(100, 2)
	if err != nil {
		t.Fatal(err)
	}
	tag, err := name.NewTag(strings.TrimPrefix(plain.URL, "http://") + "/team/app:1")
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(tag, image); err != nil {
		t.Fatal(err)
	}
	h, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	if wrap == nil {
		return tag.String(), h.String()
	}
	outer := httptest.NewServer(wrap(inner))
	t.Cleanup(outer.Close)
	return strings.TrimPrefix(outer.URL, "http://") + "/team/app:1", h.String()
}

// besideOf reads the image of a reference with all that lies beside it.
func besideOf(t *testing.T, ref string) *Image {
	t.Helper()
	s, err := newRegistry(t.Context(), ref, Options{Beside: true}, quick, authn.NewMultiKeychain())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return firstImage(t, s)
}

func TestAttachStoresADocumentOnceWhereItIsFoundAgain(t *testing.T) {
	html := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/referrers/") {
				w.Header().Set("Content-Type", "text/html")
				_, _ = io.WriteString(w, "<p>welcome")
				return
			}
			h.ServeHTTP(w, r)
		})
	}
	var writes atomic.Int64
	counted := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				writes.Add(1)
			}
			h.ServeHTTP(w, r)
		})
	}
	for name, tc := range map[string]struct {
		wrap func(http.Handler) http.Handler
		opts []ggcr.Option
		tag  bool
	}{
		"a registry that lists referrers":         {counted, []ggcr.Option{ggcr.WithReferrersSupport(true)}, false},
		"a registry that does not":                {counted, nil, true},
		"a registry that answers with a web page": {html, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			ref, digest := writable(t, tc.wrap, tc.opts...)
			doc := Artifact{Type: spdxType, Content: []byte(`{"spdxVersion":"SPDX-2.3"}`), Annotations: map[string]string{"a": "b"}}
			first, err := attach(t.Context(), ref, doc, Options{}, quick, authn.NewMultiKeychain())
			if err != nil {
				t.Fatal(err)
			}
			if first.Already || first.Subject != digest || (first.Tag != "") != tc.tag {
				t.Errorf("attached %+v", first)
			}
			before := writes.Load()
			second, err := attach(t.Context(), ref, doc, Options{}, quick, authn.NewMultiKeychain())
			if err != nil {
				t.Fatal(err)
			}
			if writes.Load() != before || !second.Already || second.Digest != first.Digest {
				t.Errorf("attached again: %+v, first %+v", second, first)
			}
			other := Artifact{Type: "application/vnd.cyclonedx+json", Content: []byte(`{"bomFormat":"CycloneDX"}`)}
			if _, err := attach(t.Context(), ref, other, Options{}, quick, authn.NewMultiKeychain()); err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			img := besideOf(t, ref)
			for _, d := range img.Beside {
				got[d.Kind] = string(d.Raw)
			}
			if len(img.Beside) != 2 || got[spdxType] != string(doc.Content) || got[other.Type] != string(other.Content) {
				t.Errorf("beside the image lie %v, notes %+v", got, img.Notes)
			}
			manifest := manifestOf(t, ref, first.Digest)
			if manifest.ArtifactType != spdxType || manifest.Subject.Digest.String() != digest || manifest.Config.MediaType != emptyJSONType {
				t.Errorf("manifest %+v", manifest)
			}
		})
	}
}

func manifestOf(t *testing.T, ref, digest string) (m struct {
	ArtifactType    string
	Subject, Config v1.Descriptor
}) {
	t.Helper()
	repo, _, _ := strings.Cut(ref, ":1")
	d, err := name.NewDigest(repo + "@" + digest)
	if err != nil {
		t.Fatal(err)
	}
	got, err := remote.Get(d)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(got.Manifest, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestAttachAsksForTheRightToPush holds a registry that gives tokens for what was asked for.
func TestAttachAsksForTheRightToPush(t *testing.T) {
	var asked []string
	var password = nobodysSecret()
	guard := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/token" {
				if _, p, _ := r.BasicAuth(); p != password {
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				asked = append(asked, r.URL.Query().Get("scope"))
				_ = json.NewEncoder(w).Encode(map[string]string{"token": strings.ReplaceAll(r.URL.Query().Get("scope"), ":", ".")})
				return
			}
			need := "pull"
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				need = "push"
			}
			if !strings.Contains(r.Header.Get("Authorization"), need) {
				w.Header().Set("WWW-Authenticate", `Bearer realm="http://`+r.Host+`/token",service="test"`+map[string]string{"pull": `,scope="repository:team/app:pull"`}[need])
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			h.ServeHTTP(w, r)
		})
	}
	ref, _ := writable(t, guard)
	opts := Options{Registry: Registry{Username: "robot", Password: password}}
	if _, err := attach(t.Context(), ref, Artifact{Type: spdxType, Content: []byte("{}")}, opts, quick, authn.NewMultiKeychain()); err != nil {
		t.Fatal(err)
	}
	if last := asked[len(asked)-1]; last != "repository:team/app:pull,push" {
		t.Errorf("asked for %q", asked)
	}
	opts.Registry.Password = nobodysSecret()
	_, err := attach(t.Context(), ref, Artifact{Type: spdxType, Content: []byte("{}")}, opts, quick, authn.NewMultiKeychain())
	if err == nil || strings.Contains(err.Error(), opts.Registry.Password) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("a wrong password gives %v", err)
	}
}

func TestAttachSaysWhyARegistryRefuses(t *testing.T) {
	refuse := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPut || r.Method == http.MethodPost {
				w.WriteHeader(http.StatusForbidden)
				_, _ = io.WriteString(w, `{"errors":[{"code":"DENIED","message":"read\u001b[31m only"}]}`)
				return
			}
			h.ServeHTTP(w, r)
		})
	}
	forget := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/referrers/") {
				w.Header().Set("Content-Type", "application/vnd.oci.image.index.v1+json")
				_, _ = io.WriteString(w, `{"schemaVersion":2,"manifests":[]}`)
				return
			}
			h.ServeHTTP(w, r)
		})
	}
	endless := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/referrers/") {
				w.Header().Set("Content-Type", "application/vnd.oci.image.index.v1+json")
				for range 100 {
					_, _ = w.Write(make([]byte, 1<<20))
				}
				return
			}
			h.ServeHTTP(w, r)
		})
	}
	for name, tc := range map[string]struct {
		wrap func(http.Handler) http.Handler
		want string
	}{
		"it may not be written to": {refuse, "HTTP 403 Forbidden (read\\x1b[31m only)"},
		"it forgets what it took":  {forget, "does not list it"},
		"its list has no end":      {endless, "larger than the limit"},
	} {
		t.Run(name, func(t *testing.T) {
			ref, _ := writable(t, tc.wrap)
			_, err := attach(t.Context(), ref, Artifact{Type: spdxType, Content: []byte("{}")}, Options{}, quick, authn.NewMultiKeychain())
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}
