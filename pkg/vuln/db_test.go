package vuln_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	v6 "github.com/anchore/grype/grype/db/v6"
	"github.com/spf13/afero"

	"github.com/imgaudit/imgaudit/pkg/vuln/db"
)

// record is one made record of a database, on one package.
type record struct {
	id, severity string
	aliases      []string
	cvss         string
	ecosystem    string // deb, apk, rpm, npm, python, java-archive, go-module
	name         string
	constraint   string
	format       string // of versions
	fixed        string // empty: no fix is known
	fixState     v6.FixStatus
	os           *v6.OperatingSystem
	modularity   string
	epss         float64
	kev          bool
}

var (
	debian12 = &v6.OperatingSystem{Name: "debian", ReleaseID: "debian", MajorVersion: "12"}
)

const built = "2026-11-20T06:00:00Z"

// open writes a database of records and opens it.
func open(t testing.TB, records []record) *db.DB {
	t.Helper()
	dir := t.TempDir()
	store, err := v6.NewWriter(v6.Config{DBDirPath: dir})
	check(t, err)
	at, err := time.Parse(time.RFC3339, built)
	check(t, err)
	provider := &v6.Provider{ID: "made", Version: "1", Processor: "test", DateCaptured: &at, InputDigest: "sha256:0"}
	for _, r := range records {
		severities := []v6.Severity{}
		if r.severity != "" {
			severities = append(severities, v6.Severity{Scheme: v6.SeveritySchemeCHMLN, Value: r.severity, Rank: 1})
		}
		if r.cvss != "" {
			_, rest, _ := strings.Cut(r.cvss, ":")
			version, _, _ := strings.Cut(rest, "/")
			severities = append(severities, v6.Severity{Scheme: v6.SeveritySchemeCVSS, Value: v6.CVSSSeverity{Vector: r.cvss, Version: version}, Source: "nobody@example.test", Rank: 2})
		}
		v := &v6.VulnerabilityHandle{Name: r.id, Status: v6.VulnerabilityActive, PublishedDate: &at, ModifiedDate: &at, Provider: provider, BlobValue: &v6.VulnerabilityBlob{
			ID: r.id, Description: "A made flaw of " + r.name + ".", Aliases: r.aliases, Severities: severities,
			References: []v6.Reference{{URL: "https://example.test/" + r.id}, {URL: "https://example.test/more"}},
		}}
		check(t, store.AddVulnerabilities(v))
		state := r.fixState
		if state == "" {
			state = v6.NotFixedStatus
			if r.fixed != "" {
				state = v6.FixedStatus
			}
		}
		blob := &v6.PackageBlob{CVEs: r.aliases, Ranges: []v6.Range{{
			Version: v6.Version{Type: r.format, Constraint: r.constraint}, Fix: &v6.Fix{Version: r.fixed, State: state},
		}}}
		if r.modularity != "" {
			blob.Qualifiers = &v6.PackageQualifiers{RpmModularity: &r.modularity}
		}
		check(t, store.AddAffectedPackages(&v6.AffectedPackageHandle{
			Vulnerability: v, OperatingSystem: r.os, Package: &v6.Package{Name: r.name, Ecosystem: r.ecosystem}, BlobValue: blob,
		}))
		cve := r.id
		if len(r.aliases) > 0 {
			cve = r.aliases[0]
		}
		if r.epss > 0 {
			check(t, store.AddEpss(&v6.EpssHandle{Cve: cve, Epss: r.epss, Percentile: 0.97, Date: at}))
		}
		if r.kev {
			due := at.AddDate(0, 0, 21)
			check(t, store.AddKnownExploitedVulnerabilities(&v6.KnownExploitedVulnerabilityHandle{Cve: cve, BlobValue: &v6.KnownExploitedVulnerabilityBlob{
				Cve: cve, DateAdded: &at, DueDate: &due, KnownRansomwareCampaignUse: "Known",
			}}))
		}
	}
	check(t, store.Close())
	file := dir + "/" + v6.VulnerabilityDBFileName
	raw, err := sql.Open("sqlite", file)
	check(t, err)
	_, err = raw.Exec("UPDATE db_metadata SET build_timestamp = ?", at)
	check(t, err)
	check(t, raw.Close())
	_, err = v6.WriteImportMetadata(afero.NewOsFs(), dir, "made")
	check(t, err)
	d, err := db.Open(dir, db.OpenOptions{})
	check(t, err)
	t.Cleanup(func() { d.Close() })
	return d
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
