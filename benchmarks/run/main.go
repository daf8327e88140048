//go:build linux

// Command run measures imgaudit on the images that make-images.sh made, side by
// side with the floor program, and writes the table of RESULTS.md.
//
//	go run ./benchmarks/run [-images DIR] [-n 3] [-only debian,node] [-results FILE] [-binary PATH]
//
// For each image it runs the floor, the scan without the SBOM, the walk alone and the
// whole scan, the bill of materials alone and Syft's own library in turn, N times, with the image in the page cache. Wall and processor time and
// peak memory are the kernel's figures for the process (wait4); temporary bytes are the peak of what lay in
// TMPDIR, asked for every few milliseconds, unlinked files that are still open included.
// Figures are medians, ratios are medians of the ratios within a round.
//
// A run fails if a scan did not read every layer to its end, or left a file behind. Archives inside a layer that
// reached the limits of unpacking are no failure: the table says of which image they are.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// options are the flags.
type options struct {
	images, only, results, binary string
	rounds                        int
}

func main() {
	var o options
	flag.StringVar(&o.images, "images", "benchmarks/images", "directory of OCI layouts")
	flag.StringVar(&o.only, "only", "", "names of images, with commas; empty means all")
	flag.StringVar(&o.results, "results", "benchmarks/RESULTS.md", "file that the table is written to; - for standard output")
	flag.StringVar(&o.binary, "binary", "", "imgaudit; empty means that it is built")
	flag.IntVar(&o.rounds, "n", 3, "rounds that count")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	work, err := os.MkdirTemp("", "imgaudit-benchmark-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	names, err := imageNames(o.images, o.only)
	if err != nil {
		return err
	}
	for _, program := range []string{"floor", "syft", "kept"} {
		if err := build(ctx, filepath.Join(work, program), "./benchmarks/"+program); err != nil {
			return err
		}
	}
	if o.binary == "" {
		o.binary = filepath.Join(work, "imgaudit")
		if err := build(ctx, o.binary, "./cmd/imgaudit"); err != nil {
			return err
		}
	}
	m := describeMachine(ctx)
	var rows []row
	for _, name := range names {
		b := bench{imgaudit: o.binary, work: work, name: name, dir: filepath.Join(o.images, name)}
		r, err := b.measure(ctx, o.rounds)
		if err != nil {
			return fmt.Errorf("measuring %s: %w", name, err)
		}
		rows = append(rows, r)
		fmt.Fprintln(os.Stderr, r.line())
		if o.results == "-" {
			continue
		}
		if err := write(o.results, document(m, o.rounds, rows)); err != nil { // a later image may fail
			return err
		}
	}
	if o.results == "-" {
		fmt.Print(document(m, o.rounds, rows))
	}
	return nil
}

// imageNames lists the layouts of a directory, the smallest first.
func imageNames(dir, only string) ([]string, error) {
	layouts, err := filepath.Glob(filepath.Join(dir, "*", "oci-layout"))
	if err != nil {
		return nil, err
	}
	var names []string
	bytes := map[string]int64{}
	for _, l := range layouts {
		name := filepath.Base(filepath.Dir(l))
		if !strings.HasPrefix(name, ".") && (only == "" || slices.Contains(strings.Split(only, ","), name)) {
			names = append(names, name)
			bytes[name] = bytesIn(filepath.Dir(l))
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(bytes[a], bytes[b]), cmp.Compare(a, b)) })
	if len(names) == 0 {
		return nil, fmt.Errorf("no OCI layout in %s: make images with benchmarks/make-images.sh, or name their directory with -images", dir)
	}
	return names, nil
}

func build(ctx context.Context, to, what string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", to, what)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("building %s (run this in the root of the repository): %w", what, err)
	}
	return nil
}

// bench measures one image.
type bench struct{ imgaudit, work, name, dir string }

// measure runs the programs in turn.
func (b bench) measure(ctx context.Context, rounds int) (row, error) {
	r := row{name: b.name}
	if err := warm(b.dir); err != nil {
		return r, err
	}
	for range rounds {
		f, raw, err := b.runFloor(ctx)
		if err != nil {
			return r, err
		}
		scan, seen, err := b.runScan(ctx, raw.RawBytes, "--scanners", "secret,hygiene,config")
		if err != nil {
			return r, err
		}
		walk, _, err := b.runScan(ctx, raw.RawBytes, "--scanners", "hygiene")
		if err != nil {
			return r, err
		}
		whole, _, err := b.runScan(ctx, raw.RawBytes)
		if err != nil {
			return r, err
		}
		bill, _, err := b.runScan(ctx, raw.RawBytes, "--scanners", "sbom")
		if err != nil {
			return r, err
		}
		syft, packages, err := b.runSyft(ctx)
		if err != nil {
			return r, err
		}
		r.floor, r.scan, r.walk, r.whole = append(r.floor, f), append(r.scan, scan), append(r.walk, walk), append(r.whole, whole)
		r.bill, r.syft = append(r.bill, bill), append(r.syft, syft)
		r.image, r.seen, r.packages = raw, seen, packages
	}
	var err error
	if r.kept, err = b.runKept(ctx); err != nil {
		return r, err
	}
	if r.kept.Packages != r.packages || !r.kept.Complete {
		return r, fmt.Errorf("%d packages, complete %v; Syft's library finds %d", r.kept.Packages, r.kept.Complete, r.packages)
	}
	return r, nil
}

// keptFacts is what the walk kept for the bill of materials.
type keptFacts struct {
	KeptBytes int64 `json:"keptBytes"`
	Again     int   `json:"again"`
	Packages  int   `json:"packages"`
	Complete  bool  `json:"complete"`
}

func (b bench) runKept(ctx context.Context) (facts keptFacts, err error) {
	m, err := b.helper(ctx, "kept")
	if err != nil {
		return facts, err
	}
	return facts, json.Unmarshal(m.stdout, &facts)
}

func (b bench) runSyft(ctx context.Context) (m measured, packages int, err error) {
	if m, err = b.helper(ctx, "syft"); err != nil {
		return m, 0, err
	}
	_, err = fmt.Sscan(string(m.stdout), &packages)
	return m, packages, err
}

// helper runs one of the programs beside this one on the image.
func (b bench) helper(ctx context.Context, program string, flags ...string) (measured, error) {
	m, err := runChild(ctx, b.work, filepath.Join(b.work, program), append(flags, b.dir)...)
	if err == nil && m.status != 0 {
		err = fmt.Errorf("the program %s ended with status %d: %s", program, m.status, m.stderr)
	}
	return m, err
}

// warm reads the image once, so that every round finds it in the page cache.
func warm(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(io.Discard, f)
		return err
	})
}

// floorFacts is what the floor says about an image.
type floorFacts struct {
	Layers      int    `json:"layers"`
	StoredBytes int64  `json:"storedBytes"`
	RawBytes    int64  `json:"rawBytes"`
	LargestRaw  int64  `json:"largestRawBytes"`
	Compression string `json:"compression"`
}

func (b bench) runFloor(ctx context.Context) (measured, floorFacts, error) {
	var facts floorFacts
	m, err := b.helper(ctx, "floor", "-json")
	if err != nil {
		return m, facts, err
	}
	return m, facts, json.Unmarshal(m.stdout, &facts)
}

// runScan scans the image and holds the report against what the floor read.
func (b bench) runScan(ctx context.Context, raw int64, flags ...string) (measured, scanFacts, error) {
	out := filepath.Join(b.work, "report.json")
	defer os.Remove(out)
	args := append([]string{"scan", "oci-dir:" + b.dir, "-o", "json=" + out, "--quiet"}, flags...)
	m, err := runChild(ctx, b.work, b.imgaudit, args...)
	if err != nil {
		return m, scanFacts{}, err
	}
	if m.status != 0 && m.status != statusIncomplete {
		return m, scanFacts{}, fmt.Errorf("imgaudit %s ended with status %d: %s", strings.Join(args, " "), m.status, m.stderr)
	}
	if m.left > 0 {
		return m, scanFacts{}, fmt.Errorf("the scan left %d bytes of temporary files behind", m.left)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		return m, scanFacts{}, err
	}
	facts, err := judge(text, m.status, raw)
	return m, facts, err
}

// write puts the document into the file, and keeps what stands behind its mark:
// notes that people wrote.
func write(path, text string) error {
	old, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	_, notes, _ := strings.Cut(string(old), notesMark)
	return os.WriteFile(path, []byte(text+notesMark+notes), 0o644)
}

// now is written into the results by day alone.
func now() string { return time.Now().UTC().Format(time.DateOnly) }
