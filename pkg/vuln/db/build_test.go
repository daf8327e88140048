package db

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anchore/grype/grype/distro"
	"github.com/anchore/grype/grype/match"
	"github.com/anchore/grype/grype/matcher"
	"github.com/anchore/grype/grype/matcher/dpkg"
	"github.com/anchore/grype/grype/matcher/rpm"
	"github.com/anchore/grype/grype/pkg"
	"github.com/anchore/grype/grype/version"
	"github.com/anchore/syft/syft/linux"
	syftPkg "github.com/anchore/syft/syft/pkg"

	"github.com/imgaudit/imgaudit/internal/osvmake"
)

// builtAt is when the databases of the tests were built.
var builtAt = time.Date(2099, 4, 1, 12, 0, 0, 0, time.UTC)

// made builds a database from all made records.
func made(t testing.TB) (dir string, result BuildResult) {
	t.Helper()
	records := filepath.Join(t.TempDir(), "osv")
	if err := osvmake.WriteDir(records); err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(t.TempDir(), "db")
	result, err := Build(t.Context(), []string{records}, dir, BuildOptions{Time: builtAt})
	if err != nil {
		t.Fatal(err)
	}
	return dir, result
}

func opened(t testing.TB, dir string) *DB {
	t.Helper()
	d, err := Open(dir, OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// TestMatchesOfTheBuiltDatabaseAreThoseOfTheSchema asks Grype's matchers about each version of
// each made package and compares with what the OSV schema's algorithm says.
func TestMatchesOfTheBuiltDatabaseAreThoseOfTheSchema(t *testing.T) {
	dir, result := made(t)
	if result.Withdrawn == 0 || result.Vulnerabilities+result.Withdrawn != result.Records || len(result.Left) != 0 {
		t.Fatalf("built %+v", result)
	}
	matchers := map[syftPkg.Type][]match.Matcher{}
	for _, m := range matcher.NewDefaultMatchers(matcher.Config{
		Dpkg: dpkg.MatcherConfig{MissingEpochStrategy: version.MissingEpochStrategyZero},
		Rpm:  rpm.MatcherConfig{MissingEpochStrategy: version.MissingEpochStrategyZero},
	}) {
		for _, kind := range m.PackageTypes() {
			matchers[kind] = append(matchers[kind], m)
		}
	}
	provider := opened(t, dir).Provider()
	verdicts, positive, wrong := 0, 0, 0
	for _, v := range osvmake.Verdicts() {
		p := installed(t, v)
		if len(matchers[p.Type]) == 0 {
			t.Fatalf("no matcher for %s", p.Type)
		}
		var have []string
		for _, m := range matchers[p.Type] {
			matches, _, err := m.Match(provider, p)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range matches {
				if !slices.Contains(have, found.Vulnerability.ID) {
					have = append(have, found.Vulnerability.ID)
				}
			}
		}
		slices.Sort(have)
		verdicts, positive = verdicts+1, positive+len(have)
		if !slices.Equal(have, v.Vulnerable) {
			if wrong++; wrong < 20 {
				t.Errorf("%s %s %s %q: have %v, want %v", v.Release.Ecosystem, v.Package, v.Version, v.Module, have, v.Vulnerable)
			}
		}
	}
	t.Logf("%d verdicts, %d matches, %d wrong", verdicts, positive, wrong)
	if wrong > 0 || positive < verdicts/2 {
		t.Errorf("%d of %d verdicts are wrong, %d matches", wrong, verdicts, positive)
	}
}

// installed is the package of a verdict as Grype makes one from a catalogue.
func installed(t *testing.T, v osvmake.Verdict) pkg.Package {
	t.Helper()
	p := pkg.Package{ID: "1", Name: v.Package, Version: v.Version}
	if v.Release.ID != "" {
		d, err := distro.NewFromRelease(linux.Release{ID: v.Release.ID, VersionID: v.Release.VersionID, VersionCodename: v.Release.Codename}, nil)
		if err != nil {
			t.Fatal(err)
		}
		p.Distro = d
	}
	switch v.Type {
	case "deb":
		p.Type = syftPkg.DebPkg
	case "apk":
		p.Type = syftPkg.ApkPkg
	case "rpm":
		p.Type = syftPkg.RpmPkg
		label := v.Module
		p.Metadata = pkg.RpmMetadata{ModularityLabel: &label}
	case "npm":
		p.Type, p.Language = syftPkg.NpmPkg, syftPkg.JavaScript
	case "pypi":
		p.Type, p.Language = syftPkg.PythonPkg, syftPkg.Python
	case "maven":
		p.Type, p.Language = syftPkg.JavaPkg, syftPkg.Java
		group, artifact, _ := strings.Cut(v.Package, ":")
		p.Name = artifact
		p.Metadata = pkg.JavaMetadata{PomGroupID: group, PomArtifactID: artifact}
	default:
		t.Fatalf("unknown type %s", v.Type)
	}
	return p
}
