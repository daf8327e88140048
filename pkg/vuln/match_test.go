package vuln_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/report"
	"github.com/imgaudit/imgaudit/pkg/sbom"
	"github.com/imgaudit/imgaudit/pkg/vuln"
)

func status(name, source, version string) string {
	s := fmt.Sprintf("Package: %s\nStatus: install ok installed\nMaintainer: Nobody <nobody@example.test>\nArchitecture: amd64\nVersion: %s\nDescription: made up\n", name, version)
	if source != "" {
		s += "Source: " + source + "\n"
	}
	return s + "\n"
}

func jar(t testing.TB, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, body := range files {
		w, err := z.Create(name)
		check(t, err)
		_, err = w.Write([]byte(body))
		check(t, err)
	}
	check(t, z.Close())
	return b.String()
}

func tool(version string) map[string]string {
	return map[string]string{
		"META-INF/MANIFEST.MF":                           "Manifest-Version: 1.0\nImplementation-Title: tool\n",
		"META-INF/maven/org.example/tool/pom.properties": "groupId=org.example\nartifactId=tool\nversion=" + version + "\n",
	}
}

// fixture is a Debian image with packages of several kinds in three layers.
func fixture(t testing.TB) imagemake.Image {
	img := imagemake.Image{Layers: []imagemake.Layer{
		{CreatedBy: "ADD rootfs /", Entries: []imagemake.Entry{
			imagemake.File("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nNAME=\"Debian GNU/Linux\"\n"),
			imagemake.File("etc/debian_version", "12.5\n"),
			imagemake.File("var/lib/dpkg/status", status("libold", "", "1:1.0-1")),
			imagemake.File("var/lib/dpkg/info/libold.list", "/.\n/usr\n"),
		}},
		{CreatedBy: "RUN apt-get install libnew", Entries: []imagemake.Entry{
			imagemake.File("var/lib/dpkg/status", status("libold", "", "1:1.0-1")+status("libnew", "newsource", "2.0~rc1-1")+status("linux-libc-dev", "linux", "6.1.1-1")),
			imagemake.File("var/lib/dpkg/info/libnew.list", "/.\n/usr\n"),
			imagemake.File("var/lib/dpkg/info/linux-libc-dev.list", "/.\n/usr\n"),
		}},
		{CreatedBy: "COPY app /app", Entries: []imagemake.Entry{
			imagemake.File("app/node_modules/left/package.json", `{"name":"left","version":"1.2.3"}`),
			imagemake.File("other/node_modules/left/package.json", `{"name":"left","version":"1.2.3"}`),
			imagemake.File("app/lib/site-packages/thing-4.5.dist-info/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 4.5\n"),
			imagemake.File("app/tool.jar", jar(t, tool("7.0"))),
		}},
	}}
	img.Layers = append(img.Layers, imagemake.Layer{CreatedBy: "COPY program /app", Entries: []imagemake.Entry{imagemake.Executable("app/program", program(t), 0o755)}})
	return img
}

var compiled = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "program")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(dir+"/main.go", []byte("package main\n\nfunc main() { println(1) }\n"), 0o600); err != nil {
		return "", err
	}
	cmd := exec.Command("go", "build", "-o", "program", "main.go")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	raw, err := os.ReadFile(dir + "/program")
	return string(raw), err
})

// program is a Go program that needs the standard library alone.
func program(t testing.TB) string {
	t.Helper()
	p, err := compiled()
	check(t, err)
	return p
}

func records() []record {
	return []record{
		{id: "CVE-2026-0001", severity: "high", ecosystem: "deb", name: "libold", constraint: "< 1:1.0-2", format: "dpkg", fixed: "1:1.0-2", os: debian12, epss: 0.91, kev: true, cvss: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"},
		{id: "CVE-2026-0002", severity: "negligible", ecosystem: "deb", name: "newsource", constraint: "< 2.0-1", format: "dpkg", os: debian12, fixState: v6WontFix},
		{id: "CVE-2026-0003", severity: "high", ecosystem: "deb", name: "linux", constraint: "", format: "dpkg", os: debian12},
		{id: "CVE-2026-0004", severity: "high", ecosystem: "deb", name: "libold", constraint: "< 1.0-2", format: "dpkg", fixed: "1.0-2", os: debian12}, // the epoch says that it is fixed
		{id: "GHSA-aaaa-bbbb-cccc", severity: "critical", aliases: []string{"CVE-2026-0005"}, ecosystem: "npm", name: "left", constraint: "<1.3.0", format: "semver", fixed: "1.3.0"},
		{id: "GHSA-aaaa-bbbb-dddd", severity: "medium", ecosystem: "python", name: "thing", constraint: "<=4.5", format: "python"},
		{id: "GHSA-aaaa-bbbb-eeee", ecosystem: "java-archive", name: "org.example:tool", constraint: "<7.1", format: "maven", fixed: "7.1", cvss: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
		{id: "GO-2026-0001", aliases: []string{"CVE-2026-0006"}, ecosystem: "go-module", name: "stdlib", constraint: "<9.0.0", format: "go", fixed: "9.0.0"},
		{id: "GHSA-none", severity: "critical", ecosystem: "npm", name: "right", constraint: "<9", format: "semver"},
	}
}

const v6WontFix = "wont-fix"

func run(t testing.TB, img imagemake.Image, m vuln.Matcher, more ...func(*audit.Options)) *audit.Result {
	t.Helper()
	dir := t.TempDir()
	check(t, imagemake.WriteFiles(dir, imagemake.Layout(imagemake.Tagged{Ref: "example.test/app:1", Built: img.Build()})))
	now, _ := time.Parse(time.DateOnly, "2026-11-28")
	opts := audit.Options{Packages: sbom.Cataloger{}, Vulnerabilities: m, Scanners: []string{audit.Vulnerability}, Now: now}
	for _, change := range more {
		change(&opts)
	}
	r, err := audit.Run(t.Context(), "oci-dir:"+dir, opts)
	check(t, err)
	return r
}

func one(t testing.TB, r *audit.Result, id string) finding.Finding {
	t.Helper()
	for _, f := range r.Report.Findings {
		if f.Rule == id {
			return f
		}
	}
	t.Fatalf("%s is not found", id)
	return finding.Finding{}
}

func TestMatchesTellWhatThePackageIsAndWhatToDo(t *testing.T) {
	r := run(t, fixture(t), vuln.Matcher{DB: open(t, records())})
	var got []string
	for _, f := range r.Report.Findings {
		got = append(got, fmt.Sprintf("%s %s %s", f.Rule, f.Severity, f.Vulnerability.Package.Name))
	}
	slices.Sort(got)
	want := []string{
		"CVE-2026-0001 high libold", "CVE-2026-0002 info libnew", "GHSA-aaaa-bbbb-cccc critical left", "GHSA-aaaa-bbbb-dddd medium thing",
		"GHSA-aaaa-bbbb-eeee critical tool", "GO-2026-0001 medium stdlib",
	}
	if !slices.Equal(got, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	f := one(t, r, "CVE-2026-0001")
	d := f.Vulnerability
	if d.KEV == nil || d.KEV.Added != "2026-11-20" || d.KEV.Due != "2026-12-11" || !d.KEV.Ransomware || d.EPSS == nil || d.EPSS.Probability != 0.91 || d.EPSS.Percentile != 0.97 {
		t.Errorf("exploitation %+v %+v", d.KEV, d.EPSS)
	}
	if len(d.CVSS) != 1 || d.CVSS[0].Score != 7.5 || d.CVSS[0].Version != "3.1" || d.Rating != "high" || d.Fix.State != finding.Fixed || d.Fix.Versions[0] != "1:1.0-2" {
		t.Errorf("%+v", d)
	}
	if f.Category != finding.Vulnerability || f.Confidence != finding.Sure || !f.Visible || f.Title != "CVE-2026-0001 in libold 1:1.0-1" || f.References[0] != "https://example.test/CVE-2026-0001" {
		t.Errorf("%+v", f)
	}
	// The last layer that wrote the package database is another than the one that brought the package.
	if l := f.Locations; len(l) != 1 || l[0].Path != "var/lib/dpkg/status" || *l[0].Layer != 0 || *l[0].Instruction != "ADD rootfs /" || l[0].Fate != finding.Present {
		t.Errorf("locations %+v", l)
	}
	f = one(t, r, "CVE-2026-0002")
	if d := f.Vulnerability; *f.Locations[0].Layer != 1 || d.Fix.State != finding.WontFix || !slices.Contains(d.MatchedBy, "dpkg-matcher: exact-indirect-match") || d.Rating != "negligible" {
		t.Errorf("%+v %+v", f.Locations, d)
	}
	f = one(t, r, "GHSA-aaaa-bbbb-cccc")
	if len(f.Locations) != 2 || *f.Locations[0].Layer != 2 || !slices.Equal(f.AlsoMatched, []string{"CVE-2026-0005"}) || f.Remediation != "Upgrade left to 1.3.0 in the instruction of layer 2." {
		t.Errorf("%+v %q", f.Locations, f.Remediation)
	}
	if d := one(t, r, "GO-2026-0001").Vulnerability; d.Rating != "unknown" {
		t.Errorf("rating %q", d.Rating)
	}
	v := r.Report.Vulnerabilities[0]
	if !v.Assessed || v.Matches != 6 || v.BySeverity[finding.Critical] != 2 || v.Fixable != 4 || v.KnownExploited != 1 || v.Suppressed != 1 || *v.Database.AgeDays != 7 || !v.Database.Old || len(v.Remarks) != 0 || !slices.ContainsFunc(r.Report.Coverage.Notes, func(n report.LedgerLine) bool { return n.Reason == "old-database" }) || !r.Report.Coverage.Complete {
		t.Errorf("%+v %+v", v, v.Database)
	}
	if s := r.Report.Suppressed; len(s) != 1 || s[0].Rule != "CVE-2026-0003" || s[0].Package != "linux-libc-dev 6.1.1-1" || !strings.Contains(s[0].Reason, "headers") {
		t.Errorf("suppressed %+v", s)
	}
}

func TestTheIDOfAMatchStandsOverRebuilds(t *testing.T) {
	db := open(t, records())
	first := run(t, fixture(t), vuln.Matcher{DB: db})
	img := fixture(t)
	img.Layers = append([]imagemake.Layer{{CreatedBy: "ADD more", Entries: []imagemake.Entry{imagemake.File("more", "x")}}}, img.Layers...)
	second := run(t, img, vuln.Matcher{DB: db})
	ids := func(r *audit.Result) (all []string) {
		for _, f := range r.Report.Findings {
			all = append(all, f.ID)
		}
		slices.Sort(all)
		return all
	}
	if a, b := ids(first), ids(second); !slices.Equal(a, b) || len(slices.Compact(a)) != 6 {
		t.Errorf("%v\n%v", a, b)
	}
}

func TestKindsOfPackagesThatTheDatabaseKnowsNothingOfAreTold(t *testing.T) {
	var alone []record
	for _, r := range records() {
		if r.ecosystem == "npm" {
			alone = append(alone, r)
		}
	}
	remarks := strings.Join(run(t, fixture(t), vuln.Matcher{DB: open(t, alone)}).Report.Vulnerabilities[0].Remarks, "\n")
	for kind, want := range map[string]bool{"deb": true, "python": true, "go-module": true, "npm": false} {
		if got := strings.Contains(remarks, "of type "+kind+":"); got != want {
			t.Errorf("%s is told: %v\n%s", kind, got, remarks)
		}
	}
}
