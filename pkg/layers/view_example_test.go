package layers_test

import (
	"fmt"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// The first layer brings a key, the second deletes it, and a hard link keeps it.
func ExampleNewView() {
	view := layers.NewView([]layers.Layer{
		{Facts: &layers.Facts{Entries: []layers.Entry{
			{Seq: 0, Path: "root/key", Type: layers.Regular},
			{Seq: 1, Path: "backup", Type: layers.HardLink, Link: "root/key"},
		}}},
		{Facts: &layers.Facts{Entries: []layers.Entry{
			{Seq: 0, Path: "root/key", Whiteout: layers.PathWhiteout},
		}}},
	})
	for _, name := range view.Names(layers.Ref{Layer: 0, Seq: 0}) {
		o := view.Outcome(name)
		fmt.Printf("%s: %s, by %q\n", view.Place(name), o.Fate, o.By)
	}
	for path := range view.Files() {
		fmt.Println("seen:", path)
	}
	// Output:
	// root/key: deleted, by "whiteout"
	// backup: present, by ""
	// seen: backup
}
