package secrets

import (
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/zricethezav/gitleaks/v8/detect"

	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/secrets/internal/decode"
	"github.com/imgaudit/imgaudit/pkg/secrets/internal/stored"
)

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkEngine gives megabytes for each second of CPU time (cpuMB/s), which
// other programs on the machine disturb less than MB/s, with all rules that come with the program.
func BenchmarkEngine(b *testing.B) {
	e, err := sharedEngine()
	if err != nil {
		b.Fatal(err)
	}
	eachKind(b, func(b *testing.B, files []member) {
		measure(b, files, func() { scanAll(e, files) })
	})
}

// BenchmarkEngineGitleaksRules is the same with gitleaks' rules alone.
func BenchmarkEngineGitleaksRules(b *testing.B) {
	e := mustEngine(b)
	eachKind(b, func(b *testing.B, files []member) {
		measure(b, files, func() { scanAll(e, files) })
	})
}

// scanAll cuts files as the scanner does.
func scanAll(e *engine, files []member) {
	for _, f := range files {
		kind := kindOf(f)
		for at := 0; at < len(f.content); at += zoneSize {
			lo, hi := max(0, at-reachBack), min(len(f.content), at+zoneSize+reachForward)
			e.scan(text{
				bytes: f.content[lo:hi], from: at - lo, to: min(at+zoneSize, len(f.content)) - lo,
				first: lo == 0, last: hi == len(f.content), path: f.path, binary: kind == kindBinary,
			})
		}
	}
}

// BenchmarkScanner is the same through the layer's writer and workers, with all that is decoded.
func BenchmarkScanner(b *testing.B) {
	eachKind(b, func(b *testing.B, files []member) {
		measure(b, files, func() { feed(b, mustScanner(b), files) }) // a new one, which remembers nothing
	})
}

// feed is scanLayer without copies, which would be measured.
func feed(b *testing.B, s *Scanner, files []member) {
	l := s.Layer(b.Context(), layers.Layer{})
	for i, f := range files {
		w := l.Entry(&layers.Entry{Seq: i, Path: f.path, Type: layers.Regular, Size: int64(len(f.content))})
		for piece := range slices.Chunk(f.content, 32<<10) {
			if _, err := w.Write(piece); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
	l.Facts().Rest()
}

// BenchmarkDecode is the search for what is encoded, without a look at what comes out.
func BenchmarkDecode(b *testing.B) {
	eachKind(b, func(b *testing.B, files []member) {
		measure(b, files, func() {
			for _, f := range files {
				binary := kindOf(f) == kindBinary
				for piece := range slices.Chunk(f.content, zoneSize) {
					decode.Each(piece, binary, func(decode.Part) {})
				}
			}
		})
	})
}

// BenchmarkStored reads the texts of all files that have a format which stores some.
func BenchmarkStored(b *testing.B) {
	for _, format := range []stored.Format{stored.Class, stored.Python, stored.SQLite} {
		b.Run(string(format), func(b *testing.B) {
			files := slices.DeleteFunc(contents(b, kindMix), func(f member) bool {
				return stored.Detect(f.content[:min(len(f.content), stored.HeadBytes)]) != format
			})
			if len(files) == 0 {
				b.Skip("no such content here")
			}
			measure(b, files, func() {
				for _, f := range files {
					stored.Text(format, f.content)
				}
			})
		})
	}
}

// BenchmarkGitleaks is gitleaks' detector on a smaller sample of the same bytes.
func BenchmarkGitleaks(b *testing.B) {
	d, err := oracle()
	if err != nil {
		b.Fatal(err)
	}
	eachKind(b, func(b *testing.B, files []member) {
		files = thinned(files, 8<<20)
		measure(b, files, func() {
			for _, f := range files {
				d.Detect(detect.Fragment{Raw: string(f.content), FilePath: f.path}) //nolint:staticcheck // it takes no other
			}
		})
	})
}

// thinned gives every so manieth file, up to some bytes in all.
func thinned(files []member, most int) []member {
	total := 0
	for _, f := range files {
		total += len(f.content)
	}
	every := total/most + 1
	var out []member
	left := most
	for i := 0; i < len(files); i += every {
		if n := len(files[i].content); n <= left || out == nil {
			out = append(out, member{files[i].path, files[i].content[:min(n, most)]})
			left -= n
		}
	}
	return out
}

func eachKind(b *testing.B, run func(b *testing.B, files []member)) {
	for _, kind := range contentKinds {
		b.Run(kind, func(b *testing.B) { run(b, contents(b, kind)) })
	}
}

func measure(b *testing.B, files []member, run func()) {
	total := 0
	for _, f := range files {
		total += len(f.content)
	}
	b.SetBytes(int64(total))
	b.ResetTimer()
	start, runs := cpu(), 0
	for b.Loop() {
		run()
		runs++
	}
	b.ReportMetric(float64(total)*float64(runs)/1e6/(cpu()-start).Seconds(), "cpuMB/s")
}

// BenchmarkStartUp is what the first scanner of a process costs, but for gitleaks'
// parsing of its rules, which it can do only once: some 25 ms of processor time.
func BenchmarkStartUp(b *testing.B) {
	rules, err := defaultRules()
	if err != nil {
		b.Fatal(err)
	}
	start, runs := cpu(), 0
	for ; b.Loop(); runs++ {
		if _, err := newEngine(withOwn(rules)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((cpu()-start).Seconds()*1e3/float64(runs), "cpu-ms/op")
}
