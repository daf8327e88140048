package layers

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/internal/decompress"
	"github.com/imgaudit/imgaudit/internal/imagemake"
)

// anyPlatform makes sample images suit every machine.
var linuxAMD64 = Options{Platform: "linux/amd64"}

func sampleImage(marker string) *imagemake.Built {
	return imagemake.Image{Layers: []imagemake.Layer{
		{Entries: []imagemake.Entry{imagemake.Dir("etc"), imagemake.File("etc/passwd", "root\n")}, CreatedBy: "ADD rootfs.tar / # buildkit"},
		{Entries: []imagemake.Entry{imagemake.File("app", marker)}, CreatedBy: "COPY app / # buildkit"},
	}}.Build()
}

func writeFile(t *testing.T, name string, body []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func writeLayout(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	if err := imagemake.WriteFiles(dir, files); err != nil {
		t.Fatal(err)
	}
	return dir
}

// openImages opens a target and gives its images, reading it to the end if it
// is a stream.
func openImages(t *testing.T, target string, opts Options) ([]*Image, error) {
	t.Helper()
	src, err := Open(t.Context(), target, opts)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { src.Close() })
	drainStream(t, src)
	return src.Images(t.Context())
}

func drainStream(t *testing.T, src Source) {
	t.Helper()
	if s, ok := src.(Stream); ok {
		for {
			if _, _, err := s.Next(t.Context()); err != nil {
				return
			}
		}
	}
}

func TestOpenSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	random := make([]byte, 20<<10)
	for i := range random {
		random[i] = byte(rand.Uint32())
	}
	random[0] = 'R'
	good := imagemake.Layout(imagemake.Tagged{Ref: "example.test/app:1", Built: sampleImage("a")})
	broken := imagemake.Layout(imagemake.Tagged{Ref: "example.test/app:1", Built: sampleImage("a")})
	broken["index.json"] = []byte("{not json")
	rootfs := imagemake.Tar(imagemake.Dir("bin"), imagemake.Dir("etc"), imagemake.File("etc/passwd", "root"))
	plain := imagemake.Tar(imagemake.File("readme.txt", "hello"))
	empty := imagemake.Tar()
	closed := t.TempDir()
	if err := os.Chmod(closed, 0); err != nil {
		t.Fatal(err)
	}
	two := imagemake.FlatDockerArchive(imagemake.ArchiveOptions{},
		imagemake.Tagged{Ref: "example.test/app:1", Built: sampleImage("a")}, imagemake.Tagged{Ref: "example.test/app:2", Built: sampleImage("b")})

	cases := []struct {
		name   string
		target string
		want   []string
	}{
		{"an empty target", "", []string{"it is empty", "name an image"}},
		{"an empty file", writeFile(t, "e.tar", nil), []string{"e.tar: it is not an image archive: it is empty"}},
		{"random bytes", writeFile(t, "r.tar", random), []string{"r.tar: it is not an image archive: it is neither a tar nor a compressed tar"}},
		{"a directory that is no layout", "oci-dir:" + t.TempDir(), []string{"it is no OCI layout: it has no index.json", "dir:DIR"}},
		{"an index.json that is no JSON", "oci-dir:" + writeLayout(t, broken), []string{"index.json is damaged (invalid character"}},
		{"a file that is not there", "oci-archive:/nowhere/x.tar", []string{"opening oci-archive /nowhere/x.tar: there is no such file or directory; for an image"}},
		{"a path that is not there, without a scheme", "./nowhere.tar:app:1", []string{"opening ./nowhere.tar: there is no such file or directory; for an image", "registry:REF"}},
		{"a name that can only be a file", "nowhere.tar.gz", []string{"opening nowhere.tar.gz: there is no such file or directory; for an image"}},
		{"a layout where a file is asked for", "docker-archive:" + writeLayout(t, good), []string{"it is a directory, not a file", "oci-dir:DIR"}},
		{"a file where a layout is asked for", "oci-dir:" + writeFile(t, "f", plain), []string{"it is a file, not a directory", "oci-archive:FILE"}},
		{"a tar without an image", writeFile(t, "p.tar", plain), []string{"neither manifest.json nor index.json, but readme.txt"}},
		{"a tar without a file", writeFile(t, "n.tar", empty), []string{"it is an archive without a file in it"}},
		{"what docker export writes", writeFile(t, "x.tar", rootfs), []string{"an exported root file system", "docker save", "dir:DIR"}},
		{"a compressed root file system", writeFile(t, "x.tgz", imagemake.Compress("gzip", rootfs)), []string{"an exported root file system"}},
		{"an OCI archive called a docker-archive", "docker-archive:" + writeFile(t, "o.tar", imagemake.Archive(good, imagemake.ArchiveOptions{})), []string{"write oci-archive:FILE"}},
		{"a docker-archive called an OCI archive", "oci-archive:" + writeFile(t, "d.tar", two), []string{"write docker-archive:FILE"}},
		{"several images and none chosen", writeFile(t, "t.tar", two), []string{"it holds 2 images: choose one, as ", "t.tar:example.test/app:1; it has :example.test/app:1, :example.test/app:2"}},
		{"a name that is not there", writeFile(t, "t.tar", two) + ":app:3", []string{"it has no image :app:3; it has :example.test/app:1"}},
		{"standard input that is not there", "-", []string{"opening standard input: there is none"}},
		{"a compressed file cut short", writeFile(t, "c.tgz", imagemake.Compress("gzip", two)[:200]), []string{"unexpected EOF"}},
	}
	if os.Getuid() != 0 {
		cases = append(cases, struct {
			name   string
			target string
			want   []string
		}{"a directory that may not be read", "oci-dir:" + closed, []string{"it may not be read"}})
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := openImages(t, c.target, linuxAMD64)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q\nlacks %q", err, want)
				}
			}
		})
	}
}

func TestOpenRecognisesWhatLiesAtAPath(t *testing.T) {
	img := imagemake.Tagged{Ref: "example.test/app:1", Built: sampleImage("a")}
	layout := imagemake.Layout(img)
	withColon := filepath.Join(t.TempDir(), "app:1")
	if err := imagemake.WriteFiles(withColon, layout); err != nil {
		t.Fatal(err)
	}
	docker := imagemake.NewDockerArchive(imagemake.ArchiveOptions{}, img)
	cases := []struct{ name, target, source, reference string }{
		{"a layout", writeLayout(t, layout), "oci-dir", "example.test/app:1"},
		{"a layout by skopeo's name", "oci:" + writeLayout(t, layout) + ":1", "oci-dir", "example.test/app:1"},
		{"a layout in a path with a colon", withColon, "oci-dir", "example.test/app:1"},
		{"a layout in a path with a colon, and a tag", withColon + ":1", "oci-dir", "example.test/app:1"},
		{"a manifest by its digest", withColon + "@" + img.Desc.Digest.String(), "oci-dir", "example.test/app:1"},
		{"an OCI archive", writeFile(t, "o", imagemake.Archive(layout, imagemake.ArchiveOptions{})), "oci-archive", "example.test/app:1"},
		{"an OCI archive with ./ entries", writeFile(t, "o", imagemake.Archive(layout, imagemake.ArchiveOptions{DotSlash: true, Directories: true})), "oci-archive", "example.test/app:1"},
		{"a compressed OCI archive", writeFile(t, "o", imagemake.Compress("zstd", imagemake.Archive(layout, imagemake.ArchiveOptions{}))), "oci-archive", "example.test/app:1"},
		{"a docker-archive of Docker 25", writeFile(t, "d", docker), "docker-archive", "example.test/app:1"},
		{"a compressed docker-archive", writeFile(t, "d", imagemake.Compress("gzip", docker)), "docker-archive", "example.test/app:1"},
		{"a docker-archive by name and tag", writeFile(t, "d", docker) + ":example.test/app:1", "docker-archive", "example.test/app:1"},
		{"a docker-archive by tag", writeFile(t, "d", docker) + ":1", "docker-archive", "example.test/app:1"},
		{"a docker-archive by the image's id", writeFile(t, "d", docker) + "@" + img.ConfigDesc.Digest.String(), "docker-archive", "example.test/app:1"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			images, err := openImages(t, c.target, linuxAMD64)
			if err != nil {
				t.Fatal(err)
			}
			got := images[0]
			if len(images) != 1 || got.Source != c.source || got.Reference != c.reference {
				t.Errorf("got %d images, source %q, reference %q", len(images), got.Source, got.Reference)
			}
			if got.ID != img.ConfigDesc.Digest.String() || got.ManifestDigest != img.Desc.Digest.String() || got.Platform != "linux/amd64" {
				t.Errorf("id %s, manifest %s, platform %s", got.ID, got.ManifestDigest, got.Platform)
			}
		})
	}
}

func TestDockerArchivesOfAllTimesGiveTheSameImage(t *testing.T) {
	img := imagemake.Tagged{Ref: "example.test/app:1", Built: sampleImage("a")}
	for name, archive := range map[string][]byte{
		"old":            imagemake.OldDockerArchive(img),
		"flat":           imagemake.FlatDockerArchive(imagemake.ArchiveOptions{}, img),
		"flat and first": imagemake.FlatDockerArchive(imagemake.ArchiveOptions{ManifestFirst: true}, img),
		"Docker 25":      imagemake.NewDockerArchive(imagemake.ArchiveOptions{}, img),
	} {
		t.Run(name, func(t *testing.T) {
			src, err := Open(t.Context(), writeFile(t, "a.tar", archive), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer src.Close()
			images, err := src.Images(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got := images[0]
			if got.ID != img.ConfigDesc.Digest.String() || len(got.Layers) != 2 || len(got.Gaps) > 0 {
				t.Fatalf("image %+v", got)
			}
			for i, l := range got.Layers {
				if l.DiffID != img.DiffIDs[i].String() {
					t.Errorf("layer %d has diffID %s, want %s", i, l.DiffID, img.DiffIDs[i])
				}
				if raw := uncompressedBlob(t, src, l); !bytes.Equal(raw, img.Tars[i]) {
					t.Errorf("layer %d has other bytes", i)
				}
			}
			if isNew := name == "Docker 25"; isNew != (got.ManifestDigest != "") || isNew != (got.Layers[0].Digest != "") {
				t.Errorf("manifest digest %q, layer digest %q", got.ManifestDigest, got.Layers[0].Digest)
			}
		})
	}
}

func uncompressedBlob(t *testing.T, src Source, l Layer) []byte {
	t.Helper()
	r, err := src.Blob(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return uncompress(t, raw)
}

func TestDockerArchiveOfDocker29WhoseIndexNamesMoreThanIsThere(t *testing.T) {
	img := imagemake.Tagged{Ref: "example.test/app:1", Built: sampleImage("a")}
	files := imagemake.Layout(img)
	imagemake.Edit(files, "index.json", func(index *v1.IndexManifest) {
		index.Manifests[0].Digest = imagemake.Digest([]byte("of another platform"))
	})
	archive := map[string][]byte{}
	for name, body := range files {
		archive[name] = body
	}
	archive["manifest.json"] = []byte(`[{"Config":"blobs/sha256/` + img.ConfigDesc.Digest.Hex + `","RepoTags":["app:1"],"Layers":["blobs/sha256/` +
		img.Layers[0].Digest.Hex + `","blobs/sha256/` + img.Layers[1].Digest.Hex + `"]}]`)
	delete(archive, "blobs/sha256/"+img.Desc.Digest.Hex)
	imagemake.Edit(archive, "index.json", func(index *v1.IndexManifest) {
		index.Manifests[0].Annotations["io.containerd.image.name"] = "docker.io/library/app:1"
	})
	images, err := openImages(t, writeFile(t, "a.tar", imagemake.Archive(archive, imagemake.ArchiveOptions{})), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := images[0]; len(got.Notes) != 1 || got.Notes[0].Reason != "index-unused" || len(got.Gaps) > 0 || got.Layers[1].Digest != img.Layers[1].Digest.String() {
		t.Errorf("got %+v", got)
	}
}

func TestAForeignLayerOfADockerArchiveIsNotMissing(t *testing.T) {
	img := sampleImage("a")
	manifest := fmt.Sprintf(`[{"Config":"c.json","Layers":["gone.tar","two.tar"],"LayerSources":{%q:{"mediaType":"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip","urls":["https://example.test/x"]}}}]`, img.DiffIDs[0])
	images, err := openImages(t, writeFile(t, "a.tar", imagemake.Tar(imagemake.File("two.tar", string(img.Tars[1])),
		imagemake.File("c.json", string(img.Config)), imagemake.File("manifest.json", manifest))), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if l := images[0].Layers[0]; l.Unreadable == nil || l.Unreadable.Reason != ReasonForeign || len(l.URLs) != 1 {
		t.Errorf("layer %+v", l)
	}
}

func TestAConfigurationThatIsNotThereOrGarbageIsAGap(t *testing.T) {
	img := sampleImage("a")
	for name, c := range map[string]struct{ config, reason string }{
		"missing":           {"", ReasonBadConfig},
		"garbage":           {"{garbage", ReasonBadConfig},
		"of another digest": {string(sampleImage("b").Config), ReasonDigestMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			file := img.ConfigDesc.Digest.Hex + ".json"
			entries := []imagemake.Entry{imagemake.File("one.tar", string(img.Tars[0])), imagemake.File("two.tar", string(img.Tars[1])),
				imagemake.File("manifest.json", `[{"Config":"`+file+`","Layers":["one.tar","two.tar"]}]`)}
			if c.config != "" {
				entries = append(entries, imagemake.File(file, c.config))
			}
			for _, archive := range [][]byte{imagemake.Tar(entries...), imagemake.Compress("gzip", imagemake.Tar(entries...))} {
				images, err := openImages(t, writeFile(t, "a.tar", archive), Options{})
				if err != nil {
					t.Fatal(err)
				}
				got := images[0]
				if len(got.Layers) != 2 || !slices.ContainsFunc(got.Gaps, func(r Remark) bool { return r.Reason == c.reason }) {
					t.Errorf("%d layers, gaps %+v", len(got.Layers), got.Gaps)
				}
			}
		})
	}
}

func TestOneImageUnderTwoNamesIsOneImage(t *testing.T) {
	img := sampleImage("a")
	dir := writeLayout(t, imagemake.Layout(imagemake.Tagged{Ref: "example.test/app:1", Built: img}, imagemake.Tagged{Ref: "example.test/app:latest", Built: img}))
	for choice, want := range map[string]string{"": "example.test/app:1", ":latest": "example.test/app:latest", ":example.test/app:latest": "example.test/app:latest"} {
		images, err := openImages(t, dir+choice, linuxAMD64)
		if err != nil {
			t.Fatal(err)
		}
		if len(images) != 1 || images[0].Reference != want {
			t.Errorf("%q gives %d images, the first %q", choice, len(images), images[0].Reference)
		}
	}
}

func TestTagsOfALayoutNameItsImage(t *testing.T) {
	files := imagemake.Layout(imagemake.Tagged{Ref: "x:latest", Built: sampleImage("a")}, imagemake.Tagged{Ref: "x:second", Built: sampleImage("a")})
	imagemake.Edit(files, "index.json", func(index *v1.IndexManifest) { // as umoci writes it
		for i := range index.Manifests {
			delete(index.Manifests[i].Annotations, "io.containerd.image.name")
		}
	})
	dir := writeLayout(t, files)
	for choice, want := range map[string]string{"": dir + ":latest", ":second": dir + ":second"} {
		images, err := openImages(t, dir+choice, linuxAMD64)
		if err != nil || images[0].Reference != want {
			t.Errorf("%q: %v, %v", choice, images, err)
		}
	}
	if _, err := openImages(t, dir+":third", linuxAMD64); err == nil || !strings.Contains(err.Error(), "it has no image :third; it has :latest, :second") {
		t.Errorf("a tag that is not there: %v", err)
	}
}

func TestPlatformsSideBySideInIndexJSONAreOneImage(t *testing.T) {
	var images []imagemake.Tagged
	for _, arch := range []string{"arm64", "amd64"} {
		images = append(images, imagemake.Tagged{Built: imagemake.Image{Platform: v1.Platform{OS: "linux", Architecture: arch},
			Layers: []imagemake.Layer{{Entries: []imagemake.Entry{imagemake.File("arch", arch)}}}}.Build()})
	}
	got, err := openImages(t, writeLayout(t, imagemake.Layout(images...)), Options{Platform: "linux/arm64"})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].ID != images[0].ConfigDesc.Digest.String() {
		t.Errorf("%d images, the first %+v", len(got), got[0])
	}
}

func TestChoosingAnImage(t *testing.T) {
	archive := writeFile(t, "a.tar", imagemake.FlatDockerArchive(imagemake.ArchiveOptions{},
		imagemake.Tagged{Ref: "app:1", Built: sampleImage("a")},
		imagemake.Tagged{Ref: "app:latest", Built: sampleImage("b")},
		imagemake.Tagged{Ref: "example.test/app:1", Built: sampleImage("c")},
		imagemake.Tagged{Ref: "", Built: sampleImage("d")}))
	for _, c := range []struct{ choice, want string }{
		{":app:1", "app:1"},
		{":docker.io/library/app:1", "app:1"},
		{":app", "app:latest"},
		{":latest", "app:latest"},
		{":example.test/app:1", "example.test/app:1"},
		{"@" + sampleImage("d").ConfigDesc.Digest.String(), archive},
		{"@" + sampleImage("b").ConfigDesc.Digest.String(), "app:latest"},
		{":1", "error: fits 2 of its images"},
		{":app:3", "error: it has no image :app:3"},
		{"@sha256:0000", "error: it has no image @sha256:0000"},
	} {
		t.Run(c.choice, func(t *testing.T) {
			images, err := openImages(t, archive+c.choice, Options{})
			switch want, isError := strings.CutPrefix(c.want, "error: "); {
			case isError && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("error %v, want %q", err, want)
			case !isError && err != nil:
				t.Error(err)
			case !isError && images[0].Reference != c.want:
				t.Errorf("got %q, want %q", images[0].Reference, c.want)
			}
		})
	}
}

func TestLinksOfArchivesAndLayoutsStayInside(t *testing.T) {
	img := sampleImage("a")
	manifest := `[{"Config":"c.json","RepoTags":null,"Layers":["a/layer.tar","loop1","out"]}]`
	archive := imagemake.Tar(
		imagemake.Symlink("a/layer.tar", "../b/layer.tar"), imagemake.HardLink("b/layer.tar", "real.tar"),
		imagemake.File("real.tar", string(img.Tars[0])), imagemake.Symlink("loop1", "loop2"), imagemake.Symlink("loop2", "loop1"),
		imagemake.Symlink("out", "../../../../etc/passwd"), imagemake.File("c.json", string(img.Config)), imagemake.File("manifest.json", manifest))
	src, err := Open(t.Context(), writeFile(t, "a.tar", archive), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	images, err := src.Images(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ls := images[0].Layers
	if ls[0].Key != "real.tar" || !bytes.Equal(uncompressedBlob(t, src, ls[0]), img.Tars[0]) {
		t.Errorf("a link to a link to a layer: %+v", ls[0])
	}
	if _, err := src.Blob(t.Context(), ls[1]); err == nil || !strings.Contains(err.Error(), "circle") {
		t.Errorf("a circle of links: %v", err)
	}
	if _, err := src.Blob(t.Context(), ls[2]); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a link that leads out: %v", err)
	}

	files := imagemake.Layout(imagemake.Tagged{Built: img})
	dir := writeLayout(t, files)
	blob := filepath.Join(dir, "blobs/sha256", img.Layers[0].Digest.Hex)
	if err := errors.Join(os.Remove(blob), os.Symlink("/etc/passwd", blob)); err != nil {
		t.Fatal(err)
	}
	layout, err := Open(t.Context(), "oci-dir:"+dir, linuxAMD64)
	if err != nil {
		t.Fatal(err)
	}
	defer layout.Close()
	for _, l := range []Layer{
		{Key: img.Layers[0].Digest.String()},
		{Key: "sha256:../../../../etc/passwd"}, {Key: "../../etc/passwd"}, {Key: "/etc/passwd"}, {Key: "./../../etc/passwd"},
	} {
		if r, err := layout.Blob(t.Context(), l); err == nil {
			r.Close()
			t.Errorf("%s leads out of the layout", l.Key)
		}
	}
}

func uncompress(t *testing.T, raw []byte) []byte {
	t.Helper()
	in := bufio.NewReader(bytes.NewReader(raw))
	kind := decompress.Sniff(raw)
	if kind == decompress.None {
		return raw
	}
	d, err := decompress.New(kind, in)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	out, err := io.ReadAll(d)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
