package corpus

import (
	"bytes"
	"fmt"
	"strings"
)

// bulk is a file that holds many secrets among much else.
type bulk struct {
	name string // of the place
	path string
	fill func(r *random, items []item) []byte
}

// item is one secret in a bulk file.
type item struct{ variable, entry string }

func bulks() []bulk {
	return []bulk{
		{"large-file", "var/lib/app/dump.sql", largeFile},
		{"piece-edges", "var/lib/app/export.csv", pieceEdges},
		{"minified-line", "usr/share/nginx/html/bundle.min.js", minifiedLine},
		{"log-file", "var/log/app/service.log", logFile},
		{"access-log", "var/log/nginx/access.log", accessLog},
		{"json-log", "var/lib/docker/containers/web/web-json.log", jsonLog},
		{"shell-history", "home/ops/.bash_history", shellHistory},
		{"elf-strings", "usr/local/bin/agent", elfStrings},
		{"go-embedded", "usr/local/bin/server", goEmbedded},
		{"sqlite", "var/lib/app/settings.db", sqliteFile},
		{"python-bytecode", "opt/app/__pycache__/settings.cpython-311.pyc", pythonBytecode},
		{"java-class", "opt/classes/com/corp/Settings.class", javaClass},
		{"core-dump", "var/crash/core.412", coreDump},
		{"crlf-file", "srv/windows/service.ini", func(_ *random, items []item) []byte {
			lines := make([]string, len(items))
			for i, it := range items {
				lines[i] = it.variable + " = " + it.entry
			}
			return []byte("[service]\r\n" + strings.Join(lines, "\r\n") + "\r\n")
		}},
	}
}

// plantLines plants what can stand in a line in bulk files.
func (b *builder) plantLines(secrets, lookAlikes []kind) {
	all := bulks()
	for n, l := range all {
		var items []item
		seen := map[string]bool{}
		do := func(kinds []kind, count int, real bool) {
			for _, k := range share(inLines(kinds), n, len(all), count) {
				s := b.sample(k, l.name)
				if seen[s.variable] { // two variables of one name would hide each other
					s.variable = strings.ToUpper(strings.ReplaceAll(k.name, "-", "_"))
				}
				seen[s.variable] = true
				items = append(items, item{s.variable, s.entry})
				b.plant(k, s, target{place: l.name, layer: bulkLayer, path: l.path, real: real})
			}
		}
		do(secrets, 4, true)
		do(lookAlikes, 2, false)
		b.addFile(bulkLayer, l.path, string(l.fill(newRandom(b.seed, l.name), items)))
	}
}

// textLines writes lines of meaningless words until the buffer has the size.
func textLines(b *bytes.Buffer, r *random, size int) {
	words := make([]string, 500)
	for i := range words {
		words[i] = r.word()
	}
	for b.Len() < size {
		for range 4 + r.IntN(8) {
			b.WriteString(words[r.IntN(len(words))])
			b.WriteByte(' ')
		}
		b.WriteByte('\n')
	}
}

// largeFile has the secrets spread over 6 MiB.
func largeFile(r *random, items []item) []byte {
	var b bytes.Buffer
	for i, it := range items {
		textLines(&b, r, (i+1)*(6<<20)/(len(items)+1))
		fmt.Fprintf(&b, "INSERT INTO setting (name, value) VALUES ('%s', '%s');\n", it.variable, it.entry)
	}
	textLines(&b, r, 6<<20)
	return b.Bytes()
}

// pieceEdges has a secret across each offset at which a reader may well cut a stream: small
// powers of two, then multiples of 64 KiB.
func pieceEdges(r *random, items []item) []byte {
	edges := []int{4096, 8192, 16384, 32768}
	for i := 1; len(edges) < len(items); i++ {
		edges = append(edges, i<<16)
	}
	var b bytes.Buffer
	for i, it := range items {
		line := "setting," + it.variable + "=" + it.entry + "\n"
		cut := len(line) - len(it.entry)/2 - 1
		start := edges[i] - cut
		textLines(&b, r, start-120)
		b.WriteString(strings.Repeat("x", max(0, start-b.Len()-1)) + "\n")
		b.WriteString(line)
	}
	textLines(&b, r, b.Len()+1<<14)
	return b.Bytes()
}

// minifiedLine is one line of 3 MiB.
func minifiedLine(r *random, items []item) []byte {
	const size = 3 << 20
	var b bytes.Buffer
	code := func(until int) {
		for b.Len() < until {
			fmt.Fprintf(&b, "function %s(e,t){return e.%s?t.%s(%d):void 0}var %s=%s(%d);",
				r.from(lower, 2), r.from(lower, 5), r.from(lower, 4), r.IntN(900), r.from(lower, 3), r.from(lower, 2), r.IntN(99))
		}
	}
	for i, it := range items {
		code((i + 1) * size / (len(items) + 1))
		fmt.Fprintf(&b, "var %s={%s:\"%s\"};", r.from(lower, 3), camelCase(it.variable), it.entry)
	}
	code(size)
	return b.Bytes()
}

func logFile(r *random, items []item) []byte {
	var b bytes.Buffer
	for i, it := range items {
		for range 40 {
			fmt.Fprintf(&b, "2024-05-17T08:%02d:%02d.%03dZ INFO  worker finished %s in %d ms\n", i, r.IntN(60), r.IntN(1000), r.word(), r.IntN(900))
		}
		fmt.Fprintf(&b, "2024-05-17T08:%02d:59.000Z DEBUG environment: %s=%s\n", i, it.variable, it.entry)
	}
	return b.Bytes()
}

func accessLog(r *random, items []item) []byte {
	var b bytes.Buffer
	for i, it := range items {
		for range 40 {
			fmt.Fprintf(&b, "10.0.%d.%d - - [17/May/2024:08:%02d:%02d +0000] \"GET /%s HTTP/1.1\" 200 %d \"-\" \"curl/8.5.0\"\n", r.IntN(9), r.IntN(99), i, r.IntN(60), r.word(), r.IntN(9000))
		}
		fmt.Fprintf(&b, "10.0.0.1 - - [17/May/2024:08:%02d:59 +0000] \"GET /v1/call?%s=%s HTTP/1.1\" 200 17 \"-\" \"curl/8.5.0\"\n", i, strings.ToLower(it.variable), it.entry)
	}
	return b.Bytes()
}

func jsonLog(_ *random, items []item) []byte {
	var b bytes.Buffer
	for i, it := range items {
		line := string(encodeJSON("connecting with " + strings.ToLower(it.variable) + "=\"" + it.entry + "\"\n"))
		fmt.Fprintf(&b, "{\"log\":%s,\"stream\":\"stderr\",\"time\":\"2024-05-17T08:%02d:00.1Z\"}\n", line, i)
	}
	return b.Bytes()
}

func shellHistory(_ *random, items []item) []byte {
	var b strings.Builder
	for i, it := range items {
		fmt.Fprintf(&b, "cd /srv/%d\nexport %s='%s'\nmake deploy\n", i, it.variable, it.entry)
	}
	return []byte(b.String())
}

// coreDump has the environment of a process as the kernel lays it out: NAME=value, each with a NUL behind.
func coreDump(r *random, items []item) []byte {
	var b bytes.Buffer
	b.Write(elfHeader(4, 0, 0, 0))
	b.Write(r.bytes(64 << 10))
	b.WriteString("PATH=/usr/local/bin:/usr/bin:/bin\x00HOME=/root\x00")
	for _, it := range items {
		b.WriteString(it.variable + "=" + it.entry + "\x00")
	}
	b.Write(r.bytes(32 << 10))
	return b.Bytes()
}
