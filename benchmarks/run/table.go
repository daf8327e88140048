//go:build linux

package main

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"
)

// notesMark divides what this program writes from what people write below it.
const notesMark = "<!-- notes: what stands below is kept when the table is written again -->\n"

// row is one image.
type row struct {
	name     string
	image    floorFacts
	seen     scanFacts
	packages int
	kept     keptFacts

	floor, scan, walk, whole, bill, syft []measured // by round
}

func median[T number](all []T) T {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

type number interface {
	~int | ~int64 | ~float64
}

// of gives the median of one figure.
func of[T number](rounds []measured, figure func(measured) T) T {
	var all []T
	for _, m := range rounds {
		all = append(all, figure(m))
	}
	return median(all)
}

// ratio gives the median of the ratios within the rounds.
func ratio(a, b []measured, figure func(measured) time.Duration) float64 {
	var all []float64
	for i := range min(len(a), len(b)) {
		all = append(all, figure(a[i]).Seconds()/figure(b[i]).Seconds())
	}
	return median(all)
}

func wall(m measured) time.Duration { return m.wall }
func cpu(m measured) time.Duration  { return m.cpu }
func peak(m measured) int64         { return m.peak }
func temporary(m measured) int64    { return m.temporary }

// worst is for what a limit is promised for: no median.
func worst(rounds []measured, figure func(measured) int64) int64 {
	most := int64(0)
	for _, m := range rounds {
		most = max(most, figure(m))
	}
	return most
}

// mib is the peak of memory, megabytes that of temporary files.
func mib(rounds []measured) string { return fmt.Sprintf("%.0f", float64(worst(rounds, peak))/(1<<20)) }

func megabytes(rounds []measured) string {
	return fmt.Sprintf("%.0f", float64(worst(rounds, temporary))/1e6)
}

// label marks images of which there is a note.
func (r row) label() string {
	if r.seen.limited > 0 {
		return r.name + " \\*"
	}
	return r.name
}

// notes says which scans met a limit.
func notes(rows []row) string {
	var b strings.Builder
	for _, r := range rows {
		if n := r.seen.limited; n > 0 {
			fmt.Fprintf(&b, "\n\\* %s: archives in it that unpack to more than the limits allow (%d) were searched up to there; all layers were read.\n", r.name, n)
		}
	}
	return b.String()
}

func (r row) cells() []string {
	scan := of(r.scan, wall)
	return []string{
		r.label(),
		fmt.Sprintf("%d, %s", r.image.Layers, r.image.Compression),
		fmt.Sprintf("%.2f", float64(r.image.RawBytes)/1e9),
		fmt.Sprintf("%.0f %%", 100*float64(r.image.LargestRaw)/float64(max(r.image.RawBytes, 1))),
		seconds(of(r.floor, wall)), seconds(of(r.floor, cpu)),
		seconds(scan), seconds(of(r.scan, cpu)),
		fmt.Sprintf("%.1f", ratio(r.scan, r.floor, wall)), fmt.Sprintf("%.1f", ratio(r.scan, r.floor, cpu)),
		fmt.Sprintf("%.1f", ratio(r.walk, r.floor, wall)), fmt.Sprintf("%.1f", ratio(r.walk, r.floor, cpu)),
		fmt.Sprintf("%.0f", float64(r.image.RawBytes)/1e6/max(scan.Seconds(), 1e-9)),
		mib(r.scan),
		fmt.Sprintf("%d", worst(r.scan, temporary)),
		fmt.Sprint(r.seen.findings),
		seconds(of(r.whole, wall)), seconds(of(r.whole, cpu)),
		mib(r.whole), megabytes(r.whole),
	}
}

// besideSyft are the figures of the second table.
func (r row) besideSyft() []string {
	return []string{
		r.label(),
		fmt.Sprintf("%.2f", float64(r.image.RawBytes)/1e9),
		fmt.Sprint(r.packages),
		seconds(of(r.syft, wall)), seconds(of(r.syft, cpu)), mib(r.syft), megabytes(r.syft),
		seconds(of(r.bill, wall)), seconds(of(r.bill, cpu)), mib(r.bill), megabytes(r.bill),
		seconds(of(r.whole, wall)), seconds(of(r.whole, cpu)), mib(r.whole),
		fmt.Sprintf("%.1f", ratio(r.syft, r.bill, wall)), fmt.Sprintf("%.1f", ratio(r.syft, r.whole, wall)), fmt.Sprintf("%.1f", ratio(r.syft, r.whole, cpu)),
		fmt.Sprintf("%.1f %%", 100*float64(r.kept.KeptBytes)/float64(max(r.image.RawBytes, 1))),
		fmt.Sprint(r.kept.Again),
	}
}

// times is the geometric mean of how many times faster the whole scan is than
// Syft's library, over images of at least some raw bytes.
func times(rows []row, atLeast int64) float64 {
	sum, n := 0.0, 0
	for _, r := range rows {
		if r.image.RawBytes >= atLeast {
			sum += math.Log(ratio(r.syft, r.whole, wall))
			n++
		}
	}
	return math.Exp(sum / float64(max(n, 1)))
}

func (r row) line() string { return strings.Join(r.cells(), " | ") }

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f", d.Seconds()) }

var columns = []string{
	"image", "layers", "raw GB", "largest layer", "floor s", "floor CPU s", "scan s", "scan CPU s", "ratio", "ratio CPU",
	"walk ratio", "walk ratio CPU", "MB/s raw", "peak MiB", "temporary bytes", "findings",
	"with SBOM s", "with SBOM CPU s", "with SBOM peak MiB", "with SBOM temporary MB",
}

var columnsBesideSyft = []string{
	"image", "raw GB", "packages", "Syft s", "CPU s", "peak MiB", "temporary MB",
	"SBOM alone s", "CPU s", "peak MiB", "temporary MB", "whole scan s", "CPU s", "peak MiB",
	"times, SBOM alone", "times, whole", "times, whole, CPU", "kept", "again",
}

// document writes the results as Markdown.
func document(m machine, rounds int, rows []row) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Benchmarks

Written by %s on %s, at commit %s.

Machine: %d cores, %s, %s of memory, Linux %s, %s. Load average when the run began: %s; on a machine that does
other work too, compare ratios and processor time, not seconds.

Rounds: %d. Each figure is the median of them; peak memory and temporary bytes are the worst round. In a round the
programs run in turn on one image: the floor, the scan without the SBOM, the walk, the scan with the SBOM, the SBOM alone, Syft's library. All files were in the page cache.

- **floor**: decompresses every layer and computes both digests, layers and digests in parallel, and nothing else (`+"`benchmarks/floor`"+`).
- **scan**: `+"`imgaudit scan oci-dir:… -o json=FILE --scanners secret,hygiene,config`"+`. **ratio**: scan to floor.
- **walk**: the same with `+"`--scanners hygiene`"+`: reading, index and final view without the search for secrets, as a ratio to the floor.
- **MB/s raw**: uncompressed bytes of all layers to the scan's wall time. **peak**: resident memory. **temporary bytes**: on disk, unlinked files included.
- **with SBOM**: the scan with everything that can run, which is the default.

Make the images with `+"`benchmarks/make-images.sh`"+` and the table with `+"`go run ./benchmarks/run`"+`.

`, "`go run ./benchmarks/run`", now(), m.commit, m.cores, m.model, m.memory, m.kernel, runtime.Version(), m.load, rounds)
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s |\n", r.line())
	}
	b.WriteString(notes(rows))
	fmt.Fprintf(&b, `
## Beside Syft

**Syft** is Syft's own library (`+"`benchmarks/syft`"+`), which unpacks the image itself and catalogues packages with the same
configuration; **SBOM alone** is `+"`imgaudit scan --scanners sbom`"+`, **whole scan** the default: secrets, hygiene, checks, SBOM, score. **times** is
Syft's time to ours. **kept** is what the walk keeps for the SBOM, of the raw bytes; **again** is how many layers are read again. A run fails if the numbers of packages differ.

| %s |
|%s
`, strings.Join(columnsBesideSyft, " | "), strings.Repeat("---|", len(columnsBesideSyft)))
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(r.besideSyft(), " | "))
	}
	fmt.Fprintf(&b, "\nThe whole scan is %.1f times faster than Syft's library over all images, %.1f times over those of 400 MB and more (geometric means of wall time).\n\n",
		times(rows, 0), times(rows, 400e6))
	return b.String()
}
