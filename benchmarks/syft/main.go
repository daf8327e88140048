// Command syft catalogues an OCI layout with Syft's own library, which unpacks the
// image itself: what imgaudit's bill of materials is measured beside. It asks for
// packages alone, as imgaudit does, and prints how many there are.
//
//	go run ./benchmarks/syft DIR
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/anchore/syft/syft"
	_ "modernc.org/sqlite" // RPM databases
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "syft:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("give the directory of an OCI layout")
	}
	src, err := syft.GetSource(ctx, args[0], syft.DefaultGetSourceConfig().WithSources("oci-dir"))
	if err != nil {
		return fmt.Errorf("opening the image: %w", err)
	}
	defer src.Close()
	s, err := syft.CreateSBOM(ctx, src, syft.DefaultCreateSBOMConfig().WithoutFiles())
	if err != nil {
		return fmt.Errorf("cataloguing: %w", err)
	}
	fmt.Println(s.Artifacts.Packages.PackageCount())
	return nil
}
