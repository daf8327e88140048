package sbom

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestJSONIsWrittenAsByEncodingJSON(t *testing.T) {
	type item struct {
		Name string   `json:"name"`
		List []string `json:"list"`
	}
	type doc struct {
		Text    string         `json:"text"`
		None    []item         `json:"none"`
		Empty   []item         `json:"empty"`
		Left    []item         `json:"left,omitempty"`
		Out     string         `json:"-"`
		Pointer *item          `json:"pointer,omitempty"`
		Zero    item           `json:"zero,omitempty"`
		Items   []*item        `json:"items"`
		Map     map[string]any `json:"map"`
		Any     any            `json:"any"`
	}
	for _, d := range []*doc{
		{},
		{
			Text: "<a & b>", Empty: []item{}, Left: []item{{}}, Out: "out", Pointer: &item{},
			Items: []*item{{"one", []string{"a", "b"}}, nil, {"two\n\"", nil}}, Map: map[string]any{"k": []int{1}}, Any: []item{{}},
		},
	} {
		var want, got bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", " ")
		if err := enc.Encode(d); err != nil {
			t.Fatal(err)
		}
		if err := writeJSON(&got, d); err != nil || got.String() != want.String() {
			t.Errorf("%v, and\n%s\nnot\n%s", err, &got, &want)
		}
	}
}
