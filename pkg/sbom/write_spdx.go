package sbom

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/anchore/syft/syft/format/common/spdxhelpers"
	"github.com/spdx/tools-golang/spdx"
	"github.com/spdx/tools-golang/spdx/v2/common"
)

// spdx gives the SPDX document. Annotations of packages stand in their packages, but
// in the tag-value form, which knows none there, at its end.
func (d *document) spdx(opts WriteOptions, flat bool) *spdx.Document {
	doc := spdxhelpers.ToFormatModel(*d.sbom)
	doc.DocumentNamespace = "https://github.com/imgaudit/imgaudit/spdx/" + d.uuid("spdx", opts).String()
	doc.CreationInfo.Created = stamp(opts)
	doc.CreationInfo.Creators = []spdx.Creator{{CreatorType: "Tool", Creator: "imgaudit-" + cmp.Or(opts.Version, "devel")}}
	about := d.about(opts)
	for _, p := range doc.Packages {
		id := string(p.PackageSPDXIdentifier)
		for _, f := range about[id[strings.LastIndexByte(id, '-')+1:]] {
			note := annotation(p.PackageSPDXIdentifier, f.name+"="+f.value, opts)
			if flat {
				doc.Annotations = append(doc.Annotations, &note)
			} else {
				p.Annotations = append(p.Annotations, note)
			}
		}
	}
	// Whatever is a package of the document counts as installed.
	for _, h := range d.apart() {
		note := annotation(doc.SPDXIdentifier, HiddenFate+"="+d.hiddenAsJSON(h, opts), opts)
		doc.Annotations = append(doc.Annotations, &note)
	}
	slices.SortFunc(doc.Files, func(a, b *spdx.File) int {
		return strings.Compare(string(a.FileSPDXIdentifier), string(b.FileSPDXIdentifier))
	})
	slices.SortFunc(doc.Relationships, func(a, b *spdx.Relationship) int {
		return cmp.Or(strings.Compare(string(a.RefA.ElementRefID), string(b.RefA.ElementRefID)), strings.Compare(a.Relationship, b.Relationship),
			strings.Compare(string(a.RefB.ElementRefID), string(b.RefB.ElementRefID)))
	})
	slices.SortFunc(doc.OtherLicenses, func(a, b *spdx.OtherLicense) int {
		return strings.Compare(a.LicenseIdentifier, b.LicenseIdentifier)
	})
	clean(reflect.ValueOf(doc), true)
	return doc
}

func annotation(of spdx.ElementID, text string, opts WriteOptions) spdx.Annotation {
	return spdx.Annotation{
		Annotator:      common.Annotator{AnnotatorType: "Tool", Annotator: "imgaudit"},
		AnnotationDate: stamp(opts), AnnotationType: "OTHER", AnnotationComment: text,
		AnnotationSPDXIdentifier: common.DocElementID{ElementRefID: of},
	}
}
