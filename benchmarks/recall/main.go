// Recall scans the corpus of planted secrets (internal/corpus) with imgaudit and, beside it, with
// gitleaks' detector on every file of every layer, and prints how much each finds and how
// much of what it reports is right.
//
//	go run ./benchmarks/recall
package main

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/zricethezav/gitleaks/v8/detect"

	"github.com/imgaudit/imgaudit/internal/corpus"
	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/pkg/audit"
)

func main() {
	log.SetFlags(0)
	built, plants := corpus.Build(1)
	ours, err := imgaudit(built)
	if err != nil {
		log.Fatal(err)
	}
	theirs, err := gitleaks(built)
	if err != nil {
		log.Fatal(err)
	}
	print(corpus.Judge(plants, ours), corpus.Judge(plants, theirs))
}

func imgaudit(built *imagemake.Built) ([]corpus.Found, error) {
	dir, err := os.MkdirTemp("", "recall")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	archive := filepath.Join(dir, "image.tar")
	files := imagemake.Layout(imagemake.Tagged{Built: built})
	if err := os.WriteFile(archive, imagemake.Archive(files, imagemake.ArchiveOptions{}), 0o600); err != nil {
		return nil, err
	}
	result, err := audit.Run(context.Background(), archive, audit.Options{Scanners: []string{audit.Secret}})
	if err != nil {
		return nil, err
	}
	var found []corpus.Found
	for _, f := range result.Report.Findings {
		if f.Secret == nil {
			continue
		}
		for _, l := range f.Locations {
			found = append(found, corpus.Found{Value: f.Secret.Value.Reveal(), Path: l.Path, Confidence: string(l.Confidence)})
		}
	}
	return found, nil
}

// gitleaks feeds its detector with the files of all layers, those included that later layers delete.
// It has no confidence: all that it reports counts as high.
func gitleaks(built *imagemake.Built) ([]corpus.Found, error) {
	detector, err := detect.NewDetectorDefaultConfig()
	if err != nil {
		return nil, err
	}
	detector.MaxDecodeDepth = 5
	var found []corpus.Found
	for _, raw := range built.Tars {
		layer := tar.NewReader(bytes.NewReader(raw))
		for {
			hdr, err := layer.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, err
			}
			content, err := io.ReadAll(layer)
			if err != nil {
				return nil, err
			}
			for _, f := range detector.Detect(detect.Fragment{Raw: string(content), FilePath: hdr.Name}) { //nolint:staticcheck // its successor is not there yet
				found = append(found, corpus.Found{Value: f.Secret, Path: strings.TrimPrefix(hdr.Name, "./"), Confidence: "high"})
			}
		}
	}
	return found, nil
}

func print(ours, theirs corpus.Result) {
	fmt.Println("| | imgaudit | gitleaks |\n|---|---|---|")
	row := func(name string, of func(corpus.Result) string) {
		fmt.Printf("| %s | %s | %s |\n", name, of(ours), of(theirs))
	}
	row("secrets planted", func(r corpus.Result) string { return fmt.Sprint(r.Secrets.Plants) })
	row("found", func(r corpus.Result) string { return percent(r.Secrets.Any, r.Secrets.Plants) })
	row("found with medium confidence or more", func(r corpus.Result) string { return percent(r.Secrets.Medium, r.Secrets.Plants) })
	row("found with high confidence", func(r corpus.Result) string { return percent(r.Secrets.High, r.Secrets.Plants) })
	row("right of what has medium confidence or more", func(r corpus.Result) string { return fmt.Sprintf("%.1f %%", 100*r.AtMedium.Share()) })
	row("right of what has high confidence", func(r corpus.Result) string { return fmt.Sprintf("%.1f %%", 100*r.AtHigh.Share()) })
	row("look-alikes of high confidence", func(r corpus.Result) string { return fmt.Sprint(r.AtHigh.LookAlikes) })
	fmt.Println("\n| place | secrets | imgaudit | of high confidence | gitleaks |\n|---|---|---|---|---|")
	for i, p := range ours.Places {
		fmt.Printf("| %s | %d | %s | %s | %s |\n", p.Name, p.Plants, percent(p.Any, p.Plants), percent(p.High, p.Plants), percent(theirs.Places[i].Any, p.Plants))
	}
	var missed []string
	for _, k := range ours.Kinds {
		if k.Any < k.Plants {
			missed = append(missed, fmt.Sprintf("%s %d of %d", k.Name, k.Any, k.Plants))
		}
	}
	fmt.Printf("\nKinds of which something is missed: %s\n", cmp.Or(strings.Join(missed, ", "), "none"))
}

func percent(part, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(of))
}
