package secrets_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/imgaudit/imgaudit/internal/corpus"
	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/secrets"
)

// findIn scans an image and gives the findings.
func findIn(t *testing.T, built *imagemake.Built) []finding.Finding {
	t.Helper()
	archive := filepath.Join(t.TempDir(), "image.tar")
	files := imagemake.Layout(imagemake.Tagged{Built: built})
	if err := os.WriteFile(archive, imagemake.Archive(files, imagemake.ArchiveOptions{}), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := layers.Open(t.Context(), archive, layers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	scanner, err := secrets.New(secrets.Options{})
	if err != nil {
		t.Fatal(err)
	}
	walked, err := layers.Walk(t.Context(), src, layers.WalkOptions{}, scanner)
	if err != nil {
		t.Fatal(err)
	}
	for _, img := range walked.Images {
		for _, l := range img.Layers {
			for _, g := range l.Facts.Gaps {
				t.Errorf("gap: %+v", g)
			}
		}
	}
	var views []*layers.View
	for _, img := range walked.Images {
		views = append(views, layers.NewView(img.Layers))
	}
	return scanner.Findings(walked.Images, views)
}

// The corpus is the project's own, with ground truth, and was not written by
// whoever wrote the engine.
func TestTheCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("it is large")
	}
	built, plants := corpus.Build(1)
	var found []corpus.Found
	for _, f := range findIn(t, built) {
		for _, l := range f.Locations {
			found = append(found, corpus.Found{Value: f.Secret.Value.Reveal(), Path: l.Path, Confidence: string(l.Confidence)})
		}
	}
	r := corpus.Judge(plants, found)
	t.Logf("secrets %+v; look-alikes found %d; precision at medium %.3f %+v, at high %.3f %+v; elsewhere %d, beside %d",
		r.Secrets, len(r.Wrong), r.AtMedium.Share(), r.AtMedium, r.AtHigh.Share(), r.AtHigh, r.Elsewhere, r.Beside)
	for _, p := range r.Missed {
		t.Logf("missed: %s", p.ID)
	}
	for _, row := range r.Places {
		t.Logf("place %-30s %+v", row.Name, row.Score)
	}
	for _, row := range r.LookAlikes {
		if row.Any > 0 {
			t.Logf("look-alike %-30s %+v", row.Name, row.Score)
		}
	}
	// What was reached; it may only go up.
	if got := share(r.Secrets.Any, r.Secrets.Plants); got < 1 {
		t.Errorf("recall %.3f", got)
	}
	if got := share(r.Secrets.High, r.Secrets.Plants); got < 0.99 {
		t.Errorf("of the secrets %.3f are found with high confidence", got)
	}
	if got := r.AtMedium.Share(); got < 0.995 {
		t.Errorf("precision at medium %.3f", got)
	}
	if got := r.AtHigh.Share(); got < 0.998 {
		t.Errorf("precision at high %.3f", got)
	}
	for _, row := range r.LookAlikes {
		if row.High > 0 {
			t.Errorf("%d look-alikes of kind %s have high confidence", row.High, row.Name)
		}
	}
}

func share(part, of int) float64 { return float64(part) / float64(of) }
