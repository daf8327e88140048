package checks

import "strings"

// rootedCaches are caches at fixed places, by the start of the path.
var rootedCaches = []struct{ dir, kind string }{
	{"var/lib/apt/lists", "apt package lists"},
	{"var/cache/apt/archives", "apt archives"},
	{"var/cache/apt", "apt cache"},
	{"var/cache/apk", "apk"},
	{"etc/apk/cache", "apk"},
	{"var/cache/yum", "yum"},
	{"var/cache/dnf", "dnf"},
	{"var/cache/libdnf5", "dnf"},
	{"var/cache/microdnf", "dnf"},
	{"var/cache/zypp", "zypper"},
	{"var/cache/pacman/pkg", "pacman"},
	{"var/cache/distfiles", "Portage"},
	{"var/db/repos", "Portage"},
	{"usr/local/share/.cache/yarn", "Yarn"},
	{"usr/local/cargo/registry", "Cargo"},
	{"usr/local/cargo/git", "Cargo"},
	{"usr/local/bundle/cache", "RubyGems"},
	{"opt/conda/pkgs", "Conda"},
}

// homeCaches are caches in the home directory of whoever ran the build, wherever
// that is. They are found by the first part of the directory's name.
var homeCaches = map[string][]struct{ below, kind string }{
	".cache": {
		{"pip", "pip"}, {"uv", "uv"}, {"pypoetry", "Poetry"}, {"pipenv", "Pipenv"}, {"yarn", "Yarn"}, {"pnpm", "pnpm"}, {"node-gyp", "node-gyp"},
		{"node/corepack", "Corepack"}, {"go-build", "Go"}, {"composer", "Composer"}, {"bazel", "Bazel"}, {"deno", "Deno"}, {"coursier", "Coursier"},
		{"electron", "Electron"}, {"helm", "Helm"},
	},
	".npm":       {{"_cacache", "npm"}},
	".cargo":     {{"registry", "Cargo"}, {"git", "Cargo"}},
	".m2":        {{"repository", "Maven"}},
	".gradle":    {{"caches", "Gradle"}, {"wrapper/dists", "Gradle"}},
	".ivy2":      {{"cache", "Ivy"}},
	".sbt":       {{"boot", "sbt"}},
	".composer":  {{"cache", "Composer"}},
	".nuget":     {{"packages", "NuGet"}},
	".bundle":    {{"cache", "Bundler"}},
	".bun":       {{"install/cache", "Bun"}},
	".hex":       {{"packages", "Hex"}},
	".pub-cache": {{"hosted", "Dart"}},
	".cabal":     {{"packages", "Cabal"}},
	".cpan":      {{"build", "CPAN"}, {"sources", "CPAN"}},
	".cpanm":     {{"work", "CPAN"}},
	"go":         {{"pkg/mod", "Go"}},
}

// cache finds the package manager cache that a file lies in.
func cache(p string) (dir, kind string, ok bool) {
	for _, c := range rootedCaches {
		if strings.HasPrefix(p, c.dir) && len(p) > len(c.dir) && p[len(c.dir)] == '/' {
			return c.dir, c.kind, cached(c.kind, p[len(c.dir)+1:])
		}
	}
	for from := 0; ; {
		slash := strings.IndexByte(p[from:], '/')
		if slash < 0 {
			return "", "", false
		}
		end := from + slash
		if part := p[from:end]; part[:min(1, len(part))] == "." || part == "go" {
			for _, c := range homeCaches[part] {
				below := p[end+1:]
				if strings.HasPrefix(below, c.below) && len(below) > len(c.below) && below[len(c.below)] == '/' {
					return p[:end+1+len(c.below)], c.kind, true
				}
			}
		}
		from = end + 1
	}
}

// cached reports whether a file in a cache is part of what was cached, not of the
// directory's own order.
func cached(kind, inside string) bool {
	switch kind {
	case "Conda": // unpacked packages share their files with the environment
		return strings.HasSuffix(inside, ".conda") || strings.HasSuffix(inside, ".tar.bz2")
	case "Go", "Cargo", "RubyGems":
		return true
	}
	return inside != "lock" && !strings.HasPrefix(inside, "partial/") && !strings.HasSuffix(inside, "/lock")
}
