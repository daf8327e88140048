package layers

import (
	"fmt"
	"runtime"
	"testing"
)

// manyEntries makes 100 layers of 500,000 entries in all: a big base, and layers
// that rewrite, delete and add.
func manyEntries() []Layer {
	layers := make([]Layer, 100)
	for i := range layers {
		f := &Facts{}
		add := func(e Entry) { e.Seq = len(f.Entries); f.Entries = append(f.Entries, e) }
		files := 3000
		if i == 0 {
			files = 200_000
		}
		for j := 0; j < files; j++ {
			if j%10 == 0 {
				add(Entry{Path: fmt.Sprintf("usr/lib/node_modules/p%d", (i*1000+j)/10), Type: Directory})
			}
			add(Entry{Path: fmt.Sprintf("usr/lib/node_modules/p%d/lib/file-%d.js", (i*1000+j)/10, j), Type: Regular, Size: 100})
			if i > 0 && j%100 == 0 {
				add(Entry{Path: fmt.Sprintf("usr/lib/node_modules/p%d/lib", i*1000+j), Whiteout: OpaqueWhiteout})
				add(Entry{Path: fmt.Sprintf("usr/lib/node_modules/p%d", i*900+j), Whiteout: PathWhiteout})
			}
		}
		layers[i] = Layer{Index: i, Facts: f}
	}
	return layers
}

func BenchmarkNewView(b *testing.B) {
	layers := manyEntries()
	entries := 0
	for _, l := range layers {
		entries += len(l.Facts.Entries)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var v *View
	for b.Loop() {
		v = NewView(layers)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(int64(after.HeapAlloc)-int64(before.HeapAlloc))/float64(entries), "B/entry")
	b.ReportMetric(float64(entries), "entries")
	runtime.KeepAlive(v)
}

func BenchmarkFiles(b *testing.B) {
	v := NewView(manyEntries())
	for b.Loop() {
		for range v.Files() {
		}
	}
}
