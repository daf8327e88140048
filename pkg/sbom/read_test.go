package sbom_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/sbom"
)

var someDay = time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)

func written(t *testing.T, format string, bill finding.Bill) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := sbom.Write(&b, format, bill, sbom.WriteOptions{Version: "1.2.3", Time: someDay}); err != nil {
		t.Fatalf("writing %s: %v", format, err)
	}
	return b.Bytes()
}

func readBack(t *testing.T, raw []byte) sbom.Given {
	t.Helper()
	given, err := sbom.Read(raw)
	if err != nil {
		t.Fatalf("%v\n%.2000s", err, raw)
	}
	return given
}

// said is what a bill says of each package, as far as every format carries it.
func said(bill finding.Bill) string {
	var lines []string
	for _, p := range bill.Packages {
		slices.Sort(p.Paths)
		lines = append(lines, fmt.Sprintf("%s %s %s layer %d, %d %v", p.Name, p.Version, p.PURL, p.Layer, p.Changed, p.Paths))
	}
	for _, h := range bill.Hidden {
		lines = append(lines, fmt.Sprintf("hidden %s %s %s %s layer %d, %d %s %s by %d then %q", h.Name, h.Version, h.Type, h.PURL, h.Layer, h.Changed, h.Fate, h.FateBy, h.FateLayer, h.Successor))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestEveryFormatBecomesEveryOther(t *testing.T) {
	for name, img := range map[string]imagemake.Image{"packages of several kinds": fixture(t), "hidden packages": changing(t)} {
		t.Run(name, func(t *testing.T) {
			_, result := ownPackages(t, "oci-dir:"+layout(t, img), sbom.Cataloger{})
			everyFormat(t, result.SBOM[0])
		})
	}
	t.Run("packages of all layers", func(t *testing.T) {
		_, result := ownPackages(t, "oci-dir:"+layout(t, changing(t)), sbom.Cataloger{Scope: sbom.AllLayers})
		everyFormat(t, result.SBOM[0])
	})
}

func everyFormat(t *testing.T, bill finding.Bill) {
	want := said(bill)
	for _, from := range sbom.Formats() {
		original := written(t, from, bill)
		given := readBack(t, original)
		if given.Format != from || len(given.Unread) > 0 {
			t.Errorf("%s is read as %s, without %v", from, given.Format, given.Unread)
		}
		if got := said(given.Bill); got != want {
			t.Errorf("%s read back:\n%s\nwant:\n%s", from, got, want)
		}
		for _, to := range sbom.Formats() {
			t.Run(from+" to "+to, func(t *testing.T) {
				doc := written(t, to, given.Bill)
				if again := written(t, to, readBack(t, original).Bill); !bytes.Equal(doc, again) {
					t.Error("two conversions differ")
				}
				after := readBack(t, doc)
				if got := said(after.Bill); got != want || after.Format != to {
					t.Errorf("got (%s)\n%s\nwant:\n%s", after.Format, got, want)
				}
				lost := sbom.Lost(given.Bill, after.Bill)
				if from == to && len(lost) > 0 {
					t.Errorf("the same format lost %q", lost)
				}
				if from == sbom.SyftJSON && strings.HasPrefix(to, "spdx") && !strings.Contains(strings.Join(lost, " "), "metadata") {
					t.Errorf("nobody is told that metadata is lost: %q", lost)
				}
				t.Logf("lost: %q", lost)
			})
		}
	}
}

func TestInstructionsSurviveConversion(t *testing.T) {
	_, result := ownPackages(t, "oci-dir:"+layout(t, fixture(t)), sbom.Cataloger{})
	cdx := written(t, sbom.CycloneDXJSON, result.SBOM[0])
	spdx := written(t, sbom.SPDXTagValue, readBack(t, cdx).Bill)
	back := written(t, sbom.CycloneDXXML, readBack(t, spdx).Bill)
	for _, want := range []string{"RUN apt-get install libnew", "COPY app /app", "imgaudit:layer:diffID"} {
		if !bytes.Contains(spdx, []byte(want)) || !bytes.Contains(back, []byte(want)) {
			t.Errorf("%q is lost", want)
		}
	}
	if !bytes.Contains(back, []byte(">/var/lib/dpkg/status<")) {
		t.Error("paths of the image, which SPDX writes without a slash, do not begin with one again")
	}
	if bytes.Count(back, []byte("imgaudit:layer:index")) != bytes.Count(cdx, []byte("imgaudit:layer:index")) {
		t.Error("layers are lost")
	}
}

func TestReadTellsWhatIsNoPackage(t *testing.T) {
	const doc = `{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[{"type":"library","name":"a","version":"1","purl":"pkg:npm/a@1",
"properties":[{"name":"acme:colour","value":"red"}]}],"services":[{"name":"s"}],"vulnerabilities":[{"id":"CVE-1"},{"id":"CVE-2"}]}`
	given := readBack(t, []byte(doc))
	if want := []string{"2 vulnerabilities", "1 service", "1 property of a component"}; !slices.Equal(given.Unread, want) {
		t.Errorf("unread %q, want %q", given.Unread, want)
	}
	if got := said(given.Bill); got != "a 1 pkg:npm/a@1 layer -1, -1 []" {
		t.Errorf("packages %s", got)
	}
}

func TestReadRefusesGarbage(t *testing.T) {
	for name, tc := range map[string]struct{ doc, want string }{
		"nothing":            {"", "it is no SBOM"},
		"text":               {"hello", "it is no SBOM"},
		"a list of URLs":     {"pkg:npm/a@1\npkg:npm/b@1\n", "it is no SBOM"},
		"an image":           {string(imagemake.Tar(imagemake.File("a", "b"))), "it is no SBOM"},
		"nulls":              {`{"spdxVersion":"SPDX-2.3","packages":[null],"relationships":[null]}`, "it is damaged"},
		"cut SPDX":           {wolfi[:len(wolfi)-40], "it is no SBOM"},
		"deep JSON":          {`{"spdxVersion":"SPDX-2.3","a":` + strings.Repeat("[", 100000), "it is no SBOM"},
		"deep XML":           {`<bom xmlns="http://cyclonedx.org/schema/bom/1.6">` + strings.Repeat("<components><component>", 20000), "it is no SBOM"},
		"a layer far beyond": {strings.Replace(wolfi, `"downloadLocation":"NOASSERTION"`, `"downloadLocation":"NOASSERTION","annotations":[{"annotator":"Tool: imgaudit","annotationDate":"2024-01-01T00:00:00Z","annotationType":"OTHER","comment":"imgaudit:layer:index=99999999999"}]`, 1), ""},
	} {
		t.Run(name, func(t *testing.T) {
			given, err := sbom.Read([]byte(tc.doc))
			if tc.want == "" && err == nil {
				written(t, sbom.SPDXJSON, given.Bill)
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

// TestMutatedDocumentsAreReadOrRefused feeds documents with parts taken out or put twice.
func TestMutatedDocumentsAreReadOrRefused(t *testing.T) {
	_, result := ownPackages(t, "oci-dir:"+layout(t, fixture(t)), sbom.Cataloger{})
	for _, format := range sbom.Formats() {
		doc := written(t, format, result.SBOM[0])
		for i := range 60 {
			at, n := i*len(doc)/60, 1+i*7%40
			cut := slices.Concat(doc[:at], doc[min(len(doc), at+n):])
			given, err := sbom.Read(cut)
			if err == nil {
				_ = sbom.Write(&bytes.Buffer{}, sbom.SPDXJSON, given.Bill, sbom.WriteOptions{Time: someDay})
				_ = sbom.Write(&bytes.Buffer{}, sbom.CycloneDXXML, given.Bill, sbom.WriteOptions{Time: someDay})
			}
		}
	}
}
