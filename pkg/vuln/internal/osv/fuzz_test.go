package osv

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/imgaudit/imgaudit/internal/osvmake"
)

// FuzzDecode reads any record and turns its ranges into windows. What comes out has to be what
// the schema's algorithm says, version by version.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(`{"id":"A","affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},
		{"fixed":"3"},{"limit":"20"},{"introduced":"5"},{"last_affected":"7"},{"introduced":"9"},{"fixed":"9"},{"limit":"*"}]}]}]}`))
	f.Add([]byte(`{"id":"A","affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},
		{"fixed":"0"},{"introduced":"1"},{"last_affected":"9"},{"introduced":"9"},{"last_affected":"9"},{"fixed":"9"}]}]}]}`))
	for i, r := range osvmake.Records() {
		if i%40 == 0 {
			f.Add(r.JSON)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, headErr := DecodeHead(raw)
		r, err := Decode(raw)
		if err != nil {
			return
		}
		if headErr != nil || h.ID != r.ID {
			t.Fatalf("the head is %+v, %v of %s", h, headErr, r.ID)
		}
		for _, s := range r.Severity {
			s.CVSS()
		}
		for _, a := range r.Affected {
			Distro(a.Package.Ecosystem)
			for _, rng := range a.Ranges {
				windows, err := rng.Windows(numbers)
				if err != nil || !allNumbers(rng.Events) {
					continue
				}
				for v := -3; v < 30; v++ {
					if have, want := inWindows(windows, v), bySchema(rng.Events, v); have != want {
						t.Fatalf("version %d of %+v: %v, want %v", v, rng.Events, have, want)
					}
				}
			}
		}
	})
}

// FuzzScores reads any file of scores.
func FuzzScores(f *testing.F) {
	f.Add([]byte(epss))
	f.Add([]byte(`{"vulnerabilities":[{"cveID":"CVE-2099-0001"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		path := filepath.Join(t.TempDir(), "scores")
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		scores, _, err := ReadEPSS(path)
		for _, s := range scores {
			if err == nil && (!IsCVE(s.CVE) || s.Score < 0 || s.Score > 1) {
				t.Fatalf("%+v", s)
			}
		}
		ReadKEV(path)
	})
}
