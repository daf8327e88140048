package audit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/report"
)

// What one line of the ledger names at most.
const (
	maxDetails  = 3
	maxExamples = 5
)

// coverage is the ledger of images that were walked: each distinct layer counted once as scanned,
// and one line for each image, layer and reason of what was not.
func coverage(images []*layers.Image, views []*layers.View) report.Coverage {
	var c report.Coverage
	gaps, notes := ledger{}, ledger{}
	counted := map[any]bool{}
	for i, image := range images {
		gaps.add(i, nil, image.Gaps)
		notes.add(i, nil, image.Notes)
		if views[i] != nil {
			notes.add(i, nil, views[i].Notes())
		}
		for _, l := range image.Layers {
			gaps.add(i, &l.Index, layerGaps(l))
			if l.Facts == nil {
				continue
			}
			notes.add(i, &l.Index, l.Facts.Notes)
			if key := blobKey(l.Facts); !counted[key] {
				counted[key] = true
				c.Scanned.Files += l.Facts.Files
				c.Scanned.Bytes += l.Facts.FileBytes
			}
		}
	}
	c.Gaps, c.Notes = gaps.lines(), notes.lines()
	c.Complete = len(c.Gaps) == 0
	return c
}

// dropped is the line of the ledger on members of a stream that are part of no
// image of it: they were read, and what was in them is not reported.
func dropped(bytes int64) []report.LedgerLine {
	if bytes == 0 {
		return nil
	}
	return []report.LedgerLine{{
		Reason: "unnamed-blobs", Detail: "members of the archive that belong to none of the images scanned", Bytes: bytes, Examples: []string{},
	}}
}

// layerGaps is all that could not be read of a layer.
func layerGaps(l layers.Layer) []layers.Remark {
	switch {
	case l.Unreadable != nil:
		return []layers.Remark{*l.Unreadable}
	case l.Facts == nil:
		return []layers.Remark{{Reason: layers.ReasonReadError, Detail: "the layer was not read"}}
	}
	return l.Facts.Gaps
}

// blobKey tells layers apart by their content, so that it counts alike in every
// form of an image; what was not read to its end only equals itself.
func blobKey(f *layers.Facts) any {
	if f.DiffID != "" {
		return f.DiffID
	}
	return f
}

// ledger gathers remarks by image, layer and reason.
type ledger map[place]*line

type place struct {
	image  int
	layer  int // -1 for the image as a whole
	reason string
}

type line struct {
	files, bytes      int64
	details, examples map[string]bool
}

func (l ledger) add(image int, layer *int, remarks []layers.Remark) {
	for _, r := range remarks {
		p := place{image, -1, r.Reason}
		if layer != nil {
			p.layer = *layer
		}
		at := l[p]
		if at == nil {
			at = &line{details: map[string]bool{}, examples: map[string]bool{}}
			l[p] = at
		}
		at.files += r.Files
		at.bytes += r.Bytes
		if r.Detail != "" {
			at.details[r.Detail] = true
		}
		for _, e := range r.Examples {
			at.examples[e] = true
		}
	}
}

// lines gives the ledger in the order of images, layers and reasons, what is
// about an image as a whole before its layers.
func (l ledger) lines() []report.LedgerLine {
	places := slices.SortedFunc(maps.Keys(l), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.image, b.image), cmp.Compare(a.layer, b.layer), cmp.Compare(a.reason, b.reason))
	})
	lines := make([]report.LedgerLine, 0, len(places))
	for _, p := range places {
		at := l[p]
		out := report.LedgerLine{
			Image: &p.image, Reason: p.reason, Files: at.files, Bytes: at.bytes,
			Examples: slices.Sorted(maps.Keys(at.examples)),
		}
		if p.layer >= 0 {
			out.Layer = &p.layer
		}
		if len(out.Examples) > maxExamples {
			out.Examples = out.Examples[:maxExamples]
		}
		if out.Examples == nil {
			out.Examples = []string{}
		}
		details := slices.Sorted(maps.Keys(at.details))
		if more := len(details) - maxDetails; more > 0 {
			details = append(details[:maxDetails], fmt.Sprintf("and %d more", more))
		}
		out.Detail = strings.Join(details, "; ")
		lines = append(lines, out)
	}
	return lines
}
