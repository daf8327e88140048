package sbom_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/anchore/syft/syft"

	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/sbom"
)

// syftPackages are the packages that Syft's own library finds in an OCI layout
// when it unpacks the image itself.
func syftPackages(t testing.TB, layout string) map[string]int {
	t.Helper()
	ctx := context.Background()
	src, err := syft.GetSource(ctx, layout, syft.DefaultGetSourceConfig().WithSources("oci-dir"))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	s, err := syft.CreateSBOM(ctx, src, syft.DefaultCreateSBOMConfig())
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]int{}
	for p := range s.Artifacts.Packages.Enumerate() {
		set[key(finding.Package{Name: p.Name, Version: p.Version, Type: string(p.Type), PURL: p.PURL})]++
	}
	return set
}

// ownPackages are the packages that this package finds in the one walk.
func ownPackages(t testing.TB, target string, c sbom.Cataloger) (map[string]int, *audit.Result) {
	t.Helper()
	result, err := audit.Run(context.Background(), target, audit.Options{Packages: c, Scanners: []string{audit.SBOM}})
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]int{}
	for _, p := range result.SBOM[0].Packages {
		set[key(p)]++
	}
	return set, result
}

func key(p finding.Package) string {
	return fmt.Sprintf("%s %s %s %s", p.Type, p.Name, p.Version, p.PURL)
}

func compare(t testing.TB, own, theirs map[string]int) {
	t.Helper()
	for _, k := range slices.Sorted(maps.Keys(theirs)) {
		if own[k] != theirs[k] {
			t.Errorf("%s: %d here, %d by Syft's own source", k, own[k], theirs[k])
		}
	}
	for _, k := range slices.Sorted(maps.Keys(own)) {
		if theirs[k] == 0 {
			t.Errorf("%s: only here", k)
		}
	}
}

// TestPackagesOfRealImages compares with Syft on the OCI layouts in a directory
// that the environment names; they are too large for the repository.
func TestPackagesOfRealImages(t *testing.T) {
	dir := os.Getenv("IMGAUDIT_REAL_IMAGES")
	if dir == "" {
		t.Skip("IMGAUDIT_REAL_IMAGES names no directory of OCI layouts")
	}
	layouts, err := filepath.Glob(filepath.Join(dir, "*", "oci-layout"))
	if err != nil || len(layouts) == 0 {
		t.Fatalf("no OCI layouts in %s (%v)", dir, err)
	}
	for _, layout := range layouts {
		layout = filepath.Dir(layout)
		t.Run(filepath.Base(layout), func(t *testing.T) {
			began := time.Now()
			var cost sbom.Cost
			own, result := ownPackages(t, "oci-dir:"+layout, sbom.Cataloger{Done: func(c sbom.Cost) { cost = c }})
			var raw int64
			for _, l := range result.Images[0].Layers {
				raw += l.Facts.Bytes
			}
			t.Logf("own: %v, %d packages, %+v, %.1f %% of %d MB kept", time.Since(began), len(result.SBOM[0].Packages), cost,
				100*float64(cost.MemoryBytes+cost.DiskBytes)/float64(raw), raw>>20)
			if !result.SBOM[0].Complete {
				t.Errorf("not complete: %+v", result.Report.Coverage.Gaps)
			}
			if cost.Again != 0 {
				t.Errorf("%d layers were read again", cost.Again)
			}
			began = time.Now()
			theirs := syftPackages(t, layout)
			t.Logf("Syft: %v", time.Since(began))
			compare(t, own, theirs)
		})
	}
}
