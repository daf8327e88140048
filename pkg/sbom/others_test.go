package sbom_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/sbom"
)

// about audits an image as a layout after something was done to it, and gives the
// findings about other bills of materials, by rule and path, and the notes.
func about(t *testing.T, img imagemake.Image, change func(map[string][]byte, *imagemake.Built)) (map[string]finding.Finding, string, *audit.Result) {
	t.Helper()
	built := img.Build()
	files := imagemake.Layout(imagemake.Tagged{Ref: "1", Built: built})
	if change != nil {
		change(files, built)
	}
	dir := t.TempDir()
	if err := imagemake.WriteFiles(dir, files); err != nil {
		t.Fatal(err)
	}
	_, result := ownPackages(t, "oci-dir:"+dir+":1", sbom.Cataloger{})
	found := map[string]finding.Finding{}
	for _, f := range result.Report.Findings {
		if strings.HasPrefix(f.Rule, "sbom-") {
			found[f.Rule+" "+f.Locations[0].Path] = f
		}
	}
	notes := ""
	for _, n := range result.Report.Coverage.Notes {
		if n.Reason == sbom.ReasonOtherBill {
			notes += n.Detail + " " + strings.Join(n.Examples, " ") + "\n"
		}
	}
	return found, notes, result
}

// billOf is a bill of materials of an image in a format.
func billOf(t *testing.T, img imagemake.Image, format string) []byte {
	t.Helper()
	_, result := ownPackages(t, "oci-dir:"+layout(t, img), sbom.Cataloger{})
	var b bytes.Buffer
	if err := sbom.Write(&b, format, result.SBOM[0], sbom.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestABillOfTheSameImageAgreesWithIt(t *testing.T) {
	img := fixture(t)
	for _, format := range sbom.Formats() {
		t.Run(format, func(t *testing.T) {
			doc := billOf(t, img, format)
			found, notes, result := about(t, img, func(files map[string][]byte, b *imagemake.Built) {
				imagemake.Refer(files, b.Desc, "application/"+strings.ReplaceAll(format, "-", "+"), doc, true)
				if format == sbom.SPDXJSON {
					imagemake.Attest(files, "https://spdx.dev/Document", doc)
				}
			})
			if len(found) > 0 || notes != "" {
				t.Errorf("%+v\n%s", found, notes)
			}
			want := 1
			if format == sbom.SPDXJSON {
				want = 2
			}
			others := result.SBOM[0].Others
			if len(others) != want || !others[0].Whole || others[0].Format != format || len(others[0].Packages) < 5 {
				t.Errorf("%d documents: %.300v", len(others), fmt.Sprintf("%+v", others))
			}
		})
	}
}

func TestABillOfAnotherBuildIsFound(t *testing.T) {
	img := fixture(t)
	older := fixture(t)
	older.Layers = older.Layers[:2]
	older.Layers[1].Entries = append(older.Layers[1].Entries, imagemake.File("srv/node_modules/gone/package.json", `{"name":"gone","version":"3.0.0"}`))
	doc := billOf(t, older, sbom.CycloneDXJSON)
	found, notes, _ := about(t, img, func(files map[string][]byte, b *imagemake.Built) {
		imagemake.Attest(files, "https://cyclonedx.org/bom", doc)
	})
	claims, omits := found["sbom-claims-missing-package attestation!/0"], found["sbom-omits-package attestation!/0"]
	if len(found) != 2 || notes != "" || !strings.Contains(claims.Description, "npm gone 3.0.0") || !strings.Contains(omits.Description, "pypi thing 4.5") {
		t.Errorf("%+v\n%s", found, notes)
	}
}

// wolfi is what melange writes about one package, shortened.
const wolfi = `{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","dataLicense":"CC0-1.0","name":"apk-busybox-1.36.1-r2","documentNamespace":"https://spdx.org/spdxdocs/chainguard/melange/x",
"creationInfo":{"created":"2024-01-01T00:00:00Z","creators":["Tool: melange"]},"documentDescribes":["SPDXRef-Package-busybox"],
"packages":[{"SPDXID":"SPDXRef-Package-busybox","name":"busybox","versionInfo":"1.36.1-r2","downloadLocation":"NOASSERTION","externalRefs":[{"referenceCategory":"PACKAGE_MANAGER","referenceType":"purl","referenceLocator":"pkg:apk/wolfi/busybox@1.36.1-r2?arch=x86_64"}]},
{"SPDXID":"SPDXRef-Package-source","name":"busybox","versionInfo":"1.36.1","downloadLocation":"NOASSERTION","externalRefs":[{"referenceCategory":"PACKAGE_MANAGER","referenceType":"purl","referenceLocator":"pkg:github/mirror/busybox@1_36_1"}]}],"relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES","relatedSpdxElement":"SPDXRef-Package-busybox"}]}`

func TestBillsInTheImageClaimTheirOwnPackagesAlone(t *testing.T) {
	database := "P:busybox\nV:1.36.1-r2\nA:x86_64\n\nP:musl\nV:1.2.4-r2\nA:x86_64\n\n"
	bitnami := strings.ReplaceAll(strings.ReplaceAll(wolfi, "pkg:apk/wolfi/busybox@1.36.1-r2?arch=x86_64", "pkg:bitnami/redis@7.2.0"), "pkg:github/mirror/busybox@1_36_1", "pkg:npm/left@9.9.9")
	base := []imagemake.Entry{
		imagemake.File("etc/os-release", "ID=wolfi\n"), imagemake.File("var/lib/db/sbom/busybox-1.36.1-r2.spdx.json", wolfi),
		imagemake.File("opt/bitnami/redis/.spdx-redis.spdx", bitnami), imagemake.File("usr/share/sbom/README", "nothing"),
		imagemake.File("usr/share/sbom/base.spdx.json", `{"spdxVersion":"SPDX-2.3","packages":7}`),
	}
	with := func(db string) imagemake.Image {
		return imagemake.Image{Layers: []imagemake.Layer{{Entries: append([]imagemake.Entry{imagemake.File("lib/apk/db/installed", db)}, base...)}}}
	}
	found, notes, _ := about(t, with(database), nil)
	if len(found) != 1 || !strings.Contains(found["sbom-claims-missing-package opt/bitnami/redis/.spdx-redis.spdx"].Description, "1 of the 1 packages that it lists cannot be found in the image as listed: npm busybox 1.36.1") {
		t.Errorf("%+v", found)
	}
	if !strings.Contains(notes, "usr/share/sbom/base.spdx.json") || strings.Contains(notes, "README") {
		t.Errorf("notes: %s", notes)
	}
	found, _, _ = about(t, with(strings.ReplaceAll(database, "V:1.36.1-r2", "V:1.36.1-r7")), nil)
	f := found["sbom-claims-missing-package var/lib/db/sbom/busybox-1.36.1-r2.spdx.json"]
	if !strings.Contains(f.Description, "apk busybox 1.36.1-r2 (the image has 1.36.1-r7)") || f.Severity != finding.Medium || f.Locations[0].Layer == nil || f.Category != finding.Integrity {
		t.Errorf("%+v", found)
	}
}

func TestOtherBillsThatAreGarbageAreNoted(t *testing.T) {
	for name, tc := range map[string]struct{ doc, note string }{
		"no SBOM":                     {`{"hello":1}`, "it is no SBOM"},
		"CycloneDX without a part":    {`{"bomFormat":"CycloneDX","specVersion":"1.6","version":1}`, ""},
		"CycloneDX of no version":     {`{"bomFormat":"CycloneDX","specVersion":"9.9","components":[]}`, "it is no SBOM"},
		"a cut document":              {wolfi[:len(wolfi)/2], "parsing the document"},
		"SPDX of wrong types":         {`{"spdxVersion":"SPDX-2.3","SPDXID":7,"packages":{"a":1}}`, "decoding it as spdx-json"},
		"nothing but nulls":           {`{"spdxVersion":"SPDX-2.3","packages":[null],"relationships":[null]}`, "it is damaged: decoding it as spdx-json failed"},
		"control characters":          {"{\"spdxVersion\":\"SPDX-2.3\",\"packages\":\"\\u001b[31m\"}", "decoding it as spdx-json"},
		"XML":                         {`<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components><component`, "it is no SBOM"},
		"an attestation of something": {`{"predicateType":"https://slsa.dev/provenance/v1","predicate":{}}`, ""},
		"about another image":         {`{"predicateType":"https://spdx.dev/Document","subject":[{"digest":{"sha256":"00"}}],"predicate":{}}`, "about another image"},
	} {
		t.Run(name, func(t *testing.T) {
			found, notes, _ := about(t, fixture(t), func(files map[string][]byte, b *imagemake.Built) {
				imagemake.Refer(files, b.Desc, "application/spdx+json", []byte(tc.doc), true)
			})
			if len(found) > 0 || tc.note == "" && notes != "" || !strings.Contains(notes, tc.note) || strings.Contains(notes, "\x1b") {
				t.Errorf("%+v\nnotes %q, want %q", found, notes, tc.note)
			}
		})
	}
}

func TestStagesOfTheBuildAreNotHeldAgainstTheImage(t *testing.T) {
	stage := strings.Replace(wolfi, `"apk-busybox-1.36.1-r2"`, `"sbom-builder"`, 1)
	found, notes, _ := about(t, fixture(t), func(files map[string][]byte, _ *imagemake.Built) {
		imagemake.Attest(files, "https://spdx.dev/Document", []byte(stage))
	})
	if len(found) > 0 || !strings.Contains(notes, "a stage of the build") {
		t.Errorf("%+v\n%s", found, notes)
	}
}

// TestOtherBillsAreReadFromAStream holds the forms of one image against each other.
func TestStatementsOnVulnerabilitiesAreNoBill(t *testing.T) {
	vex := `{"bomFormat":"CycloneDX","specVersion":"1.5","vulnerabilities":[{"id":"CVE-2024-0001","analysis":{"state":"not_affected"},"affects":[{"ref":"pkg:deb/debian/dash@1"}]}]}`
	found, notes, result := about(t, fixture(t), func(files map[string][]byte, _ *imagemake.Built) {
		imagemake.Attest(files, "https://cyclonedx.org/bom", []byte(vex))
	})
	if len(found) > 0 || notes != "" || len(result.SBOM[0].Others) != 0 {
		t.Errorf("%+v\n%s%+v", found, notes, result.SBOM[0].Others)
	}
}

func TestOtherBillsAreReadFromAStream(t *testing.T) {
	older := fixture(t)
	older.Layers = older.Layers[:2]
	doc := billOf(t, older, sbom.SPDXJSON)
	built := fixture(t).Build()
	files := imagemake.Layout(imagemake.Tagged{Ref: "1", Built: built})
	imagemake.Refer(files, built.Desc, "application/spdx+json", doc, true)
	tar := imagemake.Archive(files, imagemake.ArchiveOptions{})
	path := filepath.Join(t.TempDir(), "a.tar")
	if err := os.WriteFile(path, tar, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"-", path} {
		result, err := audit.Run(context.Background(), target, audit.Options{
			Open: layers.Options{Stdin: bytes.NewReader(tar)}, Packages: sbom.Cataloger{}, Scanners: []string{audit.SBOM},
		})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, f := range result.Report.Findings {
			if f.Rule == "sbom-omits-package" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s: %d findings", target, n)
		}
	}
}
