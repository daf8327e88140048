package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/internal/plant"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/report"
)

// sample is an image with one secret in a file that a later layer deletes, one
// in the configuration, and a setuid file.
type sample struct {
	image          imagemake.Image
	inFile, inEnv  plant.Secret
	deletedAt, own int
}

func newSample(seed uint64) sample {
	var lines []plant.Secret
	for _, s := range plant.Secrets(rand.New(rand.NewPCG(seed, 1))) {
		if s.Env != "" {
			lines = append(lines, s)
		}
	}
	s := sample{inFile: lines[0], inEnv: lines[1], deletedAt: 2, own: 1}
	s.image = imagemake.Image{
		Layers: []imagemake.Layer{
			{Entries: []imagemake.Entry{imagemake.Dir("etc"), imagemake.File("etc/os-release", "ID=none\n")}},
			{Entries: []imagemake.Entry{
				imagemake.Dir("app"), imagemake.File("app/settings", s.inFile.Line+"\n"),
				imagemake.Executable("app/run", "#!/bin/sh\n", 0o4755),
			}, CreatedBy: "COPY . /app # buildkit"},
			{Entries: []imagemake.Entry{imagemake.Whiteout("app", "settings")}, CreatedBy: "RUN rm /app/settings # buildkit"},
		},
		Config: v1.Config{Env: []string{s.inEnv.Env}},
	}
	return s
}

func TestRunTellsWhereSecretsAreAndWhatBecameOfThem(t *testing.T) {
	s := newSample(1)
	r := runLayout(t, Options{Version: "1.2.3"}, imagemake.Layout(imagemake.Tagged{Ref: "example.test/app:1", Built: s.image.Build()}))
	if r.Report.Tool.Version != "1.2.3" || len(r.Report.Tool.Rules) == 0 {
		t.Errorf("tool %+v", r.Report.Tool)
	}
	if !r.Report.Coverage.Complete || r.Report.Coverage.Scanned.Files != 4 {
		t.Errorf("coverage %+v", r.Report.Coverage)
	}
	f := secretFinding(t, r, s.inFile.Value)
	l := f.Locations[0]
	if f.Visible || l.Path != "app/settings" || l.Layer == nil || *l.Layer != 1 || l.Fate != finding.Deleted || l.FateBy != finding.Whiteout || *l.FateLayer != 2 ||
		l.Instruction == nil || *l.Instruction != "COPY . /app" && !strings.HasPrefix(*l.Instruction, "COPY . /app") {
		t.Errorf("location %+v", l)
	}
	f = secretFinding(t, r, s.inEnv.Value)
	if l := f.Locations[0]; !f.Visible || !strings.HasPrefix(l.Path, "config!/env/") || l.Layer != nil {
		t.Errorf("location %+v", l)
	}
	if !slices.ContainsFunc(r.Report.Findings, func(f finding.Finding) bool { return f.Rule == "image-setuid" }) {
		t.Error("the setuid file is not found")
	}
	img := r.Report.Images[0]
	if img.Reference == "" || img.Source != "oci-dir" || img.ManifestDigest == nil || img.ImageID == "" || len(img.Layers) != 3 || img.Created == "" {
		t.Errorf("image %+v", img)
	}
	if l := img.Layers[1]; l.Digest == nil || l.DiffID == "" || l.CompressedBytes == 0 || l.Bytes == 0 || l.Files != 2 || !l.Complete || l.Instruction == nil {
		t.Errorf("layer %+v", l)
	}
}

func TestTheFormOfAnImageChangesNoFinding(t *testing.T) {
	img := imagemake.Tagged{Ref: "example.test/app:1", Built: newSample(2).image.Build()}
	oci, docker := imagemake.Layout(img), imagemake.NewDockerArchive(imagemake.ArchiveOptions{}, img)
	want := runLayout(t, Options{}, oci)
	for name, archive := range map[string][]byte{
		"an OCI archive, manifest last":     imagemake.Archive(oci, imagemake.ArchiveOptions{}),
		"an OCI archive, manifest first":    imagemake.Archive(oci, imagemake.ArchiveOptions{ManifestFirst: true, DotSlash: true}),
		"a compressed OCI archive":          imagemake.Compress("zstd", imagemake.Archive(oci, imagemake.ArchiveOptions{})),
		"a docker-archive of today":         docker,
		"a docker-archive of old":           imagemake.OldDockerArchive(img),
		"a docker-archive as Skopeo writes": imagemake.FlatDockerArchive(imagemake.ArchiveOptions{}, img),
	} {
		path := filepath.Join(t.TempDir(), "image.tar")
		must(t, os.WriteFile(path, archive, 0o600))
		got := run(t, Options{}, path)
		same(t, name, got, want)
		got = run(t, Options{Open: layers.Options{Stdin: bytes.NewReader(archive)}}, "-")
		same(t, name+", on standard input", got, want)
	}
}

// same fails the test if two results differ in their findings or in what was scanned.
func same(t *testing.T, name string, got, want *Result) {
	t.Helper()
	if g, w := asJSON(t, got.Report.Findings), asJSON(t, want.Report.Findings); g != w {
		t.Errorf("%s: findings differ:\n%s\nwant:\n%s", name, g, w)
	}
	if g, w := asJSON(t, got.Report.Coverage), asJSON(t, want.Report.Coverage); g != w {
		t.Errorf("%s: coverage differs:\n%s\nwant:\n%s", name, g, w)
	}
}

func TestRunsGiveEqualReportsAlsoSideBySide(t *testing.T) {
	files := imagemake.Layout(imagemake.Tagged{Built: newSample(3).image.Build()})
	dir := filepath.Join(t.TempDir(), "layout")
	must(t, imagemake.WriteFiles(dir, files))
	want := run(t, Options{}, "oci-dir:"+dir)
	var side sync.WaitGroup
	for range 4 {
		side.Go(func() {
			got, err := Run(t.Context(), "oci-dir:"+dir, Options{})
			if err != nil || !reflect.DeepEqual(got.Report, want.Report) {
				t.Errorf("reports differ, or %v", err)
			}
		})
	}
	side.Wait()
}

func TestImagesThatShareALayerCountItOnceAndShareItsFindings(t *testing.T) {
	s := newSample(4)
	arm := s.image
	arm.Platform = v1.Platform{OS: "linux", Architecture: "arm64"}
	arm.Layers = append(slices.Clone(arm.Layers), imagemake.Layer{Entries: []imagemake.Entry{imagemake.File("arm", "only here")}})
	files := imagemake.MultiPlatform("1", s.image.Build(), arm.Build())
	one := runLayout(t, Options{Open: layers.Options{Platform: "linux/amd64"}}, files)
	both := runLayout(t, Options{Open: layers.Options{AllPlatforms: true}}, files)
	if len(both.Report.Images) != 2 {
		t.Fatalf("%d images", len(both.Report.Images))
	}
	if got, want := both.Report.Coverage.Scanned.Files, one.Report.Coverage.Scanned.Files+1; got != want {
		t.Errorf("scanned %d files, want %d", got, want)
	}
	if len(both.Report.Findings) != len(one.Report.Findings) {
		t.Errorf("%d findings, want the %d of one image", len(both.Report.Findings), len(one.Report.Findings))
	}
	f := secretFinding(t, both, s.inFile.Value)
	if len(f.Locations) != 2 || f.Locations[0].Image != 0 || f.Locations[1].Image != 1 {
		t.Errorf("locations %+v", f.Locations)
	}
}

func TestWhatCannotBeReadIsAGap(t *testing.T) {
	b := newSample(5).image.Build()
	blob := func(d v1.Descriptor) string { return "blobs/sha256/" + d.Digest.Hex }
	for name, tc := range map[string]struct {
		spoil  func(map[string][]byte)
		reason string
		layer  *int
	}{
		"a missing layer":         {func(f map[string][]byte) { delete(f, blob(b.Layers[1])) }, layers.ReasonMissingBlob, ptr(1)},
		"a truncated layer":       {func(f map[string][]byte) { n := blob(b.Layers[1]); f[n] = f[n][:len(f[n])-20] }, layers.ReasonTruncated, ptr(1)},
		"another layer":           {func(f map[string][]byte) { f[blob(b.Layers[0])] = f[blob(b.Layers[2])] }, layers.ReasonSizeMismatch, ptr(0)},
		"a missing configuration": {func(f map[string][]byte) { delete(f, blob(b.ConfigDesc)) }, layers.ReasonBadConfig, nil},
	} {
		files := imagemake.Layout(imagemake.Tagged{Built: b})
		tc.spoil(files)
		c := runLayout(t, Options{}, files).Report.Coverage
		if c.Complete || !slices.ContainsFunc(c.Gaps, func(g report.LedgerLine) bool {
			return g.Reason == tc.reason && reflect.DeepEqual(g.Layer, tc.layer) && *g.Image == 0
		}) {
			t.Errorf("%s: %s", name, asJSON(t, c))
		}
	}
}

func TestNothingJudgedIsAnError(t *testing.T) {
	b := newSample(6).image.Build()
	for name, spoil := range map[string]func(map[string][]byte){
		"no blob is there": func(f map[string][]byte) {
			for n := range f {
				if strings.HasPrefix(n, "blobs/") && n != "blobs/sha256/"+b.Desc.Digest.Hex {
					delete(f, n)
				}
			}
		},
		"no manifest is there": func(f map[string][]byte) { delete(f, "blobs/sha256/"+b.Desc.Digest.Hex) },
		"the index is no JSON": func(f map[string][]byte) { f["index.json"] = []byte("{") },
	} {
		files := imagemake.Layout(imagemake.Tagged{Built: b})
		spoil(files)
		dir := filepath.Join(t.TempDir(), "layout")
		must(t, imagemake.WriteFiles(dir, files))
		if r, err := Run(t.Context(), "oci-dir:"+dir, Options{}); err == nil {
			t.Errorf("%s: no error, but %s", name, asJSON(t, r.Report))
		}
	}
}

func TestAStreamThatEndsBeforeItsManifestLeavesFatesUnknown(t *testing.T) {
	s := newSample(7)
	archive := imagemake.Archive(imagemake.Layout(imagemake.Tagged{Built: s.image.Build()}), imagemake.ArchiveOptions{})
	cut := archive[:bytes.LastIndex(archive, []byte("index.json"))]
	r := run(t, Options{Open: layers.Options{Stdin: bytes.NewReader(cut)}}, "-")
	if c := r.Report.Coverage; c.Complete || !slices.ContainsFunc(c.Gaps, func(g report.LedgerLine) bool { return g.Reason == layers.ReasonUnnamed }) {
		t.Errorf("coverage %s", asJSON(t, c))
	}
	f := secretFinding(t, r, s.inFile.Value)
	if l := f.Locations[0]; f.Visible && l.Fate == finding.Present || l.Fate != finding.Unknown || l.Path != "app/settings" || l.Layer == nil {
		t.Errorf("location %+v", l)
	}
	if len(r.Report.Images) != 1 || len(r.Report.Images[0].Layers) != 3 || r.Views[0] != nil {
		t.Errorf("images %+v", r.Report.Images)
	}
}

func TestOnlyWhatWasAskedForIsReportedButAllIsHidden(t *testing.T) {
	s := newSample(8)
	files := imagemake.Layout(imagemake.Tagged{Built: s.image.Build()})
	r := runLayout(t, Options{Scanners: []string{Hygiene}}, files)
	if len(r.Report.Findings) == 0 {
		t.Error("no findings")
	}
	for _, f := range r.Report.Findings {
		if f.Category != finding.Hygiene && f.Category != finding.Integrity {
			t.Errorf("a finding of category %s", f.Category)
		}
	}
	if !slices.ContainsFunc(r.Hidden, func(v finding.Value) bool { return v.Reveal() == s.inEnv.Value }) {
		t.Error("the secret of the configuration is not among what is to be hidden")
	}
	for _, name := range []string{"nonsense", SBOM, Vulnerability, ""} {
		if _, err := Run(t.Context(), "nowhere", Options{Scanners: []string{name}}); err == nil || !strings.Contains(err.Error(), "scanner") {
			t.Errorf("scanner %q: %v", name, err)
		}
	}
}

func TestATimeLimitIsAGapWhereSomethingWasJudgedAndElseAnError(t *testing.T) {
	archive := imagemake.Archive(imagemake.Layout(imagemake.Tagged{Built: newSample(9).image.Build()}), imagemake.ArchiveOptions{ManifestFirst: true})
	for name, tc := range map[string]struct {
		bytes int // that come before the stream says nothing more
		fails bool
	}{
		"all but the last layers": {len(archive) - 4000, false},
		"nothing":                 {0, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			silent := &goingSilent{r: bytes.NewReader(archive[:tc.bytes]), wait: time.After(time.Minute)}
			r, err := Run(t.Context(), "-", Options{Timeout: time.Second, Open: layers.Options{Stdin: silent}})
			switch {
			case tc.fails && err == nil:
				t.Errorf("%s: no error", name)
			case !tc.fails && err != nil:
				t.Errorf("%s: %v", name, err)
			case !tc.fails && !slices.ContainsFunc(r.Report.Coverage.Gaps, func(g report.LedgerLine) bool { return g.Reason == layers.ReasonDeadline }):
				t.Errorf("%s: %s", name, asJSON(t, r.Report.Coverage))
			}
		})
	}
}

// goingSilent says nothing more for a while when it has told all, and then fails.
type goingSilent struct {
	r    io.Reader
	wait <-chan time.Time
}

func (g *goingSilent) Read(p []byte) (int, error) {
	if n, err := g.r.Read(p); err == nil {
		return n, nil
	}
	<-g.wait
	return 0, context.DeadlineExceeded
}

func TestACancelledRunEndsWithTheReasonAndLeavesNothingRunning(t *testing.T) {
	before := runtime.NumGoroutine()
	archive := imagemake.Archive(imagemake.Layout(imagemake.Tagged{Built: newSample(10).image.Build()}), imagemake.ArchiveOptions{ManifestFirst: true})
	ctx, cancel := context.WithCancel(t.Context())
	half := &cancelling{r: bytes.NewReader(archive), after: len(archive) / 2, cancel: cancel}
	if _, err := Run(ctx, "-", Options{Open: layers.Options{Stdin: half}}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(end); {
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines left, %d before", n, before)
	}
}

// cancelling cancels a context after so many bytes.
type cancelling struct {
	r      io.Reader
	after  int
	cancel func()
}

func (c *cancelling) Read(p []byte) (int, error) {
	n, err := c.r.Read(p[:min(len(p), 512)])
	if c.after -= n; c.after <= 0 {
		c.cancel()
	}
	return n, err
}

func secretFinding(t *testing.T, r *Result, value string) finding.Finding {
	t.Helper()
	for _, f := range r.Report.Findings {
		if f.Secret != nil && f.Secret.Value.Reveal() == value {
			return f
		}
	}
	t.Fatalf("a planted secret is not found in %s", asJSON(t, r.Report.Findings))
	return finding.Finding{}
}

func runLayout(t *testing.T, opts Options, files map[string][]byte) *Result {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "layout")
	must(t, imagemake.WriteFiles(dir, files))
	return run(t, opts, "oci-dir:"+dir)
}

func run(t *testing.T, opts Options, target string) *Result {
	t.Helper()
	r, err := Run(t.Context(), target, opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	must(t, err)
	return string(b)
}

func ptr[T any](v T) *T { return &v }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
