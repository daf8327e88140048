package sbom_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/tagvalue"

	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/sbom"
)

func status(name, version string) string {
	return fmt.Sprintf("Package: %s\nStatus: install ok installed\nMaintainer: Nobody <nobody@example.test>\nArchitecture: amd64\nVersion: %s\nDescription: made up\n\n", name, version)
}

func jar(t testing.TB, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, body := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// fixture is an image with a few packages of several kinds in three layers.
func fixture(t testing.TB) imagemake.Image {
	return imagemake.Image{Layers: []imagemake.Layer{
		{CreatedBy: "ADD rootfs /", Entries: []imagemake.Entry{
			imagemake.File("usr/lib/os-release", "ID=debian\nVERSION_ID=\"12\"\nNAME=\"Debian GNU/Linux\"\n"),
			imagemake.Symlink("etc/os-release", "../usr/lib/os-release"),
			imagemake.File("etc/debian_version", "12.5\n"),
			imagemake.File("var/lib/dpkg/status", status("libold", "1.0-1")),
			imagemake.File("var/lib/dpkg/info/libold.list", "/.\n/usr\n"),
			imagemake.File("var/lib/dpkg/info/libold.md5sums", "d41d8cd98f00b204e9800998ecf8427e  usr/lib/libold.so\n"),
			imagemake.File("usr/share/doc/libold/copyright", "License: MIT\n"),
		}},
		{CreatedBy: "RUN apt-get install libnew", Entries: []imagemake.Entry{
			imagemake.File("var/lib/dpkg/status", status("libold", "1.0-1")+status("libnew", "2.0-1")),
			imagemake.File("var/lib/dpkg/info/libnew.list", "/.\n/usr\n"),
		}},
		{CreatedBy: "COPY app /app", Entries: []imagemake.Entry{
			imagemake.File("app/node_modules/left/package.json", `{"name":"left","version":"1.2.3","license":"MIT"}`),
			imagemake.File("app/node_modules/left/LICENSE", "no licence at all"),
			imagemake.File("app/lib/site-packages/thing-4.5.dist-info/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 4.5\n"),
			imagemake.File("app/lib/site-packages/thing-4.5.dist-info/RECORD", "thing/__init__.py,,\n"),
			imagemake.File("app/tool.jar", jar(t, map[string]string{
				"META-INF/MANIFEST.MF":                           "Manifest-Version: 1.0\nImplementation-Title: tool\n",
				"META-INF/maven/org.example/tool/pom.properties": "groupId=org.example\nartifactId=tool\nversion=7.0\n",
			})),
		}},
	}}
}

func layout(t testing.TB, img imagemake.Image) string {
	t.Helper()
	dir := t.TempDir()
	if err := imagemake.WriteFiles(dir, imagemake.Layout(imagemake.Tagged{Ref: "1", Built: img.Build()})); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestPackagesAreThoseOfSyftUnpackingTheImage(t *testing.T) {
	img := fixture(t)
	program, err := os.ReadFile("/proc/self/exe")
	if err == nil {
		img.Layers = append(img.Layers, imagemake.Layer{Compression: "none", Entries: []imagemake.Entry{imagemake.Executable("app/program", string(program), 0o755)}})
	}
	dir := layout(t, img)
	temp := t.TempDir()
	var cost sbom.Cost
	own, result := ownPackages(t, "oci-dir:"+dir, sbom.Cataloger{TempDir: temp, Done: func(c sbom.Cost) { cost = c }})
	compare(t, own, syftPackages(t, dir, sbom.Squashed))
	if !result.SBOM[0].Complete || !result.Report.SBOM[0].Complete || cost.Again != 0 {
		t.Errorf("complete %v, %d readings again, gaps %v", result.SBOM[0].Complete, cost.Again, result.Report.Coverage.Gaps)
	}
	if owner := result.SBOM[0].Owner; owner("usr/lib/libold.so") != "libold 1.0-1" || owner("app/tool.jar") != "" {
		t.Errorf("owners %q and %q", owner("usr/lib/libold.so"), owner("app/tool.jar"))
	}
	want := map[string]int{"libold": 0, "libnew": 1, "left": 2, "thing": 2, "tool": 2}
	for _, p := range result.SBOM[0].Packages {
		if layer, ok := want[p.Name]; ok && p.Layer != layer {
			t.Errorf("%s is said to come from layer %d, not %d", p.Name, p.Layer, layer)
		}
		delete(want, p.Name)
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
	if left, _ := os.ReadDir(temp); len(left) > 0 {
		t.Errorf("a temporary file has a name: %v", left)
	}
}

func TestAStreamHasTheSamePackages(t *testing.T) {
	img := fixture(t)
	own, _ := ownPackages(t, "oci-dir:"+layout(t, img), sbom.Cataloger{})
	tar := imagemake.Archive(imagemake.Layout(imagemake.Tagged{Ref: "1", Built: img.Build()}), imagemake.ArchiveOptions{})
	result, err := audit.Run(context.Background(), "-", audit.Options{
		Open: layers.Options{Stdin: bytes.NewReader(tar)}, Packages: sbom.Cataloger{}, Scanners: []string{audit.SBOM},
	})
	if err != nil {
		t.Fatal(err)
	}
	streamed, _ := sbom.SyftOfScope(result.SBOM[0])
	compare(t, described(streamed), own)
	if !result.SBOM[0].Complete {
		t.Errorf("not complete: %+v", result.Report.Coverage.Gaps)
	}
}

func TestWhatWasNotKeptIsReadAgainOrIsAGap(t *testing.T) {
	img := imagemake.Image{Layers: []imagemake.Layer{{Entries: []imagemake.Entry{
		imagemake.File("store/00", `{"name":"linked","version":"1.2.3"}`),
		imagemake.HardLink("node_modules/linked/package.json", "store/00"),
	}}}}
	var cost sbom.Cost
	c := sbom.Cataloger{Done: func(c sbom.Cost) { cost = c }}
	own, result := ownPackages(t, "oci-dir:"+layout(t, img), c)
	if len(result.SBOM[0].Packages) != 1 || cost.Again != 1 || !result.SBOM[0].Complete {
		t.Errorf("a layout: %v, %+v, complete %v", own, cost, result.SBOM[0].Complete)
	}
	tar := imagemake.Archive(imagemake.Layout(imagemake.Tagged{Ref: "1", Built: img.Build()}), imagemake.ArchiveOptions{})
	result, err := audit.Run(context.Background(), "-", audit.Options{Open: layers.Options{Stdin: bytes.NewReader(tar)}, Packages: c, Scanners: []string{audit.SBOM}})
	if err != nil {
		t.Fatal(err)
	}
	if cost.Again != 0 || result.SBOM[0].Complete || result.Report.Coverage.Complete {
		t.Errorf("a stream: %+v, complete %v", cost, result.SBOM[0].Complete)
	}
}

func TestDocumentsNameTheLayerAndAreReproducible(t *testing.T) {
	img := fixture(t)
	img.Layers[2].CreatedBy = "COPY hunter2hunter2 /app"
	_, result := ownPackages(t, "oci-dir:"+layout(t, img), sbom.Cataloger{})
	bill := result.SBOM[0]
	opts := sbom.WriteOptions{Version: "1", Time: time.Unix(1e9, 0), Redact: func(s string) string { return strings.ReplaceAll(s, "hunter2hunter2", "****") }}
	docs := map[string]string{}
	for _, format := range sbom.Formats() {
		var a, b bytes.Buffer
		if err := sbom.Write(&a, format, bill, opts); err != nil {
			t.Fatal(err)
		}
		if err := sbom.Write(&b, format, bill, opts); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("%s is another document the second time", format)
		}
		if strings.Contains(a.String(), "hunter2") {
			t.Errorf("%s holds the secret of an instruction", format)
		}
		docs[format] = a.String()
	}
	for _, format := range []string{sbom.SPDXJSON, sbom.SPDXTagValue, sbom.CycloneDXJSON, sbom.CycloneDXXML} {
		for _, want := range []string{sbom.LayerIndex, sbom.LayerDiffID, sbom.LayerInstruction, "COPY **** /app"} {
			if !strings.Contains(docs[format], want) {
				t.Errorf("%s does not say %s", format, want)
			}
		}
	}
	for format, kind := range map[string]cyclonedx.BOMFileFormat{sbom.CycloneDXJSON: cyclonedx.BOMFileFormatJSON, sbom.CycloneDXXML: cyclonedx.BOMFileFormatXML} {
		var bom cyclonedx.BOM
		if err := cyclonedx.NewBOMDecoder(strings.NewReader(docs[format]), kind).Decode(&bom); err != nil || bom.SpecVersion != cyclonedx.SpecVersion1_6 {
			t.Errorf("%s: %v, version %v", format, err, bom.SpecVersion)
		}
	}
	if doc, err := spdxjson.Read(strings.NewReader(docs[sbom.SPDXJSON])); err != nil || len(doc.Packages) < len(bill.Packages) {
		t.Errorf("spdx-json: %v", err)
	}
	if doc, err := tagvalue.Read(strings.NewReader(docs[sbom.SPDXTagValue])); err != nil || len(doc.Packages) < len(bill.Packages) {
		t.Errorf("spdx-tag-value: %v", err)
	}
}

func TestDamageSpoilsNothingElse(t *testing.T) {
	elf := append([]byte("\x7fELF\x02\x01\x01"), bytes.Repeat([]byte{0xff}, 4000)...)
	bomb := jar(t, map[string]string{"META-INF/MANIFEST.MF": strings.Repeat("A: b\n", 4<<20)})
	img := fixture(t)
	img.Layers = append(img.Layers, imagemake.Layer{Entries: []imagemake.Entry{
		imagemake.File("var/lib/dpkg/status.d/broken", "\x00\x01 no database\n"),
		imagemake.File("usr/lib/sysimage/rpm/rpmdb.sqlite", strings.Repeat("no database ", 1000)),
		imagemake.File("app/bomb.jar", bomb),
		imagemake.File("app/cut.jar", bomb[:len(bomb)/2]),
		imagemake.Executable("app/absurd", string(elf), 0o755),
		imagemake.Executable("app/unpacks", imagemake.RustProgram(strings.Repeat(" ", 9<<20)+"{}"), 0o755),
		imagemake.Executable("app/absurd.exe", "MZ"+strings.Repeat("\xff", 5000), 0o755),
		imagemake.File("app/node_modules/odd/package.json", `{"name":"odd\nPackageName: other\u001b[31m","version":"1</text>\u009b"}`),
	}})
	_, result := ownPackages(t, "oci-dir:"+layout(t, img), sbom.Cataloger{})
	found := map[string]bool{}
	for _, p := range result.SBOM[0].Packages {
		found[p.Name] = true
	}
	for _, name := range []string{"libold", "libnew", "left", "thing", "tool"} {
		if !found[name] {
			t.Errorf("%s is lost", name)
		}
	}
	if gaps := result.Report.Coverage.Gaps; len(gaps) != 1 || gaps[0].Reason != sbom.ReasonArchiveLimit || !slices.Equal(gaps[0].Examples, []string{"app/bomb.jar", "app/unpacks"}) || result.SBOM[0].Complete {
		t.Errorf("complete %v, gaps %+v", result.SBOM[0].Complete, gaps)
	}
	noted := fmt.Sprint(result.Report.Coverage.Notes)
	for _, want := range []string{"dpkg-db-cataloger", "usr/lib/sysimage/rpm/rpmdb.sqlite", "app/cut.jar", "app/absurd"} {
		if !strings.Contains(noted, want) {
			t.Errorf("no note on %s: %s", want, noted)
		}
	}
	for _, format := range sbom.Formats() {
		var b bytes.Buffer
		if err := sbom.Write(&b, format, result.SBOM[0], sbom.WriteOptions{}); err != nil {
			t.Errorf("%s: %v", format, err)
		}
		if i := strings.IndexFunc(b.String(), func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r <= 0x9f }); i >= 0 {
			t.Errorf("%s has a raw control character at %d: %q", format, i, b.String()[max(0, i-40):i+5])
		}
		switch format {
		case sbom.SPDXTagValue:
			if _, err := tagvalue.Read(&b); err != nil {
				t.Errorf("%s: %v", format, err)
			}
		case sbom.SPDXJSON, sbom.CycloneDXJSON, sbom.SyftJSON:
			if !json.Valid(b.Bytes()) {
				t.Errorf("%s is no JSON", format)
			}
		}
	}
}

func TestDamagedListsOfPackagesAreNoted(t *testing.T) {
	img := fixture(t)
	img.Layers = append(img.Layers, imagemake.Layer{Entries: []imagemake.Entry{
		imagemake.Executable("app/rusty", imagemake.ELF(map[string][]byte{".dep-v0": []byte("no list")}), 0o755),
		imagemake.File("lib/apk/db/installed", strings.Repeat("\x00garbage:\n", 100)),
		imagemake.File("app/odd.deps.json", `{"targets": [[[[`),
	}}, imagemake.Layer{Entries: []imagemake.Entry{imagemake.File("lib/apk/db/installed", imagemake.APK("musl", "1", "MIT"))}})
	own, result := ownPackages(t, "oci-dir:"+layout(t, img), sbom.Cataloger{})
	if len(result.SBOM[0].Packages) != 6 || !result.SBOM[0].Complete {
		t.Errorf("complete %v, %d packages: %v", result.SBOM[0].Complete, len(result.SBOM[0].Packages), own)
	}
	noted := fmt.Sprint(result.Report.Coverage.Notes)
	for _, want := range []string{"app/rusty", "lib/apk/db/installed", "app/odd.deps.json"} {
		if !strings.Contains(noted, want) {
			t.Errorf("no note on %s: %s", want, noted)
		}
	}
}

func TestABoundOnTheTemporaryFileMakesTheBillIncomplete(t *testing.T) {
	img := imagemake.Image{Layers: []imagemake.Layer{{Compression: "none", Entries: []imagemake.Entry{
		imagemake.File("app/big.jar", strings.Repeat("x", 1<<20)),
		imagemake.File("node_modules/left/package.json", `{"name":"left","version":"1.2.3"}`),
	}}}}
	own, result := ownPackages(t, "oci-dir:"+layout(t, img), sbom.Cataloger{DiskBytes: 300 << 10})
	if result.SBOM[0].Complete || len(result.Report.Coverage.Gaps) != 1 {
		t.Errorf("complete %v, gaps %+v", result.SBOM[0].Complete, result.Report.Coverage.Gaps)
	}
	if len(result.SBOM[0].Packages) != 1 {
		t.Errorf("packages %v", own)
	}
}

func TestABillOfSomebodyElseIsRefused(t *testing.T) {
	if err := sbom.Write(&bytes.Buffer{}, sbom.SPDXJSON, finding.Bill{}, sbom.WriteOptions{}); err == nil {
		t.Error("a bill without a document was written")
	}
}
