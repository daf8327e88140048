package credfile

import (
	"errors"
	"testing"
)

// FuzzParse reads any content as any format, also as those whose names do not fit.
func FuzzParse(f *testing.F) {
	table := Formats()
	byID := map[string]int{}
	for i, format := range table {
		byID[format.ID] = i
	}
	for _, x := range fixtures() {
		content, _ := x.fill(asPlain)
		f.Add(byID[x.format], x.path, content)
	}
	for _, id := range binaryFormats {
		f.Add(byID[id], "x", []byte("\xfe\xed\xfe\xed\x00\x00\x00\x02\x00\x00\x00\x01"))
	}
	f.Fuzz(func(t *testing.T, which int, path string, content []byte) {
		candidates := Match(path, content)
		if which >= 0 && which < len(table) {
			candidates = append(candidates, Candidate{&table[which], path})
		}
		for _, c := range candidates {
			found, err := c.parse(content) // not Parse, which hides a reader that panics
			if len(found) > MaxCredentials {
				t.Fatalf("%d credentials", len(found))
			}
			if errors.Is(err, ErrTooLarge) && len(content) <= MaxBytes {
				t.Fatal(err)
			}
			for _, one := range found {
				if one.Offset < -1 || one.Offset >= 0 && one.Offset+one.Length > len(content) || one.Length < 0 {
					t.Fatalf("%s: a place from %d, %d long, in %d bytes", one.Format, one.Offset, one.Length, len(content))
				}
			}
		}
	})
}
