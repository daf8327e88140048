package sbom_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/anchore/syft/syft/format"

	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/sbom"
)

func apk(name, version string) string {
	return fmt.Sprintf("C:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nP:%s\nV:%s\nA:x86_64\nS:1\nI:1\nT:made up\nL:MIT\no:%s\n\n", name, version, name)
}

func manifest(name, version string) string {
	return fmt.Sprintf(`{"name":%q,"version":%q}`, name, version)
}

func metadata(name, version string) string {
	return fmt.Sprintf("Metadata-Version: 2.1\nName: %s\nVersion: %s\n", name, version)
}

func library(t testing.TB, group, name, version string) map[string]string {
	return map[string]string{"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n", "META-INF/maven/" + group + "/" + name + "/pom.properties": "groupId=" + group + "\nartifactId=" + name + "\nversion=" + version + "\n"}
}

// changing is an image whose layers upgrade, remove, move and rewrite packages.
func changing(t testing.TB) imagemake.Image {
	inner := func(version string) string { return jar(t, library(t, "org.example", "inner", version)) }
	return imagemake.Image{Layers: []imagemake.Layer{
		{CreatedBy: "ADD rootfs /", Entries: []imagemake.Entry{
			imagemake.File("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n"),
			imagemake.File("var/lib/dpkg/status", status("libc", "1")+status("ssl", "3.0")+status("gone", "5")+status("back", "1")),
			imagemake.File("lib/apk/db/installed", apk("musl", "1.2")+apk("zlib", "1.3")),
			imagemake.File("var/lib/dpkg/info/ssl.list", "/.\n"),
		}},
		{CreatedBy: "COPY app /app", Entries: []imagemake.Entry{
			imagemake.File("app/node_modules/left/package.json", manifest("left", "1.0.0")),
			imagemake.File("app/node_modules/right/package.json", manifest("right", "1.0.0")),
			imagemake.File("app/node_modules/dropped/package.json", manifest("dropped", "1.0.0")),
			imagemake.File("py/site-packages/thing-4.5.dist-info/METADATA", metadata("thing", "4.5")),
			imagemake.File("app/app.jar", jar(t, map[string]string{"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\nImplementation-Title: app\nImplementation-Version: 1\n", "lib/inner.jar": inner("1.0"), "lib/same.jar": jar(t, library(t, "org.example", "same", "9"))})),
			imagemake.File("var/lib/dpkg/status", status("libc", "1")+status("ssl", "3.0")+status("gone", "5")),
		}},
		{CreatedBy: "RUN apt-get upgrade && chown -R app /app", Entries: []imagemake.Entry{
			imagemake.File("var/lib/dpkg/status", status("libc", "1")+status("ssl", "3.1")+status("back", "1")),
			imagemake.File("var/lib/dpkg/info/ssl.list", "/.\n"),
			imagemake.File("app/node_modules/left/package.json", manifest("left", "1.0.0")),
			imagemake.File("app/node_modules/right/package.json", manifest("right", "2.0.0")),
			imagemake.Whiteout("app/node_modules", "dropped"),
			imagemake.Whiteout("py/site-packages", "thing-4.5.dist-info"),
			imagemake.File("py/site-packages/thing-4.6.dist-info/METADATA", metadata("thing", "4.6")),
			imagemake.File("app/app.jar", jar(t, map[string]string{"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\nImplementation-Title: app\nImplementation-Version: 1\n", "lib/inner.jar": inner("1.1"), "lib/same.jar": jar(t, library(t, "org.example", "same", "9"))})),
		}},
		{CreatedBy: "RUN apk del zlib", Entries: []imagemake.Entry{
			imagemake.File("var/lib/dpkg/status", status("libc", "1")+status("ssl", "3.1")+status("back", "1")+status("new", "1")),
			imagemake.File("lib/apk/db/installed", apk("musl", "1.2")),
		}},
	}}
}

func TestPackagesThatLaterLayersHideAreListedApart(t *testing.T) {
	want := []string{
		"dropped 1.0.0 of layer 1, deleted (parent-whiteout) by layer 2, then ",
		"gone 5 of layer 1, deleted (rewritten) by layer 2, then ",
		"inner 1.0 of layer 1, overwritten (rewritten) by layer 2, then 1.1",
		"right 1.0.0 of layer 1, overwritten (rewritten) by layer 2, then 2.0.0",
		"ssl 3.0 of layer 0, overwritten (rewritten) by layer 2, then 3.1",
		"thing 4.5 of layer 1, overwritten (parent-whiteout) by layer 2, then 4.6",
		"zlib 1.3 of layer 0, deleted (rewritten) by layer 3, then ",
	}
	built := changing(t)
	tar := imagemake.Archive(imagemake.Layout(imagemake.Tagged{Ref: "1", Built: built.Build()}), imagemake.ArchiveOptions{})
	streamed, err := audit.Run(context.Background(), "-", audit.Options{
		Open: layers.Options{Stdin: bytes.NewReader(tar)}, Packages: sbom.Cataloger{}, Scanners: []string{audit.SBOM},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, read := ownPackages(t, "oci-dir:"+layout(t, built), sbom.Cataloger{})
	_, every := ownPackages(t, "oci-dir:"+layout(t, built), sbom.Cataloger{Scope: sbom.AllLayers})
	for name, result := range map[string]*audit.Result{"a stream": streamed, "a layout": read, "all layers": every} {
		bill := result.SBOM[0]
		var got []string
		for _, h := range bill.Hidden {
			got = append(got, fmt.Sprintf("%s %s of layer %d, %s (%s) by layer %d, then %s", h.Name, h.Version, h.Layer, h.Fate, h.FateBy, h.FateLayer, h.Successor))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if !bill.Complete {
			t.Errorf("%s: not complete: %+v", name, result.Report.Coverage.Gaps)
		}
		hidden, ok := sbom.SyftHidden(bill)
		if !ok || hidden.Artifacts.Packages.PackageCount() != len(want) {
			t.Fatalf("%s: %v", name, ok)
		}
		final, _ := sbom.Syft(bill)
		if hidden.Artifacts.LinuxDistribution == nil || hidden.Artifacts.LinuxDistribution != final.Artifacts.LinuxDistribution || hidden.Source.ID != final.Source.ID {
			t.Errorf("%s: distribution %v, source %v", name, hidden.Artifacts.LinuxDistribution, hidden.Source)
		}
		for _, h := range bill.Hidden {
			found := hidden.Artifacts.Packages.PackagesByName(h.Name)
			if len(found) != 1 || string(found[0].ID()) != h.ID {
				t.Errorf("%s: %s has another id", name, h.Name)
			}
		}
	}
}

func TestAnImageWithoutHiddenPackagesHasNone(t *testing.T) {
	_, result := ownPackages(t, "oci-dir:"+layout(t, fixture(t)), sbom.Cataloger{})
	if hidden := result.SBOM[0].Hidden; len(hidden) > 0 {
		t.Errorf("hidden: %+v", hidden)
	}
	if s, ok := sbom.SyftHidden(result.SBOM[0]); !ok || s.Artifacts.Packages.PackageCount() > 0 {
		t.Error("there are some in Syft's form")
	}
}

func TestPackagesNameTheLayersThatBroughtAndChangedThem(t *testing.T) {
	for _, scope := range sbom.Scopes() {
		t.Run(scope, func(t *testing.T) { testLayersOfPackages(t, sbom.Scope(scope)) })
	}
}

func testLayersOfPackages(t *testing.T, scope sbom.Scope) {
	_, result := ownPackages(t, "oci-dir:"+layout(t, changing(t)), sbom.Cataloger{Scope: scope})
	got := map[string][2]int{}
	for _, p := range result.SBOM[0].Packages {
		got[p.Name+" "+p.Version] = [2]int{p.Layer, p.Changed}
	}
	want := map[string][2]int{
		"libc 1":      {0, 0}, // the database was written again by every layer
		"ssl 3.1":     {2, 2}, // in this version
		"back 1":      {2, 2}, // it was away in between
		"new 1":       {3, 3},
		"musl 1.2":    {0, 0},
		"left 1.0.0":  {1, 2}, // the second only changed its owner
		"right 2.0.0": {2, 2},
		"thing 4.6":   {2, 2},
		"inner 1.1":   {2, 2},
		"same 9":      {1, 2}, // in a jar that was built again
		"app 1":       {1, 2},
	}
	for name, layers := range want {
		if got[name] != layers {
			t.Errorf("%s: brought and changed by %v, want %v", name, got[name], layers)
		}
	}
	if len(got) != len(want) {
		t.Errorf("packages: %v", got)
	}
}

func TestHiddenPackagesAreInTheDocumentsAndAreNotTakenForInstalledOnes(t *testing.T) {
	_, result := ownPackages(t, "oci-dir:"+layout(t, changing(t)), sbom.Cataloger{})
	_, all := ownPackages(t, "oci-dir:"+layout(t, changing(t)), sbom.Cataloger{Scope: sbom.AllLayers})
	bill := result.SBOM[0]
	for _, f := range sbom.Formats() {
		t.Run(f, func(t *testing.T) {
			var b bytes.Buffer
			if err := sbom.Write(&b, f, bill, sbom.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
			doc := b.String()
			for _, want := range []string{"zlib@1.3", sbom.HiddenFate, sbom.HiddenIndex, "RUN apk del zlib", "RUN apt-get upgrade"} {
				if !strings.Contains(doc, want) {
					t.Errorf("nothing of %s", want)
				}
			}
			if strings.HasPrefix(f, "cyclonedx") && !strings.Contains(doc, "occurrence") {
				t.Error("no occurrences")
			}
			// A document of all layers has them as packages, and says which they are.
			var every bytes.Buffer
			if err := sbom.Write(&every, f, all.SBOM[0], sbom.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(every.String(), sbom.HiddenIndex) {
				t.Error("all layers: nothing says what is hidden")
			}
			read, _, _, err := format.Decode(&every)
			if err != nil {
				t.Fatal(err)
			}
			if n, want := read.Artifacts.Packages.PackageCount(), len(bill.Packages)+len(bill.Hidden); n < want {
				t.Errorf("all layers: %d packages, want %d", n, want)
			}
			// This is how Grype reads it.
			read, _, _, err = format.Decode(strings.NewReader(doc))
			if err != nil {
				t.Fatal(err)
			}
			names := map[string]bool{}
			for p := range read.Artifacts.Packages.Enumerate() {
				names[p.Name+" "+p.Version] = true
			}
			for _, h := range bill.Hidden {
				if names[h.Name+" "+h.Version] {
					t.Errorf("%s %s is taken for an installed package", h.Name, h.Version)
				}
			}
			for _, p := range bill.Packages {
				if !names[p.Name+" "+p.Version] {
					t.Errorf("%s %s is lost", p.Name, p.Version)
				}
			}
		})
	}
}

func TestBothScopesHaveThePackagesOfSyft(t *testing.T) {
	for name, img := range map[string]imagemake.Image{"changing": changing(t), "plain": fixture(t)} {
		dir := layout(t, img)
		for _, scope := range sbom.Scopes() {
			t.Run(name+" "+scope, func(t *testing.T) {
				own, result := ownPackages(t, "oci-dir:"+dir, sbom.Cataloger{Scope: sbom.Scope(scope)})
				compare(t, own, syftPackages(t, dir, sbom.Scope(scope)))
				if !result.SBOM[0].Complete {
					t.Errorf("not complete: %v", result.Report.Coverage.Gaps)
				}
			})
		}
	}
}
