package layers

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// platformPart is what an operating system, architecture or variant may look like.
var platformPart = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,31}$`)

// platform is an operating system with an architecture, both as Go names them,
// and the variant of the architecture or "".
type platform struct{ os, arch, variant string }

// parsePlatform reads os/arch[/variant]; "" means linux on this machine's
// architecture.
func parsePlatform(s string) (platform, error) {
	if s == "" {
		return normalPlatform("linux", runtime.GOARCH, ""), nil
	}
	parts := strings.Split(strings.ToLower(s), "/")
	bad := len(parts) < 2 || len(parts) > 3
	for _, p := range parts {
		bad = bad || !platformPart.MatchString(p)
	}
	if bad {
		return platform{}, fmt.Errorf("platform %q is not of the form os/arch[/variant], as linux/arm64 or linux/arm/v7 are", s)
	}
	variant := ""
	if len(parts) == 3 {
		variant = parts[2]
	}
	return normalPlatform(parts[0], parts[1], variant), nil
}

// normalPlatform replaces the names that machines and people use by the ones
// that images use.
func normalPlatform(os, arch, variant string) platform {
	p := platform{strings.ToLower(os), strings.ToLower(arch), strings.ToLower(variant)}
	if p.os == "macos" {
		p.os = "darwin"
	}
	switch p.arch {
	case "x86_64", "x86-64", "x64":
		p.arch = "amd64"
	case "i386", "i486", "i586", "i686", "x86":
		p.arch = "386"
	case "aarch64":
		p.arch = "arm64"
	case "armhf", "armv7l", "armv7":
		p.arch, p.variant = "arm", "v7"
	case "armel", "armv6l", "armv6":
		p.arch, p.variant = "arm", "v6"
	case "ppc64el":
		p.arch = "ppc64le"
	}
	if p.arch == "arm" || p.arch == "arm64" {
		if v := p.variant; len(v) == 1 && v[0] >= '5' && v[0] <= '9' {
			p.variant = "v" + v
		}
	}
	return p
}

// fromV1 reads a platform of a document. It reports false for one that says nothing.
func fromV1(p *v1.Platform) (platform, bool) {
	if p == nil || (p.OS == "" || p.OS == "unknown") && (p.Architecture == "" || p.Architecture == "unknown") {
		return platform{}, false
	}
	return normalPlatform(p.OS, p.Architecture, p.Variant), true
}

// String writes os/arch[/variant], fit for a terminal.
func (p platform) String() string {
	s := p.os + "/" + p.arch
	if p.variant != "" {
		s += "/" + p.variant
	}
	return finding.EscapeText(s)
}

// fullVariant is the variant that is meant where none is named.
func (p platform) fullVariant() string {
	if p.variant == "" {
		return map[string]string{"amd64": "v1", "arm": "v7", "arm64": "v8"}[p.arch]
	}
	return p.variant
}

// fits tells how well an image for p suits a wish: 0 is best, negative not at
// all. A wish without a variant takes any, the usual one before the others.
func (p platform) fits(wish platform) int {
	switch {
	case p.os != wish.os || p.arch != wish.arch:
		return -1
	case p.fullVariant() == wish.fullVariant():
		return 0
	case wish.variant != "":
		return -1
	}
	return 1
}
