package db

import (
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	v6 "github.com/anchore/grype/grype/db/v6"
	build "github.com/anchore/grype/grype/db/v6/build"

	"github.com/imgaudit/imgaudit/internal/osvmake"
)

func TestOneTransactionWritesTheRowsThatGrypesWriterWritesByItself(t *testing.T) {
	records := decorated(t)
	opts := BuildOptions{Time: builtAt, EPSS: filepath.Join(records, "epss.csv"), KEV: filepath.Join(records, "kev.txt")}
	var tables []map[string][]string
	for _, alone := range []bool{false, true} {
		dir := t.TempDir()
		b := &builder{opts: opts, sources: []string{records}, converter: converter{
			now: builtAt, captured: map[string]time.Time{}, left: leftOut{}, cves: map[string]bool{}, cwes: map[string]bool{},
		}}
		if !alone {
			check(t, b.build(t.Context(), dir))
		} else {
			check(t, b.survey(t.Context()))
			w, err := build.NewWriter(dir, nil, false, 0)
			check(t, err)
			check(t, b.fill(t.Context(), w))
			check(t, w.Close())
			check(t, b.finish(t.Context(), filepath.Join(dir, v6.VulnerabilityDBFileName)))
		}
		tables = append(tables, rowsOf(t, filepath.Join(dir, v6.VulnerabilityDBFileName)))
	}
	for name, want := range tables[1] {
		if got := tables[0][name]; !slices.Equal(got, want) {
			t.Errorf("%s: %d rows that differ from %d", name, len(got), len(want))
		}
	}
	for _, name := range []string{"blobs", "affected_package_handles", "vulnerability_aliases", "cwe_handles", "epss_handles", "known_exploited_vulnerability_handles", "packages", "providers"} {
		if len(tables[0][name]) == 0 {
			t.Errorf("%s is empty", name)
		}
	}
	if got, want := slices.Sorted(maps.Keys(tables[0])), slices.Sorted(maps.Keys(tables[1])); !slices.Equal(got, want) {
		t.Errorf("tables and indexes %v, not %v", got, want)
	}
}

func TestTheDatabaseOfGrypesWriterIsFound(t *testing.T) {
	w, err := build.NewWriter(t.TempDir(), nil, false, 0)
	check(t, err)
	if databaseOf(w) == nil {
		t.Error("it is not where it was")
	}
	check(t, w.Close())
}

// decorated are all made records, with a Go record and GitHub's on the same flaw, and what
// decorates some.
func decorated(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	check(t, osvmake.WriteDir(dir))
	const affected = `"affected":[{"package":{"ecosystem":"Go","name":"example.test/m"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.2.0"}]}],"ecosystem_specific":{"imports":[{"path":"example.test/m/x","symbols":["F"]}]}}]`
	for name, text := range map[string]string{
		"go.json":   `{"schema_version":"1.6.0","id":"GO-2099-0001","modified":"2099-01-01T00:00:00Z","aliases":["CVE-2099-0001","GHSA-2222-3333-4444"],` + affected + `}`,
		"ghsa.json": `{"schema_version":"1.6.0","id":"GHSA-2222-3333-4444","modified":"2099-01-01T00:00:00Z","aliases":["CVE-2099-0001"],"database_specific":{"severity":"HIGH","cwe_ids":["CWE-20"]},` + affected + `}`,
		"epss.csv":  "#model_version:v2025,score_date:2099-01-01T00:00:00Z\ncve,epss,percentile\nCVE-2099-0001,0.5,0.9\nCVE-2099-111000,0.1,0.2\n",
		"kev.txt":   `{"vulnerabilities":[{"cveID":"CVE-2099-0001","vendorProject":"x","product":"m","dateAdded":"2099-01-01","dueDate":"2099-02-01"}]}`,
	} {
		check(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	return dir
}

// rowsOf gives the rows of all tables, sorted, and the names of the indexes.
func rowsOf(t *testing.T, file string) map[string][]string {
	t.Helper()
	c, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	check(t, err)
	defer c.Close()
	all := map[string][]string{}
	for _, table := range rows(t, c, "SELECT type, name FROM sqlite_master") {
		kind, name, _ := strings.Cut(table, "|")
		if all[name] = nil; kind == "table" && !strings.HasPrefix(name, "sqlite_stat") {
			all[name] = rows(t, c, "SELECT * FROM "+name)
		}
	}
	return all
}

func rows(t *testing.T, c *sql.DB, query string) []string {
	t.Helper()
	r, err := c.QueryContext(t.Context(), query)
	check(t, err)
	defer r.Close()
	columns, err := r.Columns()
	check(t, err)
	var out []string
	for r.Next() {
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		check(t, r.Scan(places...))
		text := make([]string, len(values))
		for i, v := range values {
			text[i] = fmt.Sprint(v)
		}
		out = append(out, strings.Join(text, "|"))
	}
	check(t, r.Err())
	slices.Sort(out)
	return out
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
