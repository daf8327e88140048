package corpus

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/imgaudit/imgaudit/internal/imagemake"
)

// setting is a kind of file in which a variable may be set.
type setting struct {
	name string // of the place
	file string
	text func(variable, entry string) string
}

func settings() []setting {
	return []setting{
		{"env-file", ".env", func(v, e string) string { return "PORT=8080\nLOG_LEVEL=info\n" + v + "=" + e + "\n" }},
		{"yaml-file", "settings.yaml", func(v, e string) string {
			return "service:\n  port: 8080\n  " + strings.ToLower(v) + ": " + quoted(e) + "\n"
		}},
		{"json-file", "config.json", func(v, e string) string {
			return "{\n  \"port\": 8080,\n  \"" + camelCase(v) + "\": " + quoted(e) + "\n}\n"
		}},
		{"python-file", "settings.py", func(v, e string) string { return "PORT = 8080\n" + v + " = " + quoted(e) + "\n" }},
		{"shell-script", "deploy.sh", func(v, e string) string {
			return "#!/bin/sh\nset -eu\nexport " + v + "='" + e + "'\nexec ./deploy\n"
		}},
		{"toml-file", "config.toml", func(v, e string) string {
			return "[service]\nport = 8080\n" + strings.ToLower(v) + " = " + quoted(e) + "\n"
		}},
		{"javascript-file", "client.js", func(v, e string) string {
			return "const " + camelCase(v) + " = '" + e + "';\nmodule.exports = connect(" + camelCase(v) + ");\n"
		}},
		{"java-file", "Client.java", func(v, e string) string {
			return "class Client {\n    static final String " + v + " = " + quoted(e) + ";\n}\n"
		}},
		{"properties-file", "app.properties", func(v, e string) string {
			return "server.port=8080\napp." + strings.ReplaceAll(strings.ToLower(v), "_", ".") + "=" + e + "\n"
		}},
		{"compose-file", "docker-compose.yml", func(v, e string) string {
			return "services:\n  web:\n    image: web:1\n    environment:\n      - " + v + "=" + e + "\n"
		}},
		{"markdown-file", "NOTES.md", func(v, e string) string {
			return "# Notes\n\nFor the staging system use `" + v + "` = `" + e + "`.\n"
		}},
		{"xml-file", "app.config", func(v, e string) string {
			return "<configuration>\n  <appSettings>\n    <add key=\"" + v + "\" value=\"" + strings.ReplaceAll(e, "&", "&amp;") + "\"/>\n  </appSettings>\n</configuration>\n"
		}},
	}
}

func camelCase(variable string) string {
	words := strings.Split(strings.ToLower(variable), "_")
	for i, w := range words {
		if i > 0 && w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "")
}

// homeOf gives the sample with the file where it is at home. Kinds without one take the n-th
// kind of settings.
func homeOf(s sample, n int) sample {
	if s.path == "" {
		all := settings()
		set := all[n%len(all)]
		s.path = "opt/service/" + set.file
		s.text = set.text(s.variable, s.entry)
	}
	return s
}

// plantFiles plants each kind in plain files.
func (b *builder) plantFiles(secrets, lookAlikes []kind) {
	for _, group := range []struct {
		kinds []kind
		own   int // layer of files of their own
		other int
		real  bool
	}{{secrets, settingsLayer, sourcesLayer, true}, {lookAlikes, lookAlikeLayer, lookAlikeLayer, false}} {
		all := settings()
		for i, k := range group.kinds {
			if k.path != "" {
				s := b.sample(k, "own-file")
				b.addFile(group.own, s.path, s.text)
				b.plant(k, s, target{place: "own-file", layer: group.own, path: s.path, real: group.real})
				s = b.sample(k, "backup-copy")
				path := "var/backups/host-" + k.name + "/" + s.path
				b.addFile(lastLayer, path, s.text)
				b.plant(k, s, target{place: "backup-copy", layer: lastLayer, path: path, real: group.real})
				continue
			}
			for c := range 4 {
				set := all[(i+3*c)%len(all)]
				s := b.sample(k, set.name)
				path := "opt/" + set.name + "/" + k.name + "/" + set.file
				b.addFile(group.other, path, set.text(s.variable, s.entry))
				b.plant(k, s, target{place: set.name, layer: group.other, path: path, real: group.real})
			}
		}
	}
}

// plantEncoded plants files in other letters.
func (b *builder) plantEncoded(secrets, lookAlikes []kind) {
	all := encodings()
	for n, e := range all {
		do := func(kinds []kind, count int, real bool) {
			for i, k := range share(kinds, n, len(all), count) {
				s := homeOf(b.sample(k, e.name), n+i)
				if e.ofText && !utf8.ValidString(s.text) {
					continue
				}
				path := "srv/" + e.name + "/" + k.name + "/" + s.path + e.suffix
				b.addFile(encodedLayer, path, string(e.encode(s.path, s.text)))
				b.plant(k, s, target{place: e.name, layer: encodedLayer, path: path, real: real})
			}
		}
		do(secrets, 4, true)
		do(lookAlikes, 2, false)
	}
}

// loss is a way by which a later layer takes a file away.
type loss struct {
	name string
	fate string
	each func(dir, name string) []imagemake.Entry // for each file
	once func(dir string) []imagemake.Entry       // for the directory above all of them
}

func losses() []loss {
	return []loss{
		{name: "whiteout", fate: Deleted, each: func(dir, name string) []imagemake.Entry {
			return []imagemake.Entry{imagemake.Whiteout(dir, name)}
		}},
		{name: "opaque-directory", fate: Deleted, once: func(dir string) []imagemake.Entry {
			return []imagemake.Entry{imagemake.Dir(dir), imagemake.Opaque(dir), imagemake.File(dir+"/README", "emptied\n")}
		}},
		{name: "parent-whiteout", fate: Deleted, once: func(dir string) []imagemake.Entry {
			return []imagemake.Entry{imagemake.Whiteout("srv", baseName(dir))}
		}},
		{name: "directory-replaced-by-file", fate: Deleted, once: func(dir string) []imagemake.Entry {
			return []imagemake.Entry{imagemake.File(dir, "gone\n")}
		}},
		{name: "rewritten", fate: Overwritten, each: func(dir, name string) []imagemake.Entry {
			return []imagemake.Entry{imagemake.File(dir+"/"+name, "# moved\n")}
		}},
		{name: "replaced-by-link", fate: Overwritten, each: func(dir, name string) []imagemake.Entry {
			return []imagemake.Entry{imagemake.Symlink(dir+"/"+name, "/run/secrets/"+name)}
		}},
	}
}

// plantLost plants files that a later layer takes away.
func (b *builder) plantLost(secrets []kind) {
	all := losses()
	for n, l := range all {
		top := "srv/" + l.name
		for i, k := range share(secrets, n, len(all), 2) {
			s := homeOf(b.sample(k, l.name), n+i)
			path := fmt.Sprintf("%s/%s/%s", top, k.name, s.path)
			b.addFile(lostLayer, path, s.text)
			if l.each != nil {
				dir, name := path[:strings.LastIndex(path, "/")], baseName(path)
				b.entries[losingLayer] = append(b.entries[losingLayer], l.each(dir, name)...)
			}
			b.plant(k, s, target{place: l.name, layer: lostLayer, path: path, fate: l.fate, real: true})
		}
		if l.once != nil {
			b.entries[losingLayer] = append(b.entries[losingLayer], l.once(top)...)
		}
	}
}
