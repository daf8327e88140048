package secrets

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/ulikunitz/xz/lzma"

	"github.com/imgaudit/imgaudit/internal/plant"
	"github.com/imgaudit/imgaudit/internal/unpack"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

func zipped(t testing.TB, name string, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write(content)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarred(t testing.TB, name string, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(content))}); err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(content)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(content)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func lzmaOf(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := lzma.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(content)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// githubToken is a planted secret that no other rule matches.
func githubToken(t testing.TB, seed uint64) plant.Secret {
	t.Helper()
	for _, p := range plant.Secrets(rand.New(rand.NewPCG(seed, seed))) {
		if p.Rule == "github-pat" {
			return p
		}
	}
	t.Fatal("no such kind is planted")
	return plant.Secret{}
}

func TestSecretsInArchivesAreFoundWithTheirPath(t *testing.T) {
	s := mustScanner(t)
	r := rand.New(rand.NewPCG(21, 22))
	big := prose(r, 3<<20)
	for i, c := range []struct {
		name, inner string
		form        func(content []byte) []byte
	}{
		{"a.jar", "config/app.properties", func(b []byte) []byte { return zipped(t, "config/app.properties", b) }},
		{"a.tar", "etc/app.conf", func(b []byte) []byte { return tarred(t, "etc/app.conf", b) }},
		{"a.tar.gz", "etc/app.conf", func(b []byte) []byte { return gzipped(t, tarred(t, "etc/app.conf", b)) }},
		{"a.tar.lzma", "etc/app.conf", func(b []byte) []byte { return lzmaOf(t, tarred(t, "etc/app.conf", b)) }},
		{"notes.gz", "notes", func(b []byte) []byte { return gzipped(t, b) }},
		{"a.war", "lib/b.jar!/c.properties", func(b []byte) []byte { return zipped(t, "lib/b.jar", zipped(t, "c.properties", b)) }},
		{"a.tgz", "x!/y.zip!/z", func(b []byte) []byte { return gzipped(t, tarred(t, "x!/y.zip", zipped(t, "z", b))) }},
	} {
		inner := strings.Replace(c.inner, "x!/y.zip", `x\x21/y.zip`, 1)
		for _, size := range []int{0, 100, len(big)} {
			p := githubToken(t, uint64(i*1000+size+1))
			content := append(append(bytes.Clone(big[:size]), "\n"+p.Line+"\n"...), big[:size]...)
			line := 2 + bytes.Count(big[:size], []byte("\n"))
			for _, write := range []int{7, 5000, 1 << 20} {
				if write == 7 && size > 100 {
					continue
				}
				facts := scanLayer(t, s, write, member{"opt/" + c.name, c.form(content)}, member{"plain", []byte("nothing here")})
				files := facts.Found.(*LayerFacts).Files
				if len(files) != 1 || files[0].Path != "opt/"+c.name || files[0].Inner != inner || len(files[0].Hits) != 1 {
					t.Fatalf("%s with %d bytes, writes of %d: %+v", c.name, size, write, files)
				}
				if h := files[0].Hits[0]; h.Value.Reveal() != p.Value || h.Line != line {
					t.Errorf("%s with %d bytes: line %d, want %d", c.name, size, h.Line, line)
				}
				if len(facts.Gaps)+len(facts.Notes) > 0 {
					t.Errorf("%s: gaps %+v, notes %+v", c.name, facts.Gaps, facts.Notes)
				}
			}
		}
	}
}

func TestDamagedArchivesAreInTheLedgerAndScannedAsFarAsTheyGo(t *testing.T) {
	s := mustScanner(t)
	p, q := githubToken(t, 1), githubToken(t, 2)
	whole := append(gzipped(t, tarred(t, "first", []byte(p.Line+"\n"))), "not gzip, but "+q.Line...)
	facts := scanLayer(t, s, 4096, member{"a.tar.gz", whole}, member{"cut.zip", zipped(t, "x", bytes.Repeat([]byte("content "), 1000))[:40]})
	found := map[string]string{}
	for _, f := range facts.Found.(*LayerFacts).Files {
		for _, h := range f.Hits {
			found[h.Value.Reveal()] = f.Inner
		}
	}
	if found[p.Value] != "first" {
		t.Errorf("what came before the damage: %q", found[p.Value])
	}
	noted := slices.ContainsFunc(facts.Notes, func(r layers.Remark) bool {
		return r.Reason == unpack.ReasonTruncated && slices.Contains(r.Examples, "cut.zip!/x")
	})
	if !noted || len(facts.Gaps) > 0 {
		t.Errorf("gaps %+v, notes %+v", facts.Gaps, facts.Notes)
	}
}

func TestSecretsThatAreEncodedAreFoundAndSaidToBe(t *testing.T) {
	s := mustScanner(t)
	for i, c := range []struct {
		encoding string
		form     func(string) string
	}{
		{"base64", func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }},
		{"base64 > gzip", func(s string) string { return base64.StdEncoding.EncodeToString(gzipped(t, []byte(s))) }},
		{"hex", func(s string) string { return hex.EncodeToString([]byte(s)) }},
		{"utf-16", func(s string) string {
			var b []byte
			for _, u := range utf16.Encode([]rune(s)) {
				b = append(b, byte(u), byte(u>>8))
			}
			return string(b)
		}},
	} {
		p, q := githubToken(t, uint64(100+i)), githubToken(t, uint64(200+i))
		content := "kind: Secret\ndata:\n  settings: " + c.form("GITHUB_TOKEN="+p.Value+"\nfirst: 1\n"+p.Line+"\n"+q.Line+"\n") + "\n"
		facts := scanLayer(t, s, 1<<20, member{"f", []byte(content)})
		files := facts.Found.(*LayerFacts).Files
		if len(files) != 1 || len(files[0].Hits) != 2 {
			t.Fatalf("%s: %+v", c.encoding, files)
		}
		for _, h := range files[0].Hits {
			if h.Rule != "github-pat" || h.Decoded != c.encoding || h.Value.Reveal() != p.Value && h.Value.Reveal() != q.Value {
				t.Errorf("%s: decoded from %q", c.encoding, h.Decoded)
			}
			if want := int64(strings.Index(content, "settings: ") + len("settings: ")); h.Offset != want {
				t.Errorf("%s: offset %d, want %d", c.encoding, h.Offset, want)
			}
			if c.encoding != "utf-16" && h.Line != 3 {
				t.Errorf("%s: line %d", c.encoding, h.Line)
			}
		}
	}
}

func TestAFindingSaysWhereInAnArchiveAndHowItWasEncoded(t *testing.T) {
	s := mustScanner(t)
	p := githubToken(t, 300)
	content := zipped(t, "conf/secret.yaml", []byte("value: "+base64.StdEncoding.EncodeToString([]byte(p.Line+" and more"))+"\n"))
	image := &layers.Image{Layers: []layers.Layer{{Facts: &layers.Facts{
		Entries: []layers.Entry{{Path: "app/a!/b.jar", Type: layers.Regular}},
		Scans:   map[string]any{Name: scanLayer(t, s, 1<<20, member{"app/a!/b.jar", content}).Found},
	}}}}
	fs := s.Findings([]*layers.Image{image}, []*layers.View{layers.NewView(image.Layers)})
	if len(fs) != 1 || fs[0].Locations[0].Path != `app/a\x21/b.jar!/conf/secret.yaml` {
		t.Fatalf("findings %+v", fs)
	}
	if proof := fs[0].Secret.Proof; !strings.Contains(strings.Join(proof, "; "), "found encoded: base64") || fs[0].Locations[0].Fate != finding.Present {
		t.Errorf("proof %q", proof)
	}
}

func TestAnArchiveOfACancelledLayerLeavesNoGoroutine(t *testing.T) {
	s := withMemory(t, 0)
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l := s.Layer(ctx, layers.Layer{})
	content := gzipped(t, prose(rand.New(rand.NewPCG(1, 1)), 8<<20))
	w := l.Entry(&layers.Entry{Path: "a.gz", Type: layers.Regular, Size: int64(len(content))})
	var err error
	for i := 0; err == nil && i < len(content); i += 1000 {
		if i == 100_000 {
			cancel()
		}
		_, err = w.Write(content[i:min(len(content), i+1000)])
	}
	if cerr := w.Close(); err == nil {
		err = cerr
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	l.Facts().Rest()
	goroutinesEnd(t, before)
}

func TestAnArchiveBehindAProgramIsOpened(t *testing.T) {
	s := mustScanner(t)
	p := githubToken(t, 31)
	zip := zipped(t, "conf/a.properties", []byte("x="+p.Value+"\n"))
	for name, program := range map[string]string{
		"a script":                        "#!/bin/sh\nexec java -jar \"$0\"\n",
		"a script that has half a header": "#!/bin/sh\nprintf 'PK\x03\x04'; exec java -jar \"$0\" \n" + strings.Repeat("#\n", 40),
		"a program of Windows":            "MZ\x90\x00" + strings.Repeat("\x00code", 100_000),
	} {
		for _, write := range []int{1, 29, 4096, 1 << 20} {
			if write == 1 && len(program) > 1000 {
				continue
			}
			hits := scanLayer(t, s, write, member{"app/a.jar", append([]byte(program), zip...)}).Found.(*LayerFacts).Files
			if len(hits) != 1 || hits[0].Inner != "conf/a.properties" || hits[0].Hits[0].Value.Reveal() != p.Value {
				t.Errorf("%s in pieces of %d: %+v", name, write, hits)
			}
		}
	}
	script := "#!/bin/sh\nTOKEN=" + p.Value + "\n"
	if hits := scanLayer(t, s, 7, member{"a.sh", []byte(script)}).Found.(*LayerFacts).Files; len(hits) != 1 || hits[0].Inner != "" || hits[0].Hits[0].Line != 2 {
		t.Errorf("in a script: %+v", hits)
	}
}

// The test data of a library that reads archives must not make the scan of an image incomplete.
func TestADamagedArchiveIsANoteAndOneThatIsTooLargeIsAGap(t *testing.T) {
	s := mustScanner(t)
	damaged := gzipped(t, []byte("some text that is cut off in its middle, or so"))
	facts := scanLayer(t, s, 1000, member{"a.gz", damaged[:len(damaged)-12]})
	if len(facts.Gaps) != 0 || len(facts.Notes) != 1 || facts.Notes[0].Reason != unpack.ReasonTruncated {
		t.Errorf("gaps %+v, notes %+v", facts.Gaps, facts.Notes)
	}
	s.opener.Limits.Bytes = 100
	facts = scanLayer(t, s, 1000, member{"a.gz", gzipped(t, bytes.Repeat([]byte("text "), 1000))})
	if len(facts.Gaps) != 1 || facts.Gaps[0].Reason != unpack.ReasonBytes {
		t.Errorf("gaps %+v, notes %+v", facts.Gaps, facts.Notes)
	}
}
