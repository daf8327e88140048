package db

import (
	"fmt"
	"strings"

	"github.com/anchore/grype/grype/db/processors"
	"github.com/anchore/grype/grype/db/provider"
	v6 "github.com/anchore/grype/grype/db/v6"
	"github.com/anchore/grype/grype/db/v6/build/transformers"
	"github.com/anchore/grype/grype/db/v6/build/transformers/os"
	"github.com/anchore/grype/grype/db/v6/name"
	"github.com/anchore/syft/syft/pkg"

	"github.com/imgaudit/imgaudit/pkg/vuln/internal/osv"
)

// place is where the packages of an ecosystem stand in the database.
type place struct {
	kind   pkg.Type
	format string // of versions, in Grype's words
	system *v6.OperatingSystem
}

// language gives the place of an ecosystem that is no distribution.
func language(ecosystem string) (place, bool) {
	system, _ := osv.Split(ecosystem)
	switch system {
	case "Go":
		return place{kind: pkg.GoModulePkg, format: "go"}, true
	case "npm":
		return place{kind: pkg.NpmPkg, format: "npm"}, true
	case "PyPI":
		return place{kind: pkg.PythonPkg, format: "python"}, true
	case "Maven":
		return place{kind: pkg.JavaPkg, format: "maven"}, true
	case "crates.io":
		return place{kind: pkg.RustPkg, format: "semver"}, true
	case "NuGet":
		return place{kind: pkg.DotnetPkg, format: "nuget"}, true
	case "RubyGems":
		return place{kind: pkg.GemPkg, format: "gem"}, true
	case "Packagist":
		return place{kind: pkg.PhpComposerPkg, format: "composer"}, true
	case "Pub":
		return place{kind: pkg.DartPubPkg, format: "pub"}, true
	case "Hex":
		return place{kind: pkg.HexPkg, format: "hex"}, true
	case "SwiftURL":
		return place{kind: pkg.SwiftPkg, format: "swift"}, true
	case "ConanCenter":
		return place{kind: pkg.ConanPkg, format: "conan"}, true
	case "Hackage":
		return place{kind: pkg.HackagePkg, format: "hackage"}, true
	case "GitHub Actions":
		return place{kind: pkg.GithubActionPkg, format: "semver"}, true
	}
	return place{}, false
}

// packageName is the name under which Grype's matchers look for a package.
func (p place) packageName(n string) string {
	if p.kind == pkg.SwiftPkg {
		n = strings.TrimSuffix(strings.TrimPrefix(n, "https://"), ".git")
	}
	return name.Normalize(n, p.kind)
}

// systems gives the places of distributions. Each row of the operating system is asked of
// Grype's own transformer once, so that names, code names and labels are those that
// Grype's matchers look for.
type systems struct {
	known map[osv.Distribution]place
}

func (s *systems) place(d osv.Distribution) (place, error) {
	if p, ok := s.known[d]; ok {
		return p, nil
	}
	p := place{kind: pkg.RpmPkg, format: "rpm"}
	switch d.ID {
	case "debian", "ubuntu":
		p = place{kind: pkg.DebPkg, format: "dpkg"}
	case "alpine":
		p = place{kind: pkg.ApkPkg, format: "apk"}
	}
	system, err := operatingSystem(d, p.format)
	if err != nil {
		return place{}, err
	}
	p.system = system
	if s.known == nil {
		s.known = map[osv.Distribution]place{}
	}
	s.known[d] = p
	return p, nil
}

// operatingSystem lets Grype's transformer read a record about the distribution, and gives
// the row that came out.
func operatingSystem(d osv.Distribution, format string) (*v6.OperatingSystem, error) {
	namespace := d.ID + ":" + d.Version
	if d.Channel != "" {
		namespace += "+" + d.Channel
	}
	record := fmt.Sprintf(`{"Vulnerability": {"Name": "none", "NamespaceName": %[1]q, "FixedIn": [
		{"Name": "none", "NamespaceName": %[1]q, "Version": "1", "VersionFormat": %[2]q}]}}`, namespace, format)
	entries, err := processors.NewV2OSProcessor(os.Transform).Process(strings.NewReader(record), provider.State{Provider: "none"})
	if err != nil {
		return nil, fmt.Errorf("naming the distribution %s: %w", namespace, err)
	}
	var found *v6.OperatingSystem
	for _, e := range entries {
		related, ok := e.Data.(transformers.RelatedEntries)
		if !ok {
			continue
		}
		for _, r := range related.Related {
			// Red Hat's comes as a row for each minor release and one for all of them.
			if a, ok := r.(v6.AffectedPackageHandle); ok && a.OperatingSystem != nil &&
				(found == nil || len(a.OperatingSystem.MinorVersion) < len(found.MinorVersion)) {
				found = a.OperatingSystem
			}
		}
	}
	if found == nil {
		return nil, fmt.Errorf("naming the distribution %s: Grype does not know it", namespace)
	}
	return found, nil
}
