package db

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anchore/grype/grype/matcher/golang"
	"github.com/anchore/grype/grype/pkg"
	syftPkg "github.com/anchore/syft/syft/pkg"
	"golang.org/x/mod/semver"

	"github.com/imgaudit/imgaudit/pkg/vuln/internal/osv"
)

// goRecord is a record of the Go vulnerability database as this test reads it.
type goRecord struct {
	ID        string
	Withdrawn string
	Affected  []struct {
		Package           struct{ Name string }
		Ranges            []struct{ Events []osv.Event }
		EcosystemSpecific struct {
			CustomRanges []json.RawMessage `json:"custom_ranges"`
		} `json:"ecosystem_specific"`
	}
}

// TestRealGoAdvisoriesMatchAsTheSchemaSays builds a database from the whole Go vulnerability
// database and asks Grype's matcher about versions at and around every event. What the
// schema's algorithm says with the order of versions of golang.org/x/mod has to come out.
// Records with ranges beside the schema's (custom_ranges) are read as Grype reads them, and
// are left out of the comparison.
func TestRealGoAdvisoriesMatchAsTheSchemaSays(t *testing.T) {
	archive := os.Getenv("IMGAUDIT_TEST_OSV_GO")
	if archive == "" {
		t.Skip("SKIPPED: IMGAUDIT_TEST_OSV_GO names no archive of the Go vulnerability database in OSV")
	}
	dir := filepath.Join(t.TempDir(), "db")
	start := time.Now()
	result, err := Build(t.Context(), []string{archive}, dir, BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("built in %s: %d records, %d in the database, %d withdrawn, left out %v", time.Since(start), result.Records, result.Vulnerabilities, result.Withdrawn, result.Left)
	if result.Records < 4000 || result.Vulnerabilities+result.Withdrawn != result.Records || len(result.Left) > 0 {
		t.Errorf("%+v", result)
	}
	modules := map[string][]goRecord{}
	if _, err := osv.Walk(t.Context(), archive, osv.Limits{}, func(where string, raw []byte) error {
		var r goRecord
		if err := json.Unmarshal(raw, &r); err != nil {
			return err
		}
		for _, a := range r.Affected {
			name := strings.ToLower(a.Package.Name) // Grype's database does not tell cases apart
			if list := modules[name]; len(list) == 0 || list[len(list)-1].ID != r.ID {
				modules[name] = append(list, r)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	provider := opened(t, dir).Provider()
	m := golang.NewGolangMatcher(golang.MatcherConfig{})
	asked, matched, wrong := 0, 0, 0
	for name, records := range modules {
		custom := map[string]bool{}
		for _, r := range records {
			for _, a := range r.Affected {
				custom[r.ID] = custom[r.ID] || strings.EqualFold(a.Package.Name, name) && len(a.EcosystemSpecific.CustomRanges) > 0
			}
		}
		for _, v := range versionsOf(name, records) {
			found, _, err := m.Match(provider, pkg.Package{ID: "1", Name: name, Version: v, Type: syftPkg.GoModulePkg, Language: syftPkg.Go})
			if err != nil {
				t.Fatal(err)
			}
			var have, want []string
			for _, f := range found {
				if !custom[f.Vulnerability.ID] && !slices.Contains(have, f.Vulnerability.ID) {
					have = append(have, f.Vulnerability.ID)
				}
			}
			for _, r := range records {
				if !custom[r.ID] && r.has(name, v) {
					want = append(want, r.ID)
				}
			}
			slices.Sort(have)
			slices.Sort(want)
			asked, matched = asked+1, matched+len(have)
			if !slices.Equal(have, want) {
				if wrong++; wrong < 20 {
					t.Errorf("%s %s: have %v, want %v", name, v, have, want)
				}
			}
		}
	}
	t.Logf("%d modules, %d versions asked for, %d matches, %d wrong", len(modules), asked, matched, wrong)
	if wrong > 0 || matched < 5000 {
		t.Errorf("%d wrong, %d matches", wrong, matched)
	}
}

// versionsOf are the versions at which something changes for a module, and two outside.
func versionsOf(name string, records []goRecord) []string {
	versions := []string{"v0.0.0-20100101000000-000000000000", "v999.0.0"}
	for _, r := range records {
		for _, a := range r.Affected {
			for _, rng := range a.Ranges {
				for _, e := range rng.Events {
					if v := "v" + e.Introduced + e.Fixed; strings.EqualFold(a.Package.Name, name) && v != "v0" && !slices.Contains(versions, v) {
						versions = append(versions, v)
					}
				}
			}
		}
	}
	return versions
}

func (r goRecord) has(name, v string) bool {
	if r.Withdrawn != "" {
		return false
	}
	for _, a := range r.Affected {
		if !strings.EqualFold(a.Package.Name, name) {
			continue
		}
		for _, rng := range a.Ranges {
			events := slices.Clone(rng.Events)
			slices.SortStableFunc(events, func(a, b osv.Event) int { return semver.Compare(step(a), step(b)) })
			in := false
			for _, e := range events {
				if semver.Compare(v, step(e)) >= 0 {
					in = e.Introduced != ""
				}
			}
			if in {
				return true
			}
		}
	}
	return false
}

// step is the version of an event for semver, for which what is no version comes first.
func step(e osv.Event) string {
	if e.Introduced == "0" {
		return ""
	}
	return "v" + e.Introduced + e.Fixed
}
