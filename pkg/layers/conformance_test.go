package layers

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/internal/imagemake"
)

// form is one way in which an image comes to us. Every source is here, and every
// case below is put to every source that can have it.
type sourceForm struct {
	name   string
	kind   string // Image.Source
	stream bool   // can be read once only
	stored bool   // keeps layers as they were stored, and says their digests and sizes
	multi  bool   // holds several images side by side
	index  bool   // can hold images for several platforms

	// serve brings images into the form and gives the target of the last one.
	serve func(t *testing.T, set imageSet) (target string, opts Options)
}

// imageSet is what a form holds.
type imageSet struct {
	images  []imagemake.Tagged
	one     bool     // one index over all images, named by the first
	missing [][]byte // content that is left out: a layer as stored and as a tar
	choose  string   // the reference to choose; "" when there is one image
}

func (s imageSet) layout() map[string][]byte {
	files := imagemake.Layout(s.images...)
	if s.one {
		var built []*imagemake.Built
		for _, img := range s.images {
			built = append(built, img.Built)
		}
		files = imagemake.MultiPlatform(s.images[0].Ref, built...)
	}
	for name, body := range files {
		if s.isMissing(body) {
			delete(files, name)
		}
	}
	return files
}

func (s imageSet) isMissing(body []byte) bool {
	return slices.ContainsFunc(s.missing, func(m []byte) bool { return bytes.Equal(m, body) })
}

// archive leaves out the members that are missing.
func (s imageSet) archive(archive []byte) []byte {
	if len(s.missing) == 0 {
		return archive
	}
	var entries []imagemake.Entry
	r := tar.NewReader(bytes.NewReader(archive))
	for {
		h, err := r.Next()
		if err != nil {
			return imagemake.Tar(entries...)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			panic(err)
		}
		if h.Typeflag != tar.TypeReg || !s.isMissing(body) {
			entries = append(entries, imagemake.Entry{Header: *h, Body: body})
		}
	}
}

// docker gives a tar as Docker 25 saves it.
func (s imageSet) docker(opts imagemake.ArchiveOptions) []byte {
	if s.one {
		files := s.layout()
		files["manifest.json"] = []byte("[]")
		return imagemake.Archive(files, opts)
	}
	return s.archive(imagemake.NewDockerArchive(opts, s.images...))
}

func (s imageSet) suffix() string {
	if s.choose == "" {
		return ""
	}
	return ":" + s.choose
}

var sourceForms = []sourceForm{
	{name: "an OCI layout", kind: "oci-dir", stored: true, multi: true, index: true,
		serve: func(t *testing.T, s imageSet) (string, Options) {
			return "oci-dir:" + writeLayout(t, s.layout()) + s.suffix(), Options{}
		}},
	{name: "an OCI archive", kind: "oci-archive", stored: true, multi: true, index: true,
		serve: func(t *testing.T, s imageSet) (string, Options) {
			return "oci-archive:" + writeFile(t, "image.tar", imagemake.Archive(s.layout(), imagemake.ArchiveOptions{})) + s.suffix(), Options{}
		}},
	{name: "an OCI archive with ./ entries and directories", kind: "oci-archive", stored: true, multi: true, index: true,
		serve: func(t *testing.T, s imageSet) (string, Options) {
			return writeFile(t, "image.tar", imagemake.Archive(s.layout(), imagemake.ArchiveOptions{DotSlash: true, Directories: true, ManifestFirst: true})) + s.suffix(), Options{}
		}},
	{name: "a compressed OCI archive", kind: "oci-archive", stream: true, stored: true, multi: true, index: true,
		serve: func(t *testing.T, s imageSet) (string, Options) {
			return writeFile(t, "image.tgz", imagemake.Compress("gzip", imagemake.Archive(s.layout(), imagemake.ArchiveOptions{DotSlash: true}))) + s.suffix(), Options{}
		}},
	{name: "a docker-archive of old Docker", kind: "docker-archive", multi: true,
		serve: func(t *testing.T, s imageSet) (string, Options) {
			return "docker-archive:" + writeFile(t, "image.tar", s.archive(imagemake.OldDockerArchive(s.images...))) + s.suffix(), Options{}
		}},
	{name: "a docker-archive of Podman", kind: "docker-archive", multi: true,
		serve: func(t *testing.T, s imageSet) (string, Options) {
			return writeFile(t, "image.tar", s.archive(imagemake.FlatDockerArchive(imagemake.ArchiveOptions{}, s.images...))) + s.suffix(), Options{}
		}},
	{name: "a docker-archive of Docker 25", kind: "docker-archive", stored: true, multi: true, index: true,
		serve: func(t *testing.T, s imageSet) (string, Options) {
			return writeFile(t, "image.tar", s.docker(imagemake.ArchiveOptions{})) + s.suffix(), Options{}
		}},
	{name: "a docker-archive with its manifest first", kind: "docker-archive", stored: true, multi: true, index: true,
		serve: func(t *testing.T, s imageSet) (string, Options) {
			return writeFile(t, "image.tar", s.docker(imagemake.ArchiveOptions{ManifestFirst: true, Directories: true})) + s.suffix(), Options{}
		}},
	stdinForm("an OCI archive, manifest last", true, func(s imageSet) []byte { return imagemake.Archive(s.layout(), imagemake.ArchiveOptions{}) }),
	stdinForm("an OCI archive, manifest first", true, func(s imageSet) []byte {
		return imagemake.Archive(s.layout(), imagemake.ArchiveOptions{ManifestFirst: true})
	}),
	stdinForm("Docker 25, manifest last", true, func(s imageSet) []byte { return s.docker(imagemake.ArchiveOptions{}) }),
	stdinForm("Docker 25, manifest first", true, func(s imageSet) []byte { return s.docker(imagemake.ArchiveOptions{ManifestFirst: true}) }),
	stdinForm("old Docker", false, func(s imageSet) []byte { return s.archive(imagemake.OldDockerArchive(s.images...)) }),
	stdinForm("Podman, manifest first, zstd", false, func(s imageSet) []byte {
		return imagemake.Compress("zstd", s.archive(imagemake.FlatDockerArchive(imagemake.ArchiveOptions{ManifestFirst: true}, s.images...)))
	}),
	daemonForm("docker", func(s imageSet) []byte { return s.docker(imagemake.ArchiveOptions{}) }),
	daemonForm("podman", func(s imageSet) []byte {
		return s.docker(imagemake.ArchiveOptions{ManifestFirst: true})
	}),
	{name: "a registry", kind: "registry", stored: true, multi: true, index: true, serve: serveRegistry},
}

func stdinForm(name string, stored bool, archive func(imageSet) []byte) sourceForm {
	return sourceForm{name: "standard input: " + name, kind: "stdin", stream: true, stored: stored, multi: true, index: stored,
		serve: func(t *testing.T, s imageSet) (string, Options) {
			r, w := io.Pipe()
			go func() {
				_, err := w.Write(archive(s))
				w.CloseWithError(err)
			}()
			t.Cleanup(func() { r.Close() })
			return "-" + s.suffix(), Options{Stdin: r}
		}}
}

// daemonForm is a daemon that speaks Docker's API on a socket.
func daemonForm(kind string, archive func(imageSet) []byte) sourceForm {
	return sourceForm{name: "the daemon of " + kind, kind: kind, stream: true, stored: true, index: true,
		serve: func(t *testing.T, s imageSet) (string, Options) {
			ref := s.images[len(s.images)-1].Ref
			if s.one {
				ref = s.images[0].Ref
			}
			socket := serveSocket(t, func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/images/" + ref + "/json":
					json.NewEncoder(w).Encode(map[string]any{"Id": "sha256:1", "RepoTags": []string{ref}})
				case "/images/" + ref + "/get":
					w.Write(archive(s))
				default:
					w.WriteHeader(http.StatusNotFound)
					fmt.Fprintf(w, `{"message":"No such image: %s"}`, r.URL.Path)
				}
			})
			return kind + ":" + ref, Options{Daemon: Daemon{DockerHost: "unix://" + socket, PodmanHost: "unix://" + socket}}
		}}
}

// serveSocket serves HTTP on a unix socket.
func serveSocket(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sock") // t.TempDir's names are too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return socket
}

// serveRegistry is a registry that hands out what it is told to, right or wrong.
func serveRegistry(t *testing.T, s imageSet) (string, Options) {
	blobs := map[string][]byte{}
	for name, body := range s.layout() {
		if digest := digestOfName(name); digest != "" {
			blobs[digest] = body
		}
	}
	tags := map[string]v1.Descriptor{}
	var index v1.IndexManifest
	if err := json.Unmarshal(s.layout()["index.json"], &index); err != nil {
		t.Fatal(err)
	}
	for i, d := range index.Manifests {
		tags[fmt.Sprintf("t%d", i)] = d
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts := strings.Split(r.URL.Path, "/")
		ref := parts[len(parts)-1]
		if strings.Contains(r.URL.Path, "/manifests/") {
			d, ok := tags[ref]
			if !ok {
				d.Digest, _ = v1.NewHash(ref)
			}
			ref = d.Digest.String()
			var m struct{ MediaType string }
			_ = json.Unmarshal(blobs[ref], &m)
			w.Header().Set("Content-Type", m.MediaType)
			w.Header().Set("Docker-Content-Digest", ref)
		}
		body, ok := blobs[ref]
		switch {
		case r.URL.Path == "/v2/":
		case !ok:
			w.WriteHeader(http.StatusNotFound)
			io.WriteString(w, `{"errors":[{"code":"BLOB_UNKNOWN","message":"no such blob"}]}`)
		default:
			http.ServeContent(w, r, "", imagemake.Epoch, bytes.NewReader(body))
		}
	}))
	t.Cleanup(server.Close)
	return fmt.Sprintf("registry:%s/app:t%d", strings.TrimPrefix(server.URL, "http://"), len(index.Manifests)-1), Options{}
}

// told is what a walk tells of an image, by layer.
type told struct {
	image  *Image
	layers []toldLayer
}

type toldLayer struct {
	entries  []Entry
	contents map[string]string
	gaps     []string
}

// allContent is a scanner that keeps all content, by layer.
type allContent struct {
	mu     sync.Mutex
	opened map[string]int // how often each layer was
}

func (*allContent) Name() string { return "allContent" }

func (r *allContent) Layer(_ context.Context, l Layer) LayerScanner {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.opened == nil {
		r.opened = map[string]int{}
	}
	r.opened[l.Key]++
	return &layerContent{contents: map[string]string{}}
}

type layerContent struct{ contents map[string]string }

func (r *layerContent) Entry(e *Entry) io.WriteCloser {
	if e.Type != Regular || e.Whiteout != NoWhiteout {
		return nil
	}
	return &fileContent{r: r, path: e.Path}
}

func (r *layerContent) Facts() ScanFacts { return ScanFacts{Found: r.contents} }

type fileContent struct {
	bytes.Buffer
	r    *layerContent
	path string
}

func (f *fileContent) Close() error { f.r.contents[f.path] = f.String(); return nil }

// tell opens and walks what a form serves.
func tell(t *testing.T, f sourceForm, s imageSet, change func(*Options)) ([]told, *allContent, error) {
	t.Helper()
	target, opts := f.serve(t, s)
	opts.Platform = "linux/amd64"
	if change != nil {
		change(&opts)
	}
	src, err := Open(t.Context(), target, opts)
	if err != nil {
		return nil, nil, err
	}
	defer src.Close()
	rec := &allContent{}
	walked, err := Walk(t.Context(), src, WalkOptions{}, rec)
	if err != nil {
		return nil, nil, err
	}
	var all []told
	for _, img := range walked.Images {
		one := told{image: img}
		for _, l := range img.Layers {
			tl := toldLayer{entries: l.Facts.Entries}
			tl.contents, _ = l.Facts.Scans["allContent"].(map[string]string)
			for _, g := range l.Facts.Gaps {
				tl.gaps = append(tl.gaps, g.Reason)
			}
			one.layers = append(one.layers, tl)
		}
		all = append(all, one)
	}
	return all, rec, nil
}

func lifeStory(ref string) imagemake.Tagged {
	return imagemake.Tagged{Ref: ref, Built: imagemake.Image{Layers: []imagemake.Layer{
		{Entries: []imagemake.Entry{imagemake.Dir("etc"), imagemake.File("etc/passwd", "root\n"), imagemake.Symlink("sh", "bin/sh")}, CreatedBy: "ADD rootfs.tar / # buildkit"},
		{Entries: []imagemake.Entry{imagemake.File("app/.env", "A=b\n"), imagemake.HardLink("app/env", "app/.env"), imagemake.Executable("app/run", strings.Repeat("x", 100_000), 0o4755)}, CreatedBy: "COPY . /app # buildkit"},
		{Entries: []imagemake.Entry{imagemake.Whiteout("app", ".env")}, CreatedBy: "RUN rm /app/.env # buildkit", Compression: "zstd"},
	}}.Build()}
}

func forEachForm(t *testing.T, has func(sourceForm) bool, test func(t *testing.T, f sourceForm)) {
	t.Helper()
	for _, f := range sourceForms {
		if has == nil || has(f) {
			t.Run(f.name, func(t *testing.T) { test(t, f) })
		}
	}
}

func TestEverySourceGivesTheSameImage(t *testing.T) {
	img := lifeStory("example.test/app:1")
	want := []map[string]string{
		{"etc/passwd": "root\n"},
		{"app/.env": "A=b\n", "app/run": strings.Repeat("x", 100_000)},
		{},
	}
	var entries [][]Entry
	forEachForm(t, nil, func(t *testing.T, f sourceForm) {
		all, _, err := tell(t, f, imageSet{images: []imagemake.Tagged{img}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != 1 {
			t.Fatalf("%d images", len(all))
		}
		got := all[0]
		if got.image.Source != f.kind || got.image.ID != img.ConfigDesc.Digest.String() || got.image.Platform != "linux/amd64" {
			t.Errorf("source %q, id %s, platform %s", got.image.Source, got.image.ID, got.image.Platform)
		}
		if f.kind != "registry" && got.image.Reference != img.Ref {
			t.Errorf("reference %q, want %q", got.image.Reference, img.Ref)
		}
		if f.stored && got.image.ManifestDigest != img.Desc.Digest.String() {
			t.Errorf("manifest %q, want %s", got.image.ManifestDigest, img.Desc.Digest)
		}
		if len(got.image.Gaps)+len(got.image.Notes) > 0 {
			t.Errorf("ledger: %v %v", got.image.Gaps, got.image.Notes)
		}
		if len(got.layers) != len(want) {
			t.Fatalf("%d layers, want %d", len(got.layers), len(want))
		}
		if entries == nil {
			for _, l := range got.layers {
				entries = append(entries, l.entries)
			}
		}
		for i, l := range got.image.Layers {
			if !l.Facts.Complete() || l.Facts.DiffID != img.DiffIDs[i].String() || l.DiffID != l.Facts.DiffID {
				t.Errorf("layer %d: diffID %s claimed, %s found, want %s; gaps %v", i, l.DiffID, l.Facts.DiffID, img.DiffIDs[i], l.Facts.Gaps)
			}
			if f.stored && (l.Digest != img.Layers[i].Digest.String() || l.Size != img.Layers[i].Size || l.Facts.Digest != l.Digest) {
				t.Errorf("layer %d: digest %s with %d bytes claimed, %s found", i, l.Digest, l.Size, l.Facts.Digest)
			}
			if by := []string{"ADD rootfs.tar /", "COPY . /app", "RUN rm /app/.env"}[i]; l.Instruction == nil || !strings.Contains(*l.Instruction, by) {
				t.Errorf("layer %d: instruction %v, want %q", i, l.Instruction, by)
			}
			if !maps.Equal(got.layers[i].contents, want[i]) {
				t.Errorf("layer %d has %v", i, slices.Collect(maps.Keys(got.layers[i].contents)))
			}
			if !reflect.DeepEqual(got.layers[i].entries, entries[i]) {
				t.Errorf("layer %d has other entries than in an OCI layout: %v", i, got.layers[i].entries)
			}
		}
	})
}

func TestEverySourceFindsAnImageInANestedIndex(t *testing.T) {
	base := imagemake.Layer{Entries: []imagemake.Entry{imagemake.File("shared", "s")}}
	var set imageSet
	for _, arch := range []string{"arm64", "amd64"} {
		set.images = append(set.images, imagemake.Tagged{Ref: "example.test/app:1", Built: imagemake.Image{
			Platform: v1.Platform{OS: "linux", Architecture: arch},
			Layers:   []imagemake.Layer{base, {Entries: []imagemake.Entry{imagemake.File("own", arch)}}},
		}.Build()})
	}
	set.one = true
	has := func(f sourceForm) bool { return f.index }
	forEachForm(t, has, func(t *testing.T, f sourceForm) {
		for _, arch := range []string{"amd64", "arm64"} {
			all, _, err := tell(t, f, set, func(o *Options) { o.Platform = "linux/" + arch })
			if err != nil {
				t.Fatal(err)
			}
			if len(all) != 1 || all[0].layers[1].contents["own"] != arch || all[0].image.Platform != "linux/"+arch {
				t.Errorf("%s: got %d images, the first for %s", arch, len(all), all[0].image.Platform)
			}
		}
		all, rec, err := tell(t, f, set, func(o *Options) { o.Platform, o.AllPlatforms = "", true })
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != 2 || all[0].layers[1].contents["own"] == all[1].layers[1].contents["own"] {
			t.Fatalf("all platforms are %d images", len(all))
		}
		if len(rec.opened) != 3 {
			t.Errorf("%d layers were read, want 3: one is shared", len(rec.opened))
		}
		for key, n := range rec.opened {
			if n != 1 {
				t.Errorf("layer %s was read %d times", key, n)
			}
		}
		if _, _, err := tell(t, f, set, func(o *Options) { o.Platform = "linux/s390x" }); err == nil || !strings.Contains(err.Error(), "has no image for linux/s390x") {
			t.Errorf("a platform that is not there: %v", err)
		}
	})
}

func TestEverySourceChoosesByName(t *testing.T) {
	base := imagemake.Layer{Entries: []imagemake.Entry{imagemake.File("shared", "s")}}
	var set imageSet
	for _, n := range []string{"1", "2"} {
		set.images = append(set.images, imagemake.Tagged{Ref: "example.test/app:" + n, Built: imagemake.Image{
			Layers: []imagemake.Layer{base, {Entries: []imagemake.Entry{imagemake.File("own", n)}}},
		}.Build()})
	}
	has := func(f sourceForm) bool { return f.multi }
	forEachForm(t, has, func(t *testing.T, f sourceForm) {
		chosen := set
		chosen.choose = "example.test/app:2"
		if f.kind == "registry" {
			chosen.choose = ""
		}
		all, _, err := tell(t, f, chosen, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != 1 || len(all[0].layers) != 2 || all[0].layers[1].contents["own"] != "2" || all[0].layers[0].contents["shared"] != "s" {
			t.Errorf("got %+v", all)
		}
		if f.kind == "registry" {
			return
		}
		if _, _, err := tell(t, f, set, nil); err == nil || !strings.Contains(err.Error(), "it holds 2 images: choose one") {
			t.Errorf("none chosen: %v", err)
		}
	})
}

func TestEverySourceTellsWhatIsWrongWithALayer(t *testing.T) {
	other := imagemake.Tar(imagemake.File("other", "o"))
	cases := []struct {
		name   string
		has    func(sourceForm) bool
		set    func() imageSet
		reason func(sourceForm) string
	}{
		{"a missing blob", nil, func() imageSet {
			img := lifeStory("example.test/app:1")
			return imageSet{images: []imagemake.Tagged{img}, missing: [][]byte{img.Tars[1], img.Blobs[img.Layers[1].Digest.String()]}}
		}, func(sourceForm) string { return ReasonMissingBlob }},
		{"a wrong size", func(f sourceForm) bool { return f.stored }, func() imageSet {
			img := lifeStory("example.test/app:1")
			return imageSet{images: []imagemake.Tagged{withManifest(img, func(m *v1.Manifest) { m.Layers[1].Size += 7 })}}
		}, func(sourceForm) string { return ReasonSizeMismatch }},
		{"a wrong digest", nil, func() imageSet {
			img := lifeStory("example.test/app:1")
			// Of the same size, so that the digest alone tells.
			img.Tars[1] = bytes.Replace(img.Tars[1], []byte("A=b"), []byte("A=c"), 1)
			stored := imagemake.Compress("gzip", img.Tars[1])
			if int64(len(stored)) != img.Layers[1].Size {
				panic("another size")
			}
			img.Blobs[img.Layers[1].Digest.String()] = stored
			return imageSet{images: []imagemake.Tagged{img}}
		}, func(f sourceForm) string {
			if f.stored {
				return ReasonDigestMismatch
			}
			return ReasonDiffIDMismatch
		}},
		{"a wrong diffID", func(f sourceForm) bool { return f.stored }, func() imageSet {
			img := lifeStory("example.test/app:1")
			return imageSet{images: []imagemake.Tagged{withConfig(img, func(c *v1.ConfigFile) { c.RootFS.DiffIDs[1] = imagemake.Digest(other) })}}
		}, func(sourceForm) string { return ReasonDiffIDMismatch }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			forEachForm(t, c.has, func(t *testing.T, f sourceForm) {
				all, _, err := tell(t, f, c.set(), nil)
				if err != nil {
					t.Fatal(err)
				}
				ls := all[0].layers
				if len(ls[0].gaps)+len(ls[2].gaps) > 0 {
					t.Errorf("the other layers have gaps: %v %v", ls[0].gaps, ls[2].gaps)
				}
				if !slices.Contains(ls[1].gaps, c.reason(f)) {
					t.Errorf("the layer has gaps %v, want %s", ls[1].gaps, c.reason(f))
				}
			})
		})
	}
}

// withManifest changes the manifest of an image, and what names it.
func withManifest(img imagemake.Tagged, change func(*v1.Manifest)) imagemake.Tagged {
	files := map[string][]byte{"m": img.Manifest}
	imagemake.Edit(files, "m", change)
	img.Manifest = files["m"]
	img.Desc.Digest, img.Desc.Size = imagemake.Digest(img.Manifest), int64(len(img.Manifest))
	return img
}

// withConfig changes the configuration of an image, and what names it.
func withConfig(img imagemake.Tagged, change func(*v1.ConfigFile)) imagemake.Tagged {
	files := map[string][]byte{"c": img.Config}
	imagemake.Edit(files, "c", change)
	delete(img.Blobs, img.ConfigDesc.Digest.String())
	img.Config = files["c"]
	img.ConfigDesc.Digest, img.ConfigDesc.Size = imagemake.Digest(img.Config), int64(len(img.Config))
	img.Blobs[img.ConfigDesc.Digest.String()] = img.Config
	return withManifest(img, func(m *v1.Manifest) { m.Config = img.ConfigDesc })
}

func TestBlobsAreReadInAnyOrderAtOnceAndTwice(t *testing.T) {
	img := lifeStory("example.test/app:1")
	forEachForm(t, nil, func(t *testing.T, f sourceForm) {
		target, opts := f.serve(t, imageSet{images: []imagemake.Tagged{img}})
		opts.Platform = "linux/amd64"
		src, err := Open(t.Context(), target, opts)
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		drainStream(t, src)
		images, err := src.Images(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ls := images[0].Layers
		if f.stream {
			if _, err := src.Blob(t.Context(), ls[0]); !errors.Is(err, errReadOnce) {
				t.Errorf("a stream was read again: %v", err)
			}
			return
		}
		for _, i := range []int{2, 0, 1, 1} { // out of order, one twice
			if got := uncompressedBlob(t, src, ls[i]); !bytes.Equal(got, img.Tars[i]) {
				t.Errorf("layer %d has other bytes", i)
			}
		}
		// Two at once, byte by byte in turn, and the same one beside itself.
		var readers []io.ReadCloser
		for _, i := range []int{0, 1, 1} {
			r, err := src.Blob(t.Context(), ls[i])
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			readers = append(readers, r)
		}
		got := make([]bytes.Buffer, len(readers))
		for open := len(readers); open > 0; {
			for i, r := range readers {
				if r == nil {
					continue
				}
				if _, err := io.CopyN(&got[i], r, 100); err != nil {
					readers[i], open = nil, open-1
				}
			}
		}
		for i, layer := range []int{0, 1, 1} {
			if !bytes.Equal(uncompress(t, got[i].Bytes()), img.Tars[layer]) {
				t.Errorf("reader %d of layer %d got other bytes", i, layer)
			}
		}
		if _, err := src.Blob(t.Context(), Layer{Key: "sha256:" + strings.Repeat("0", 64), Digest: "sha256:" + strings.Repeat("0", 64)}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a blob that is not there: %v", err)
		}
	})
}

func TestACancelInMidLayerLeavesNoGoroutineInAnySource(t *testing.T) {
	body := make([]byte, 4<<20)
	for i := range body {
		body[i] = byte(i * i >> 3)
	}
	img := imagemake.Tagged{Ref: "example.test/app:1", Built: imagemake.Image{Layers: []imagemake.Layer{
		{Entries: []imagemake.Entry{imagemake.File("big", string(body))}, Compression: "none"},
		{Entries: []imagemake.Entry{imagemake.File("big2", string(body))}, Compression: "none"},
	}}.Build()}
	forEachForm(t, nil, func(t *testing.T, f sourceForm) {
		target, opts := f.serve(t, imageSet{images: []imagemake.Tagged{img}})
		opts.Platform = "linux/amd64"
		before := runtime.NumGoroutine()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		src, err := Open(ctx, target, opts)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Walk(ctx, src, WalkOptions{}, Func("cancel", func(context.Context, Layer, *Entry, io.Reader) error {
			cancel()
			return nil
		}))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the walk gives %v", err)
		}
		if err := src.Close(); err != nil {
			t.Error(err)
		}
		goroutinesEnd(t, before)
	})
}

// goroutinesEnd waits until no more goroutines run than before: those of a
// server and of its connections end some time after the source is closed.
func goroutinesEnd(t testing.TB, before int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), buf[:runtime.Stack(buf, true)])
		}
	}
}
