package sbom_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

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
	for name, result := range map[string]*audit.Result{"a stream": streamed, "a layout": read} {
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
