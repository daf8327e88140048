package imagemake

import (
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// What follows is written after the documented forms of package managers for which
// Debian has no program that could write it.

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// APK is one stanza of Alpine's lib/apk/db/installed, with one file (Alpine's wiki, "Apk
// spec").
func APK(name, version, licence string) string {
	return fmt.Sprintf("C:Q1vP5NGnIUKGYpuS4x5oXHQzBYQdQ=\nP:%s\nV:%s\nA:x86_64\nS:1024\nI:4096\nT:made up\nU:https://example.test/%[1]s\nL:%s\no:%[1]s\nm:Nobody <nobody@example.test>\nt:1700000000\nc:0123456789abcdef0123456789abcdef01234567\nD:so:libc.musl-x86_64.so.1\np:cmd:%[1]s=%[2]s\nF:usr\nF:usr/bin\nR:%[1]s\na:0:0:755\nZ:Q1vP5NGnIUKGYpuS4x5oXHQzBYQdQ=\n\n", name, version, licence)
}

// Zip is an archive of files, in the order of their names.
func Zip(files map[string]string) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range sorted(files) {
		w, err := z.Create(name)
		must(err)
		_, err = w.Write([]byte(files[name]))
		must(err)
	}
	must(z.Close())
	return b.String()
}

// Jar is a Java archive of a Maven artifact, with others inside (the JAR File
// Specification, and what the Maven Archiver writes).
func Jar(group, artifact, version string, inside map[string]string) string {
	files := map[string]string{
		"META-INF/MANIFEST.MF": fmt.Sprintf("Manifest-Version: 1.0\r\nImplementation-Title: %s\r\nImplementation-Version: %s\r\n\r\n", artifact, version),
		fmt.Sprintf("META-INF/maven/%s/%s/pom.properties", group, artifact): fmt.Sprintf("groupId=%s\nartifactId=%s\nversion=%s\n", group, artifact, version),
		fmt.Sprintf("META-INF/maven/%s/%s/pom.xml", group, artifact): fmt.Sprintf(
			"<project><modelVersion>4.0.0</modelVersion><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version>"+
				"<licenses><license><name>Apache-2.0</name></license></licenses></project>", group, artifact, version),
	}
	maps.Copy(files, inside)
	return Zip(files)
}

// DepsJSON is the list that the .NET SDK writes beside a program (dotnet/sdk,
// runtime-configuration-file.md), with one assembly for each package.
func DepsJSON(program string, packages ...[2]string) string {
	var target, libraries []string
	entry := func(name, version, kind, dll string) {
		target = append(target, fmt.Sprintf(`%q: {"runtime": {%q: {"assemblyVersion": "%s.0", "fileVersion": "%[3]s.0"}}}`, name+"/"+version, dll, version))
		libraries = append(libraries, fmt.Sprintf(`%q: {"type": %q, "serviceable": %v, "sha512": "", "path": %q}`,
			name+"/"+version, kind, kind == "package", strings.ToLower(name+"/"+version)))
	}
	entry(program, "1.0.0", "project", program+".dll")
	for _, p := range packages {
		entry(p[0], p[1], "package", "lib/net8.0/"+p[0]+".dll")
	}
	return fmt.Sprintf(`{"runtimeTarget": {"name": ".NETCoreApp,Version=v8.0", "signature": ""}, "compilationOptions": {}, "targets": {".NETCoreApp,Version=v8.0": {%s}}, "libraries": {%s}}`,
		strings.Join(target, ", "), strings.Join(libraries, ", "))
}
