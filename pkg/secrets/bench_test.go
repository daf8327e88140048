package secrets

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/imgaudit/imgaudit/internal/plant"
)

// corpus reads real content of this machine, up to so many bytes, in pieces of one file each.
func corpus(b *testing.B, most int, keep func(string) bool, roots ...string) [][]byte {
	b.Helper()
	var out [][]byte
	total := 0
	for _, root := range roots {
		_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || total >= most || !d.Type().IsRegular() || !keep(path) {
				return nil
			}
			content, err := os.ReadFile(path)
			if err == nil && len(content) > 0 {
				out = append(out, content)
				total += len(content)
			}
			return nil
		})
	}
	if total == 0 {
		b.Skip("no such content on this machine")
	}
	return out
}

func suffix(list ...string) func(string) bool {
	return func(path string) bool {
		for _, s := range list {
			if strings.HasSuffix(path, s) {
				return true
			}
		}
		return false
	}
}

// dense is text in which every second line holds a secret.
func dense(n int) [][]byte {
	r := rand.New(rand.NewPCG(9, 9))
	var b bytes.Buffer
	for b.Len() < n {
		for _, p := range plant.Secrets(r) {
			b.WriteString(p.Line + "\n")
			b.Write(prose(r, 60))
			b.WriteByte('\n')
		}
	}
	return [][]byte{b.Bytes()}
}

// contents gives one kind of content.
func contents(b *testing.B, kind string) [][]byte {
	switch kind {
	case "text":
		return corpus(b, 40<<20, func(p string) bool { return !strings.HasSuffix(p, ".gz") }, "/usr/share/doc", "/usr/share/perl")
	case "source":
		return corpus(b, 80<<20, suffix(".py", ".go", ".js", ".c", ".h", ".md", ".json", ".yaml"), "/usr/lib/python3", "/usr/local/go/src", filepath.Join(build(), "pkg/mod"))
	case "binary":
		return corpus(b, 200<<20, func(string) bool { return true }, "/usr/bin", "/usr/local/go/pkg/tool")
	}
	return dense(1 << 20)
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkEngine gives megabytes for each second of CPU time (cpuMB/s), which
// other programs on the machine disturb less than MB/s.
func BenchmarkEngine(b *testing.B) {
	rules, err := defaultRules()
	if err != nil {
		b.Fatal(err)
	}
	e, err := newEngine(append(append([]rule{}, rules...), ownRules()...))
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"text", "source", "binary", "dense"} {
		files := contents(b, name)
		b.Run(name, func(b *testing.B) {
			measure(b, files, each(files, func(content []byte) {
				for at := 0; at < len(content); at += zoneSize {
					lo, hi := max(0, at-reachBack), min(len(content), at+zoneSize+reachForward)
					e.scan(text{
						bytes: content[lo:hi], from: at - lo, to: min(at+zoneSize, len(content)) - lo,
						first: lo == 0, last: hi == len(content), path: "f",
					})
				}
			}))
		})
	}
}

// BenchmarkScanner is the same through the layer's writer and workers.
func BenchmarkScanner(b *testing.B) {
	for _, name := range []string{"text", "source", "binary"} {
		content := contents(b, name)
		var files []member
		for _, c := range content {
			files = append(files, member{"f", c})
		}
		b.Run(name, func(b *testing.B) {
			measure(b, content, func() { scanLayer(b, mustScanner(b), 32<<10, files...) }) // a new one, which remembers nothing
		})
	}
}

// BenchmarkGitleaks is gitleaks' detector on a smaller sample of the same bytes.
func BenchmarkGitleaks(b *testing.B) {
	d, err := oracle()
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"text", "source", "binary", "dense"} {
		var files [][]byte
		total := 0
		for _, c := range contents(b, name) {
			if total += len(c); total > 4<<20 {
				break
			}
			files = append(files, c)
		}
		b.Run(name, func(b *testing.B) {
			measure(b, files, each(files, func(content []byte) { d.DetectBytes(content) }))
		})
	}
}

func each(files [][]byte, scan func([]byte)) func() {
	return func() {
		for _, f := range files {
			scan(f)
		}
	}
}

func measure(b *testing.B, files [][]byte, run func()) {
	total := 0
	for _, f := range files {
		total += len(f)
	}
	b.SetBytes(int64(total))
	start, runs := cpu(), 0
	for b.Loop() {
		run()
		runs++
	}
	b.ReportMetric(float64(total)*float64(runs)/1e6/(cpu()-start).Seconds(), "cpuMB/s")
}

// BenchmarkStartUp is what the first scanner of a process costs, but for gitleaks'
// parsing of its rules, which it can do only once; TestStartUp tells that.
func BenchmarkStartUp(b *testing.B) {
	rules, err := defaultRules()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := newEngine(rules); err != nil {
			b.Fatal(err)
		}
	}
}
