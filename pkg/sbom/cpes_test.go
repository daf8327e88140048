package sbom

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/anchore/syft/syft/cataloging/pkgcataloging"
	"github.com/anchore/syft/syft/cpe"
	"github.com/anchore/syft/syft/file"
	syftpkg "github.com/anchore/syft/syft/pkg"
	syftsbom "github.com/anchore/syft/syft/sbom"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

func TestCPEsAreThoseOfSyft(t *testing.T) {
	known := cpe.Must("cpe:2.3:a:nodejs:node.js:20.1.0:*:*:*:*:*:*:*", cpe.NVDDictionaryLookupSource)
	guessed := cpe.Must("cpe:2.3:a:own:guess:1:*:*:*:*:*:*:*", cpe.GeneratedSource)
	for _, c := range []struct {
		name string
		p    syftpkg.Package
	}{
		{"a package of the dictionary", syftpkg.Package{Name: "lodash", Version: "4.17.20", Type: syftpkg.NpmPkg, Language: syftpkg.JavaScript, PURL: "pkg:npm/lodash@4.17.20"}},
		{"a package that the dictionary does not have", syftpkg.Package{Name: "no-such-package-here", Version: "1.0", Type: syftpkg.NpmPkg, Language: syftpkg.JavaScript}},
		{"a package of a distribution", syftpkg.Package{Name: "libssl3", Version: "3.0.11-1", Type: syftpkg.DebPkg, PURL: "pkg:deb/debian/libssl3@3.0.11-1"}},
		{"a package of Go", syftpkg.Package{Name: "github.com/a/b", Version: "v1.2.3", Type: syftpkg.GoModulePkg, Language: syftpkg.Go}},
		{"a program whose names are known", syftpkg.Package{Name: "node", Version: "20.1.0", Type: syftpkg.BinaryPkg, CPEs: []cpe.CPE{known}}},
		{"a program with a guess of its cataloger", syftpkg.Package{Name: "guess", Version: "1", Type: syftpkg.BinaryPkg, CPEs: []cpe.CPE{guessed}}},
		{"a package without a version", syftpkg.Package{Name: "lodash", Type: syftpkg.NpmPkg, Language: syftpkg.JavaScript}},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := func(generate bool) *syftpkg.Collection {
				cfg := config(1).WithCatalogers(pkgcataloging.NewCatalogerReference(made{"one", func(file.Resolver) ([]syftpkg.Package, error) {
					p := c.p
					p.SetID()
					return []syftpkg.Package{p}, nil
				}}, []string{"image"}))
				cfg.DataGeneration.GenerateCPEs = generate
				image := &layers.Image{}
				src := newSource(image, &resolver{index: newIndex(layers.NewView(nil)), image: image, again: &again{image: image}})
				s, _, err := (&run{config: cfg}).create(context.Background(), src)
				if err != nil {
					t.Fatal(err)
				}
				return s.Artifacts.Packages
			}
			all, nameless := withCPEs(run(false))
			if len(nameless) > 0 {
				t.Errorf("no names for %q", nameless)
			}
			want, got := run(true).Sorted(), all.Sorted()
			if len(want) != 1 || len(want[0].CPEs) == 0 {
				t.Fatalf("Syft makes %+v of it", want)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestAPackageThatSyftFailsToNameIsTold(t *testing.T) {
	p := syftpkg.Package{Name: "no-such-package-here", Version: "1", Type: syftpkg.NpmPkg}
	if names, ok := cpesOf(p, func(syftpkg.Package) []cpe.CPE { panic("odd") }); ok || len(names) > 0 {
		t.Errorf("named %v, %v", names, ok)
	}
	s := &syftsbom.SBOM{Artifacts: syftsbom.Artifacts{Packages: syftpkg.NewCollection()}}
	d := &document{sbom: s, visible: s, hidden: s, image: &layers.Image{}, nameless: []string{"odd\x1b 1", "odd 2"}}
	var w strings.Builder
	err := Write(&w, SyftJSON, finding.Bill{Document: d}, WriteOptions{})
	if err == nil || !strings.Contains(err.Error(), `2 packages, such as odd\x1b 1: Syft`) || !strings.Contains(w.String(), `"artifacts"`) {
		t.Errorf("error %v, document %.200q", err, w.String())
	}
}
