package layers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

func silent() *log.Logger { return log.New(io.Discard, "", 0) }

func TestRegistryReadsWhatAnotherToolPushed(t *testing.T) {
	noLeaks(t)
	server := httptest.NewServer(registry.New(registry.Logger(silent())))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	pushed, err := random.Image(100_000, 3)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := name.ParseReference(host + "/some/app:1.0")
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(ref, pushed); err != nil {
		t.Fatal(err)
	}
	remoteDigest, _ := pushed.Digest()
	configName, _ := pushed.ConfigName()
	manifest, _ := pushed.Manifest()

	for _, reference := range []string{
		host + "/some/app:1.0",
		host + "/some/app@" + remoteDigest.String(),
		host + "/some/app:1.0@" + remoteDigest.String(),
	} {
		t.Run(reference[len(host):], func(t *testing.T) {
			s := openRef(t, reference, Registry{}, quick)
			img := firstImage(t, s)
			if img.Reference != reference || img.Source != "registry" || img.ManifestDigest != remoteDigest.String() || img.ID != configName.String() {
				t.Errorf("image is %+v", img)
			}
			if len(img.Layers) != 3 {
				t.Fatalf("%d layers", len(img.Layers))
			}
			var wg sync.WaitGroup
			for i, l := range img.Layers {
				for range 2 { // each twice, all at once
					wg.Go(func() {
						raw, err := readLayer(s, l)
						if got, _ := digestOf("sha256", raw); err != nil || got != manifest.Layers[i].Digest {
							t.Errorf("layer %d: %v, digest %s", i, err, got)
						}
					})
				}
			}
			wg.Wait()
			gone := img.Layers[0]
			gone.Digest = hashOf("gone").String()
			if _, err := readLayer(s, gone); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a missing layer gives %v", err)
			}
		})
	}
}

func TestRegistryAsksForTheManifestOnce(t *testing.T) {
	f := newFakeRegistry()
	f.image(t, "1", 10)
	s := openRef(t, f.plain(t)+"/app:1", Registry{}, quick)
	firstImage(t, s)
	firstImage(t, s)
	if n := f.seen["/v2/app/manifests/1"]; n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestRegistryResumesBrokenDownloads(t *testing.T) {
	const size = 300_000
	for name, tc := range map[string]struct {
		cuts    []int64 // how many bytes each answer gives before it breaks off
		ignores bool    // the server ignores Range
		early   int64   // the server begins that many bytes before the range
	}{
		"three cuts":                            {cuts: []int64{1, 77_777, 150_000}},
		"a cut before the first byte":           {cuts: []int64{0}},
		"a cut before the last byte":            {cuts: []int64{size - 1}},
		"a server that ignores ranges":          {cuts: []int64{50_000, 60_000}, ignores: true},
		"cut again before the place is reached": {cuts: []int64{50_000, 10_000, 70_000}, ignores: true},
		"a range that begins early":             {cuts: []int64{50_000}, early: 100},
	} {
		t.Run(name, func(t *testing.T) {
			noLeaks(t)
			f := newFakeRegistry()
			body := f.image(t, "1", size)
			f.before = func(w http.ResponseWriter, r *http.Request, n int) bool {
				if !strings.Contains(r.URL.Path, "/blobs/"+hashOf(string(body)).String()) {
					return false
				}
				if tc.ignores {
					r.Header.Del("Range")
				}
				var from int64
				if tc.early > 0 {
					if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); err == nil {
						r.Header.Set("Range", fmt.Sprintf("bytes=%d-", from-tc.early))
					}
				}
				if n < len(tc.cuts) {
					w = &cutter{w, tc.cuts[n]}
				}
				f.serve(w, r)
				return true
			}
			check := func(host, caFile string) {
				t.Helper()
				wantLayer(t, openRef(t, host+"/app:1", Registry{CAFile: caFile}, quick), body)
				last := f.paths()[len(f.paths())-1]
				if (last.byteRange == "") != (name == "a cut before the first byte") {
					t.Errorf("the last request was %+v", last)
				}
			}
			check(f.plain(t), "")
			f.seen = map[string]int{}
			check(f.secure(t)) // over HTTP/2
		})
	}
}

// cutter breaks the connection off after some bytes of the body.
type cutter struct {
	http.ResponseWriter
	left int64
}

func (c *cutter) Write(p []byte) (int, error) {
	n := min(int64(len(p)), c.left)
	c.left -= n
	_, _ = c.ResponseWriter.Write(p[:n])
	if n < int64(len(p)) {
		_ = http.NewResponseController(c.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	return int(n), nil
}

func TestRegistryGivesUpOnEndlessCuts(t *testing.T) {
	noLeaks(t)
	f := newFakeRegistry()
	body := f.image(t, "1", 1000)
	f.before = func(w http.ResponseWriter, r *http.Request, n int) bool {
		if strings.Contains(r.URL.Path, hashOf(string(body)).String()) {
			f.serve(&cutter{w, 10}, r)
			return true
		}
		return false
	}
	check := func(host, caFile string) {
		s := openRef(t, host+"/app:1", Registry{Retries: 3, CAFile: caFile}, quick)
		got, err := readLayer(s, firstImage(t, s).Layers[0])
		checkErr(t, err, "the connection broke off after 40 of 1000 bytes, again and again")
		if !bytes.Equal(got, body[:40]) {
			t.Errorf("got %d bytes", len(got))
		}
	}
	check(f.plain(t), "")
	check(f.secure(t))
}

func TestRegistryRefusesAWrongRange(t *testing.T) {
	f := newFakeRegistry()
	body := f.image(t, "1", 1000)
	f.before = func(w http.ResponseWriter, r *http.Request, n int) bool {
		if strings.Contains(r.URL.Path, hashOf(string(body)).String()) {
			if n > 0 {
				r.Header.Set("Range", "bytes=500-")
			} else {
				w = &cutter{w, 10}
			}
			f.serve(w, r)
			return true
		}
		return false
	}
	s := openRef(t, f.plain(t)+"/app:1", Registry{}, quick)
	_, err := readLayer(s, firstImage(t, s).Layers[0])
	checkErr(t, err, "another part of the layer")
}

func TestRegistryStopsAtTheClaimedSize(t *testing.T) {
	f := newFakeRegistry()
	body := f.image(t, "1", 1000)
	var endless atomic.Int64
	f.before = func(w http.ResponseWriter, r *http.Request, n int) bool {
		if !strings.Contains(r.URL.Path, hashOf(string(body)).String()) {
			return false
		}
		for {
			n, err := w.Write(body)
			endless.Add(int64(n))
			if err != nil {
				return true
			}
		}
	}
	s := openRef(t, f.plain(t)+"/app:1", Registry{}, quick)
	got, err := readLayer(s, firstImage(t, s).Layers[0])
	if err != nil || len(got) != 1001 {
		t.Errorf("got %d bytes and %v, want one more than claimed", len(got), err)
	}
}

func TestRegistryRepeatsWhatFailed(t *testing.T) {
	status := func(code int, header ...string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
		}
	}
	abort := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	for name, tc := range map[string]struct {
		fail    func(http.ResponseWriter, *http.Request)
		times   int
		wantErr string
		least   time.Duration
	}{
		"500 then well":              {fail: status(500), times: 2},
		"503 for good":               {fail: status(503), times: 100, wantErr: "HTTP 503 Service Unavailable (5 attempts)"},
		"429 with Retry-After":       {fail: status(429, "Retry-After", "1"), times: 1, least: time.Second},
		"429 with a long wait":       {fail: status(429, "Retry-After", "3600"), times: 100, wantErr: "it asks to slow down; it wants to be asked again in 1h0m0s"},
		"429 for good":               {fail: status(429), times: 100, wantErr: "HTTP 429 Too Many Requests: it asks to slow down (5 attempts)"},
		"a reset then well":          {fail: abort, times: 3},
		"resets for good":            {fail: abort, times: 100, wantErr: "the connection broke off (5 attempts)"},
		"404 is no failure":          {fail: status(404), times: 1, wantErr: "there is no such tag"},
		"401 without a challenge":    {fail: status(401), times: 100, wantErr: "it needs credentials, or there is no such repository; docker login "},
		"403":                        {fail: status(403), times: 100, wantErr: "--username with --password-stdin"},
		"501 is not asked again":     {fail: status(501), times: 1, wantErr: "HTTP 501 Not Implemented"},
		"a redirect that leads away": {fail: status(302, "Location", "ftp://example.com/"), times: 1, wantErr: "something that is no web address"},
	} {
		t.Run(name, func(t *testing.T) {
			noLeaks(t)
			f := newFakeRegistry()
			body := f.image(t, "1", 10)
			f.before = func(w http.ResponseWriter, r *http.Request, n int) bool {
				if strings.HasSuffix(r.URL.Path, "/manifests/1") && n < tc.times {
					tc.fail(w, r)
					return true
				}
				return false
			}
			s := openRef(t, f.plain(t)+"/app:1", Registry{}, quick)
			start := time.Now()
			_, err := s.Images(context.Background())
			checkErr(t, err, tc.wantErr)
			if d := time.Since(start); d < tc.least {
				t.Errorf("took %v, want at least %v", d, tc.least)
			}
			if err == nil {
				wantLayer(t, s, body)
			}
		})
	}
}

func TestRegistryDoesNotRepeatWhenAskedNotTo(t *testing.T) {
	f := newFakeRegistry()
	f.before = func(w http.ResponseWriter, r *http.Request, _ int) bool { w.WriteHeader(500); return true }
	s := openRef(t, f.plain(t)+"/app:1", Registry{Retries: -1}, quick)
	_, err := s.Images(context.Background())
	checkErr(t, err, "HTTP 500")
	if n := f.seen["/v2/"]; n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestRegistryThatHangs(t *testing.T) {
	for name, hang := range map[string]func(f *fakeRegistry, w http.ResponseWriter, r *http.Request){
		"before the headers": func(*fakeRegistry, http.ResponseWriter, *http.Request) {},
		"in mid-body": func(f *fakeRegistry, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte("{"))
			_ = http.NewResponseController(w).Flush()
		},
	} {
		for _, part := range []string{"/manifests/", "/blobs/"} {
			t.Run(name+" of "+part, func(t *testing.T) {
				noLeaks(t)
				f := newFakeRegistry()
				body := f.image(t, "1", 1000)
				part := part
				if part == "/blobs/" {
					part += hashOf(string(body)).String()
				}
				f.before = func(w http.ResponseWriter, r *http.Request, _ int) bool {
					if !strings.Contains(r.URL.Path, part) {
						return false
					}
					hang(f, w, r)
					<-r.Context().Done()
					return true
				}
				check := func(host, caFile string) {
					s := openRef(t, host+"/app:1", Registry{Retries: 2, CAFile: caFile}, hasty)
					images, err := s.Images(context.Background())
					if err == nil {
						_, err = readLayer(s, images[0].Layers[0])
					}
					checkErr(t, err, "it sent nothing for too long")
				}
				check(f.plain(t), "")
				check(f.secure(t))
			})
		}
	}
}

func TestRegistryThatDrips(t *testing.T) {
	noLeaks(t)
	f := newFakeRegistry()
	body := f.image(t, "1", 1000)
	f.before = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		if !strings.Contains(r.URL.Path, hashOf(string(body)).String()) {
			return false
		}
		w.Header().Set("Content-Length", "1000")
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for r.Context().Err() == nil {
			_, _ = w.Write([]byte{'x'})
			_ = http.NewResponseController(w).Flush()
			<-tick.C
		}
		return true
	}
	s := openRef(t, f.plain(t)+"/app:1", Registry{Retries: -1}, hasty)
	_, err := readLayer(s, firstImage(t, s).Layers[0])
	checkErr(t, err, "next to nothing")
}

func TestRegistryCancelledInMidLayerLeavesNothing(t *testing.T) {
	for _, how := range []string{"context", "reader closed", "source closed"} {
		t.Run(how, func(t *testing.T) {
			noLeaks(t)
			f := newFakeRegistry()
			body := f.image(t, "1", 1000)
			f.before = func(w http.ResponseWriter, r *http.Request, _ int) bool {
				if !strings.Contains(r.URL.Path, hashOf(string(body)).String()) {
					return false
				}
				w.Header().Set("Content-Length", "1000")
				_, _ = w.Write(body[:500])
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
				return true
			}
			s := openRef(t, f.plain(t)+"/app:1", Registry{}, registryTiming{})
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			r, err := s.Blob(ctx, firstImage(t, s).Layers[0])
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(r, make([]byte, 500)); err != nil {
				t.Fatal(err)
			}
			done := make(chan error)
			go func() { _, err := r.Read(make([]byte, 1)); done <- err }()
			switch how {
			case "context":
				cancel()
			case "reader closed":
				r.Close()
			case "source closed":
				s.Close()
			}
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			r.Close()
		})
	}
}

func TestRegistryVerifiesManifests(t *testing.T) {
	huge := []byte(`{"layers":[],"x":"` + strings.Repeat("x", 5000) + `"}`)
	for name, tc := range map[string]struct {
		before  func(w http.ResponseWriter, r *http.Request, n int) bool
		pinned  bool
		limit   int64
		wantErr string
	}{
		"the header names another digest": {wantErr: "the registry calls it sha256:", before: func(w http.ResponseWriter, r *http.Request, _ int) bool {
			if strings.Contains(r.URL.Path, "/manifests/") {
				w.Header().Set("Docker-Content-Digest", hashOf("other").String())
				_, _ = w.Write([]byte("{}"))
				return true
			}
			return false
		}},
		"another manifest than the digest names": {pinned: true, wantErr: "but should be sha256:", before: func(w http.ResponseWriter, r *http.Request, _ int) bool {
			if strings.Contains(r.URL.Path, "/manifests/") {
				_, _ = w.Write([]byte("{}"))
				return true
			}
			return false
		}},
		"a huge one": {limit: 1000, wantErr: "larger than the limit of 1000 bytes", before: func(w http.ResponseWriter, r *http.Request, n int) bool {
			if strings.Contains(r.URL.Path, "/manifests/") {
				if n > 0 {
					t.Error("a manifest that is too large was asked for again")
				}
				_, _ = w.Write(huge)
				return true
			}
			return false
		}},
		"a web page": {wantErr: "parsing it as JSON", before: func(w http.ResponseWriter, r *http.Request, _ int) bool {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<html>please log in"))
			return true
		}},
		"schema 1": {wantErr: "schema 1", before: func(w http.ResponseWriter, r *http.Request, _ int) bool {
			w.Header().Set("Content-Type", string(types.DockerManifestSchema1Signed)+"; charset=utf-8")
			_, _ = w.Write([]byte("{}"))
			return true
		}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeRegistry()
			f.image(t, "1", 10)
			f.before = tc.before
			ref := f.plain(t) + "/app:1"
			if tc.pinned {
				ref += "@" + f.tags["1"].String()
			}
			s := openWith(t, ref, Options{Limits: Limits{Document: tc.limit}}, quick, nil)
			_, err := s.Images(context.Background())
			checkErr(t, err, tc.wantErr)
		})
	}
}

func TestRegistryReadsNestedIndexes(t *testing.T) {
	f := newFakeRegistry()
	put := func(d v1.Descriptor) v1.Descriptor { f.types[d.Digest] = d.MediaType; return d }
	a, b := put(f.store.image(t, "linux", "mips", "")), put(f.store.image(t, "linux", "arm", "v7"))
	inner := put(f.store.index(t, b))
	root := put(f.store.index(t, a, inner))
	f.tags["1"] = root.Digest
	s := openWith(t, f.plain(t)+"/app:1", Options{AllPlatforms: true}, quick, nil)
	images, err := s.Images(context.Background())
	checkErr(t, err, "")
	if got := platformsOf(images); got != "linux/mips, linux/arm/v7" {
		t.Errorf("got %q", got)
	}
	if images[1].ManifestDigest != b.Digest.String() {
		t.Errorf("got %s", images[1].ManifestDigest)
	}
}

func TestRegistryReadsSHA512References(t *testing.T) {
	f := newFakeRegistry()
	body := f.image(t, "1", 10)
	raw := f.store[f.tags["1"]]
	h, _ := digestOf("sha512", raw)
	f.store[h], f.types[h] = raw, types.OCIManifestSchema1
	img := wantLayer(t, openRef(t, f.plain(t)+"/app@"+h.String(), Registry{}, quick), body)
	if img.ManifestDigest != h.String() {
		t.Errorf("got %s", img.ManifestDigest)
	}
}

func TestRegistryReferences(t *testing.T) {
	d := hashOf("x").String()
	for reference, want := range map[string]string{
		"alpine":                     "index.docker.io/library/alpine:latest",
		"docker.io/library/alpine:3": "index.docker.io/library/alpine:3",
		"ghcr.io/a/b":                "ghcr.io/a/b:latest",
		"localhost:5000/a:1@" + d:    "localhost:5000/a@" + d,
		"[::1]:5000/a":               "[::1]:5000/a:latest",
	} {
		ref, err := parseReference(reference)
		if err != nil || ref.Name() != want {
			t.Errorf("%s: got %v and %v, want %s", reference, ref, err, want)
		}
	}
	secret := "hunter" + "22"
	for reference, want := range map[string]string{
		"":                              "could not parse",
		"https://example.com/a":         "no scheme",
		"me:" + secret + "@example.com": "--username",
		"https://me:" + secret + "@e.c": "no scheme",
		"A/B C":                         "write it as",
		"a@sha256:zz":                   "no digest",
		"a\x1b[2J":                      "write it as",
	} {
		_, err := parseReference(reference)
		checkErr(t, err, want)
		if err != nil && (strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "\x1b")) {
			t.Errorf("the error shows what it must not: %q", err)
		}
	}
}

func TestRegistryThatIsNotThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	s := openRef(t, l.Addr().String()+"/app:1", Registry{}, quick)
	_, err = s.Images(context.Background())
	checkErr(t, err, "nothing listens there (connection refused)")

	u := url.URL{Scheme: "http", Host: "169.254.169.254"}
	if err := refuseLinkLocal("tcp", u.Host+":80", nil); err == nil {
		t.Error("the metadata service would be asked")
	}
	s = openRef(t, "169.254.169.254/app:1", Registry{}, quick)
	_, err = s.Images(context.Background())
	checkErr(t, err, "link-local addresses are not asked")
}
