package audit_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// An image is read from a stream; what is wrong with it and where stands in the report.
func ExampleRun() {
	saved := imagemake.OldDockerArchive(imagemake.Tagged{Ref: "example.test/app:1", Built: imagemake.Image{
		Layers: []imagemake.Layer{{Entries: []imagemake.Entry{imagemake.Executable("usr/local/bin/run", "#!/bin/sh\n", 0o4755)}}},
	}.Build()})

	result, err := audit.Run(context.Background(), "-", audit.Options{
		Open: layers.Options{Stdin: bytes.NewReader(saved)}, Now: imagemake.Epoch,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range result.Report.Findings {
		fmt.Println(f.Rule, f.Severity, f.Locations[0].Path, f.Locations[0].Fate)
	}
	// Output:
	// image-user-root medium config!/user present
	// image-setuid medium usr/local/bin/run present
	// image-no-healthcheck low config!/healthcheck present
}
