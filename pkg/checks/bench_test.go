package checks

import (
	"fmt"
	"testing"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// BenchmarkFindings judges an image of many ordinary files, and one of as many that
// all break a rule.
func BenchmarkFindings(b *testing.B) {
	const files = 100_000
	for _, bad := range []bool{false, true} {
		var entries []layers.Entry
		for i := range files {
			e := file(fmt.Sprintf("app/node_modules/package-%d/lib/part-%d.js", i/50, i))
			if bad {
				e = mode(file(fmt.Sprintf("app/%d/.env", i)), 0o666)
			}
			entries = append(entries, e)
		}
		im := image(entries)
		views := []*layers.View{layers.NewView(im.Layers)}
		b.Run(fmt.Sprintf("bad=%v", bad), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Findings([]*layers.Image{im}, views)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/files, "ns/entry")
		})
	}
}

// A file with very many names that all tell must not cost their square.
func TestManyNamesOfOneFile(t *testing.T) {
	entries := []layers.Entry{file("0/.env")}
	for i := 1; i < 20_000; i++ {
		entries = append(entries, hardlink(fmt.Sprintf("%d/.env", i), "0/.env"))
	}
	fs := judged(image(entries))
	if len(fs) != 1 || len(fs[0].Locations) != MaxLocations {
		t.Errorf("got %d findings", len(fs))
	}
}
