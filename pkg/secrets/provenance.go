package secrets

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// inProvenance is where what builders say of a build lies, as paths say it.
const inProvenance = "provenance"

// The bounds of a statement that is read.
const (
	maxStatementDepth = 64
	maxStatementTexts = 100_000
)

// provenanceNotes gives the texts of a builder's statements about an image: build arguments stand
// there in plain words, and the address that the sources came from.
func provenanceNotes(attestations []layers.Attestation) []note {
	var out []note
	for _, a := range attestations {
		dec := json.NewDecoder(bytes.NewReader(a.Statement))
		dec.UseNumber()
		var statement any
		if dec.Decode(&statement) != nil {
			// No JSON: as one text.
			out = append(out, note{path: finding.Inside(inProvenance, "statement"), text: string(a.Statement)})
			continue
		}
		left := maxStatementTexts
		var walk func(path, key string, v any, depth int)
		walk = func(path, key string, v any, depth int) {
			if depth > maxStatementDepth || left == 0 {
				return
			}
			switch v := v.(type) {
			case map[string]any:
				for _, k := range sortedKeys(v) {
					walk(path+"/"+finding.EscapePath(k), k, v[k], depth+1)
				}
			case []any:
				for i, item := range v {
					walk(path+"/"+strconv.Itoa(i), key, item, depth+1)
				}
			case string:
				if v == "" {
					return
				}
				left--
				name := strings.TrimPrefix(key, "build-arg:")
				out = append(out, note{
					path: finding.Inside(inProvenance, strings.TrimPrefix(path, "/")), text: name + "=" + v, variables: []variable{{name, v}},
				})
			}
		}
		walk("", "", statement, 0)
	}
	return out
}
