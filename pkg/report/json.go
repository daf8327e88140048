package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// writeJSON writes the report as one indented object, a list's elements one by
// one, so that the text of a big report is never in memory as a whole.
func writeJSON(w io.Writer, r *Report) error {
	out := &stickyWriter{w: w}
	out.print("{")
	v := reflect.ValueOf(r).Elem()
	for i := range v.NumField() {
		if i > 0 {
			out.print(",")
		}
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		out.print(fmt.Sprintf("\n  %q: ", name))
		field := v.Field(i)
		if field.Kind() != reflect.Slice || field.Len() == 0 {
			out.json(field.Interface(), "  ")
			continue
		}
		out.print("[")
		for j := range field.Len() {
			if j > 0 {
				out.print(",")
			}
			out.print("\n    ")
			out.json(shown(field.Index(j).Interface()), "    ")
		}
		out.print("\n  ]")
	}
	out.print("\n}\n")
	return out.err
}

// shownFinding and shownSecret add the value to a finding. It is there only in
// the copy of a report that was made to show secrets.
type shownFinding struct {
	finding.Finding
	Secret *shownSecret `json:"secret,omitempty"`
}

type shownSecret struct {
	Redacted string        `json:"redacted"`
	Value    string        `json:"value,omitempty"`
	Proof    finding.Proof `json:"proof"`
}

// shown gives what stands for an element of a report's list in JSON.
func shown(element any) any {
	f, ok := element.(finding.Finding)
	if !ok || f.Secret == nil {
		return element
	}
	return shownFinding{f, &shownSecret{f.Secret.Redacted, f.Secret.Value.Reveal(), f.Secret.Proof}}
}

// stickyWriter keeps the first error and writes nothing after it.
type stickyWriter struct {
	w   io.Writer
	err error
}

func (s *stickyWriter) print(text string) {
	if s.err == nil {
		_, s.err = io.WriteString(s.w, text)
	}
}

// json writes v indented, or on one line if indent is empty, with no newline at the end.
func (s *stickyWriter) json(v any, indent string) {
	b, err := marshal(v, indent)
	if err != nil && s.err == nil {
		s.err = err
	}
	s.print(string(b))
}

func marshal(v any, indent string) ([]byte, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if indent != "" {
		e.SetIndent(indent, "  ")
	}
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return escapeInvisible(bytes.TrimSuffix(buf.Bytes(), []byte("\n"))), nil
}

// escapeInvisible writes as \u the characters that encoding/json leaves as they
// are and that could move a cursor or reorder text: a report is looked at in terminals too.
func escapeInvisible(b []byte) []byte {
	invisible := func(r rune) bool { return r >= 0x7f && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) }
	if bytes.IndexFunc(b, invisible) < 0 {
		return b
	}
	out := make([]byte, 0, len(b)+64)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case !invisible(r):
			out = append(out, b[:n]...)
		case r > 0xffff:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		b = b[n:]
	}
	return out
}
