package osvmake

import "fmt"

// System is one kind of packages.
type System struct {
	Type     string    // of package URLs: deb, apk, rpm, npm, pypi, maven
	Releases []Release // one of them without a distribution for languages
	Ladder   []string  // ascending

	prefix  string             // of ids
	rule    string             // the type of ranges
	named   func(i int) string // of the i-th package, as records name it
	shown   func(i int) string // as it is installed, if that differs
	modules []string           // RPM modules that records are about; empty: none
}

// Release is an ecosystem of records and the lines of the os-release file that it stands for.
type Release struct {
	Ecosystem string
	ID        string // empty for a language
	VersionID string
	Codename  string
}

// packages is how many packages of each kind and release there are.
const packages = 20

// Systems are the kinds.
func Systems() []System {
	plain := func(format string) func(int) string {
		return func(i int) string { return fmt.Sprintf(format, i) }
	}
	return []System{
		{
			Type: "deb", prefix: "DEBIAN-CVE", rule: "ECOSYSTEM", named: plain("made-deb%d"),
			Releases: []Release{
				{"Debian:12", "debian", "12", "bookworm"}, {"Debian:11", "debian", "11", "bullseye"},
				{"Ubuntu:22.04:LTS", "ubuntu", "22.04", "jammy"},
			},
			Ladder: []string{
				"0.9~beta2-1", "0.9-1", "1.0~rc1-1", "1.0-1", "1.0-1+deb12u1", "1.0-1+deb12u2", "1.0-2", "1.0+dfsg-1",
				"1.2-1~bpo12+1", "1.2-1", "1.10-1", "1.10.1-3", "2.0~~alpha-1", "2.0~alpha-1", "2.0-1",
				"1:0.5-1", "1:0.5-1+b1", "1:1.0-1", "2:0.1-1",
			},
		},
		{
			Type: "apk", prefix: "ALPINE-CVE", rule: "ECOSYSTEM", named: plain("made-apk%d"),
			Releases: []Release{{"Alpine:v3.20", "alpine", "3.20.3", ""}, {"Alpine:v3.19", "alpine", "3.19.1", ""}},
			Ladder: []string{
				"0.9.0-r0", "1.0.0_alpha1-r0", "1.0.0_beta1-r0", "1.0.0_rc1-r0", "1.0.0-r0", "1.0.0-r1", "1.0.0-r10",
				"1.0.0_p1-r0", "1.0.1-r0", "1.0.1a-r0", "1.0.10-r0", "1.2.0-r0", "1.10.0-r0", "2.0.0-r0", "2.0.0_p2-r0",
			},
		},
		{
			Type: "rpm", prefix: "RLSA", rule: "ECOSYSTEM", named: plain("made-rpm%d"),
			Releases: []Release{
				{"Rocky Linux:9", "rocky", "9.4", ""}, {"Red Hat:enterprise_linux:9::baseos", "rhel", "9.4", ""},
				{"openSUSE:Leap 15.6", "opensuse-leap", "15.6", ""},
			},
			Ladder: []string{
				"0.9-1.el9", "1.0~rc1-1.el9", "1.0-1.el9", "1.0-1.el9_2.1", "1.0-2.el9", "1.0-10.el9", "1.0^git1-1.el9",
				"1.0.1-1.el9", "1.2a-1.el9", "1.10-1.el9", "2.0~beta-1.el9", "2.0-1.el9",
				"1:0.5-1.el9", "1:1.0-1.el9", "1:1.0-3.el9", "2:0.1-1.el9",
			},
		},
		{
			Type: "rpm", prefix: "RHSA", rule: "ECOSYSTEM", named: plain("made-stream%d"),
			Releases: []Release{{"Red Hat:enterprise_linux:8::appstream", "rhel", "8.10", ""}, {"Rocky Linux:8", "rocky", "8.10", ""}},
			modules:  []string{"made:1.0", "made:2.0", "other:rhel8"},
			Ladder: []string{
				"1.0.0-1.module+el8.1.0+100+aaaa0001", "1.0.0-2.module+el8.2.0+110+aaaa0002", "1.4.0-1.module+el8.3.0+120+aaaa0003",
				"1.14.0-1.module+el8.4.0+130+aaaa0004", "2.0.0~rc1-1.module+el8.4.0+140+aaaa0005", "2.0.0-1.module+el8.5.0+150+aaaa0006",
				"1:1.0.0-1.module+el8.6.0+160+aaaa0007", "1:1.2.0-3.module+el8.6.0+170+aaaa0008", "1:1.2.0-4.module+el8.7.0+180+aaaa0009",
				"1:2.0.0-1.module+el8.8.0+190+aaaa000a", "2:0.1.0-1.module+el8.9.0+200+aaaa000b", "2:0.2.0-1.module+el8.9.0+210+aaaa000c",
				"2:0.2.1-1.module+el8.10.0+220+aaaa000d",
			},
		},
		{
			Type: "npm", prefix: "MADE-NPM", rule: "SEMVER",
			named:    npm,
			Releases: []Release{{Ecosystem: "npm"}},
			Ladder: []string{
				"0.1.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1",
				"1.2.0", "1.10.0", "2.0.0-0", "2.0.0", "2.0.1", "2.1.0", "10.0.0",
			},
		},
		{
			Type: "pypi", prefix: "MADE-PYPI", rule: "ECOSYSTEM", named: plain("made-pypi-%d"),
			shown:    plain("Made_PyPI.%d"),
			Releases: []Release{{Ecosystem: "PyPI"}},
			Ladder: []string{
				"0.9", "1.0.dev1", "1.0a1", "1.0b2", "1.0rc1", "1.0", "1.0.post1", "1.0.1", "1.2", "1.10", "2.0.dev3", "2.0",
				"2.0.1", "1!0.5", "1!1.0",
			},
		},
		{
			Type: "maven", prefix: "MADE-MAVEN", rule: "ECOSYSTEM", named: plain("org.made:maven%d"),
			Releases: []Release{{Ecosystem: "Maven"}},
			Ladder: []string{
				"0.9", "1.0-alpha-1", "1.0-beta-2", "1.0-rc1", "1.0-SNAPSHOT", "1.0", "1.0-sp1", "1.0.1", "1.2", "1.10",
				"2.0-alpha-1", "2.0", "2.0.1", "2.1", "10.0",
			},
		},
	}
}

// npm names every other package with a scope.
func npm(i int) string {
	if i%2 == 1 {
		return fmt.Sprintf("@made/npm%d", i)
	}
	return fmt.Sprintf("made-npm%d", i)
}
