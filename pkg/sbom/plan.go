package sbom

import (
	_ "embed"
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// plan says which files the catalogers will ask for.
type plan struct {
	globs                 // every one
	begin globs           // those that were recorded: a cataloger begins with them
	types map[string]bool // MIME types
	first map[string]bool // globs and paths as they were recorded

	all []string // every glob and path, in order
}

// globs are patterns of paths, sorted by what their base names say.
type globs struct {
	names  map[string][]pattern // by the base name that they ask for
	exts   map[string][]pattern // by the extension that they ask for
	others []pattern
}

// pattern is a glob with what is literal about it, for a cheap look first.
type pattern struct {
	glob       string
	start, end string // of the base name, and of the whole path
	inner      string // of the whole path, anywhere
}

func newPattern(glob string) pattern {
	base := glob[strings.LastIndexByte(glob, '/')+1:]
	return pattern{glob, base[:max(0, strings.IndexAny(base, meta))], glob[strings.LastIndexAny(glob, meta)+1:], innerLiteral(glob)}
}

// innerLiteral gives the longest part of a glob that every path has which it matches. A slash
// beside a star may stand for nothing.
func innerLiteral(glob string) string {
	if i := strings.IndexAny(glob, `[{\`); i >= 0 {
		glob = glob[:i]
	}
	longest := ""
	for part := range strings.FieldsFuncSeq(glob, func(r rune) bool { return r == '*' || r == '?' }) {
		if part = strings.Trim(part, "/"); len(part) > len(longest) {
			longest = part
		}
	}
	return longest
}

func (p *pattern) matches(name, base string) bool {
	return strings.HasPrefix(base, p.start) && strings.HasSuffix(name, p.end) && strings.Contains(name, p.inner) && doublestar.MatchUnvalidated(p.glob, name)
}

// recorded is what Syft's catalogers ask for first, before they have found
// anything. A test runs them over a resolver that only records, and compares.
//
//go:embed plan.txt
var recorded string

// beside are files that catalogers ask for once they have found something: those
// that belong to a package database, and licences. The list is written by hand: what
// it misses costs a counted re-read.
var beside = []string{
	"**/var/lib/dpkg/info/*.md5sums",
	"**/var/lib/dpkg/info/*.conffiles",
	"**/var/lib/dpkg/status.d/*",
	"**/usr/share/doc/*/copyright",
	"**/etc/debian_version",
	"**/etc/apk/repositories",
	"**/etc/portage/license_groups",
	"**/var/db/pkg/*/*/{CONTENTS,LICENSE,SIZE}",
	"**/var/lib/pacman/local/*/{desc,files,mtree}",
	"**/nix/var/nix/db/*",
	"**/{RECORD,top_level.txt,direct_url.json,installed-files.txt,pyvenv.cfg}",
	"**/*.dist-info/{NOTICE,AUTHORS}*",
	"**/*.dist-info/licenses/**",
	"**/*.egg-info/{NOTICE,AUTHORS}*",
	"**/libman.json",
	"**/os-release",
	"**/etc/apt/auth.conf.d/90ubuntu-advantage",
	"**/var/lib/ubuntu-advantage/status.json",
	"**/opt/bitnami/**/.spdx-*.spdx", "/usr/share/sbom/**", "/var/lib/db/sbom/*",
	"**/libjli.so", "**/libjulia.so*", "**/libruby.so*", // a program's version, from its library
	"**/VERSION*", "**/application.ini",
}

// newPlan reads the recording: one request a line, its kind before a space.
func newPlan() *plan {
	p := &plan{types: map[string]bool{}, first: map[string]bool{}}
	for line := range strings.Lines(recorded) {
		kind, what, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch kind {
		case "glob", "path":
			p.first[what] = true
			p.begin.add(what)
			p.add(what)
		case "type":
			p.types[what] = true
		}
	}
	for _, glob := range beside {
		p.add(glob)
	}
	return p
}

func (p *plan) add(glob string) {
	p.all = append(p.all, glob)
	p.globs.add(glob)
}

func (s *globs) add(glob string) {
	if s.names == nil {
		s.names, s.exts = map[string][]pattern{}, map[string][]pattern{}
	}
	for _, g := range alternatives(absolute(glob)) {
		base := path.Base(g)
		switch {
		case !isGlob(base):
			s.names[base] = append(s.names[base], newPattern(g))
		case extension(base) != "":
			s.exts[extension(base)] = append(s.exts[extension(base)], newPattern(g))
		default:
			s.others = append(s.others, newPattern(g))
		}
	}
}

// wants reports whether a file may be asked for by its path, which has no leading
// slash.
func (s *globs) wants(name string) bool {
	name = "/" + name
	base := path.Base(name)
	if matchAny(s.names[base], name, base) || matchAny(s.others, name, base) {
		return true
	}
	for i := range len(base) {
		if base[i] == '.' && matchAny(s.exts[base[i:]], name, base) {
			return true
		}
	}
	return false
}

// licence reports whether a base name is one of those that licences have.
func licence(base string) bool {
	if len(base) > 40 {
		return false
	}
	base = strings.ToLower(base)
	for _, start := range []string{"license", "licence", "copying", "unlicen", "mit-licen", "mit_licen", "al2.0", "lgpl2.1"} {
		if strings.HasPrefix(base, start) {
			return true
		}
	}
	return false
}

func matchAny(patterns []pattern, name, base string) bool {
	for i := range patterns {
		if patterns[i].matches(name, base) {
			return true
		}
	}
	return false
}

// meta are the characters of globs that do not stand for themselves.
const meta = `*?[]{}\`

func absolute(glob string) string {
	if strings.HasPrefix(glob, "/") || strings.HasPrefix(glob, "**") {
		return glob
	}
	return "/" + glob
}

func isGlob(s string) bool { return strings.ContainsAny(s, meta) }

// extension gives what follows the star of a base name that is a star and a
// literal beginning with a dot: .jar of *.jar.
func extension(base string) string {
	if ext, ok := strings.CutPrefix(base, "*"); ok && strings.HasPrefix(ext, ".") && !isGlob(ext) {
		return ext
	}
	return ""
}

// literalDir gives the directory that a glob begins with, below which lies all that it matches.
func literalDir(glob string) string {
	if i := strings.IndexAny(glob, meta); i >= 0 {
		glob = glob[:i]
	}
	return glob[:strings.LastIndexByte(glob, '/')+1]
}

// alternatives spells out one level of braces in the base name of a glob, so that
// each can be looked up.
func alternatives(glob string) []string {
	slash := strings.LastIndexByte(glob, '/')
	open := strings.IndexByte(glob[slash+1:], '{')
	if open < 0 {
		return []string{glob}
	}
	open += slash + 1
	end := strings.IndexByte(glob[open:], '}')
	inner := ""
	if end >= 0 {
		end += open
		inner = glob[open+1 : end]
	}
	if end < 0 || strings.ContainsAny(inner, `{[\`) {
		return []string{glob}
	}
	var all []string
	for part := range strings.SplitSeq(inner, ",") {
		all = append(all, alternatives(glob[:open]+part+glob[end+1:])...)
	}
	return all
}
