package audit

import (
	"time"

	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/report"
)

// describe gives what the report says of an image itself.
func describe(image *layers.Image) report.Image {
	d := report.Image{
		Reference: image.Reference, Source: image.Source, Platform: image.Platform,
		ManifestDigest: orNil(image.ManifestDigest), ImageID: image.ID,
		Layers: make([]report.Layer, 0, len(image.Layers)),
	}
	if image.Config != nil && !image.Config.Created.IsZero() {
		d.Created = image.Config.Created.UTC().Format(time.RFC3339)
	}
	for _, l := range image.Layers {
		d.Layers = append(d.Layers, describeLayer(l))
	}
	return d
}

// describeLayer prefers what we computed to what the image claims: where they
// differ, a gap says so.
func describeLayer(l layers.Layer) report.Layer {
	d := report.Layer{
		Index: l.Index, Digest: orNil(l.Digest), DiffID: l.DiffID, MediaType: l.MediaType,
		CompressedBytes: max(l.Size, 0), Instruction: l.Instruction, Base: l.Base,
		Complete: l.Unreadable == nil && l.Facts.Complete(),
	}
	if f := l.Facts; f != nil {
		d.Bytes, d.Files = f.Bytes, f.Files
		if f.DiffID != "" {
			d.DiffID = f.DiffID
		}
		if l.Size < 0 {
			d.CompressedBytes = f.StoredBytes
		}
	}
	return d
}

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
