// Command kept says how many bytes of an OCI layout the walk keeps for the bill of
// materials, how often it reads a layer again, and how many packages there are, as JSON.
//
//	go run ./benchmarks/kept DIR
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/sbom"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "kept:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("give the directory of an OCI layout")
	}
	var cost sbom.Cost
	result, err := audit.Run(ctx, "oci-dir:"+args[0], audit.Options{
		Scanners: []string{audit.SBOM},
		Packages: sbom.Cataloger{Done: func(c sbom.Cost) { cost = c }},
	})
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"keptBytes": cost.MemoryBytes + cost.DiskBytes,
		"again":     cost.Again,
		"packages":  len(result.SBOM[0].Packages),
		"hidden":    len(result.SBOM[0].Hidden),
		"complete":  result.SBOM[0].Complete,
	})
}
