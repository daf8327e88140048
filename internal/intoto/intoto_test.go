package intoto

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
)

func dsse(payload string) string {
	return `{"payloadType":"application/vnd.in-toto+json","payload":"` + base64.StdEncoding.EncodeToString([]byte(payload)) + `","signatures":[]}`
}

func statement(predicate string) string {
	return `{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://spdx.dev/Document","subject":[{"name":"a","digest":{"sha256":"AB"}}],"predicate":` + predicate + `}`
}

func TestOpenFindsTheDocumentInItsEnvelopes(t *testing.T) {
	const doc = `{"spdxVersion":"SPDX-2.3","name":"sbom"}`
	for name, tc := range map[string]struct{ in, want, kind, name string }{
		"a bare document":                     {doc, doc, "", "sbom"},
		"a document that is no JSON":          {"SPDXVersion: SPDX-2.3", "SPDXVersion: SPDX-2.3", "", ""},
		"a statement":                         {statement(doc), doc, "https://spdx.dev/Document", "sbom"},
		"a signed statement":                  {dsse(statement(doc)), doc, "https://spdx.dev/Document", "sbom"},
		"a bundle":                            {`{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","dsseEnvelope":` + dsse(statement(doc)) + `}`, doc, "https://spdx.dev/Document", "sbom"},
		"a predicate that is a string":        {statement(`"SPDXVersion: SPDX-2.3"`), "SPDXVersion: SPDX-2.3", "https://spdx.dev/Document", ""},
		"cosign's object around a predicate":  {statement(`{"Data":` + doc + `,"Timestamp":"2024-01-01T00:00:00Z"}`), doc, "https://spdx.dev/Document", ""},
		"cosign's object around a text":       {statement(`{"Data":"x","Timestamp":""}`), "x", "https://spdx.dev/Document", ""},
		"a name that is no string is no name": {`{"name":{}}`, `{"name":{}}`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Open([]byte(tc.in))
			if err != nil {
				t.Fatal(err)
			}
			if string(s.Predicate) != tc.want || s.PredicateType != tc.kind || s.Name != tc.name {
				t.Errorf("got %q of type %q named %q", s.Predicate, s.PredicateType, s.Name)
			}
			if tc.kind != "" && !slices.Equal(s.Subjects, []string{"sha256:ab"}) {
				t.Errorf("subjects %v", s.Subjects)
			}
		})
	}
}

func TestOpenRefusesBrokenEnvelopes(t *testing.T) {
	nested := statement(`{}`)
	for range maxNesting + 1 {
		nested = dsse(nested)
	}
	for name, tc := range map[string]struct{ in, want string }{
		"cut":                    {`{"predicateType":`, "parsing the document"},
		"no base64":              {`{"payloadType":"x","payload":"%%%"}`, "not base64"},
		"no predicate":           {`{"predicateType":"x"}`, "no predicate"},
		"a predicate of nothing": {`{"predicateType":"x","predicate":null}`, "no predicate"},
		"nested too deep":        {nested, "within each other"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Open([]byte(tc.in)); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(dsse(statement(`{"Data":"x","Timestamp":""}`))))
	f.Add([]byte(`{"dsseEnvelope":{"payload":"e30=","payloadType":"x"}}`))
	f.Add([]byte("SPDXVersion: SPDX-2.3"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := Open(raw)
		if err == nil && len(s.Subjects) > maxSubjects {
			t.Error("too many subjects")
		}
		if len(s.Predicate) > 3*len(raw) {
			t.Errorf("%d bytes became %d", len(raw), len(s.Predicate))
		}
	})
}
