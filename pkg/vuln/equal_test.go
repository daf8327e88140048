package vuln_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/anchore/grype/grype"
	"github.com/anchore/grype/grype/distro"
	"github.com/anchore/grype/grype/matcher"
	"github.com/anchore/grype/grype/matcher/rpm"
	"github.com/anchore/grype/grype/matcher/stock"
	"github.com/anchore/grype/grype/pkg"
	"github.com/anchore/grype/grype/version"
	"github.com/anchore/grype/grype/vulnerability"
	"github.com/anchore/syft/syft"

	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/internal/osvmake"
	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/vuln"
	"github.com/imgaudit/imgaudit/pkg/vuln/db"
)

// grypeMatches is what Grype's library says of an image that Syft's library unpacked.
func grypeMatches(t *testing.T, dir string, d *db.DB) []string {
	t.Helper()
	src, err := syft.GetSource(t.Context(), dir, syft.DefaultGetSourceConfig().WithSources("oci-dir"))
	check(t, err)
	defer src.Close()
	s, err := syft.CreateSBOM(context.Background(), src, syft.DefaultCreateSBOMConfig())
	check(t, err)
	release := distro.FromRelease(s.Artifacts.LinuxDistribution, distro.DefaultFixChannels())
	packages := pkg.FromPtrs(pkg.FromCollection(s.Artifacts.Packages, s.Relationships, pkg.SynthesisConfig{}))
	for i := range packages {
		packages[i].Distro = release
	}
	m := grype.VulnerabilityMatcher{VulnerabilityProvider: d.Provider(), Matchers: matcher.NewDefaultMatchers(matcher.Config{
		Stock: stock.MatcherConfig{UseCPEs: true}, Rpm: rpm.MatcherConfig{MissingEpochStrategy: version.MissingEpochStrategyAuto},
	})}
	found, _, err := m.FindMatches(packages, pkg.Context{Distro: release})
	check(t, err)
	var all []string
	for _, f := range found.Sorted() {
		fix := slices.Clone(f.Vulnerability.Fix.Versions)
		slices.Sort(fix)
		all = append(all, fmt.Sprintf("%s %s %s %s %s %v", f.Vulnerability.ID, f.Package.Type, f.Package.Name, f.Package.Version, cmp.Or(f.Vulnerability.Fix.State, vulnerability.FixStateUnknown), fix))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// ownMatches is what this package says: reported or suppressed.
func ownMatches(r *audit.Result) []string {
	var all []string
	for _, f := range r.Report.Findings {
		v := f.Vulnerability
		fix := slices.Clone(v.Fix.Versions)
		slices.Sort(fix)
		all = append(all, fmt.Sprintf("%s %s %s %s %s %v", v.ID, v.Package.Type, v.Package.Name, v.Package.Version, v.Fix.State, fix))
	}
	slices.Sort(all)
	return all
}

// unlike gives what only one of two sorted lists has.
func unlike(got, want []string) (more, less []string) {
	for _, g := range got {
		if _, ok := slices.BinarySearch(want, g); !ok {
			more = append(more, g)
		}
	}
	for _, w := range want {
		if _, ok := slices.BinarySearch(got, w); !ok {
			less = append(less, w)
		}
	}
	return more, less
}

func TestMatchesAreThoseOfGrypesLibraryOnSyftsOwnBill(t *testing.T) {
	records := slices.DeleteFunc(records(), func(r record) bool { return r.name == "linux" }) // which Grype's program ignores, and its library does not
	d := open(t, records)
	img := fixture(t)
	dir := t.TempDir()
	check(t, imagemake.WriteFiles(dir, imagemake.Layout(imagemake.Tagged{Ref: "1", Built: img.Build()})))
	got, want := ownMatches(run(t, img, vuln.Matcher{DB: d})), grypeMatches(t, dir, d)
	if more, less := unlike(got, want); len(more)+len(less) > 0 || len(want) != 6 {
		t.Errorf("%d of %d; more: %v; less: %v", len(got), len(want), more, less)
	}
}

// The made records over every version of every package of every release, as far as files describe them
// that a test can write: RPM's are in the text form of images without rpm.
func TestMatchesAreThoseOfGrypesLibraryOverAllMadeRecords(t *testing.T) {
	dir := t.TempDir()
	check(t, osvmake.WriteDir(dir+"/osv"))
	_, err := db.Build(t.Context(), []string{dir + "/osv"}, dir+"/db", db.BuildOptions{})
	check(t, err)
	d, err := db.Open(dir+"/db", db.OpenOptions{})
	check(t, err)
	defer d.Close()
	byRelease := map[osvmake.Release][]osvmake.Verdict{}
	var order []osvmake.Release
	for _, v := range osvmake.Verdicts() {
		if v.Module != "" {
			continue
		}
		release := v.Release
		if release.ID == "" {
			release = osvmake.Release{Ecosystem: "languages"} // one image for all of them
		}
		if byRelease[release] == nil {
			order = append(order, release)
		}
		byRelease[release] = append(byRelease[release], v)
	}
	for _, release := range order {
		t.Run(strings.ReplaceAll(release.Ecosystem, "/", "_"), func(t *testing.T) {
			img := installed(t, release, byRelease[release])
			dir := t.TempDir()
			check(t, imagemake.WriteFiles(dir, imagemake.Layout(imagemake.Tagged{Ref: "1", Built: img.Build()})))
			got, want := ownMatches(run(t, img, vuln.Matcher{DB: d})), grypeMatches(t, dir, d)
			if more, less := unlike(got, want); len(more)+len(less) > 0 || len(want) == 0 {
				t.Errorf("%d of %d; more: %v; less: %v", len(got), len(want), more, less)
			}
			t.Logf("%d packages, %d matches", len(byRelease[release]), len(want))
		})
	}
}

// installed is an image that has all packages of one release.
func installed(t *testing.T, release osvmake.Release, verdicts []osvmake.Verdict) imagemake.Image {
	var entries []imagemake.Entry
	if release.ID != "" {
		entries = append(entries, imagemake.File("etc/os-release", fmt.Sprintf("ID=%s\nVERSION_ID=%q\nVERSION_CODENAME=%s\n", release.ID, release.VersionID, release.Codename)))
	}
	var list strings.Builder
	for i, v := range verdicts {
		switch v.Type {
		case "deb":
			list.WriteString(status(v.Package, "", v.Version))
		case "apk":
			if i%5 > 0 {
				continue // Grype takes long for one: it asks for each of the many names that a CPE may have
			}
			fmt.Fprintf(&list, "C:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nP:%s\nV:%s\nA:x86_64\nS:1\nI:1\nT:made up\nL:MIT\no:%s\n\n", v.Package, v.Version, v.Package)
		case "rpm":
			epoch, rest, ok := strings.Cut(v.Version, ":")
			if !ok {
				epoch, rest = "(none)", v.Version
			}
			fmt.Fprintf(&list, "%s\t%s\t1\t1\tNobody\t%s\t1\tx86_64\t0\t%s-%s.src.rpm\n", v.Package, rest, epoch, v.Package, rest)
		case "npm":
			entries = append(entries, imagemake.File(fmt.Sprintf("app/%d/node_modules/%s/package.json", i, v.Package), fmt.Sprintf(`{"name":%q,"version":%q}`, v.Package, v.Version)))
		case "pypi":
			entries = append(entries, imagemake.File(fmt.Sprintf("app/%d/site-packages/p%d.dist-info/METADATA", i, i), fmt.Sprintf("Metadata-Version: 2.1\nName: %s\nVersion: %s\n", v.Package, v.Version)))
		case "maven":
			group, artifact, _ := strings.Cut(v.Package, ":")
			entries = append(entries, imagemake.File(fmt.Sprintf("app/%d.jar", i), jar(t, map[string]string{
				"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n",
				"META-INF/maven/" + group + "/" + artifact + "/pom.properties": "groupId=" + group + "\nartifactId=" + artifact + "\nversion=" + v.Version + "\n",
			})))
		}
	}
	place := map[string]string{"deb": "var/lib/dpkg/status", "apk": "lib/apk/db/installed", "rpm": "var/lib/rpmmanifest/container-manifest-2"}[verdicts[0].Type]
	if place != "" {
		entries = append(entries, imagemake.File(place, list.String()))
	}
	return imagemake.Image{Layers: []imagemake.Layer{{CreatedBy: "ADD rootfs /", Entries: entries}}}
}
