package checks

import (
	"path"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// toolFamilies are the tools that builds need, by what they are for. One finding
// stands for one family, so that a compiler with its thirty helpers is one line.
var toolFamilies = map[string][]string{
	"C and C++ toolchain": {
		"gcc", "cc", "g++", "c++", "cpp", "clang", "clang++", "clang-cpp", "tcc", "musl-gcc", "gfortran", "f77", "f95",
		"ld", "ld.bfd", "ld.gold", "ld.lld", "lld", "gold", "mold", "as", "ar", "ranlib", "gcc-ar", "gcc-ranlib", "llvm-ar", "llvm-as", "llc", "nasm", "yasm",
	},
	"build systems": {
		"make", "gmake", "cmake", "ninja", "meson", "autoconf", "automake", "autoreconf", "aclocal", "libtool", "libtoolize", "m4",
		"bison", "flex", "yacc", "lex", "pkg-config", "pkgconf", "scons", "bazel", "buck2", "dpkg-buildpackage", "rpmbuild", "abuild", "makepkg",
	},
	"Go toolchain":         {"go", "gofmt", "tinygo"},
	"Rust toolchain":       {"rustc", "cargo", "rustup", "rustdoc"},
	"Java toolchain":       {"javac", "jlink", "jpackage", "mvn", "mvnw", "gradle", "gradlew", "ant", "sbt", "kotlinc", "scalac", "groovyc", "lein"},
	"JavaScript toolchain": {"tsc", "node-gyp", "yarn", "yarnpkg", "pnpm", "webpack", "esbuild", "rollup", "vite", "swc", "bower", "gulp", "grunt"},
	"other compilers": {
		"ghc", "ghci", "stack", "cabal", "ocamlopt", "ocamlc", "opam", "dmd", "ldc2", "gdc", "gnat", "gnatmake", "swiftc", "zig", "nim", "fpc", "crystal",
		"erlc", "rebar3", "csc", "mcs", "MSBuild.dll", "cython", "cython3", "protoc", "swig", "valac",
	},
	"version control": {"git", "svn", "hg", "bzr", "brz", "cvs", "fossil"},
	"debuggers":       {"gdb", "gdbserver", "lldb", "lldb-server", "strace", "ltrace", "valgrind", "dlv", "delve", "rr", "bpftrace", "perf"},
}

// toolbox finds the tools of one image. Symbolic links to tools are looked up at
// the end, when all files are known.
type toolbox struct {
	family map[string]string // of a tool by its plain name
	found  []tool
	links  []tool
	applet map[layers.Ref]bool // whether a file is one of a multi-call program's names, by its origin
}

type tool struct {
	ref    layers.Ref
	path   string
	family string
	target string // of a symbolic link, from the root
}

func newToolbox() *toolbox {
	t := &toolbox{family: map[string]string{}, applet: map[layers.Ref]bool{}}
	for family, names := range toolFamilies {
		for _, n := range names {
			t.family[n] = family
		}
	}
	return t
}

func (t *toolbox) see(ref layers.Ref, e *layers.Entry) {
	dir, base := parent(e.Path), path.Base(e.Path)
	family, ok := t.family[base]
	if !ok {
		family, ok = t.family[plainName(base)]
	}
	if !ok || !isToolDir(dir) && !isSDK(dir, base) {
		return
	}
	found := tool{ref: ref, path: e.Path, family: family}
	switch e.Type {
	case layers.Symlink:
		found.target = linkTarget(e.Path, e.Link)
		t.links = append(t.links, found)
	case layers.HardLink:
		if !isMulticall(path.Base(e.Link)) {
			t.found = append(t.found, found)
		}
	case layers.Regular:
		if e.Size > 0 && (e.Mode&modeExecutable != 0 || base == "MSBuild.dll") {
			t.found = append(t.found, found)
		}
	}
}

func (t *toolbox) judge(j *judge, image *layers.Image) {
	own := map[string]bool{}
	start := startedBy(image, j.whole[j.image])
	for _, f := range t.found {
		if t.isApplet(j, f) {
			continue
		}
		own[f.path] = true
		if !start.needs(f.path) {
			j.addTool(f)
		}
	}
	for _, l := range resolve(image, t.links) {
		if !own[l.target] && !isMulticall(path.Base(l.target)) {
			own[l.target] = true
			j.addTool(l)
		}
	}
}

func (j *judge) addTool(t tool) {
	j.addLive(hit{rule: ruleBuildTools, kind: t.family, place: t.family, path: t.path, layer: t.ref.Layer, outcome: j.view.Outcome(t.ref)})
}

// nameOwners says of each tool which package it is from.
func (j *judge) nameOwners() {
	if j.Owner == nil {
		return
	}
	tools := j.hits[ruleBuildTools]
	for i := range tools {
		if name := j.Owner(tools[i].image, tools[i].path); name != "" {
			tools[i].detail = "From the package " + name
		}
	}
}

// isApplet reports whether a file is one of the names of busybox or its like.
func (t *toolbox) isApplet(j *judge, f tool) bool {
	origin := j.view.Origin(f.ref)
	is, known := t.applet[origin]
	if !known {
		is = slices.ContainsFunc(j.view.Names(origin), func(n layers.Ref) bool {
			e := j.view.Entry(n)
			return e != nil && isMulticall(path.Base(e.Path))
		})
		t.applet[origin] = is
	}
	return is
}

// resolve follows symbolic links to the regular files that they lead to, and drops
// those that lead nowhere. A link's target lies in any layer; each round follows
// all links one step.
func resolve(image *layers.Image, links []tool) []tool {
	const rounds = 8
	var resolved []tool
	for range rounds {
		if len(links) == 0 {
			break
		}
		wanted := map[string]*layers.Entry{}
		for _, l := range links {
			wanted[l.target], wanted[merged(l.target)] = nil, nil
		}
		for i := range image.Layers {
			if image.Layers[i].Facts == nil {
				continue
			}
			for k := range image.Layers[i].Facts.Entries {
				e := &image.Layers[i].Facts.Entries[k]
				if _, ok := wanted[e.Path]; ok && e.Whiteout == layers.NoWhiteout {
					wanted[e.Path] = e
				}
			}
		}
		var next []tool
		for _, l := range links {
			e := wanted[l.target]
			if e == nil {
				e = wanted[merged(l.target)]
			}
			switch {
			case e == nil:
			case e.Type == layers.Symlink:
				l.target = linkTarget(e.Path, e.Link)
				next = append(next, l)
			case e.Type == layers.HardLink && isMulticall(path.Base(e.Link)):
			case e.Type == layers.Regular || e.Type == layers.HardLink:
				l.target = e.Path
				resolved = append(resolved, l)
			}
		}
		links = next
	}
	return resolved
}

// linkTarget gives the path from the root that a symbolic link leads to.
func linkTarget(p, link string) string {
	if !strings.HasPrefix(link, "/") {
		link = parent(p) + "/" + link
	}
	return strings.TrimPrefix(path.Clean("/"+link), "/")
}

// merged gives the path on a distribution that has bin and lib below usr alone.
func merged(p string) string {
	for _, d := range []string{"bin/", "sbin/", "lib/"} {
		if strings.HasPrefix(p, d) {
			return "usr/" + p
		}
	}
	return p
}

// isToolDir knows the directories that programs are started from: those of the
// system, and the bin of whatever is installed in a tree of its own.
func isToolDir(dir string) bool {
	if path.Base(dir) != "bin" && dir != "sbin" && dir != "usr/sbin" && dir != "usr/local/sbin" {
		return false
	}
	return !strings.Contains(dir, "node_modules/") && !strings.Contains(dir, "/doc/")
}

// isSDK knows the .NET build engine, which is there only with the SDK.
func isSDK(dir, base string) bool {
	return base == "MSBuild.dll" && strings.Contains(dir, "/sdk/")
}

func isMulticall(base string) bool {
	switch base {
	case "busybox", "busybox.static", "toybox", "coreutils", "sbase-box", "uutils":
		return true
	}
	return false
}

// plainName takes machine and version off a program's name:
// x86_64-linux-gnu-gcc-12 is gcc, python3.11 is python.
func plainName(name string) string {
	if i := strings.IndexByte(name, '-'); i > 0 && isMachine(name[:i]) {
		for _, system := range []string{"-linux-gnu", "-linux-musl", "-linux-gnueabihf", "-linux-musleabihf", "-linux-gnueabi", "-linux"} {
			if _, after, ok := strings.Cut(name, system+"-"); ok {
				name = after
				break
			}
		}
	}
	short := strings.TrimRight(name, "0123456789.")
	if short != name {
		name = strings.TrimSuffix(short, "-")
	}
	return name
}

func isMachine(s string) bool {
	for _, m := range []string{"x86_64", "i386", "i486", "i586", "i686", "aarch64", "arm", "ppc", "powerpc", "s390", "riscv", "mips", "loongarch"} {
		if strings.HasPrefix(s, m) {
			return true
		}
	}
	return false
}
