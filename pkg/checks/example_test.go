package checks_test

import (
	"fmt"

	"github.com/imgaudit/imgaudit/pkg/checks"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// What a walk found is judged with the image's final view.
func Example() {
	add, remove := "COPY . /app", "RUN rm /app/.env"
	image := &layers.Image{Layers: []layers.Layer{
		{Index: 0, Instruction: &add, Facts: &layers.Facts{Entries: []layers.Entry{
			{Seq: 0, Path: "app/.env", Type: layers.Regular, Mode: 0o600, Size: 120},
		}}},
		{Index: 1, Instruction: &remove, Facts: &layers.Facts{Entries: []layers.Entry{
			{Seq: 0, Path: "app/.env", Whiteout: layers.PathWhiteout},
		}}},
	}}
	view := layers.NewView(image.Layers)
	for _, f := range checks.Findings([]*layers.Image{image}, []*layers.View{view}) {
		for _, l := range f.Locations {
			fmt.Printf("%s: %s, written by %q, %s by %q\n", f.Title, l.Path, *l.Instruction, l.Fate, *l.FateInstruction)
		}
	}
	// Output:
	// Environment file in the image: app/.env, written by "COPY . /app", deleted by "RUN rm /app/.env"
}
