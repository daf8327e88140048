package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/internal/osvmake"
	"github.com/imgaudit/imgaudit/pkg/report"
)

// TestScripts runs testdata/script. Its own commands are:
//
//	mkimage SPEC FORM FILE   make an image: see specs and forms
//	mkosv PATH               make vulnerability records: a directory, or a .zip
//	keeps-schema FILE        check a JSON report against its schema
//	same-findings FILE…      check that JSON Lines reports hold equal findings
//	status N COMMAND …       run a command that must end with a status
//	registry VARIABLE SPEC   start a registry: see startRegistry
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"mkimage":       mkimage,
			"mkosv":         mkosv,
			"keeps-schema":  keepsSchema,
			"same-findings": sameFindings,
			"status":        status,
			"registry":      startRegistry,
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("XDG_CONFIG_HOME", e.WorkDir+"/settings")
			e.Setenv("DOCKER_CONFIG", e.WorkDir+"/docker")
			return nil
		},
	})
}

// specs are the images that scripts can make.
func specs() map[string]*imagemake.Built {
	return map[string]*imagemake.Built{
		// Nothing at all is wrong with its files.
		"clean": imagemake.Image{
			Layers: []imagemake.Layer{{Entries: []imagemake.Entry{
				imagemake.Dir("etc"), imagemake.File("etc/os-release", "ID=none\n"),
			}}},
			Config: v1.Config{User: "1000", Healthcheck: &v1.HealthConfig{Test: []string{"CMD", "true"}}},
		}.Build(),
		// A setuid file, an .env, and a file that is deleted again.
		"packaged": imagemake.Image{Layers: []imagemake.Layer{
			{Entries: []imagemake.Entry{
				imagemake.File("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n"),
				imagemake.File("var/lib/dpkg/status", "Package: gcc-12\nStatus: install ok installed\nArchitecture: amd64\nVersion: 12.2.0-14\n\n"),
				imagemake.File("var/lib/dpkg/info/gcc-12.list", "/.\n/usr/bin/gcc-12\n"),
				imagemake.File("var/lib/dpkg/info/gcc-12.md5sums", "d41d8cd98f00b204e9800998ecf8427e  usr/bin/gcc-12\n"),
				imagemake.Executable("usr/bin/gcc-12", "#!/bin/sh\n", 0o755),
			}, CreatedBy: "RUN apt-get install -y gcc-12 # buildkit"},
			{Entries: []imagemake.Entry{
				imagemake.File("app/node_modules/left/package.json", `{"name":"left","version":"1.2.3"}`),
			}, CreatedBy: "COPY app /app # buildkit"},
		}}.Build(),
		// Packages that a layer upgrades and deletes.
		"upgraded": imagemake.Image{Layers: []imagemake.Layer{
			{Entries: []imagemake.Entry{
				imagemake.File("etc/os-release", "ID=alpine\nVERSION_ID=3.20.0\n"),
				imagemake.File("lib/apk/db/installed", "P:zlib\nV:1.3-r0\nA:x86_64\nL:Zlib\n\nP:busybox\nV:1.36-r0\nA:x86_64\nL:GPL-2.0-only\n\n"),
				imagemake.File("app/node_modules/left/package.json", `{"name":"left","version":"1.2.3","license":"MIT OR GPL-3.0-only"}`),
				imagemake.File("app/node_modules/right/package.json", `{"name":"right","version":"0.1.0"}`),
			}, CreatedBy: "ADD rootfs / # buildkit"},
			{Entries: []imagemake.Entry{
				imagemake.File("lib/apk/db/installed", "P:zlib\nV:1.3-r1\nA:x86_64\nL:Zlib\n\nP:busybox\nV:1.36-r0\nA:x86_64\nL:GPL-2.0-only\n\n"),
				imagemake.File("app/node_modules/left/package.json", `{"name":"left","version":"1.2.3","license":"MIT OR GPL-3.0-only"}`),
				imagemake.Whiteout("app/node_modules", "right"),
			}, CreatedBy: "RUN apk upgrade && npm prune # buildkit"},
		}}.Build(),
		// What only a rule of the user's own finds: once, once allowed, once in a place that is.
		"commented": imagemake.Image{Layers: []imagemake.Layer{{Entries: []imagemake.Entry{
			imagemake.File("app/run.sh", "acme-pin: 40317752\n"),
			imagemake.File("app/allowed.sh", "acme-pin: 93481126 # gitleaks:allow\n"),
			imagemake.File("fixtures/pins.txt", "acme-pin: 58820934\n"),
		}}}}.Build(),
		"careless": imagemake.Image{Layers: []imagemake.Layer{
			{Entries: []imagemake.Entry{imagemake.Dir("etc"), imagemake.File("etc/os-release", "ID=none\n"), imagemake.File("etc/motd", "hello from below\n")}},
			{Entries: []imagemake.Entry{
				imagemake.Dir("app"), imagemake.File("app/.env", "MODE=test\n"), imagemake.Executable("app/run", "#!/bin/sh\n", 0o4755),
			}, CreatedBy: "COPY . /app # buildkit"},
			{Entries: []imagemake.Entry{imagemake.Whiteout("etc", "motd")}, CreatedBy: "RUN rm /etc/motd # buildkit"},
		}}.Build(),
	}
}

// forms write an image to a path.
func forms() map[string]func(path string, b *imagemake.Built) error {
	file := func(path string, raw []byte) error { return os.WriteFile(path, raw, 0o644) }
	tagged := func(b *imagemake.Built) imagemake.Tagged {
		return imagemake.Tagged{Ref: "example.test/app:1", Built: b}
	}
	return map[string]func(string, *imagemake.Built) error{
		"oci-dir": func(path string, b *imagemake.Built) error {
			return imagemake.WriteFiles(path, imagemake.Layout(tagged(b)))
		},
		"oci-archive": func(path string, b *imagemake.Built) error {
			return file(path, imagemake.Archive(imagemake.Layout(tagged(b)), imagemake.ArchiveOptions{}))
		},
		"oci-archive-gz": func(path string, b *imagemake.Built) error {
			return file(path, imagemake.Compress("gzip", imagemake.Archive(imagemake.Layout(tagged(b)), imagemake.ArchiveOptions{DotSlash: true})))
		},
		"docker-archive": func(path string, b *imagemake.Built) error {
			return file(path, imagemake.NewDockerArchive(imagemake.ArchiveOptions{ManifestFirst: true}, tagged(b)))
		},
		"old-docker-archive": func(path string, b *imagemake.Built) error {
			return file(path, imagemake.OldDockerArchive(tagged(b)))
		},
		"layer-missing": func(path string, b *imagemake.Built) error {
			files := imagemake.Layout(tagged(b))
			delete(files, blobOf(b, 0))
			return imagemake.WriteFiles(path, files)
		},
	}
}

func mkimage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: mkimage SPEC FORM FILE")
	}
	spec, form := specs()[args[0]], forms()[args[1]]
	if spec == nil || form == nil {
		ts.Fatalf("no such spec or form: %v", args)
	}
	ts.Check(form(ts.MkAbs(args[2]), spec))
}

func mkosv(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: mkosv PATH")
	}
	path := ts.MkAbs(args[0])
	if !strings.HasSuffix(path, ".zip") {
		ts.Check(osvmake.WriteDir(path))
		return
	}
	raw, err := osvmake.Zip()
	ts.Check(err)
	ts.Check(os.WriteFile(path, raw, 0o644))
}

func keepsSchema(ts *testscript.TestScript, neg bool, args []string) {
	err := holdAgainstSchema([]byte(ts.ReadFile(args[0])))
	if neg == (err == nil) {
		ts.Fatalf("schema: %v", err)
	}
}

func sameFindings(ts *testscript.TestScript, _ bool, files []string) {
	findings := func(file string) []string {
		var lines []string
		for line := range strings.Lines(ts.ReadFile(file)) {
			if strings.Contains(line, `"locations":`) {
				lines = append(lines, line)
			}
		}
		return lines
	}
	want := findings(files[0])
	if len(want) == 0 {
		ts.Fatalf("%s holds no finding", files[0])
	}
	for _, file := range files[1:] {
		if got := findings(file); !slices.Equal(got, want) {
			ts.Fatalf("%s differs:\n%s\nwant:\n%s", file, strings.Join(got, ""), strings.Join(want, ""))
		}
	}
}

func status(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("status %d, want %d\n%v", got, want, err)
	}
}

// holdAgainstSchema says what in a JSON report breaks the contract.
func holdAgainstSchema(raw []byte) error {
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema()))
	if err != nil {
		return err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("report.json", schema); err != nil {
		return err
	}
	compiled, err := c.Compile("report.json")
	if err != nil {
		return err
	}
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		return err
	}
	return compiled.Validate(doc)
}
