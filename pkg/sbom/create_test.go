package sbom

import (
	"context"
	"debug/elf"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/anchore/syft/syft"
	"github.com/anchore/syft/syft/artifact"
	"github.com/anchore/syft/syft/cataloging/pkgcataloging"
	"github.com/anchore/syft/syft/file"
	syftpkg "github.com/anchore/syft/syft/pkg"

	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// made is a cataloger that does what it is told.
type made struct {
	name    string
	catalog func(file.Resolver) ([]syftpkg.Package, error)
}

func (m made) Name() string { return m.name }

func (m made) Catalog(_ context.Context, r file.Resolver) ([]syftpkg.Package, []artifact.Relationship, error) {
	packages, err := m.catalog(r)
	return packages, nil, err
}

func TestACatalogerThatFailsTakesNoOtherWithIt(t *testing.T) {
	one := syftpkg.Package{Name: "one", Version: "1", Type: syftpkg.NpmPkg}
	for _, c := range []struct {
		name string
		fail func() error
	}{
		{"by an error", func() error { return errors.New("out of cheese") }},
		{"by a panic", func() error { panic("out of cheese") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := config(1).WithCatalogers(
				pkgcataloging.NewCatalogerReference(made{"good", func(file.Resolver) ([]syftpkg.Package, error) { return []syftpkg.Package{one}, nil }}, []string{"image"}),
				pkgcataloging.NewCatalogerReference(made{"bad", func(file.Resolver) ([]syftpkg.Package, error) { return nil, c.fail() }}, []string{"image"}),
			)
			// Its name is known only from a run in which it does not fail.
			image := &layers.Image{}
			src := newSource(image, &resolver{index: newIndex(layers.NewView(nil)), image: image, again: &again{image: image}})
			failing := c.fail
			calls := 0
			c.fail = func() error {
				if calls++; calls == 2 { // of the names
					return nil
				}
				return failing()
			}
			r := &run{config: cfg}
			s, gaps, err := r.create(context.Background(), src)
			if err != nil {
				t.Fatal(err)
			}
			if n := s.Artifacts.Packages.PackageCount(); n != 1 {
				t.Errorf("%d packages", n)
			}
			if len(gaps) != 1 || gaps[0].Reason != "cataloger-failed" || !strings.Contains(gaps[0].Detail, "bad") {
				t.Errorf("gaps %+v", gaps)
			}
		})
	}
}

func TestACatalogerOfExecutablesFailsQuietly(t *testing.T) {
	image := &layers.Image{}
	res := &resolver{index: newIndex(layers.NewView(nil)), image: image, again: &again{image: image}}
	c := selectiveCataloger{made{"odd", func(file.Resolver) ([]syftpkg.Package, error) { panic("at the disco") }}, 1}
	if _, _, err := c.Catalog(context.Background(), res); err != nil {
		t.Fatal(err)
	}
	s, err := syft.CreateSBOM(context.Background(), newSource(image, res), config(1))
	if err != nil {
		t.Fatal(err)
	}
	notes := puzzling(s, nil, res)
	if len(notes) != 1 || !strings.Contains(notes[0].Detail, "Syft's odd expects") {
		t.Errorf("notes %+v", notes)
	}
}

func TestOnlyCatalogersThatAreReplacedAskForTypes(t *testing.T) {
	image := &layers.Image{}
	r := &recorder{resolver: &resolver{index: newIndex(layers.NewView(nil)), image: image, again: &again{image: image}}, asked: map[string]bool{}}
	cfg := config(1)
	// Without our own, which pass what they are asked on to a recorder.
	plain := syft.DefaultCreateSBOMConfig().WithoutFiles().WithCatalogerSelection(cfg.CatalogerSelection)
	if _, err := syft.CreateSBOM(context.Background(), recordedSource{newSource(image, r.resolver), r}, plain); err != nil {
		t.Fatal(err)
	}
	for what := range r.asked {
		if strings.HasPrefix(what, "type ") {
			t.Errorf("another cataloger asks for %s: give it a place in typeCatalogers", what)
		}
	}
	if len(cfg.CatalogerSelection.RemoveNamesOrTags) != len(typeCatalogers(cfg.Packages))+1 {
		t.Error("not all are replaced")
	}
}

func TestAMarkerIsFoundInWhateverPiecesItComes(t *testing.T) {
	marker := bundleMarker()
	for _, piece := range []int{1, 7, 31, 32, 33, 100, 1000} {
		for _, at := range []int{0, 1, 31, 68, 968} {
			body := make([]byte, 1000)
			copy(body[200:], marker.text[marker.rare:])
			for _, there := range []bool{false, true} {
				if there {
					copy(body[at:], marker.text)
				}
				s := &seeker{marker: marker}
				for rest := body; len(rest) > 0; rest = rest[min(piece, len(rest)):] {
					s.see(rest[:min(piece, len(rest))])
				}
				if s.found != there {
					t.Errorf("pieces of %d, marker at %d there %v: found %v", piece, at, there, s.found)
				}
			}
		}
	}
}

func TestBlocksThatAreGivenBackAreUsedAgain(t *testing.T) {
	s := &store{memory: 1 << 20, disk: 1 << 30, dir: t.TempDir()}
	defer s.Close()
	for i := range 10 {
		w := writer{store: s, lent: true}
		w.content.store = s
		body := strings.Repeat(string(rune('a'+i)), 3*handBytes+i)
		if _, err := io.WriteString(&w, body); err != nil {
			t.Fatal(err)
		}
		c := w.inHand()
		got, err := io.ReadAll(c.open())
		if err != nil || string(got) != body {
			t.Errorf("round %d: %d bytes, %v", i, len(got), err)
		}
		s.giveBack(&w.content)
	}
	if most := int64(4 * handBytes); s.next > most || s.onDisk.Load() != 0 {
		t.Errorf("%d bytes of the file were used, %d are counted as kept", s.next, s.onDisk.Load())
	}
}

func TestAnExcerptKeepsWhatWasReadAndSaysWhatWasNot(t *testing.T) {
	s := &store{memory: 1 << 20, disk: 1 << 30, dir: t.TempDir()}
	defer s.Close()
	w := writer{store: s, lent: true}
	w.content.store = s
	body := make([]byte, handBytes+blockBytes)
	for i := range body {
		body[i] = byte(i * 7 >> 3)
	}
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	spans := joined([]span{{10, 20}, {5000, 9000}, {100_000, 700_000}, {int64(len(body)) - 3, int64(len(body))}}, int64(len(body)))
	c, err := s.excerpt(w.inHand(), spans)
	if err != nil {
		t.Fatal(err)
	}
	s.giveBack(&w.content)
	for _, sp := range spans {
		got := make([]byte, sp.to-sp.from)
		if _, err := c.ReadAt(got, sp.from); err != nil || string(got) != string(body[sp.from:sp.to]) {
			t.Errorf("%v: %v", sp, err)
		}
	}
	if _, err := c.ReadAt(make([]byte, 10), 50_000); !errors.Is(err, errNotKept) {
		t.Errorf("what was not kept gives %v", err)
	}
	if c.whole() {
		t.Error("an excerpt says that it is whole")
	}
}

func TestNamesOfSymbolsThatAreCompressedAreTold(t *testing.T) {
	program := []byte(imagemake.NativeImage("{}"))
	of := func(b []byte) *content {
		return &content{size: int64(len(b)), extents: []extent{{n: int64(len(b)), memory: b}}}
	}
	if packedNames(of(program)) {
		t.Error("plain names are taken for compressed ones")
	}
	const sections, entry, flags = 40, 64, 8 // System V ABI, chapter 4: where the table's offset stands, its entries, the flags in one
	strtab := binary.LittleEndian.Uint64(program[sections:]) + 2*entry
	binary.LittleEndian.PutUint64(program[strtab+flags:], uint64(elf.SHF_COMPRESSED))
	if !packedNames(of(program)) {
		t.Error("compressed names are not told")
	}
	if packedNames(of([]byte("\x7fELF garbage"))) {
		t.Error("garbage has names")
	}
}
