package layers_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// Open an image, look into every file of every layer, and ask what is left of
// them in the end.
func ExampleWalk() {
	ctx := context.Background()
	archive := sampleArchive()
	defer os.Remove(archive)
	src, err := layers.Open(ctx, archive, layers.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer src.Close()
	firstLines := layers.Func("first-lines", func(_ context.Context, l layers.Layer, e *layers.Entry, content io.Reader) error {
		if content == nil {
			return nil // a directory, a link, a whiteout …
		}
		line, _, err := bufio.NewReader(content).ReadLine()
		fmt.Printf("layer %d: %s begins with %q\n", l.Index, e.Path, line)
		return err
	})
	walked, err := layers.Walk(ctx, src, layers.WalkOptions{Workers: 1}, firstLines)
	if err != nil {
		log.Fatal(err)
	}
	image := walked.Images[0]
	view := layers.NewView(image.Layers)
	for i, l := range image.Layers {
		for _, e := range l.Facts.Entries { // the file index
			o := view.Outcome(layers.Ref{Layer: i, Seq: e.Seq})
			fmt.Printf("layer %d: %s is %s\n", i, e.Path, o.Fate)
		}
	}
	// Output:
	// layer 0: app/.env begins with "MODE=test"
	// layer 0: app/main.py begins with "print('hello')"
	// layer 0: app/.env is deleted
	// layer 0: app/main.py is present
	// layer 1: app/.env is present
}

// sampleArchive writes an image of two layers: the second deletes a file of the first.
func sampleArchive() string {
	image := imagemake.Image{Layers: []imagemake.Layer{
		{Entries: []imagemake.Entry{imagemake.File("app/.env", "MODE=test\n"), imagemake.File("app/main.py", "print('hello')\n")}},
		{Entries: []imagemake.Entry{imagemake.Whiteout("app", ".env")}},
	}}.Build()
	f, err := os.CreateTemp("", "example-*.tar")
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	files := imagemake.Layout(imagemake.Tagged{Built: image})
	if _, err := f.Write(imagemake.Archive(files, imagemake.ArchiveOptions{})); err != nil {
		log.Fatal(err)
	}
	return f.Name()
}
