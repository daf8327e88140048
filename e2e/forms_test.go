package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/internal/plant"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/report"

	"github.com/imgaudit/imgaudit/internal/tooltest"
)

// TestOneImageInEveryFormGivesTheSameFindings holds images of several builders
// against each other in all the forms that an image can have.
func TestOneImageInEveryFormGivesTheSameFindings(t *testing.T) {
	tooltest.Need(t, "skopeo")
	for name, make := range map[string]func(*testing.T, string){
		"our own fixture": ownImage,
		"buildah":         buildahImage,
		"umoci":           umociImage,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			layout := filepath.Join(dir, "layout")
			make(t, layout)
			want := scan(t, nil, "oci-dir:"+layout)
			if len(want.Findings) < 3 {
				t.Fatalf("only %d findings: %+v", len(want.Findings), want.Findings)
			}
			for form, got := range otherForms(t, dir, layout) {
				sameFindings(t, form, want, got)
			}
		})
	}
}

// otherForms gives the reports on all other forms of the image in a layout.
func otherForms(t *testing.T, dir, layout string) map[string]report.Report {
	reports := map[string]report.Report{}
	file := func(name string) string { return filepath.Join(dir, name) }

	plain := startRegistry(t, registryOptions{})
	reports["registry"] = scan(t, nil, "registry:"+plain.push(t, layout+":app", "team/app:1"))
	built := fromLayout(t, layout)
	if err := imagemake.WriteFiles(file("zstd"), imagemake.Layout(imagemake.Tagged{Ref: "app", Built: built.Recompressed("zstd")})); err != nil {
		t.Fatal(err)
	}
	pull := imgaudit(t, nil, "pull-and-scan", plain.push(t, file("zstd")+":app", "team/app:zstd"), "-o", "json")
	if pull.status != 0 {
		t.Errorf("pull-and-scan of zstd layers: status %d\n%s", pull.status, pull.stderr)
	} else {
		reports["registry, zstd"] = decode(t, pull.stdout)
	}

	closed := startRegistry(t, registryOptions{tls: true, auth: true})
	ref := closed.push(t, layout+":app", "team/app:1")
	login := imgaudit(t, []byte(closed.password+"\n"), "pull-and-scan", ref, "-o", "json", "--ca-file", closed.caFile, "--username", closed.user, "--password-stdin")
	if login.status != 0 {
		t.Errorf("registry with TLS and htpasswd: status %d\n%s", login.status, login.stderr)
	} else {
		reports["registry with TLS and htpasswd"] = decode(t, login.stdout)
	}
	if refused := imgaudit(t, nil, "pull-and-scan", ref, "--ca-file", closed.caFile); refused.status != 2 || !strings.Contains(refused.stderr, "--password-stdin") {
		t.Errorf("without credentials: status %d\n%s", refused.status, refused.stderr)
	}
	if stranger := imgaudit(t, nil, "pull-and-scan", ref); stranger.status != 2 || !strings.Contains(stranger.stderr, "--ca-file") {
		t.Errorf("with a certificate of an unknown authority: status %d\n%s", stranger.status, stranger.stderr)
	}

	run(t, "skopeo", "copy", "-q", "oci:"+layout+":app", "oci-archive:"+file("oci.tar")+":app")
	run(t, "tar", "-C", layout, "-cf", file("dot.tar"), ".")
	run(t, "skopeo", "copy", "-q", "oci:"+layout+":app", "docker-archive:"+file("docker.tar")+":example.test/app:1")
	reports["OCI archive by skopeo"] = scan(t, nil, "oci-archive:"+file("oci.tar"))
	reports["OCI archive with ./ entries, recognised"] = scan(t, nil, file("dot.tar"))
	reports["docker-archive by skopeo"] = scan(t, nil, "docker-archive:"+file("docker.tar")+":example.test/app:1")
	for _, name := range []string{"oci.tar", "dot.tar", "docker.tar"} {
		archive, err := os.ReadFile(file(name))
		if err != nil {
			t.Fatal(err)
		}
		reports["standard input: "+name] = scan(t, archive, "-")
		run(t, "gzip", "-k", file(name))
		run(t, "zstd", "-q", "-k", file(name))
		reports["compressed: "+name+".gz"] = scan(t, nil, file(name+".gz"))
		reports["compressed: "+name+".zst"] = scan(t, nil, file(name+".zst"))
	}
	img := imagemake.Tagged{Ref: "example.test/app:1", Built: built}
	first, last := imagemake.ArchiveOptions{ManifestFirst: true}, imagemake.ArchiveOptions{}
	for form, archive := range map[string][]byte{
		"old docker save":                 imagemake.OldDockerArchive(img),
		"new docker save, manifest last":  imagemake.NewDockerArchive(last, img),
		"new docker save, manifest first": imagemake.NewDockerArchive(first, img),
		"OCI archive, manifest first":     imagemake.Archive(imagemake.Layout(img), first),
		"OCI archive, manifest last":      imagemake.Archive(imagemake.Layout(img), last),
	} {
		if err := os.WriteFile(file("form.tar"), archive, 0o600); err != nil {
			t.Fatal(err)
		}
		reports[form] = scan(t, nil, file("form.tar"))
		reports[form+", standard input"] = scan(t, archive, "-")
	}
	return reports
}

// fromLayout reads the one image of a layout whose layers are gzip or plain tars.
func fromLayout(t *testing.T, layout string) *imagemake.Built {
	t.Helper()
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(layout, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	blob := func(h v1.Hash) []byte { return read("blobs/" + h.Algorithm + "/" + h.Hex) }
	index, err := v1.ParseIndexManifest(bytes.NewReader(read("index.json")))
	if err != nil {
		t.Fatal(err)
	}
	desc := index.Manifests[0]
	desc.Annotations = nil
	b := &imagemake.Built{Manifest: blob(desc.Digest), Desc: desc, Blobs: map[string][]byte{}}
	manifest, err := v1.ParseManifest(bytes.NewReader(b.Manifest))
	if err != nil {
		t.Fatal(err)
	}
	b.ConfigDesc, b.Layers = manifest.Config, manifest.Layers
	b.Config = blob(manifest.Config.Digest)
	b.Blobs[manifest.Config.Digest.String()] = b.Config
	config, err := v1.ParseConfigFile(bytes.NewReader(b.Config))
	if err != nil {
		t.Fatal(err)
	}
	b.DiffIDs = config.RootFS.DiffIDs
	for _, l := range manifest.Layers {
		stored := blob(l.Digest)
		b.Blobs[l.Digest.String()] = stored
		b.Tars = append(b.Tars, gunzip(t, stored))
	}
	return b
}

func decode(t *testing.T, stdout string) report.Report {
	t.Helper()
	var rep report.Report
	if err := json.Unmarshal([]byte(stdout), &rep); err != nil {
		t.Fatal(err)
	}
	return rep
}

// sameFindings fails if two reports differ in anything that does not depend on
// how the image is stored.
func sameFindings(t *testing.T, form string, want, got report.Report) {
	t.Helper()
	w, g := lines(want.Findings), lines(got.Findings)
	for _, f := range w {
		if !slices.Contains(g, f) {
			t.Errorf("%s lacks %s", form, f)
		}
	}
	for _, f := range g {
		if !slices.Contains(w, f) {
			t.Errorf("%s has more: %s", form, f)
		}
	}
	if !slices.Equal(w, g) && !t.Failed() {
		t.Errorf("%s has another order", form)
	}
}

func lines(findings []finding.Finding) []string {
	var out []string
	for _, f := range findings {
		b, _ := json.Marshal(f)
		out = append(out, string(b))
	}
	return out
}

// ownImage has secrets in files, deleted and overwritten, in ENV, ARG and a label.
func ownImage(t *testing.T, layout string) {
	s := plant.Secrets(rand.New(rand.NewPCG(11, 12)))
	built := imagemake.Image{
		Layers: []imagemake.Layer{
			{CreatedBy: "/bin/sh -c #(nop) ADD file:0123 in / ", Entries: []imagemake.Entry{
				imagemake.Dir("etc"), imagemake.File("etc/passwd", "root:x:0:0::/root:/bin/sh\n"), imagemake.Dir("app"), imagemake.Dir("root"),
			}},
			{CreatedBy: "COPY . /app # buildkit", Entries: []imagemake.Entry{
				imagemake.File("app/.env", s[0].Line+"\n"), imagemake.File("app/config.py", "import os\n"+s[1].Line+"\n"),
				imagemake.Dir("app/.git"), imagemake.File("app/.git/HEAD", "ref: refs/heads/main\n"), imagemake.File("root/.npmrc", s[2].Line+"\n"),
			}},
			{CreatedBy: "RUN |1 TOKEN=" + s[3].Value + " /bin/sh -c rm /app/.env # buildkit", Entries: []imagemake.Entry{
				imagemake.Whiteout("app", ".env"), imagemake.File("app/config.py", "import os\n"),
			}},
			{CreatedBy: "COPY tool /usr/local/bin/ # buildkit", Entries: []imagemake.Entry{
				imagemake.Executable("usr/local/bin/tool", strings.Repeat("\x00\x7fELF", 9000)+s[4].Line+"\x00", 0o4755),
				imagemake.HardLink("usr/local/bin/again", "usr/local/bin/tool"), imagemake.Opaque("app/.git"),
			}},
		},
		Config: v1.Config{Env: []string{"PATH=/bin", s[5].Name + "=" + s[5].Value}, Labels: map[string]string{"build.note": s[6].Line}},
	}.Build()
	if err := imagemake.WriteFiles(layout, imagemake.Layout(imagemake.Tagged{Ref: "app", Built: built})); err != nil {
		t.Fatal(err)
	}
}

// buildahImage is built from a Dockerfile whose secret files are deleted later.
func buildahImage(t *testing.T, layout string) {
	tooltest.Need(t, "buildah", "busybox")
	s := plant.Secrets(rand.New(rand.NewPCG(21, 22)))
	dir := t.TempDir()
	write(t, dir, "context/env", s[0].Line+"\n")
	write(t, dir, "context/key", s[1].Line+"\n")
	write(t, dir, "context/Dockerfile", fmt.Sprintf(`FROM scratch
COPY busybox /bin/busybox
COPY env /app/.env
COPY key /app/settings.py
ARG DEPLOY_TOKEN
RUN ["/bin/busybox", "rm", "/app/.env"]
ENV %s=%s
CMD ["/bin/busybox"]
`, s[2].Name, s[2].Value))
	run(t, "sh", "-c", "cp \"$(command -v busybox)\" "+filepath.Join(dir, "context/busybox"))
	storage := []string{"--root", filepath.Join(dir, "storage"), "--runroot", filepath.Join(dir, "run"), "--storage-driver", "vfs"}
	run(t, "buildah", append(storage, "bud", "-q", "--isolation", "chroot", "--layers", "--build-arg", "DEPLOY_TOKEN="+s[3].Value,
		"-t", "example.test/built:1", filepath.Join(dir, "context"))...)
	run(t, "buildah", append(storage, "push", "-q", "example.test/built:1", "oci:"+layout+":app")...)
}

// umociImage is put together by umoci, one layer for each change.
func umociImage(t *testing.T, layout string) {
	tooltest.Need(t, "umoci")
	s := plant.Secrets(rand.New(rand.NewPCG(31, 32)))
	dir := t.TempDir()
	image := layout + ":app"
	run(t, "umoci", "init", "--layout", layout)
	run(t, "umoci", "new", "--image", image)
	for i, line := range []string{s[0].Line, s[1].Line, s[2].Line} {
		write(t, dir, fmt.Sprintf("in/%d/settings.py", i), line+"\n")
		run(t, "umoci", "insert", "--image", image, filepath.Join(dir, fmt.Sprintf("in/%d", i)), fmt.Sprintf("/srv/%d", i))
	}
	run(t, "umoci", "insert", "--image", image, "--whiteout", "/srv/1/settings.py")
	run(t, "umoci", "config", "--image", image, "--config.env", s[3].Name+"="+s[3].Value, "--config.label", "note="+s[4].Value)
}

func write(t *testing.T, dir, name, body string) {
	t.Helper()
	if err := imagemake.WriteFiles(dir, map[string][]byte{name: []byte(body)}); err != nil {
		t.Fatal(err)
	}
}
