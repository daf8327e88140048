//go:build unix

// Command floor reads the layers of an OCI layout and does the least that any
// tool which verifies an image must do: decompress each layer (gzip, zstd or none),
// and compute the digest of the stored bytes and the diffID of the raw ones (of a layer
// that is stored plain they are the same). Layers
// are read side by side, and within a layer decompression and the two digests run
// side by side too. It looks at no content.
//
//	go run ./benchmarks/floor [-json] DIR
//
// It fails unless every digest and every diffID is as manifest and configuration
// say, so its time is the time of having read all of the image. How long a scan
// takes is stated as a multiple of this.
package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// result is what -json prints.
type result struct {
	Layers      int     `json:"layers"`
	StoredBytes int64   `json:"storedBytes"`
	RawBytes    int64   `json:"rawBytes"`
	Compression string  `json:"compression"`
	LargestRaw  int64   `json:"largestRawBytes"` // of one layer
	WallSeconds float64 `json:"wallSeconds"`
	CPUSeconds  float64 `json:"cpuSeconds"`
}

func main() {
	asJSON := flag.Bool("json", false, "print one line of JSON")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: floor [-json] DIR")
		os.Exit(2)
	}
	r, err := read(flag.Arg(0))
	if err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
	if *asJSON {
		_ = json.NewEncoder(os.Stdout).Encode(r)
		return
	}
	fmt.Printf("%d layers, %s, %d bytes stored, %d bytes raw, all digests hold\n", r.Layers, r.Compression, r.StoredBytes, r.RawBytes)
	fmt.Printf("wall %.2f s, cpu %.2f s, %.0f MB/s raw\n", r.WallSeconds, r.CPUSeconds, float64(r.RawBytes)/1e6/r.WallSeconds)
}

// read reads all layers of a layout, as many at once as there are processors, the
// largest first.
func read(dir string) (result, error) {
	start := time.Now()
	layers, err := layoutLayers(dir)
	if err != nil {
		return result{}, err
	}
	slices.SortFunc(layers, func(a, b layer) int { return cmp.Compare(b.size, a.size) })
	done := make([]sums, len(layers))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, l := range layers {
		group.Go(func() error {
			var err error
			done[i], err = l.read()
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return result{}, err
	}
	r := result{Layers: len(layers), WallSeconds: time.Since(start).Seconds()}
	for _, s := range done {
		r.StoredBytes += s.stored
		r.RawBytes += s.raw
		r.LargestRaw = max(r.LargestRaw, s.raw)
		if r.Compression != "" && r.Compression != s.compression {
			s.compression = "mixed"
		}
		r.Compression = s.compression
	}
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return result{}, fmt.Errorf("asking for the processor time: %w", err)
	}
	r.CPUSeconds = time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
	return r, nil
}
