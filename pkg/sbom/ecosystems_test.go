package sbom_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/internal/tooltest"
	"github.com/imgaudit/imgaudit/pkg/sbom"
)

// ecosystems is an image with packages of most kinds in two layers, the second of which
// upgrades and deletes.
func ecosystems(t testing.TB) imagemake.Image {
	t.Helper()
	program, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Skip("no file of this program: ", err)
	}
	jar := func(version string) string {
		return imagemake.Jar("org.example", "outer", "1.0", map[string]string{
			"BOOT-INF/lib/middle.jar": imagemake.Jar("org.example", "middle", "2.0", map[string]string{"lib/inner.jar": imagemake.Jar("org.example", "inner", version, nil)}),
		})
	}
	rust := `{"packages":[{"name":"serde","version":"1.0.%d","source":"crates.io"},{"name":"app","version":"0.1.0","source":"local","dependencies":[0],"root":true}]}`
	return imagemake.Image{Layers: []imagemake.Layer{
		{CreatedBy: "ADD rootfs /", Entries: []imagemake.Entry{
			imagemake.File("etc/os-release", "ID=alpine\nNAME=\"Alpine Linux\"\nVERSION_ID=3.20.3\n"),
			imagemake.File("etc/alpine-release", "3.20.3\n"),
			imagemake.File("lib/apk/db/installed", imagemake.APK("musl", "1.2.5-r0", "MIT")+imagemake.APK("busybox", "1.36.1-r28", "GPL-2.0-only")+imagemake.APK("zlib", "1.3.1-r0", "Zlib AND BSD-3-Clause")),
			imagemake.Executable("usr/bin/busybox", "#!/bin/sh\n", 0o755),
			imagemake.Symlink("bin", "usr/bin"),
		}},
		{CreatedBy: "COPY . /srv", Entries: []imagemake.Entry{
			imagemake.File("srv/node_modules/left/package.json", `{"name":"left","version":"1.2.3","license":"(MIT OR Apache-2.0)","author":"Nobody <nobody@example.test>"}`),
			imagemake.File("srv/node_modules/right/package.json", `{"name":"right","version":"2.0.0","files":["`+strings.Repeat(`dist","`, 2000)+`"]}`),
			imagemake.File("srv/node_modules/left/node_modules/@scope/deep/package.json", `{"name":"@scope/deep","version":"0.0.1","license":{"type":"BSD"}}`),
			imagemake.File("usr/lib/python3/site-packages/thing-4.5.dist-info/METADATA", metadata("thing", "4.5")+"License: BSD\nRequires-Dist: other\n"),
			imagemake.File("usr/lib/python3/site-packages/thing-4.5.dist-info/RECORD", "thing/__init__.py,,\nthing-4.5.dist-info/METADATA,,\n"),
			imagemake.File("usr/lib/python3/site-packages/thing-4.5.dist-info/top_level.txt", "thing\n"),
			imagemake.File("usr/lib/python3/site-packages/old_style.egg-info/PKG-INFO", metadata("old-style", "0.9")),
			imagemake.File("usr/lib/python3/site-packages/other-1.0.dist-info/METADATA", metadata("other", "1.0")),
			imagemake.File("srv/app.jar", jar("3.0")),
			imagemake.File("srv/shop.war", imagemake.Zip(map[string]string{"WEB-INF/lib/api.jar": imagemake.Jar("org.example", "api", "5", nil)})),
			imagemake.Executable("srv/tool", string(program), 0o755),
			imagemake.Executable("srv/rusty", imagemake.RustProgram(fmt.Sprintf(rust, 1)), 0o755),
			imagemake.Executable("srv/native", imagemake.NativeImage(`{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"components":[{"type":"library","group":"org.example","name":"native","version":"7.1","purl":"pkg:maven/org.example/native@7.1"}]}`), 0o755),
			imagemake.File("srv/web/web.deps.json", imagemake.DepsJSON("web", [2]string{"Newtonsoft.Json", "13.0.3"}, [2]string{"Serilog", "3.1.1"})),
			imagemake.File("srv/web/Newtonsoft.Json.dll", "MZ"+strings.Repeat("\x00", 100)),
			imagemake.File("srv/web/web.runtimeconfig.json", `{"runtimeOptions":{"framework":{"name":"Microsoft.NETCore.App","version":"8.0.0"}}}`),
		}},
		{CreatedBy: "RUN upgrade", Entries: []imagemake.Entry{
			imagemake.File("lib/apk/db/installed", imagemake.APK("musl", "1.2.5-r0", "MIT")+imagemake.APK("busybox", "1.36.1-r29", "GPL-2.0-only")),
			imagemake.Whiteout("srv/node_modules/left/node_modules", "@scope"),
			imagemake.Whiteout("usr/lib/python3/site-packages", "old_style.egg-info"),
			imagemake.File("srv/app.jar", jar("3.1")),
			imagemake.Executable("srv/rusty", imagemake.RustProgram(fmt.Sprintf(rust, 2)), 0o755),
			imagemake.File("srv/web/web.deps.json", imagemake.DepsJSON("web", [2]string{"Newtonsoft.Json", "13.0.3"}, [2]string{"Serilog", "4.0.0"})),
		}},
	}}
}

// red is an image with a database that rpm itself wrote, in two versions.
func red(t testing.TB) imagemake.Image {
	t.Helper()
	tooltest.Need(t, "rpm", "rpmbuild")
	dir := t.TempDir()
	run := func(program string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s %v: %v\n%s", program, args, err, out)
		}
	}
	build := func(name, version, licence, module string) string {
		spec := fmt.Sprintf("Name: %s\nEpoch: 1\nVersion: %s\nRelease: 2.el9\nSummary: made up\nLicense: %s\nBuildArch: noarch\nVendor: Nobody\n%s%%description\nmade up\n"+
			"%%install\nmkdir -p %%{buildroot}/usr/share/%[1]s\necho %[1]s > %%{buildroot}/usr/share/%[1]s/file\n%%files\n/usr/share/%[1]s/file\n", name, version, licence, module)
		file := filepath.Join(dir, name+".spec")
		if err := os.WriteFile(file, []byte(spec), 0o644); err != nil {
			t.Fatal(err)
		}
		run("rpmbuild", "-bb", "--quiet", "--define", "_topdir "+dir+"/build", "--define", "_rpmdir "+dir, file)
		return filepath.Join(dir, "noarch", fmt.Sprintf("%s-%s-2.el9.noarch.rpm", name, version))
	}
	const at = "usr/lib/sysimage/rpm/rpmdb.sqlite"
	install := func(how string, files ...string) imagemake.Entry {
		run("rpm", append([]string{"--root", dir + "/root", "--dbpath", "/usr/lib/sysimage/rpm", "--define", "_db_backend sqlite", how, "--justdb", "--nodeps", "--noscripts"}, files...)...)
		db, err := os.ReadFile(filepath.Join(dir, "root", at))
		if err != nil {
			t.Fatal(err)
		}
		return imagemake.File(at, string(db))
	}
	first := install("-i", build("bash", "5.1.8", "GPLv3+", ""), build("nodejs", "18.1.0", "MIT and ASL 2.0", "ModularityLabel: nodejs:18:9010020220101:a75119d5\n"))
	second := install("-U", build("bash", "5.1.9", "GPLv3+", ""))
	file := func(name string) imagemake.Entry { return imagemake.File("usr/share/"+name+"/file", name+"\n") }
	return imagemake.Image{Layers: []imagemake.Layer{
		{CreatedBy: "ADD rootfs /", Entries: []imagemake.Entry{
			imagemake.File("etc/os-release", "ID=\"rhel\"\nVERSION_ID=\"9.4\"\nNAME=\"Red Hat Enterprise Linux\"\n"),
			imagemake.File("etc/redhat-release", "Red Hat Enterprise Linux release 9.4 (Plow)\n"), first, file("bash"), file("nodejs"),
		}},
		{CreatedBy: "RUN dnf upgrade -y bash", Entries: []imagemake.Entry{second, file("bash")}},
	}}
}

func TestEcosystemsHaveThePackagesOfSyft(t *testing.T) {
	for _, c := range []struct {
		name    string
		image   func(testing.TB) imagemake.Image
		visible []string
		hidden  []string
	}{
		{"Alpine, Node, Python, Java, Go, Rust, .NET", ecosystems,
			[]string{
				"apk musl 1.2.5-r0", "apk busybox 1.36.1-r29", "npm left 1.2.3", "npm right 2.0.0", "python thing 4.5", "python other 1.0",
				"java-archive outer 1.0", "java-archive middle 2.0", "java-archive inner 3.1", "java-archive api 5", "go-module github.com/imgaudit/imgaudit ",
				"rust-crate serde 1.0.2", "rust-crate app 0.1.0", "dotnet Newtonsoft.Json 13.0.3",
			},
			[]string{"apk busybox 1.36.1-r28", "apk zlib 1.3.1-r0", "java-archive inner 3.0", "npm @scope/deep 0.0.1", "python old-style 0.9", "rust-crate serde 1.0.1"}},
		{"RPM", red, []string{"rpm bash 1:5.1.9-2.el9", "rpm nodejs 1:18.1.0-2.el9"}, []string{"rpm bash 1:5.1.8-2.el9"}},
	} {
		img := c.image(t)
		dir := layout(t, img)
		for _, scope := range sbom.Scopes() {
			t.Run(c.name+" "+scope, func(t *testing.T) {
				var cost sbom.Cost
				own, result := ownPackages(t, "oci-dir:"+dir, sbom.Cataloger{Scope: sbom.Scope(scope), Done: func(c sbom.Cost) { cost = c }})
				compare(t, own, syftPackages(t, dir, sbom.Scope(scope)))
				bill := result.SBOM[0]
				if !bill.Complete || cost.Again > 0 {
					t.Errorf("not complete, or read again: %+v, %+v", cost, result.Report.Coverage.Gaps)
				}
				var names, hidden []string
				for _, p := range bill.Packages {
					names = append(names, p.Type+" "+p.Name+" "+p.Version)
				}
				for _, h := range bill.Hidden {
					hidden = append(hidden, h.Type+" "+h.Name+" "+h.Version)
				}
				for _, want := range c.visible {
					if !slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, want) }) {
						t.Errorf("%s is not found: %v", want, names)
					}
				}
				for _, want := range c.hidden {
					if !slices.Contains(hidden, want) {
						t.Errorf("%s is not hidden: %v", want, hidden)
					}
				}
			})
		}
	}
}
