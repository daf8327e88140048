package stanza

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

const db = "\nPackage: one\nStatus: install ok installed\nVersion: 1:2.0-1\nArchitecture: amd64\nDescription: a text\n of: two lines\n\n\n" +
	"P:two\nV:3-r0\nA:x86_64\n\nP:three\nV:1\n"

func TestStanzasAreSplitAtEmptyLines(t *testing.T) {
	var ids []ID
	for s := range All([]byte(db)) {
		ids = append(ids, Identify(s))
	}
	want := []ID{{"one", "1:2.0-1", "amd64"}, {"two", "3-r0", "x86_64"}, {"three", "1", ""}}
	if !slices.Equal(ids, want) {
		t.Errorf("got %v", ids)
	}
}

func TestStanzasAreTakenOut(t *testing.T) {
	got := Without([]byte(db), func(s []byte) bool { return Identify(s).Name != "two" })
	if string(got) != "P:two\nV:3-r0\nA:x86_64\n\n" {
		t.Errorf("got %q", got)
	}
	if left := Without([]byte(db), func([]byte) bool { return true }); left != nil {
		t.Errorf("left %q", left)
	}
}

func FuzzAll(f *testing.F) {
	f.Add([]byte(db))
	f.Add([]byte("\n\n\n"))
	f.Add([]byte("P:a\n\n:\nV"))
	f.Fuzz(func(t *testing.T, in []byte) {
		n := 0
		for s := range All(in) {
			if len(s) == 0 || bytes.Contains(s, []byte("\n\n")) {
				t.Fatalf("stanza %q", s)
			}
			Identify(s)
			n += len(s)
		}
		if n > len(in) {
			t.Fatalf("%d bytes of %d", n, len(in))
		}
		all := Without(in, func([]byte) bool { return false })
		if got, want := strings.ReplaceAll(string(all), "\n", ""), strings.ReplaceAll(string(in), "\n", ""); got != want {
			t.Fatalf("%q became %q", want, got)
		}
	})
}
