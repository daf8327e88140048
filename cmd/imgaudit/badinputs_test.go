package main

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/internal/imagemake"
)

var update = flag.Bool("update", false, "write the golden table anew")

// badInput is something that nobody should scan, and how it is scanned.
type badInput struct {
	name   string
	make   func(t *testing.T, dir string)               // puts image.tar, layout or whatever into dir
	serve  func(w http.ResponseWriter, r *http.Request) // or a registry
	target string                                       // oci-dir:layout if empty; of a registry if serve is set
	flags  []string
	shown  []string // must stand in the report, in this form
	slow   bool
}

// TestBadInputs runs the command over the table and holds status and standard
// error against testdata/bad-inputs.golden, within bounds of time and memory.
func TestBadInputs(t *testing.T) {
	const maxTime, maxMemory = 60 * time.Second, 512 << 20
	golden := filepath.Join("testdata", "bad-inputs.golden")
	raw, err := os.ReadFile(golden)
	must(t, err)
	want := string(raw)
	var got strings.Builder
	for _, in := range badInputs() {
		t.Run(in.name, func(t *testing.T) {
			if in.slow && testing.Short() {
				t.Skip("it takes long to make")
			}
			dir := t.TempDir()
			target := cmp.Or(in.target, "oci-dir:layout")
			host := ""
			if in.serve != nil {
				server := httptest.NewServer(http.HandlerFunc(in.serve))
				// A handler that hangs ends with its client.
				t.Cleanup(server.Close)
				host = strings.TrimPrefix(server.URL, "http://")
				target = "registry:" + host + "/app:1"
			} else {
				in.make(t, dir)
			}
			start := time.Now()
			r := call{dir: dir, limit: maxTime}.run(t, append([]string{"scan", target, "-o", "json"}, in.flags...)...)
			t.Logf("%v, %d MiB", time.Since(start).Round(time.Millisecond), r.peak>>20)
			if r.peak > maxMemory {
				t.Errorf("took %d MiB of memory", r.peak>>20)
			}
			if (r.status == exitNothing) != (r.stdout == "") {
				t.Errorf("status %d with %d bytes of report", r.status, len(r.stdout))
			}
			for _, out := range []string{r.stdout, r.stderr} {
				if i := strings.IndexFunc(out, func(c rune) bool { return c < ' ' && c != '\n' || c == 0x7f }); i >= 0 {
					t.Errorf("control character %q in the output", out[i])
				}
			}
			for _, want := range in.shown {
				if !strings.Contains(r.stdout, want) {
					t.Errorf("%s is not in the report", want)
				}
			}
			line := strings.TrimSuffix(r.stderr, "\n")
			if strings.Contains(line, "\n") {
				t.Errorf("more than one line:\n%s", line)
			}
			if host != "" {
				line = strings.ReplaceAll(line, host, "HOST")
			}
			line = regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(line, "ADDR")
			entry := strings.TrimRight(fmt.Sprintf("%s\n  %d  %s", in.name, r.status, line), " ") + "\n"
			if !*update && !strings.Contains("\n"+want, "\n"+entry) {
				_, is, _ := strings.Cut("\n"+want, "\n"+in.name+"\n")
				is, _, _ = strings.Cut(is, "\n")
				t.Errorf("the table differs; look at it and run with -update\ngot  %swant\n%s", entry, is)
			}
			got.WriteString(entry)
		})
	}
	if *update {
		must(t, os.WriteFile(golden, []byte(got.String()), 0o644))
	} else if all := strings.Count(got.String(), "\n  ") == len(badInputs()); all && !t.Failed() && got.String() != want {
		t.Error("the table has other entries than the test; run with -update")
	}
}

func badInputs() []badInput {
	return []badInput{
		{name: "a layer whose gzip is truncated", make: layout(func(files map[string][]byte, b *imagemake.Built) {
			blob := blobOf(b, 0)
			files[blob] = files[blob][:len(files[blob])/2]
		})},
		{name: "a layer whose zstd is truncated", make: zstdLayout(func(files map[string][]byte, b *imagemake.Built) {
			blob := blobOf(b, 0)
			files[blob] = files[blob][:len(files[blob])/2]
		})},
		{name: "a layer whose tar is truncated but whose gzip is whole", make: func(t *testing.T, dir string) {
			raw := imagemake.Tar(bigFile())
			writeLayout(t, dir, imagemake.Layout(imagemake.Tagged{Built: imagemake.Image{
				Layers: []imagemake.Layer{{Tar: raw[:len(raw)/2]}},
			}.Build()}))
		}},
		{name: "a layer with a wrong digest", make: layout(func(files map[string][]byte, b *imagemake.Built) {
			files[blobOf(b, 0)] = imagemake.Compress("gzip", imagemake.Tar(imagemake.File("other", "content")))
		})},
		{name: "a layer with a wrong diffID", make: layout(func(files map[string][]byte, b *imagemake.Built) {
			rewriteConfig(files, b, func(c *v1.ConfigFile) { c.RootFS.DiffIDs[0] = imagemake.Digest([]byte("another layer")) })
		})},
		{name: "a layer that is missing", make: layout(func(files map[string][]byte, b *imagemake.Built) {
			delete(files, blobOf(b, 0))
		})},
		{name: "a configuration that is missing", make: layout(func(files map[string][]byte, b *imagemake.Built) {
			delete(files, "blobs/sha256/"+b.ConfigDesc.Digest.Hex)
		})},
		{name: "a manifest that is missing", make: layout(func(files map[string][]byte, b *imagemake.Built) {
			delete(files, "blobs/sha256/"+b.Desc.Digest.Hex)
		})},
		{name: "all blobs of an image missing", make: layout(func(files map[string][]byte, b *imagemake.Built) {
			for digest := range b.Blobs {
				delete(files, "blobs/sha256/"+strings.TrimPrefix(digest, "sha256:"))
			}
		})},
		{name: "an index.json that is no JSON", make: layout(func(files map[string][]byte, _ *imagemake.Built) {
			files["index.json"] = []byte("<html>not found</html>")
		})},
		{name: "a directory that is no layout", make: func(t *testing.T, dir string) {
			must(t, os.MkdirAll(filepath.Join(dir, "layout"), 0o755))
		}},
		{name: "a file that is not there", target: "image.tar", make: func(*testing.T, string) {}},
		{name: "an empty file", target: "image.tar", make: image(func() []byte { return nil })},
		{name: "an empty tar", target: "image.tar", make: image(func() []byte { return imagemake.Tar() })},
		{name: "random bytes", target: "image.tar", make: image(func() []byte { return noise(100_000) })},
		{name: "a tar of something else", target: "image.tar", make: image(func() []byte {
			return imagemake.Tar(imagemake.File("README", "hello"), imagemake.File("src/main.c", "int main;"))
		})},
		{name: "an archive that is cut before its manifest", target: "image.tar.gz", make: func(t *testing.T, dir string) {
			archive := imagemake.Archive(imagemake.Layout(imagemake.Tagged{Built: plainImage("gzip")}), imagemake.ArchiveOptions{})
			i := bytes.LastIndex(archive, []byte("index.json"))
			must(t, os.WriteFile(filepath.Join(dir, "image.tar.gz"), imagemake.Compress("gzip", archive[:i]), 0o644))
		}},
		{name: "a gzip bomb", make: layer(func() []byte { return bomb("gzip") })},
		{name: "a zstd bomb", make: layer(func() []byte { return bomb("zstd") })},
		{name: "half a million empty files", slow: true, make: entries(func() []imagemake.Entry {
			list := make([]imagemake.Entry, 500_000)
			for i := range list {
				list[i] = imagemake.File(fmt.Sprintf("d%d/f%d", i/1000, i), "")
			}
			return list
		})},
		{name: "a bomb of PAX headers", make: layer(func() []byte {
			return imagemake.Compress("gzip", paxBomb(100<<20))
		})},
		{name: "links in circles", make: entries(func() []imagemake.Entry {
			return []imagemake.Entry{
				imagemake.Symlink("a", "b"), imagemake.Symlink("b", "a"), imagemake.Symlink("self", "self"), imagemake.Symlink("up", "../../.."),
				imagemake.HardLink("h1", "h2"), imagemake.HardLink("h2", "h1"), imagemake.File("a/b/c", "below a circle"),
			}
		})},
		{name: "names with newlines and escape sequences", shown: []string{`\\x1b[2J\\x0a\\x0d.\\x07/.env`, `\\xff\\xfe/.env`, `\\xe2\\x80\\xaegpj.sh\\xe2\\x80\\x8b`}, make: entries(func() []imagemake.Entry {
			return []imagemake.Entry{
				imagemake.File("\x1b[2J\n\r.\x07/.env", "A=b"), imagemake.Executable("\u202egpj.sh\u200b", "x", 0o4755), imagemake.File("\xff\xfe/.env", "A=b"),
			}
		})},
		{name: "a registry that hangs", flags: []string{"--timeout", "2s"}, serve: func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
		}},
		{name: "a registry that hangs in mid-layer", flags: []string{"--timeout", "3s"}, serve: registryWith(func(w http.ResponseWriter, r *http.Request, blob []byte) {
			_, _ = w.Write(blob[:len(blob)/2])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})},
		{name: "a registry that breaks off in mid-layer, always", flags: []string{"--timeout", "30s"}, serve: registryWith(func(w http.ResponseWriter, _ *http.Request, blob []byte) {
			w.Header().Set("Content-Length", fmt.Sprint(len(blob)))
			_, _ = w.Write(blob[:len(blob)/2])
		})},
		{name: "a registry that answers 401", serve: answer(401, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`)},
		{name: "a registry that answers 403", serve: answer(403, `{"errors":[{"code":"DENIED","message":"not for you \u001b[31m"}]}`)},
		{name: "a registry that answers 404", serve: answer(404, `{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}`)},
		{name: "a registry that answers 429", flags: []string{"--timeout", "20s"}, serve: answer(429, `{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}`)},
		{name: "a registry that answers 500", flags: []string{"--timeout", "20s"}, serve: answer(500, "<html>\x1b[31moops")},
		{name: "a registry that is not there", target: "127.0.0.1:1/app:1", flags: []string{"--timeout", "20s"}, make: func(*testing.T, string) {}},
	}
}

// plainImage is one layer with a file that is worth to be cut in the middle.
func plainImage(compression string) *imagemake.Built {
	return imagemake.Image{Layers: []imagemake.Layer{{Entries: []imagemake.Entry{bigFile()}, Compression: compression}}}.Build()
}

func bigFile() imagemake.Entry { return imagemake.File("big", string(noise(200_000))) }

// layout makes a layout of a sound image and then breaks it.
func layout(spoil func(map[string][]byte, *imagemake.Built)) func(*testing.T, string) {
	return spoiled("gzip", spoil)
}

func zstdLayout(spoil func(map[string][]byte, *imagemake.Built)) func(*testing.T, string) {
	return spoiled("zstd", spoil)
}

func spoiled(compression string, spoil func(map[string][]byte, *imagemake.Built)) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		b := plainImage(compression)
		files := imagemake.Layout(imagemake.Tagged{Built: b})
		spoil(files, b)
		writeLayout(t, dir, files)
	}
}

// entries makes a layout of one layer.
func entries(list func() []imagemake.Entry) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		writeLayout(t, dir, imagemake.Layout(imagemake.Tagged{Built: imagemake.Image{
			Layers: []imagemake.Layer{{Entries: list()}},
		}.Build()}))
	}
}

// layer makes a layout whose one layer is stored as the given bytes. Its diffID
// is wrong, which nobody comes to see where the layer is cut.
func layer(stored func() []byte) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		b := imagemake.Image{Layers: []imagemake.Layer{{Tar: stored(), Compression: "none", MediaType: "application/vnd.oci.image.layer.v1.tar+gzip"}}}.Build()
		writeLayout(t, dir, imagemake.Layout(imagemake.Tagged{Built: b}))
	}
}

// image writes image.tar.
func image(content func() []byte) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		must(t, os.WriteFile(filepath.Join(dir, "image.tar"), content(), 0o644))
	}
}

func writeLayout(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	must(t, imagemake.WriteFiles(filepath.Join(dir, "layout"), files))
}

func blobOf(b *imagemake.Built, layer int) string {
	return "blobs/sha256/" + b.Layers[layer].Digest.Hex
}

// rewriteConfig changes the configuration and all digests that lead to it.
func rewriteConfig(files map[string][]byte, b *imagemake.Built, change func(*v1.ConfigFile)) {
	name := func(d v1.Descriptor) string { return "blobs/sha256/" + d.Digest.Hex }
	config, manifest := b.ConfigDesc, b.Desc
	imagemake.Edit(files, name(config), change)
	config.Digest = imagemake.Digest(files[name(b.ConfigDesc)])
	files[name(config)] = files[name(b.ConfigDesc)]
	imagemake.Edit(files, name(manifest), func(m *v1.Manifest) { m.Config.Digest, m.Config.Size = config.Digest, int64(len(files[name(config)])) })
	raw := files[name(b.Desc)]
	manifest.Digest, manifest.Size = imagemake.Digest(raw), int64(len(raw))
	files[name(manifest)] = raw
	imagemake.Edit(files, "index.json", func(i *v1.IndexManifest) { i.Manifests[0].Digest, i.Manifests[0].Size = manifest.Digest, manifest.Size })
}

// bomb is 4 GiB of zeros as many small members or frames.
func bomb(kind string) []byte {
	member := imagemake.Compress(kind, make([]byte, 64<<20))
	return append(imagemake.Compress(kind, tarHeader("zeros", '0', 64*64<<20)), bytes.Repeat(member, 64)...)
}

// paxBomb is a tar with extended headers of the given size.
func paxBomb(size int) []byte {
	var b bytes.Buffer
	b.Write(tarHeader("PaxHeaders/x", 'x', int64(size)))
	record := fmt.Sprintf("%d comment=", size)
	b.WriteString(record)
	b.Write(bytes.Repeat([]byte("a"), size-len(record)-1))
	b.WriteString("\n")
	b.Write(make([]byte, (512-size%512)%512))
	b.Write(imagemake.Tar(imagemake.File("after", "the bomb")))
	return b.Bytes()
}

// tarHeader is one block of a tar, as no library would write it.
func tarHeader(name string, kind byte, size int64) []byte {
	h := make([]byte, 512)
	copy(h, name)
	copy(h[100:], "0000644\x000000000\x000000000\x00")
	copy(h[124:], fmt.Sprintf("%011o\x00", size))
	copy(h[136:], "00000000000\x00")
	h[156] = kind
	copy(h[257:], "ustar\x0000")
	copy(h[148:], "        ")
	sum := 0
	for _, c := range h {
		sum += int(c)
	}
	copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
	return h
}

func noise(n int) []byte {
	b := make([]byte, n)
	chacha := rand.NewChaCha8([32]byte{7})
	_, _ = io.ReadFull(chacha, b)
	return b
}

// registryWith is a registry that has app:1 and gives its layer in its own way.
func registryWith(giveLayer func(w http.ResponseWriter, r *http.Request, blob []byte)) http.HandlerFunc {
	b := plainImage("gzip")
	return func(w http.ResponseWriter, r *http.Request) {
		at := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		switch {
		case strings.Contains(r.URL.Path, "/manifests/"):
			w.Header().Set("Content-Type", string(b.Desc.MediaType))
			_, _ = w.Write(b.Manifest)
		case at == b.Layers[0].Digest.String():
			giveLayer(w, r, b.Blobs[at])
		case b.Blobs[at] != nil:
			_, _ = w.Write(b.Blobs[at])
		case r.URL.Path == "/v2/":
		default:
			http.NotFound(w, r)
		}
	}
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
