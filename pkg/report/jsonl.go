package report

import (
	"bytes"
	"io"
)

// jsonlTypes are the types of the lines of a JSON Lines report, in the order in
// which they are written, and the definition in the schema that the rest of such a line keeps.
var jsonlTypes = []struct{ name, definition string }{
	{"report", ""}, // schema and tool, alone
	{"image", "image"},
	{"finding", "finding"},
	{"suppressed", "suppression"},
	{"sbom", "sbom"},
	{"vulnerabilities", "vulnerabilities"},
	{"score", "score"},
	{"coverage", "coverage"},
}

// JSONL maps the "type" of a line of a JSON Lines report to the name of the
// definition in [Schema] that the line keeps without its "type". The first line,
// of type "report", has the fields "schema" and "tool" of the report itself.
func JSONL() map[string]string {
	m := map[string]string{}
	for _, t := range jsonlTypes {
		m[t.name] = t.definition
	}
	return m
}

// writeJSONL writes one object a line. The last line is the coverage: a report
// without one was cut off.
func writeJSONL(w io.Writer, r *Report) error {
	out := &stickyWriter{w: w}
	out.line("report", struct {
		Schema string `json:"schema"`
		Tool   Tool   `json:"tool"`
	}{r.Schema, r.Tool})
	lines(out, "image", r.Images)
	lines(out, "finding", r.Findings)
	lines(out, "suppressed", r.Suppressed)
	lines(out, "sbom", r.SBOM)
	lines(out, "vulnerabilities", r.Vulnerabilities)
	lines(out, "score", r.Score)
	out.line("coverage", r.Coverage)
	return out.err
}

func lines[T any](out *stickyWriter, name string, list []T) {
	for _, element := range list {
		out.line(name, shown(element))
	}
}

// line writes an object with its type put before its other fields.
func (s *stickyWriter) line(name string, v any) {
	b, err := marshal(v, "")
	if err != nil && s.err == nil {
		s.err = err
	}
	rest := bytes.TrimPrefix(b, []byte("{"))
	s.print(`{"type":"` + name + `"`)
	if !bytes.Equal(rest, []byte("}")) {
		s.print(",")
	}
	s.print(string(rest) + "\n")
}
