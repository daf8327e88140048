package report

import (
	_ "embed"
	"slices"
)

//go:embed schema/imgaudit.report.v1.schema.json
var schemaJSON []byte

// Schema gives the JSON Schema (draft 2020-12) that every written JSON report
// keeps. A line of a JSON Lines report keeps the definition that [JSONL] names.
func Schema() []byte { return slices.Clone(schemaJSON) }
