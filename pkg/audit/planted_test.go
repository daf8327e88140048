package audit_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/internal/plant"
	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/finding"
)

// wanted is one place where a planted secret has to be reported.
type wanted struct {
	secret      plant.Secret
	layer       int // -1 for configuration and history
	path        string
	line        int // 0: any
	instruction string
	fate        finding.Fate
	by          finding.FateBy
	fateLayer   int
}

const plantedLayers = 6

func plantedInstruction(layer int) string { return fmt.Sprintf("COPY part%d / # buildkit", layer) }

// planted makes an image with secrets of every kind, in every position and
// carrier, and of every fate, and says where each is to be found.
func planted() (imagemake.Image, []wanted) {
	var want []wanted
	entries := make([][]imagemake.Entry, plantedLayers)
	config := v1.Config{Env: []string{"PATH=/usr/bin"}, Labels: map[string]string{}}
	secrets := func(seed uint64) []plant.Secret { return plant.Secrets(rand.New(rand.NewPCG(seed, 7))) }
	add := func(layer int, path, body string) {
		entries[layer] = append(entries[layer], imagemake.File(path, body))
	}
	present := func(s plant.Secret, layer int, path string, line int) {
		want = append(want, wanted{s, layer, path, line, plantedInstruction(layer), finding.Present, "", -1})
	}

	for i, s := range secrets(1) {
		path := fmt.Sprintf("alone/%d.conf", i)
		add(i%plantedLayers, path, s.Line+"\n")
		present(s, i%plantedLayers, path, 1)
	}
	for layer := range plantedLayers {
		path := fmt.Sprintf("middle/%d.txt", layer)
		body := bytes.NewBuffer(filler(10 << 20))
		for i, s := range secrets(2) {
			if i%plantedLayers == layer {
				present(s, layer, path, bytes.Count(body.Bytes(), []byte("\n"))+1)
				body.WriteString(s.Line + "\n")
				body.Write(filler(1000))
			}
		}
		body.Write(filler(10 << 20))
		add(layer, path, body.String())
	}
	for i, s := range secrets(3) {
		// Wherever a chunk of a power of two from 16 KiB ends, the line lies across it.
		var body []byte
		path := fmt.Sprintf("edge/%d.txt", i)
		for edge := 16 << 10; edge <= 512<<10; edge *= 2 {
			start := edge - 1 - (i*7+edge>>14)%len(s.Line)
			body = append(body, filler(start-len(body))...)
			present(s, i%plantedLayers, path, bytes.Count(body, []byte("\n"))+1)
			body = append(body, s.Line+"\n"...)
		}
		add(i%plantedLayers, path, string(body)+string(filler(5000)))
	}
	inConfig := func(s plant.Secret, path, instruction string) {
		want = append(want, wanted{s, -1, path, 0, instruction, finding.Present, "", -1})
	}
	for i, s := range secrets(4) {
		name := fmt.Sprintf("%s_%d", s.Name, i)
		config.Env = append(config.Env, name+"="+s.Form)
		inConfig(s, "config!/env/"+name, "")
	}
	for i, s := range secrets(5) {
		config.Labels[fmt.Sprintf("note.%d", i)] = s.Line
		inConfig(s, fmt.Sprintf("config!/labels/note.%d", i), "")
	}
	var history []v1.History
	for layer := range plantedLayers {
		history = append(history, v1.History{CreatedBy: plantedInstruction(layer)})
	}
	for _, s := range secrets(6) {
		if s.Env == "" {
			continue // of several lines: builders show no such argument as it is
		}
		by := "ARG " + s.Env
		inConfig(s, fmt.Sprintf("history!/%d", len(history)), by)
		history = append(history, v1.History{CreatedBy: by, EmptyLayer: true})
	}

	next := secrets(7)
	lost := func(layer int, path string, fate finding.Fate, by finding.FateBy, fateLayer int) {
		s := next[0]
		next = next[1:]
		add(layer, path, s.Line+"\n")
		want = append(want, wanted{s, layer, path, 1, plantedInstruction(layer), fate, by, fateLayer})
	}
	dir := func(layer int, paths ...string) {
		for _, p := range paths {
			entries[layer] = append(entries[layer], imagemake.Dir(p))
		}
	}
	dir(1, "fate", "fate/opaque", "fate/parent", "fate/parent/below", "fate/tofile", "fate/tolink")
	lost(1, "fate/whiteout", finding.Deleted, finding.Whiteout, 2)
	entries[2] = append(entries[2], imagemake.Whiteout("fate", "whiteout"))
	lost(1, "fate/opaque/file", finding.Deleted, finding.Opaque, 3)
	entries[3] = append(entries[3], imagemake.Opaque("fate/opaque"))
	lost(1, "fate/parent/below/file", finding.Deleted, finding.ParentWhiteout, 2)
	entries[2] = append(entries[2], imagemake.Whiteout("fate", "parent"))
	lost(1, "fate/tofile/file", finding.Deleted, finding.ReplacedByFile, 4)
	add(4, "fate/tofile", "no directory any more\n")
	lost(1, "fate/tolink/file", finding.Deleted, finding.ReplacedByLink, 5)
	entries[5] = append(entries[5], imagemake.Symlink("fate/tolink", "/tmp"))
	lost(2, "fate/rewritten", finding.Overwritten, finding.Rewritten, 5)
	add(5, "fate/rewritten", "nothing here\n")
	lost(3, "fate/duplicate", finding.Overwritten, finding.SameLayerDuplicate, 3)
	add(3, "fate/duplicate", "nothing here\n")
	lost(5, "fate/present", finding.Present, "", -1)

	img := imagemake.Image{Config: config, History: history}
	for layer := range plantedLayers {
		img.Layers = append(img.Layers, imagemake.Layer{Entries: entries[layer], Compression: []string{"gzip", "zstd", "none"}[layer%3]})
	}
	return img, want
}

// filler is text of n bytes in lines, without a secret.
func filler(n int) []byte {
	line := []byte("the quick brown fox jumps over the lazy dog while the rain in spain stays mainly in the plain\n")
	b := bytes.Repeat(line, n/len(line)+1)[:n]
	if n > 0 {
		b[n-1] = '\n'
	}
	return b
}

func TestEveryPlantedSecretIsFoundWithItsLifeStory(t *testing.T) {
	img, want := planted()
	dir := t.TempDir()
	if err := imagemake.WriteFiles(dir, imagemake.Layout(imagemake.Tagged{Ref: "app", Built: img.Build()})); err != nil {
		t.Fatal(err)
	}
	result, err := audit.Run(t.Context(), "oci-dir:"+dir, audit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	kinds, fates, ways := map[string]bool{}, map[finding.Fate]bool{}, map[finding.FateBy]bool{}
	for _, w := range want {
		kinds[w.secret.Rule], fates[w.fate], ways[w.by] = true, true, true
		checkPlanted(t, result.Report.Findings, w)
	}
	if len(kinds) < 20 || len(fates) != 3 || len(ways) != 8 {
		t.Errorf("planted are %d kinds, %d fates, %d ways to be lost", len(kinds), len(fates), len(ways))
	}
	byValue := map[string]string{}
	for _, f := range result.Report.Findings {
		if f.Secret == nil {
			continue
		}
		if other, ok := byValue[f.Secret.Value.Reveal()]; ok {
			t.Errorf("one value is two findings: %s and %s", other, f.Rule)
		}
		byValue[f.Secret.Value.Reveal()] = f.Rule
	}
}

// checkPlanted fails if no finding tells of the place as it was planted.
func checkPlanted(t *testing.T, findings []finding.Finding, w wanted) {
	t.Helper()
	what := fmt.Sprintf("%s in layer %d at %s:%d", w.secret.Rule, w.layer, w.path, w.line)
	for _, f := range findings {
		if f.Secret == nil || !sameSecret(f.Secret.Value.Reveal(), w.secret.Value) {
			continue
		}
		for _, l := range f.Locations {
			if l.Path != w.path || w.line != 0 && l.Line != w.line {
				continue
			}
			switch {
			case f.Rule == "credential-variable" && w.layer < 0 && slices.Contains(f.AlsoMatched, w.secret.Rule):
				// The name of the variable says more than a generic rule does.
			case f.Rule != w.secret.Rule:
				t.Errorf("%s is reported as %s", what, f.Rule)
			case (l.Layer == nil) != (w.layer < 0) || l.Layer != nil && *l.Layer != w.layer:
				t.Errorf("%s: layer %v", what, l.Layer)
			case l.Fate != w.fate || l.FateBy != w.by:
				t.Errorf("%s: %s by %q, want %s by %q", what, l.Fate, l.FateBy, w.fate, w.by)
			case w.fateLayer >= 0 && (l.FateLayer == nil || *l.FateLayer != w.fateLayer || l.FateInstruction == nil):
				t.Errorf("%s: lost by layer %v, want %d", what, l.FateLayer, w.fateLayer)
			case w.layer >= 0 && (l.Instruction == nil || !strings.HasPrefix(*l.Instruction, fmt.Sprintf("COPY part%d", w.layer))):
				t.Errorf("%s: instruction %v", what, l.Instruction)
			}
			return
		}
	}
	t.Errorf("%s is not found", what)
}

// sameSecret allows for a rule that takes a little less or more than the value.
func sameSecret(got, planted string) bool {
	return strings.Contains(got, planted) || len(got) >= 16 && strings.Contains(planted, got)
}
