package sbom_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anchore/syft/syft"
	"github.com/anchore/syft/syft/artifact"
	"github.com/anchore/syft/syft/file"
	syftpkg "github.com/anchore/syft/syft/pkg"
	syftsbom "github.com/anchore/syft/syft/sbom"
	syftsource "github.com/anchore/syft/syft/source"

	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/sbom"
)

// syftPackages are the packages that Syft's own library finds in an OCI layout
// when it unpacks the image itself.
func syftPackages(t testing.TB, layout string, scope sbom.Scope) map[string]int {
	t.Helper()
	return described(syftBill(t, layout, scope))
}

// described counts what is to be equal: what is related to what; of files metadata, digests and what is said of programs; of packages name, version, type, package URL,
// the places with their layers, licences, CPEs and the kind of what else is known.
func described(s *syftsbom.SBOM) map[string]int {
	set := map[string]int{}
	for p := range s.Artifacts.Packages.Enumerate() {
		var places []string
		for _, l := range p.Locations.ToSlice() {
			places = append(places, fmt.Sprintf("%s|%s|%.15s|%s", l.RealPath, l.AccessPath, l.FileSystemID, l.Annotations["evidence"]))
		}
		slices.Sort(places)
		for _, l := range p.Licenses.ToSlice() {
			places = append(places, string(l.Type)+" "+l.Value+" "+l.SPDXExpression)
		}
		for _, c := range p.CPEs {
			places = append(places, c.Attributes.BindToFmtString()+" "+string(c.Source))
		}
		places = append(places, fmt.Sprintf("%T %s", p.Metadata, p.FoundBy))
		// One that several layers have has the digests of whichever Syft comes to first.
		if jar, ok := p.Metadata.(syftpkg.JavaArchive); ok && len(p.Locations.ToSlice()) == 1 {
			about, _ := json.Marshal(jar)
			places = append(places, string(about))
			if jar.Parent != nil {
				places = append(places, fmt.Sprint(jar.Parent.Name, jar.Parent.Metadata.(syftpkg.JavaArchive).ArchiveDigests))
			}
		}
		set[fmt.Sprintf("%s %s %s %s %s", p.Type, p.Name, p.Version, p.PURL, strings.Join(places, " "))]++
	}
	for c, m := range s.Artifacts.FileMetadata {
		set[fmt.Sprintf("%s %s of %.15s: %v, %d bytes, %d:%d, %q, to %q, %v", m.Type, c.RealPath, c.FileSystemID, m.Mode().Perm(), m.Size(), m.UserID, m.GroupID,
			m.MIMEType, m.LinkDestination, s.Artifacts.FileDigests[c])]++
	}
	for c, x := range s.Artifacts.Executables {
		about, _ := json.Marshal(x)
		set[fmt.Sprintf("program %s of %.15s: %s", c.RealPath, c.FileSystemID, about)]++
	}
	related := map[string]bool{} // Syft has some twice
	for _, r := range s.Relationships {
		related[fmt.Sprintf("%s: %s %s", end(r.From), r.Type, end(r.To))] = true
	}
	for r := range related {
		set[r]++
	}
	return set
}

// end names what is related to something.
func end(of artifact.Identifiable) string {
	switch of := of.(type) {
	case syftpkg.Package:
		return fmt.Sprintf("%s %s %s", of.Type, of.Name, of.Version)
	case file.Coordinates:
		return fmt.Sprintf("%s of %.15s", of.RealPath, of.FileSystemID)
	}
	return "the image"
}

// syftBill is what Syft's own library makes of an OCI layout.
func syftBill(t testing.TB, layout string, scope sbom.Scope) *syftsbom.SBOM {
	t.Helper()
	ctx := context.Background()
	src, err := syft.GetSource(ctx, layout, syft.DefaultGetSourceConfig().WithSources("oci-dir"))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	cfg := syft.DefaultCreateSBOMConfig()
	cfg.Search.Scope = syftsource.Scope(scope)
	s, err := syft.CreateSBOM(ctx, src, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ownPackages are the packages that this package finds in the one walk.
func ownPackages(t testing.TB, target string, c sbom.Cataloger) (map[string]int, *audit.Result) {
	t.Helper()
	result, err := audit.Run(context.Background(), target, audit.Options{Packages: c, Scanners: []string{audit.SBOM}})
	if err != nil {
		t.Fatal(err)
	}
	s, ok := sbom.SyftOfScope(result.SBOM[0])
	if !ok {
		t.Fatal("no packages in Syft's form")
	}
	return described(s), result
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
		for _, scope := range sbom.Scopes() {
			t.Run(filepath.Base(layout)+" "+scope, func(t *testing.T) {
				began := time.Now()
				var cost sbom.Cost
				own, result := ownPackages(t, "oci-dir:"+layout, sbom.Cataloger{Scope: sbom.Scope(scope), Done: func(c sbom.Cost) { cost = c }})
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
				theirs := syftPackages(t, layout, sbom.Scope(scope))
				t.Logf("Syft: %v", time.Since(began))
				compare(t, own, theirs)
			})
		}
	}
}
