package audit

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/report"
)

func TestCoverageHasOneLineForEachReason(t *testing.T) {
	shared := &layers.Facts{DiffID: "sha256:a", Files: 3, FileBytes: 30, Notes: []layers.Remark{
		{Reason: "encrypted-archive", Detail: "b", Files: 1, Bytes: 5, Examples: []string{"z.zip", "y.zip", "x.zip"}},
		{Reason: "encrypted-archive", Detail: "a", Files: 2, Bytes: 6, Examples: []string{"1.zip", "2.zip", "3.zip", "z.zip"}},
		{Reason: "encrypted-archive", Detail: "d", Files: 1}, {Reason: "encrypted-archive", Detail: "c", Files: 1},
	}}
	// Equal content with another claim about it has facts of its own.
	again := *shared
	again.Gaps = []layers.Remark{{Reason: layers.ReasonDigestMismatch, Detail: "it differs"}}
	images := []*layers.Image{
		{
			Gaps: []layers.Remark{{Reason: layers.ReasonBadConfig, Detail: "no JSON"}},
			Layers: []layers.Layer{
				{Index: 0, Facts: shared},
				{Index: 1, Unreadable: &layers.Remark{Reason: layers.ReasonForeign, Bytes: 7}},
			},
		},
		{Layers: []layers.Layer{{Index: 0, Facts: &again}, {Index: 1}}},
	}
	note := func(image int) report.LedgerLine {
		return report.LedgerLine{
			Image: ptr(image), Layer: ptr(0), Reason: "encrypted-archive", Detail: "a; b; c; and 1 more", Files: 5, Bytes: 11,
			Examples: []string{"1.zip", "2.zip", "3.zip", "x.zip", "y.zip"},
		}
	}
	want := report.Coverage{
		Scanned: report.Scanned{Files: 3, Bytes: 30},
		Gaps: []report.LedgerLine{
			{Image: ptr(0), Reason: layers.ReasonBadConfig, Detail: "no JSON", Examples: []string{}},
			{Image: ptr(0), Layer: ptr(1), Reason: layers.ReasonForeign, Bytes: 7, Examples: []string{}},
			{Image: ptr(1), Layer: ptr(0), Reason: layers.ReasonDigestMismatch, Detail: "it differs", Examples: []string{}},
			{Image: ptr(1), Layer: ptr(1), Reason: layers.ReasonReadError, Detail: "the layer was not read", Examples: []string{}},
		},
		Notes: []report.LedgerLine{note(0), note(1)},
	}
	if got := coverage(images, make([]*layers.View, len(images))); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", asJSON(t, got), asJSON(t, want))
	}
}

func TestMembersOfAStreamThatBelongToNoImageAreANote(t *testing.T) {
	img := imagemake.Tagged{Ref: "example.test/app:1", Built: imagemake.Image{Layers: []imagemake.Layer{
		{Entries: []imagemake.Entry{imagemake.File("a", "a\n")}},
	}}.Build()}
	stray := imagemake.Tar(imagemake.File("stray", "of no image\n"))
	with := imagemake.Layout(img)
	with["blobs/sha256/"+imagemake.Digest(stray).Hex] = stray
	for name, c := range map[string]struct {
		archive []byte
		want    int64
	}{
		"an ordinary save":   {imagemake.OldDockerArchive(img), 0},
		"a blob of no image": {imagemake.Archive(with, imagemake.ArchiveOptions{}), int64(len(stray))},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := Run(t.Context(), "-", Options{Open: layers.Options{Stdin: bytes.NewReader(c.archive)}})
			if err != nil {
				t.Fatal(err)
			}
			var got int64
			for _, n := range result.Report.Coverage.Notes {
				if n.Reason == "unnamed-blobs" {
					got += n.Bytes
				}
			}
			if got != c.want || !result.Report.Coverage.Complete {
				t.Errorf("%d bytes of no image, want %d; complete %v", got, c.want, result.Report.Coverage.Complete)
			}
		})
	}
}
