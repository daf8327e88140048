package db

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anchore/grype/grype/distro"
	"github.com/anchore/grype/grype/match"
	"github.com/anchore/grype/grype/matcher"
	"github.com/anchore/grype/grype/matcher/stock"
	"github.com/anchore/grype/grype/pkg"
	"github.com/anchore/grype/grype/search"
	"github.com/anchore/grype/grype/vulnerability"
	syftPkg "github.com/anchore/syft/syft/pkg"
)

// record is a record of one package that is fixed in a version; more is put before its end.
func record(id, ecosystem, name, fixed, more string) string {
	return fmt.Sprintf(`{"id": %q, "modified": "2099-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": %q, "name": %q},
		"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": %q}]}]}]%s}`, id, ecosystem, name, fixed, more)
}

// from builds a database from records.
func from(t *testing.T, opts BuildOptions, records ...string) (*DB, BuildResult) {
	t.Helper()
	source := filepath.Join(t.TempDir(), "records.jsonl")
	if err := os.WriteFile(source, []byte(strings.Join(records, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	if opts.Time.IsZero() {
		opts.Time = builtAt
	}
	dir := filepath.Join(t.TempDir(), "db")
	result, err := Build(t.Context(), []string{source}, dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	return opened(t, dir), result
}

// only is the only vulnerability of an id.
func only(t *testing.T, d *DB, id string, more ...vulnerability.Criteria) vulnerability.Vulnerability {
	t.Helper()
	found, err := d.Provider().FindVulnerabilities(append(more, search.ByID(id))...)
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v, %v", id, found, err)
	}
	return found[0]
}

// matchesOn are the ids that Grype's matchers find for a package.
func matchesOn(t *testing.T, d *DB, p pkg.Package) []string {
	t.Helper()
	p.ID = "1"
	var ids []string
	matchers := matcher.NewDefaultMatchers(matcher.Config{})
	if !slices.ContainsFunc(matchers, func(m match.Matcher) bool { return slices.Contains(m.PackageTypes(), p.Type) }) {
		matchers = []match.Matcher{stock.NewStockMatcher(stock.MatcherConfig{})} // as Grype does
	}
	for _, m := range matchers {
		if m.Type() != match.StockMatcher && !slices.Contains(m.PackageTypes(), p.Type) {
			continue
		}
		found, _, err := m.Match(d.Provider(), p)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			ids = append(ids, f.Vulnerability.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func rpmOn(id distro.Type, release, version string) pkg.Package {
	return pkg.Package{Name: "openssl", Version: version, Type: syftPkg.RpmPkg, Distro: distro.New(id, release, "")}
}

func TestScoresAndReferencesComeThrough(t *testing.T) {
	dir := t.TempDir()
	epss, kev := filepath.Join(dir, "epss.csv"), filepath.Join(dir, "kev.json")
	for file, text := range map[string]string{
		epss: "#model_version:v1,score_date:2099-03-02T00:00:00+0000\ncve,epss,percentile\nCVE-2099-0001,0.25,0.75\nCVE-2099-0009,0.5,0.5\n",
		kev: `{"vulnerabilities": [{"cveID": "CVE-2099-0001", "vendorProject": "Made", "dateAdded": "2099-01-02", "dueDate": "2099-01-20",
			"knownRansomwareCampaignUse": "Known", "notes": "https://example.test/kev ; nothing else"}, {"cveID": "CVE-2099-0009"}]}`,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d, result := from(t, BuildOptions{EPSS: epss, KEV: kev}, record("GHSA-made-made-made", "npm", "left", "1.2.3", `,
		"aliases": ["CVE-2099-0001"], "summary": "short", "details": "long",
		"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}, {"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N"}, {"type": "CVSS_V3", "score": "high"}],
		"references": [{"type": "WEB", "url": "https://example.test/web"}, {"type": "ADVISORY", "url": "https://example.test/advisory"}],
		"database_specific": {"severity": "MODERATE", "cwe_ids": ["CWE-79"]}`))
	m := only(t, d, "GHSA-made-made-made").Metadata
	switch {
	case result.EPSS != 1 || result.KEV != 1 || d.Status().Counts.EPSS != 1 || d.Status().Counts.KnownExploited != 1:
		t.Errorf("%+v", result)
	case len(result.Left) != 1 || result.Left[0].What != "scores that cannot be read":
		t.Errorf("left out: %+v", result.Left)
	case m.Severity != "Medium" || len(m.Cvss) != 2 || m.Cvss[0].Version != "4.0" || m.Cvss[1].Metrics.BaseScore != 9.8:
		t.Errorf("severity %s, scores %+v", m.Severity, m.Cvss)
	case m.Description != "short" || m.DataSource != "https://example.test/advisory" || len(m.URLs) != 1:
		t.Errorf("%q, %q, %q", m.Description, m.DataSource, m.URLs)
	case len(m.EPSS) != 1 || m.EPSS[0].EPSS != 0.25 || m.EPSS[0].Date.Format("2006-01-02") != "2099-03-02":
		t.Errorf("%+v", m.EPSS)
	case len(m.KnownExploited) != 1 || m.KnownExploited[0].DueDate == nil || m.KnownExploited[0].URLs[0] != "https://example.test/kev" || m.KnownExploited[0].Notes != "nothing else":
		t.Errorf("%+v", m.KnownExploited)
	case len(m.CWEs) != 1 || m.CWEs[0].CWE != "CWE-79":
		t.Errorf("%+v", m.CWEs)
	}
}

func TestFixesAreToldAsTheRecordDoes(t *testing.T) {
	d, _ := from(t, BuildOptions{},
		record("MADE-FIXED-1", "Rocky Linux:9", "openssl", "3.0.7-1.el9", ""),
		`{"id": "MADE-OPEN-1", "affected": [{"package": {"ecosystem": "Debian:12", "name": "a"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]}`,
		`{"id": "MADE-LAST-1", "affected": [{"package": {"ecosystem": "npm", "name": "a"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"last_affected": "1.0.0"}]}]}]}`)
	on := func(kind distro.Type, release, codename string) []vulnerability.Criteria {
		return []vulnerability.Criteria{search.ByDistro(*distro.New(kind, release, codename))}
	}
	for id, c := range map[string]struct {
		on   []vulnerability.Criteria
		want vulnerability.Fix
	}{
		"MADE-FIXED-1": {on(distro.RockyLinux, "9.4", ""), vulnerability.Fix{Versions: []string{"3.0.7-1.el9"}, State: vulnerability.FixStateFixed}},
		"MADE-OPEN-1":  {on(distro.Debian, "12", "bookworm"), vulnerability.Fix{State: vulnerability.FixStateNotFixed}},
		"MADE-LAST-1":  {},
	} {
		if have := only(t, d, id, c.on...).Fix; have.State != c.want.State || !slices.Equal(have.Versions, c.want.Versions) {
			t.Errorf("%s: %+v, want %+v", id, have, c.want)
		}
	}
}

func TestOfTwoVersionsOfARecordTheLaterCounts(t *testing.T) {
	older := record("MADE-1", "npm", "left", "1.0.0", "")
	newer := strings.Replace(record("MADE-1", "npm", "left", "2.0.0", ""), "2099-01-01", "2099-02-01", 1)
	for name, records := range map[string][]string{"the older first": {older, newer}, "the newer first": {newer, older}} {
		d, result := from(t, BuildOptions{}, records...)
		if v := only(t, d, "MADE-1"); result.Duplicates != 1 || !slices.Equal(v.Fix.Versions, []string{"2.0.0"}) {
			t.Errorf("%s: %+v, %+v", name, result, v.Fix)
		}
	}
}

func TestRedHatsKinAreMatchedByTheirOwnData(t *testing.T) {
	rocky := record("RLSA-2099:1", "Rocky Linux:9", "openssl", "3.0.7-2.el9", "")
	redHat := record("RHSA-2099:1", "Red Hat:enterprise_linux:9::baseos", "openssl", "3.0.7-9.el9", "")
	alma := record("ALSA-2099:1", "AlmaLinux:9", "openssl", "3.0.7-4.el9", `, "related": ["CVE-2099-0001"]`)
	upstream := record("RHSA-2099:2", "Red Hat:enterprise_linux:9::baseos", "openssl", "3.0.7-9.el9", `, "upstream": ["CVE-2099-0001"]`)
	for _, c := range []struct {
		name    string
		records []string
		on      pkg.Package
		want    []string
	}{
		{"Rocky Linux with its own", []string{rocky, redHat}, rpmOn(distro.RockyLinux, "9.4", "3.0.7-1.el9"), []string{"RLSA-2099:1"}},
		{"Rocky Linux, fixed by its own", []string{rocky, redHat}, rpmOn(distro.RockyLinux, "9.4", "3.0.7-3.el9"), nil},
		{"Rocky Linux without its own", []string{redHat}, rpmOn(distro.RockyLinux, "9.4", "3.0.7-1.el9"), []string{"RHSA-2099:1"}},
		{"CentOS", []string{rocky, redHat}, rpmOn(distro.CentOS, "9", "3.0.7-3.el9"), []string{"RHSA-2099:1"}},
		{"AlmaLinux without Red Hat's", []string{alma}, rpmOn(distro.AlmaLinux, "9.4", "3.0.7-3.el9"), []string{"ALSA-2099:1"}},
		{"AlmaLinux without Red Hat's, fixed", []string{alma}, rpmOn(distro.AlmaLinux, "9.4", "3.0.7-4.el9"), nil},
		{"AlmaLinux with Red Hat's", []string{alma, upstream}, rpmOn(distro.AlmaLinux, "9.4", "3.0.7-3.el9"), []string{"RHSA-2099:2"}},
		{"AlmaLinux with Red Hat's, fixed by its own", []string{alma, upstream}, rpmOn(distro.AlmaLinux, "9.4", "3.0.7-5.el9"), nil},
		{"Red Hat with AlmaLinux's beside", []string{alma, upstream}, rpmOn(distro.RedHat, "9.4", "3.0.7-5.el9"), []string{"RHSA-2099:2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, result := from(t, BuildOptions{}, c.records...)
			if have := matchesOn(t, d, c.on); !slices.Equal(have, c.want) {
				t.Errorf("have %v, want %v (%+v)", have, c.want, result)
			}
			if stands := strings.HasPrefix(c.name, "AlmaLinux without"); stands != (len(result.Notes) == 1) {
				t.Errorf("notes: %q", result.Notes)
			}
		})
	}
}

func TestUpdatesBesideTheUsualOnesStandApart(t *testing.T) {
	d, _ := from(t, BuildOptions{},
		`{"id": "UBUNTU-CVE-2099-1", "affected": [
			{"package": {"ecosystem": "Ubuntu:18.04:LTS", "name": "openssl"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]},
			{"package": {"ecosystem": "Ubuntu:Pro:18.04:LTS", "name": "openssl"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1.1-1ubuntu2.1+esm1"}]}]}]}`,
		record("UBUNTU-CVE-2099-2", "Ubuntu:Pro:18.04:LTS", "openssl", "1.1.1-1ubuntu2.1+esm1", ""))
	deb := func(release, version string) pkg.Package {
		return pkg.Package{Name: "openssl", Version: version, Type: syftPkg.DebPkg, Distro: distro.New(distro.Ubuntu, release, "bionic")}
	}
	for _, c := range []struct {
		name string
		p    pkg.Package
		want int
	}{
		{"the usual updates", deb("18.04", "1.1.1-1ubuntu2.1"), 2},
		{"extended updates that are not installed", deb("18.04+esm", "1.1.1-1ubuntu2.1"), 2},
		{"extended updates that are", deb("18.04+esm", "1.1.1-1ubuntu2.1+esm1"), 0},
	} {
		if have := matchesOn(t, d, c.p); len(have) != c.want {
			t.Errorf("%s: %v", c.name, have)
		}
	}
	for _, release := range []string{"18.04", "18.04+esm"} {
		only(t, d, "UBUNTU-CVE-2099-2", search.ByDistro(*distro.New(distro.Ubuntu, release, "bionic")))
	}
}

func TestWhatGrypeWouldMisreadIsLeftOutAndTold(t *testing.T) {
	good := record("MADE-GOOD", "npm", "left", "1.2.3", "")
	for name, c := range map[string]struct{ record, want string }{
		"a version with an alternative": {record("MADE-1", "Rocky Linux:9", "left", "1.0.0||>=0", ""), "events that cannot be ordered"},
		"a version with a comment":      {record("MADE-1", "Rocky Linux:9", "left", "1.0//2", ""), "events that cannot be ordered"},
		"a version with a quote":        {record("MADE-1", "Rocky Linux:9", "left", "1'", ""), "events that cannot be ordered"},
		"no version at all":             {record("MADE-1", "npm", "left", "someday", ""), "events that cannot be ordered"},
		"a listed version like that":    {`{"id": "MADE-1", "affected": [{"package": {"ecosystem": "npm", "name": "a"}, "versions": ["1.0.0, 2"]}]}`, "listed versions that cannot be ordered"},
		"a release that is not told":    {record("MADE-1", "Debian", "left", "1", ""), "releases of Debian that are not matched"},
		"another product of Red Hat's":  {record("MADE-1", "Red Hat:openshift:4.15::el9", "left", "1", ""), "releases of Red Hat that are not matched"},
		"an unknown ecosystem":          {record("MADE-1", "Mageia:9", "left", "1", ""), "packages of the ecosystem Mageia"},
		"a range of another kind":       {strings.Replace(record("MADE-1", "npm", "left", "1.0.0", ""), "ECOSYSTEM", "HOPE", 1), `the unknown type "HOPE"`},
		"no versions":                   {`{"id": "MADE-1", "affected": [{"package": {"ecosystem": "npm", "name": "a"}}]}`, "entries without versions"},
		"a record that is cut":          {good[:20], "files that cannot be read whole"},
	} {
		t.Run(name, func(t *testing.T) {
			d, result := from(t, BuildOptions{}, good, c.record)
			if !slices.ContainsFunc(result.Left, func(l Left) bool { return strings.Contains(l.What, c.want) && l.Example != "" }) {
				t.Errorf("left out: %+v, want %q", result.Left, c.want)
			}
			for _, criteria := range [][]vulnerability.Criteria{
				{search.ByID("MADE-1")}, {search.ByID("MADE-1"), search.ByDistro(*distro.New(distro.RockyLinux, "9.4", ""))},
			} {
				if found, err := d.Provider().FindVulnerabilities(criteria...); err != nil || len(found) != 0 {
					t.Errorf("it is there: %v, %v", found, err)
				}
			}
			only(t, d, "MADE-GOOD")
		})
	}
}

func TestABuildThatFailsLeavesTheOldDatabase(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "db")
	small(t, dir, BuildOptions{})
	before := opened(t, dir).Status()
	source := filepath.Join(t.TempDir(), "a.json")
	if err := os.WriteFile(source, []byte(record("MADE-2", "npm", "left", "1.0.0", "")), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		sources []string
		opts    BuildOptions
		want    string
	}{
		"no source":                {nil, BuildOptions{}, "no source"},
		"a source that is missing": {[]string{source, filepath.Join(parent, "none")}, BuildOptions{}, "no such file"},
		"no scores":                {[]string{source}, BuildOptions{EPSS: source}, "reading EPSS scores"},
		"no catalogue":             {[]string{source}, BuildOptions{KEV: source}, "known exploited"},
		"too many bytes":           {[]string{source}, BuildOptions{MaxBytes: 10}, "more than 10 bytes"},
	} {
		if _, err := Build(t.Context(), c.sources, dir, c.opts); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if after := opened(t, dir).Status(); after.Checksum != before.Checksum {
			t.Errorf("%s: the old database is gone", name)
		}
		if entries, _ := os.ReadDir(parent); len(entries) != 1 {
			t.Errorf("%s: left behind: %v", name, entries)
		}
	}
}

func TestDataAreAsOldAsTheirNewestRecord(t *testing.T) {
	d, _ := from(t, BuildOptions{}, record("MADE-1", "npm", "left", "1.0.0", "")) // modified 90 days before
	if age := d.Status().Age(builtAt).Hours() / 24; age < 90 || age > 91 {
		t.Errorf("%v days: %+v", age, d.Status())
	}
	dir := t.TempDir()
	opts := BuildOptions{EPSS: filepath.Join(dir, "epss.csv"), KEV: filepath.Join(dir, "kev.json")}
	check(t, os.WriteFile(opts.EPSS, []byte("#model_version:v1,score_date:2099-03-31T00:00:00+0000\ncve,epss,percentile\nCVE-2099-0001,0.25,0.75\n"), 0o600))
	check(t, os.WriteFile(opts.KEV, []byte(`{"vulnerabilities": [{"cveID": "CVE-2099-0001", "dateAdded": "2099-03-30"}, {"cveID": "CVE-2099-0002", "dateAdded": "2099-03-29"}]}`), 0o600))
	d, _ = from(t, opts, record("MADE-1", "npm", "left", "1.0.0", `, "aliases": ["CVE-2099-0001"]`))
	if age := d.Status().Age(builtAt).Hours() / 24; age < 90 || age > 91 {
		t.Errorf("with scores of yesterday: %v days: %+v", age, d.Status())
	}
	var days []string
	for _, s := range d.Status().Sources {
		days = append(days, s.ID+" "+s.Captured.Format(time.DateOnly))
	}
	if want := []string{"epss 2099-03-31", "kev 2099-03-30", "osv 2099-01-01"}; !slices.Equal(days, want) {
		t.Errorf("%v, not %v", days, want)
	}
	untold, _ := from(t, BuildOptions{}, strings.Replace(record("MADE-1", "npm", "left", "1.0.0", ""), "2099-01-01", "0001-01-01", 1))
	if age := untold.Status().Age(builtAt); age != 0 {
		t.Errorf("%v: %+v", age, untold.Status())
	}
}

func TestRecordsThatGrypeReadsItselfAreReadByIt(t *testing.T) {
	d, result := from(t, BuildOptions{},
		`{"id": "GO-2099-0001", "modified": "0001-01-01T00:00:00Z", "summary": "short", "affected": [{"package": {"ecosystem": "Go", "name": "stdlib"},
			"ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.20.3"}, {"introduced": "1.21.0-0"}, {"fixed": "1.21.1"}]}],
			"ecosystem_specific": {"imports": [{"path": "net/http", "symbols": ["Get"]}]}}]}`,
		`{"id": "GO-2099-0002", "withdrawn": "2099-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "Go", "name": "stdlib"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}]}]}`,
		`{"id": "BIT-made-2099-1", "affected": [{"package": {"ecosystem": "Bitnami", "name": "made", "purl": "pkg:bitnami/made"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.3"}]}]}]}`,
		`{"id": "CGA-made", "upstream": ["CVE-2099-0001"], "affected": [{"package": {"ecosystem": "Wolfi", "name": "made", "purl": "pkg:apk/wolfi/made"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2.3-r4"}]}]}]}`)
	if result.Withdrawn != 1 || result.Vulnerabilities != 3 || len(result.Left) != 0 {
		t.Fatalf("%+v", result)
	}
	std := func(v string) pkg.Package {
		return pkg.Package{Name: "stdlib", Version: v, Type: syftPkg.GoModulePkg, Language: syftPkg.Go}
	}
	for version, want := range map[string]int{"go1.20.2": 1, "go1.20.3": 0, "go1.21.0": 1, "go1.21.1": 0} {
		if have := matchesOn(t, d, std(version)); len(have) != want {
			t.Errorf("%s: %v", version, have)
		}
	}
	if v := only(t, d, "GO-2099-0001"); v.Metadata.Description != "short" {
		t.Errorf("%+v", v.Metadata)
	}
	wolfi := pkg.Package{Name: "made", Version: "1.2.3-r3", Type: syftPkg.ApkPkg, Distro: distro.New(distro.Wolfi, "20230201", "")}
	if have := matchesOn(t, d, wolfi); !slices.Equal(have, []string{"CGA-made"}) {
		t.Errorf("Wolfi: %v", have)
	}
	bitnami := pkg.Package{Name: "made", Version: "1.2.2", Type: syftPkg.BitnamiPkg}
	if have := matchesOn(t, d, bitnami); !slices.Equal(have, []string{"BIT-made-2099-1"}) {
		t.Errorf("Bitnami: %v", have)
	}
}

func TestARangeOfAllVersionsIsNotLostBesideOthers(t *testing.T) {
	const ranges = `"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}, {"type": "ECOSYSTEM", "events": [{"introduced": "2.0"}, {"fixed": "3.0"}]}]`
	d, _ := from(t, BuildOptions{}, `{"id": "MADE-1", "affected": [
		{"package": {"ecosystem": "Debian:12", "name": "openssl"}, `+ranges+`}, {"package": {"ecosystem": "npm", "name": "openssl"}, `+ranges+`}]}`)
	for _, version := range []string{"1.0", "2.5", "4.0"} {
		for _, p := range []pkg.Package{
			{Name: "openssl", Version: version, Type: syftPkg.DebPkg, Distro: distro.New(distro.Debian, "12", "bookworm")},
			{Name: "openssl", Version: version, Type: syftPkg.NpmPkg, Language: syftPkg.JavaScript},
		} {
			if have := matchesOn(t, d, p); len(have) != 1 {
				t.Errorf("%s %s: %v", p.Type, version, have)
			}
		}
	}
}

// TestGitHubsAndGosRecordsOfOneVulnerabilityAreOne is Grype's own merging: GitHub's stays.
func TestGitHubsAndGosRecordsOfOneVulnerabilityAreOne(t *testing.T) {
	d, result := from(t, BuildOptions{},
		record("GHSA-made-made-made", "Go", "example.test/a", "1.2.3", `, "aliases": ["CVE-2099-0001"]`),
		record("GO-2099-0001", "Go", "example.test/a", "1.2.3", `, "aliases": ["CVE-2099-0001", "GHSA-made-made-made"]`),
		record("GO-2099-0002", "Go", "example.test/b", "1.2.3", ""))
	if result.Vulnerabilities != 2 || len(result.Left) != 1 || result.Left[0].Count != 1 || !strings.Contains(result.Left[0].What, "GitHub's") {
		t.Errorf("%+v", result)
	}
	p := pkg.Package{Name: "example.test/a", Version: "v1.2.2", Type: syftPkg.GoModulePkg, Language: syftPkg.Go}
	if have := matchesOn(t, d, p); !slices.Equal(have, []string{"GHSA-made-made-made"}) {
		t.Errorf("%v", have)
	}
}
