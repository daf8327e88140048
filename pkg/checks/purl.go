package checks

import (
	"net/url"
	"regexp"
	"strings"
)

// packageID is what a package URL says, made comparable: tools write the same package in
// many ways.
type packageID struct {
	kind    string // of packages, as deb
	name    string // with what sets names of one kind apart; in lower case
	version string // without what tools add or leave out
	source  string // name of the package that it was built from; empty if that is not said
}

// comparable are the kinds of packages that an image shows by files of their own: a database, a
// manifest, what a linker wrote. Others, as generic or github, only a document can show.
var comparableKinds = map[string]kindOf{
	"deb": distribution, "apk": distribution, "rpm": distribution, "alpm": distribution,
	"npm": application, "pypi": application, "gem": application, "golang": application, "cargo": application,
	"nuget": application, "composer": application, "maven": application,
}

type kindOf int

const (
	distribution kindOf = iota + 1
	application
)

// maxPURL is the most bytes of a package URL that is looked at.
const maxPURL = 4 << 10

// parsePURL reads a package URL: scheme:type/namespace/name@version?qualifiers#subpath.
// It reports false for one of a kind that cannot be compared, or that is none.
func parsePURL(s string) (packageID, bool) {
	rest, ok := strings.CutPrefix(s, "pkg:")
	if !ok || len(s) > maxPURL {
		return packageID{}, false
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, qualifiers, _ := strings.Cut(rest, "?")
	kind, rest, ok := strings.Cut(strings.TrimLeft(rest, "/"), "/")
	id := packageID{kind: strings.ToLower(kind)}
	if !ok || comparableKinds[id.kind] == 0 {
		return packageID{}, false
	}
	// A version may hold a slash, and a name of npm begins with an at sign.
	name, version := strings.TrimRight(rest, "/"), ""
	if i := strings.LastIndexByte(rest, '@'); i > 0 && rest[i-1] != '/' {
		name, version = rest[:i], rest[i+1:]
	}
	for _, part := range strings.Split(qualifiers, "&") {
		if key, value, _ := strings.Cut(part, "="); key == "upstream" {
			id.source, _, _ = strings.Cut(strings.ToLower(unescape(value)), "@")
		}
	}
	id.name = comparableName(id.kind, unescape(name))
	id.version = comparableVersion(id.kind, unescape(version))
	return id, id.name != ""
}

func unescape(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}

// comparableName leaves out the namespaces that tools guess: of a distribution, whose names
// are unique in an image, and of Java, where jars often do not tell.
func comparableName(kind, name string) string {
	name = strings.ToLower(strings.Trim(name, "/"))
	if comparableKinds[kind] == distribution || kind == "maven" {
		name = name[strings.LastIndexByte(name, '/')+1:]
	}
	switch kind {
	case "deb":
		name, _, _ = strings.Cut(name, ":") // the architecture
	case "pypi":
		name = pythonName.ReplaceAllString(name, "-") // PEP 503
	}
	return name
}

var (
	pythonName = regexp.MustCompile(`[-_.]+`)
	epoch      = regexp.MustCompile(`^[0-9]+:`)
	rebuilt    = regexp.MustCompile(`(\+b[0-9]+)+$`) // Debian's binary rebuilds
)

// comparableVersion leaves out what some tools write and some do not.
func comparableVersion(kind, version string) string {
	version = strings.TrimSpace(version)
	switch kind {
	case "deb":
		version = rebuilt.ReplaceAllString(epoch.ReplaceAllString(version, ""), "")
	case "rpm", "alpm":
		version = epoch.ReplaceAllString(version, "")
	case "golang":
		version = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(version, "go"), "v"), "+incompatible")
		if version == "(devel)" {
			version = ""
		}
	case "composer", "npm", "gem":
		version = strings.TrimPrefix(version, "v")
	}
	if version == "UNKNOWN" {
		version = ""
	}
	return version
}
