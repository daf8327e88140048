package secrets

import (
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

func TestBuildArgumentsInProvenanceAreSearched(t *testing.T) {
	s := mustScanner(t)
	p, q := githubToken(t, 61), githubToken(t, 62)
	statement := `{"predicateType": "https://slsa.dev/provenance/v0.2", "predicate": {
		"invocation": {"parameters": {"args": {"build-arg:NPM_TOKEN": "` + p.Value + `", "build-arg:DB_PASSWORD": "far-Too-short1"}}},
		"metadata": {"vcs": ["https://x-access-token:` + q.Value + `@git.example.com/a/b.git"]}}}`
	img := &layers.Image{Config: &v1.ConfigFile{}, Attestations: []layers.Attestation{{Predicate: "https://slsa.dev/provenance/v0.2", Statement: []byte(statement)}}}
	fs := s.Findings([]*layers.Image{img}, nil)
	for value, path := range map[string]string{
		p.Value:          "provenance!/predicate/invocation/parameters/args/build-arg:NPM_TOKEN",
		"far-Too-short1": "provenance!/predicate/invocation/parameters/args/build-arg:DB_PASSWORD",
		q.Value:          "provenance!/predicate/metadata/vcs/0",
	} {
		if f := find(t, fs, value); f.Locations[0].Path != path || f.Locations[0].Layer != nil {
			t.Errorf("%+v", f.Locations)
		}
	}
}

func FuzzProvenance(f *testing.F) {
	f.Add(`{"a": ["b", {"c": "d"}]}`)
	f.Add(strings.Repeat("[", 1000))
	f.Fuzz(func(_ *testing.T, statement string) {
		provenanceNotes([]layers.Attestation{{Statement: []byte(statement)}})
	})
}
