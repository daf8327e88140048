package osv

import (
	"fmt"
	"regexp"
	"strings"
)

// Distribution is a release of a Linux distribution, in the words of its os-release file.
type Distribution struct {
	ID      string // debian, rhel, opensuse-leap
	Version string // 12, 3.20, 15.6, or a word such as edge
	Channel string // of updates beside the usual ones: esm, eus; mostly empty
}

// Split parts an ecosystem into its name and the release or address behind the colon.
func Split(ecosystem string) (name, release string) {
	name, release, _ = strings.Cut(ecosystem, ":")
	return name, release
}

// Distro gives the distribution that an ecosystem names. known is false for an ecosystem
// that is no distribution. The error is that of a release that is not told or that has no
// counterpart in an os-release file, so that no image could be matched with it.
func Distro(ecosystem string) (d Distribution, known bool, err error) {
	system, release := Split(ecosystem)
	if release == "" && needsRelease(system) {
		return d, true, fmt.Errorf("the ecosystem %s names no release", system)
	}
	switch system {
	case "Debian":
		if release == "sid" {
			release = "unstable"
		}
		return Distribution{ID: "debian", Version: release}, true, numbered(release, "unstable")
	case "Ubuntu":
		return ubuntu(release)
	case "Alpine":
		release = strings.TrimPrefix(release, "v")
		return Distribution{ID: "alpine", Version: release}, true, numbered(release, "edge")
	case "Red Hat":
		return redHat(release)
	case "Rocky Linux":
		return Distribution{ID: "rocky", Version: release}, true, numbered(release)
	case "AlmaLinux":
		return Distribution{ID: "almalinux", Version: release}, true, numbered(release)
	case "Azure Linux":
		return Distribution{ID: "azurelinux", Version: release}, true, numbered(release)
	case "Photon OS":
		return Distribution{ID: "photon", Version: release}, true, numbered(release)
	case "SUSE":
		return suse(release)
	case "openSUSE":
		if version, ok := strings.CutPrefix(release, "Leap "); ok {
			return Distribution{ID: "opensuse-leap", Version: version}, true, numbered(version)
		}
		return d, true, fmt.Errorf("openSUSE:%s is no release of Leap", release)
	}
	return d, false, nil
}

// needsRelease reports whether an ecosystem is a distribution that needs a release.
func needsRelease(system string) bool {
	switch system {
	case "Debian", "Ubuntu", "Alpine", "Red Hat", "Rocky Linux", "AlmaLinux", "Azure Linux", "Photon OS", "SUSE", "openSUSE":
		return true
	}
	return false
}

var number = regexp.MustCompile(`^[0-9]{1,4}(\.[0-9]{1,4}){0,2}$`)

// numbered says whether a release is a number or one of the words that stand for one.
func numbered(release string, words ...string) error {
	for _, w := range words {
		if release == w {
			return nil
		}
	}
	if !number.MatchString(release) {
		return fmt.Errorf("%.100q is no release", release)
	}
	return nil
}

// ubuntu reads what stands behind "Ubuntu:", such as 24.10, 22.04:LTS or Pro:18.04:LTS.
func ubuntu(release string) (Distribution, bool, error) {
	d := Distribution{ID: "ubuntu"}
	version, pro := strings.CutPrefix(release, "Pro:")
	if pro {
		d.Channel = "esm"
	}
	d.Version = strings.TrimSuffix(version, ":LTS")
	return d, true, numbered(d.Version)
}

// redHat reads the CPE behind "Red Hat:", such as enterprise_linux:9::appstream or
// rhel_eus:9.2::baseos. Other products than the distribution and its extended updates, and
// those updates that no os-release tells apart, are not matched.
func redHat(cpe string) (Distribution, bool, error) {
	product, rest, _ := strings.Cut(cpe, ":")
	version, _, _ := strings.Cut(rest, ":")
	switch product {
	case "enterprise_linux":
		major, _, _ := strings.Cut(version, ".")
		return Distribution{ID: "rhel", Version: major}, true, numbered(major)
	case "rhel_eus":
		return Distribution{ID: "rhel", Version: version, Channel: "eus"}, true, numbered(version)
	}
	return Distribution{}, true, fmt.Errorf("the product %.100q is not the distribution itself", product)
}

var serviceMark = regexp.MustCompile(`(?:^|\s)([0-9]{1,3})(?:[ -]SP([0-9]{1,2}))?(?:$|[ -](?:LTSS|TERADATA|ESPOS|BCL)$)`)

// suse reads what stands behind "SUSE:", such as "Linux Enterprise Server 15 SP6" or
// "Linux Enterprise Module for Basesystem 15 SP6". Products that are not of one release of
// the server are not matched.
func suse(product string) (Distribution, bool, error) {
	m := serviceMark.FindStringSubmatch(product)
	server := strings.HasPrefix(product, "Linux Enterprise Server") || strings.HasPrefix(product, "Linux Enterprise Module for")
	if m == nil || !server {
		return Distribution{}, true, fmt.Errorf("the product %.100q is no release of the server", product)
	}
	version := m[1]
	if m[2] != "" {
		version += "." + m[2]
	}
	return Distribution{ID: "sles", Version: version}, true, nil
}
