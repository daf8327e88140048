package sbom

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"
)

// writeJSON writes a struct as encoding/json does with an indent of one space, but the items of
// its lists one by one, so that no copy of a large document lies in memory.
func writeJSON(w io.Writer, doc any) error {
	out := bufio.NewWriterSize(w, 64<<10)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	write := func(indent string, v reflect.Value) error {
		b.Reset()
		enc.SetIndent(indent, " ")
		if err := enc.Encode(v.Interface()); err != nil {
			return err
		}
		_, err := out.Write(visible(bytes.TrimSuffix(b.Bytes(), []byte("\n"))))
		return err
	}
	v := reflect.Indirect(reflect.ValueOf(doc))
	before := "{\n "
	for i := range v.NumField() {
		name, option, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		f := v.Field(i)
		if name == "-" || option == "omitempty" && isEmpty(f) {
			continue
		}
		fmt.Fprintf(out, "%s%q: ", before, name)
		before = ",\n "
		if f.Kind() != reflect.Slice || f.Len() == 0 {
			if err := write(" ", f); err != nil {
				return err
			}
			continue
		}
		between := "[\n  "
		for j := range f.Len() {
			_, _ = out.WriteString(between) // Flush gives the error
			between = ",\n  "
			if err := write("  ", f.Index(j)); err != nil {
				return err
			}
		}
		_, _ = out.WriteString("\n ]")
	}
	_, _ = out.WriteString("\n}\n")
	return out.Flush()
}

// isEmpty reports whether encoding/json leaves out a value that may be.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.String, reflect.Array:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// visibleWriter makes visible what is written to it, in whole characters.
type visibleWriter struct{ io.Writer }

func (w visibleWriter) Write(p []byte) (int, error) {
	if _, err := w.Writer.Write(visible(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// visible writes the characters that a terminal acts upon and that JSON lets stand
// as they are, DEL, C1 and those that turn the direction of text, as escapes.
func visible(doc []byte) []byte {
	acts := func(r rune) bool {
		return r >= 0x7f && r <= 0x9f || r >= 0x200e && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
	}
	if bytes.IndexFunc(doc, acts) < 0 {
		return doc
	}
	out := make([]byte, 0, len(doc)+1024)
	for len(doc) > 0 {
		r, n := utf8.DecodeRune(doc)
		if acts(r) {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = append(out, doc[:n]...)
		}
		doc = doc[n:]
	}
	return out
}
