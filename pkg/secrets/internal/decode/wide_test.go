package decode

import (
	"bytes"
	"strings"
	"testing"
)

func TestTheShortestWideTextIsFoundWhereverItLies(t *testing.T) {
	const text = "16 characters\r\n\t"
	for name, form := range map[string]string{
		"utf-16": utf16Of(text, false), "utf-16 big": utf16Of(text, true), "utf-32": utf32Of(text, false), "utf-32 big": utf32Of(text, true),
	} {
		bare := strings.Trim(form, "\x00")
		encoding, _, _ := strings.Cut(name, " ")
		for before := range 64 {
			for _, after := range []string{"\x00\x00\x00", "\xff\xff\xff\xff\xff\xff\xff", "\x01\x00\x02\x00\x03\x00\x00\x00"} {
				for _, text := range []string{form, bare} {
					content := strings.Repeat("\xff", before) + text + after
					var got []Part
					(&finder{visit: func(p Part) {
						p.Content = bytes.Clone(p.Content)
						got = append(got, p)
					}, left: maxDecoded}).wide([]byte(content), nil, 1)
					if len(got) != 1 || got[0].Encoding != encoding || string(got[0].Content) != "16 characters\r\n\t" || got[0].Start != strings.Index(content, bare) {
						t.Fatalf("%s in %q: %+v", name, content, got)
					}
				}
			}
		}
	}
}
