package vuln_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imgaudit/imgaudit/internal/imagemake"
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

func TestABillThatIsCutOffSaysIt(t *testing.T) {
	for _, format := range sbom.Formats() {
		if format == sbom.SPDXTagValue {
			continue // it has no end that could be missed
		}
		whole := written(t, format)
		for _, text := range []string{string(whole[:len(whole)*9/10]), string(whole[:len(whole)/2])} {
			if _, _, err := vuln.ReadSBOM(strings.NewReader(text)); err == nil || errors.Is(err, sbom.ErrNoSBOM) || !strings.Contains(err.Error(), "cut off or damaged") {
				t.Errorf("%s with %d bytes of %d: %v", format, len(text), len(whole), err)
			}
		}
	}
	if _, _, err := vuln.ReadSBOM(strings.NewReader(`{"artifacts": [], "of": "another kind"}`)); !errors.Is(err, sbom.ErrNoSBOM) {
		t.Error(err)
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

// replaced is a Debian image of which a later layer removes a package, with a Python package in it.
func replaced() imagemake.Image {
	const info = "usr/lib/python3/dist-packages/pylib-4.5.dist-info"
	return imagemake.Image{Layers: []imagemake.Layer{
		{CreatedBy: "ADD rootfs /", Entries: []imagemake.Entry{
			imagemake.File("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nNAME=\"Debian GNU/Linux\"\n"),
			imagemake.File("var/lib/dpkg/status", status("base", "", "1-1")+status("python3-pylib", "pysource", "4.5-1")),
			imagemake.File("var/lib/dpkg/info/python3-pylib.md5sums", "d41d8cd98f00b204e9800998ecf8427e  "+info+"/METADATA\n"),
			imagemake.File(info+"/METADATA", "Metadata-Version: 2.1\nName: pylib\nVersion: 4.5\n"),
		}},
		{CreatedBy: "RUN apt-get purge -y python3-pylib", Entries: []imagemake.Entry{
			imagemake.File("var/lib/dpkg/status", status("base", "", "1-1")),
			imagemake.Whiteout("var/lib/dpkg/info", "python3-pylib.md5sums"), imagemake.Whiteout("usr/lib/python3", "dist-packages"),
		}},
	}}
}

func TestHiddenPackagesOfABillAreMatchedAsThoseOfTheImage(t *testing.T) {
	m := vuln.Matcher{DB: open(t, []record{
		{id: "CVE-2026-0001", severity: "high", ecosystem: "deb", name: "pysource", constraint: "< 4.6-1", format: "dpkg", fixed: "4.6-1", os: debian12},
		{id: "GHSA-aaaa-bbbb-cccc", severity: "medium", ecosystem: "python", name: "pylib", constraint: "<=4.5", format: "python"}, // Debian's to say
	})}
	r := run(t, replaced(), m)
	if got := rules(r); !slices.Equal(got, []string{"CVE-2026-0001"}) || r.Report.Vulnerabilities[0].Hidden != 1 {
		t.Fatalf("of the image: %v, %+v", got, r.Report.Vulnerabilities)
	}
	r = run(t, replaced(), m, func(o *audit.Options) { o.Scanners = []string{audit.SBOM} })
	for _, format := range sbom.Formats() {
		var b bytes.Buffer
		check(t, sbom.Write(&b, format, r.SBOM[0], sbom.WriteOptions{Time: time.Unix(1e9, 0)}))
		of := matchDocument(t, m, b.Bytes())
		if got := rules(of); !slices.Equal(got, []string{"CVE-2026-0001"}) || !of.Report.Findings[0].Vulnerability.Package.Hidden {
			t.Errorf("of %s: %v", format, got)
		}
	}
}
