package vuln_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/sbom"
	"github.com/imgaudit/imgaudit/pkg/vuln"
)

var billOnce struct {
	sync.Mutex
	of map[string][]byte
}

// written is the fixture's bill of materials in a format.
func written(t testing.TB, format string) []byte {
	t.Helper()
	billOnce.Lock()
	defer billOnce.Unlock()
	if billOnce.of == nil {
		r := run(t, fixture(t), vuln.Matcher{DB: open(t, nil)}, func(o *audit.Options) { o.Scanners = []string{audit.SBOM} })
		billOnce.of = map[string][]byte{}
		for _, format := range sbom.Formats() {
			var b bytes.Buffer
			check(t, sbom.Write(&b, format, r.SBOM[0], sbom.WriteOptions{Time: time.Unix(1e9, 0)}))
			billOnce.of[format] = b.Bytes()
		}
	}
	return billOnce.of[format]
}

func syftJSON(t testing.TB) []byte { return written(t, sbom.SyftJSON) }

func TestEveryFormatOfABillGivesTheSameMatches(t *testing.T) {
	d := open(t, records())
	want := strings.Fields(all)
	for _, format := range sbom.Formats() {
		r := matchDocument(t, vuln.Matcher{DB: d}, written(t, format))
		if got := rules(r); !slices.Equal(got, want) {
			t.Errorf("%s: %v", format, got)
		}
		v, im := r.Report.Vulnerabilities[0], r.Report.Images[0]
		if !v.Assessed || im.Source != "sbom" || im.Reference != "app.json" || len(r.Report.Score) != 0 || !r.Report.Coverage.Complete {
			t.Errorf("%s: %+v %+v", format, v, im)
		}
		for _, f := range r.Report.Findings {
			if f.Locations[0].Layer == nil || f.Locations[0].DiffID == "" || f.Locations[0].Instruction == nil || !f.Visible || f.Vulnerability.Package.Name == "" {
				t.Errorf("%s: %+v", format, f)
			}
		}
	}
}

func TestWhatIsNoBillIsAnError(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":               "",
		"words":                 "just words\n",
		"JSON of another kind":  `{"hello": "world"}`,
		"XML of another kind":   `<html><body/></html>`,
		"SPDX that is cut":      string(written(t, sbom.SPDXJSON)[:400]),
		"CycloneDX that is cut": string(written(t, sbom.CycloneDXXML)[:400]),
		"binary":                "\x00\x01\x02{",
	} {
		if _, _, err := vuln.ReadSBOM(strings.NewReader(text)); err == nil {
			t.Errorf("%s is a bill of materials", name)
		}
	}
	if _, _, err := vuln.ReadSBOM(strings.NewReader("words")); !errors.Is(err, sbom.ErrNoSBOM) {
		t.Error(err)
	}
}
