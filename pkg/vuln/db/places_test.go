package db

import (
	"slices"
	"testing"

	"github.com/anchore/grype/grype/distro"
	"github.com/anchore/grype/grype/pkg"
	"github.com/anchore/syft/syft/linux"
	syftPkg "github.com/anchore/syft/syft/pkg"
)

// TestImagesFindTheirRelease asks with the lines of real os-release files.
func TestImagesFindTheirRelease(t *testing.T) {
	for ecosystem, c := range map[string]struct {
		id, version, codename string
		kind                  syftPkg.Type
	}{
		"Debian:12":                                {"debian", "12", "bookworm", syftPkg.DebPkg},
		"Debian:13":                                {"debian", "13", "trixie", syftPkg.DebPkg},
		"Debian:sid":                               {"debian", "", "forky", syftPkg.DebPkg},
		"Ubuntu:24.04:LTS":                         {"ubuntu", "24.04", "noble", syftPkg.DebPkg},
		"Ubuntu:25.10":                             {"ubuntu", "25.10", "questing", syftPkg.DebPkg},
		"Alpine:v3.20":                             {"alpine", "3.20.3", "", syftPkg.ApkPkg},
		"Alpine:edge":                              {"alpine", "3.23_alpha20250612", "", syftPkg.ApkPkg},
		"Red Hat:enterprise_linux:8::baseos":       {"rhel", "8.10", "", syftPkg.RpmPkg},
		"Red Hat:enterprise_linux:10.0":            {"rhel", "10.0", "", syftPkg.RpmPkg},
		"Rocky Linux:8":                            {"rocky", "8.9", "", syftPkg.RpmPkg},
		"AlmaLinux:9":                              {"almalinux", "9.5", "", syftPkg.RpmPkg},
		"SUSE:Linux Enterprise Server 15 SP6":      {"sles", "15.6", "", syftPkg.RpmPkg},
		"SUSE:Linux Enterprise Server 12 SP5-LTSS": {"sles", "12.5", "", syftPkg.RpmPkg},
		"openSUSE:Leap 15.6":                       {"opensuse-leap", "15.6", "", syftPkg.RpmPkg},
		"Azure Linux:3":                            {"azurelinux", "3.0", "", syftPkg.RpmPkg},
		"Photon OS:5.0":                            {"photon", "5.0", "", syftPkg.RpmPkg},
	} {
		t.Run(ecosystem, func(t *testing.T) {
			d, result := from(t, BuildOptions{}, record("MADE-1", ecosystem, "openssl", "3.0.7-1", ""))
			release, err := distro.NewFromRelease(linux.Release{ID: c.id, VersionID: c.version, VersionCodename: c.codename}, nil)
			if err != nil {
				t.Fatal(err)
			}
			p := pkg.Package{Name: "openssl", Version: "3.0.6-1", Type: c.kind, Distro: release}
			if have := matchesOn(t, d, p); !slices.Equal(have, []string{"MADE-1"}) {
				t.Errorf("have %v, %+v", have, result)
			}
			p.Version = "3.0.7-1"
			if have := matchesOn(t, d, p); len(have) != 0 {
				t.Errorf("fixed, but have %v", have)
			}
		})
	}
}

// TestPackagesOfLanguagesAreFound asks with the names that catalogues give packages.
func TestPackagesOfLanguagesAreFound(t *testing.T) {
	for ecosystem, c := range map[string]struct {
		name, installed string
		kind            syftPkg.Type
		language        syftPkg.Language
	}{
		"Go":                             {"example.test/a/v2", "example.test/a/v2", syftPkg.GoModulePkg, syftPkg.Go},
		"npm":                            {"@made/a", "@made/a", syftPkg.NpmPkg, syftPkg.JavaScript},
		"PyPI":                           {"made-a", "Made_A", syftPkg.PythonPkg, syftPkg.Python},
		"crates.io":                      {"made", "made", syftPkg.RustPkg, syftPkg.Rust},
		"NuGet":                          {"Made.A", "made.a", syftPkg.DotnetPkg, syftPkg.Dotnet},
		"RubyGems":                       {"made", "made", syftPkg.GemPkg, syftPkg.Ruby},
		"Packagist":                      {"made/a", "made/a", syftPkg.PhpComposerPkg, syftPkg.PHP},
		"Packagist:https://example.test": {"made/a", "made/a", syftPkg.PhpComposerPkg, syftPkg.PHP},
		"Pub":                            {"made", "made", syftPkg.DartPubPkg, syftPkg.Dart},
		"Hex":                            {"made", "made", syftPkg.HexPkg, syftPkg.Elixir},
		"SwiftURL":                       {"https://github.com/made/a.git", "github.com/made/a", syftPkg.SwiftPkg, syftPkg.Swift},
		"ConanCenter":                    {"made", "made", syftPkg.ConanPkg, syftPkg.CPP},
		"Hackage":                        {"made", "made", syftPkg.HackagePkg, syftPkg.Haskell},
		"GitHub Actions":                 {"made/a", "made/a", syftPkg.GithubActionPkg, ""},
	} {
		t.Run(ecosystem, func(t *testing.T) {
			d, _ := from(t, BuildOptions{}, record("MADE-1", ecosystem, c.name, "1.10.0", ""))
			p := pkg.Package{Name: c.installed, Version: "1.9.0", Type: c.kind, Language: c.language}
			if have := matchesOn(t, d, p); !slices.Equal(have, []string{"MADE-1"}) {
				t.Errorf("have %v", have)
			}
			p.Version = "1.10.0"
			if have := matchesOn(t, d, p); len(have) != 0 {
				t.Errorf("fixed, but have %v", have)
			}
		})
	}
}
