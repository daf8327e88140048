package secrets

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/internal/plant"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// FuzzEngine holds the engine against gitleaks' detector on short inputs.
func FuzzEngine(f *testing.F) {
	for _, seed := range []string{"", "token = 'x'", "key=key=key=", "\x00\xff", "a\nb", "-----BEGIN KEY-----"} {
		f.Add([]byte(seed), uint8(0))
	}
	for i, p := range plant.Secrets(rand.New(rand.NewPCG(1, 1))) {
		if len(p.Line) < 200 {
			f.Add([]byte(p.Line), uint8(i))
		}
	}
	paths := []string{"", "a.yaml", "a.tf", "a.php", "nuget.config"}
	f.Fuzz(func(t *testing.T, content []byte, path uint8) {
		// Wanted differences; see the oracle.
		if len(content) > 4<<10 || bytes.Contains(content, []byte("ſ")) || bytes.Contains(content, []byte("\u212a")) {
			t.Skip()
		}
		_, diffs, _ := compare(t, paths[int(path)%len(paths)], append(slices.Clone(content), '\n'))
		for _, d := range diffs {
			t.Error(d)
		}
	})
}

// FuzzPieces holds a scan in pieces against a scan of the whole.
func FuzzPieces(f *testing.F) {
	f.Add([]byte("x ghp_"), uint16(7), uint8(3))
	f.Fuzz(func(t *testing.T, line []byte, at uint16, write uint8) {
		s := mustFuzzScanner(t)
		content := bytes.Repeat([]byte("just some words on a line\n"), 16<<10)
		copy(content[zoneSize-1000+int(at)%2000:], line[:min(len(line), 2000)])
		whole := s.settle(s.scanText(string(content)))
		parts := hitsOf(t, scanLayer(t, s, 100+int(write)*1000, member{"f", content}))["f"]
		var a, b []string
		for _, h := range whole {
			a = append(a, fmt.Sprint(h.Rule, h.Offset, h.Value.Reveal()))
		}
		for _, h := range parts {
			b = append(b, fmt.Sprint(h.Rule, h.Offset, h.Value.Reveal()))
		}
		if !slices.Equal(a, b) {
			t.Errorf("whole %q, in pieces %q", a, b)
		}
	})
}

var fuzzScanner = sync.OnceValues(func() (*Scanner, error) { return New(Options{}) })

func mustFuzzScanner(t testing.TB) *Scanner {
	t.Helper()
	s, err := fuzzScanner()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// FuzzNotes looks for texts of configurations that break the reading of them.
func FuzzNotes(f *testing.F) {
	f.Add("RUN |2 A=1 B=2 /bin/sh -c x", "A=B")
	f.Add("|99999999 =", "=")
	f.Add("ENV PASSWORD  x", "PASSWORD=\x00")
	f.Fuzz(func(t *testing.T, createdBy, env string) {
		s := mustFuzzScanner(t)
		cfg := &v1.ConfigFile{
			History: []v1.History{{CreatedBy: createdBy}},
			Config:  v1.Config{Env: []string{env}, Entrypoint: strings.Fields(env), OnBuild: []string{createdBy}, Labels: map[string]string{env: createdBy}},
		}
		img := &layers.Image{Config: cfg}
		for _, x := range s.Findings([]*layers.Image{img}, []*layers.View{layers.NewView(nil)}) {
			if x.ID == "" || len(x.Locations) == 0 || x.Secret.Value.Reveal() == "" {
				t.Errorf("%+v", x)
			}
		}
	})
}

func TestLayersAreScannedSideBySide(t *testing.T) {
	s, err := New(Options{Workers: 3})
	if err != nil {
		t.Fatal(err)
	}
	p := plant.Secrets(rand.New(rand.NewPCG(11, 1)))
	content := prose(rand.New(rand.NewPCG(12, 1)), 700<<10)
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			l := s.Layer(context.Background(), layers.Layer{})
			for n := range 40 {
				data := []byte(p[(i+n)%len(p)].Line + "\n")
				if n%10 == 0 {
					data = append(slices.Clone(content), data...)
				}
				w := l.Entry(&layers.Entry{Seq: n, Path: fmt.Sprint(n), Type: layers.Regular, Size: int64(len(data))})
				_, _ = w.Write(data)
				_ = w.Close()
			}
			found := l.Facts().Rest().Found.(*LayerFacts)
			if len(found.Files) != 40 {
				t.Errorf("layer %d: %d files with hits", i, len(found.Files))
			}
			for n, f := range found.Files {
				if want := p[(i+n)%len(p)]; f.Seq != n || f.Hits[0].Rule != want.Rule || f.Hits[0].Value.Reveal() != want.Value {
					t.Errorf("layer %d, file %d: %s", i, n, f.Hits[0].Rule)
				}
			}
		})
	}
	wg.Wait()
}
