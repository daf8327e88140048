package secrets

import (
	"bytes"
	"context"
	"hash/fnv"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/imgaudit/imgaudit/internal/plant"
	"github.com/imgaudit/imgaudit/internal/unpack"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// The kinds of content that throughput is measured on. The mix is all but those that are made: dense, in which
// every second line holds a secret, and sparse, in which one stands behind every [sparseEvery] bytes of prose. The
// mix is in the proportion in which it comes.
const (
	kindMix      = "mix"
	kindText     = "text"
	kindSource   = "source"
	kindMinified = "minified"
	kindBinary   = "binary"
	kindDense    = "dense"
	kindSparse   = "sparse"
)

var contentKinds = []string{kindMix, kindText, kindSource, kindMinified, kindBinary, kindDense, kindSparse}

// sparseEvery is how many bytes of prose stand before a secret of the sparse kind.
const sparseEvery = 400

// imagesVariable names images whose content is measured, as a list like PATH: layouts or archives.
// Without it the content is this machine's.
const imagesVariable = "IMGAUDIT_BENCH_IMAGES"

// sampled is the share of the images' files that is measured: one of so many.
const sampled = 8

// contents gives the content of one kind.
func contents(b *testing.B, kind string) []member {
	b.Helper()
	switch kind {
	case kindDense:
		return planted(kind, 1<<20, 60)
	case kindSparse:
		return planted(kind, 1<<20, sparseEvery)
	}
	all, err := allContents()
	if err != nil {
		b.Fatal(err)
	}
	var out []member
	for _, m := range all {
		if kind == kindMix || kind == kindOf(m) {
			out = append(out, m)
		}
	}
	if len(out) == 0 {
		b.Skip("no such content here")
	}
	return out
}

var allContents = sync.OnceValues(func() ([]member, error) {
	list := os.Getenv(imagesVariable)
	if list == "" {
		return machineContents(), nil
	}
	sample := &sampler{}
	for _, target := range filepath.SplitList(list) {
		src, err := layers.Open(context.Background(), target, layers.Options{})
		if err != nil {
			return nil, err
		}
		_, err = layers.Walk(context.Background(), src, layers.WalkOptions{}, sample)
		_ = src.Close()
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(sample.files, func(a, b member) int { return strings.Compare(a.path, b.path) })
	return sample.files, nil
})

// machineContents reads documents, sources and programs of this machine.
func machineContents() []member {
	var out []member
	for _, from := range []struct {
		root string
		most int
	}{
		{"/usr/share/doc", 20 << 20}, {"/usr/share/perl", 20 << 20}, {"/usr/lib/python3", 20 << 20}, {"/usr/local/go/src", 20 << 20},
		{filepath.Join(build(), "pkg/mod"), 40 << 20}, {"/usr/bin", 150 << 20}, {"/usr/local/go/pkg/tool", 50 << 20},
	} {
		left := from.most
		_ = filepath.WalkDir(from.root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || left <= 0 || !d.Type().IsRegular() {
				return nil
			}
			if content, err := os.ReadFile(path); err == nil && worthMeasuring(content) {
				out = append(out, member{strings.TrimPrefix(path, "/"), content})
				left -= len(content)
			}
			return nil
		})
	}
	return out
}

// worthMeasuring leaves out archives: what is unpacked from them is content like any other, and
// unpacking is measured elsewhere.
func worthMeasuring(content []byte) bool {
	return len(content) > 0 && unpack.Detect(content[:min(len(content), unpack.HeadBytes)]) == ""
}

func kindOf(m member) string {
	if bytes.IndexByte(m.content[:min(len(m.content), 8<<10)], 0) >= 0 {
		return kindBinary
	}
	switch ext := filepath.Ext(m.path); ext {
	case ".js", ".mjs", ".cjs", ".css", ".map":
		if len(m.content)/(1+bytes.Count(m.content, []byte("\n"))) > 300 {
			return kindMinified
		}
		return kindSource
	case ".py", ".pyi", ".go", ".c", ".h", ".hpp", ".cc", ".ts", ".mts", ".cts", ".tsx", ".java", ".rs", ".rb", ".pl", ".pm", ".sh", ".json", ".yaml", ".yml", ".toml", ".xml", ".properties":
		return kindSource
	}
	return kindText
}

// planted is text in which a secret stands behind so many bytes of prose, again and again.
func planted(kind string, n, every int) []member {
	r := rand.New(rand.NewPCG(9, 9))
	var b bytes.Buffer
	for b.Len() < n {
		for _, p := range plant.Secrets(r) {
			b.WriteString(p.Line + "\n")
			b.Write(prose(r, every))
			b.WriteByte('\n')
		}
	}
	return []member{{kind, b.Bytes()}}
}

// sampler is a scanner that keeps some files as they are, always the same.
type sampler struct {
	mu    sync.Mutex
	files []member
}

func (s *sampler) Name() string { return "sample" }

func (s *sampler) Layer(context.Context, layers.Layer) layers.LayerScanner { return sampledLayer{s} }

type sampledLayer struct{ *sampler }

func (s sampledLayer) Facts() layers.ScanFacts { return layers.ScanFacts{} }

func (s sampledLayer) Entry(e *layers.Entry) io.WriteCloser {
	h := fnv.New32a()
	_, _ = io.WriteString(h, e.Path)
	if e.Type != layers.Regular || e.Whiteout != layers.NoWhiteout || h.Sum32()%sampled != 0 {
		return nil
	}
	return &sampledFile{s: s.sampler, path: e.Path}
}

type sampledFile struct {
	bytes.Buffer
	s    *sampler
	path string
}

func (f *sampledFile) Close() error {
	if worthMeasuring(f.Bytes()) {
		f.s.mu.Lock()
		defer f.s.mu.Unlock()
		f.s.files = append(f.s.files, member{f.path, f.Bytes()})
	}
	return nil
}
