package layers

import (
	"slices"
	"testing"
)

func TestWhatAViewHasAndADirectoryHolds(t *testing.T) {
	base := &Facts{Entries: []Entry{
		{Seq: 0, Path: "opt/app/bin/run", Type: Regular},
		{Seq: 1, Path: "opt/app/notes", Type: Regular},
		{Seq: 2, Path: "app", Type: Symlink, Link: "opt/app"},
		{Seq: 3, Path: "lost", Type: Symlink, Link: "nowhere"},
	}}
	top := &Facts{Entries: []Entry{
		{Seq: 0, Path: "opt/app/notes", Whiteout: PathWhiteout},
		{Seq: 1, Path: "opt/app/etc", Type: Directory},
	}}
	v := NewView([]Layer{{Index: 0, Facts: base}, {Index: 1, Facts: top}})
	for path, want := range map[string]bool{
		"opt": true, "opt/app/bin": true, "app/bin/run": true, "app/etc": true, "": true,
		"opt/app/notes": false, "app/notes": false, "lost": false, "opt/app/bin/run/more": false,
	} {
		if got := v.Has(path); got != want {
			t.Errorf("%q: %v", path, got)
		}
	}
	for dir, want := range map[string][]string{
		"opt/app": {"opt/app/etc"}, "app": {"opt/app/etc"}, "app/bin": {"opt/app/bin/run"}, "": {"app", "lost"},
		"lost": nil, "opt/app/bin/run": nil, "nowhere": nil,
	} {
		var got []string
		for ref := range v.Children(dir) {
			got = append(got, v.Place(ref))
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%q holds %q, not %q", dir, got, want)
		}
	}
}
