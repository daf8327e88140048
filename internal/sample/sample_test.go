package sample

import (
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

func TestEverySecretOfTheSampleIsFound(t *testing.T) {
	for range 3 {
		r, err := Serve(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		result, err := audit.Run(t.Context(), "registry:"+r.Reference, audit.Options{Open: layers.Options{Platform: "linux/amd64"}})
		if err != nil {
			t.Fatal(err)
		}
		values, lost := map[string]bool{}, map[finding.FateBy]bool{}
		for _, f := range result.Report.Findings {
			if f.Secret == nil {
				continue
			}
			values[f.Secret.Value.Reveal()] = true
			for _, l := range f.Locations {
				lost[l.FateBy] = true
			}
		}
		for i, v := range r.Planted {
			if !values[strings.TrimSpace(v)] {
				t.Errorf("planted secret %d is not found", i)
			}
		}
		for _, by := range []finding.FateBy{finding.Whiteout, finding.Opaque, finding.Rewritten} {
			if !lost[by] {
				t.Errorf("nothing is lost by %s", by)
			}
		}
	}
}
