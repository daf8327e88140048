package sbom

import (
	"fmt"
	"reflect"
	"strings"

	syftpkg "github.com/anchore/syft/syft/pkg"
	syftsource "github.com/anchore/syft/syft/source"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// Lost says in words what the second of two bills lacks that the first has: of the same
// bill before and after it was written in another format and read again, what that format
// cannot carry, or Syft's writer does not.
func Lost(before, after finding.Bill) []string {
	b, ok := named(before)
	a, same := named(after)
	if !ok || !same {
		return nil
	}
	had, has := b.content(), a.content()
	var lost []string
	for _, what := range contents {
		if n := had[what] - has[what]; n > 0 {
			lost = append(lost, fmt.Sprintf("%d of %d %s", n, had[what], what))
		}
	}
	return lost
}

// contents are the kinds of what a bill can hold, in the order of an answer.
var contents = []string{
	"packages", "package URLs", "licences", "CPEs", "packages' places", "packages' layers", "packages' layers' instructions", "values of packages' metadata",
	"hidden packages", "hidden packages' places", "relationships between packages", "files", "files' digests", "files' contents", "descriptions of programs", "layers of the image", "labels of the image", "distribution's names",
}

// content counts what a bill holds.
func (d *document) content() map[string]int {
	s := d.sbom
	n := map[string]int{
		"packages": s.Artifacts.Packages.PackageCount(), "files' digests": len(s.Artifacts.FileDigests), "files' contents": len(s.Artifacts.FileContents),
		"files": len(s.AllCoordinates()), "descriptions of programs": len(s.Artifacts.Executables), "hidden packages": len(d.bill.Hidden),
	}
	for p := range s.Artifacts.Packages.Enumerate() {
		add := func(what string, is bool) {
			if is {
				n[what]++
			}
		}
		add("package URLs", p.PURL != "")
		n["licences"] += len(p.Licenses.ToSlice())
		n["CPEs"] += len(p.CPEs)
		n["packages' places"] += len(p.Locations.ToSlice())
		n["values of packages' metadata"] += fields(reflect.ValueOf(p.Metadata))
	}
	for _, p := range d.bill.Packages {
		if i := p.Layer; i >= 0 && i < len(d.image.Layers) {
			n["packages' layers"]++
			if d.image.Layers[i].Instruction != nil {
				n["packages' layers' instructions"]++
			}
		}
	}
	for _, h := range d.bill.Hidden {
		n["hidden packages' places"] += len(h.Paths)
	}
	for _, r := range s.Relationships {
		_, from := r.From.(syftpkg.Package)
		_, to := r.To.(syftpkg.Package)
		if from && to {
			n["relationships between packages"]++
		}
	}
	if m, ok := s.Source.Metadata.(syftsource.ImageMetadata); ok {
		n["layers of the image"], n["labels of the image"] = len(m.Layers), len(m.Labels)
	}
	if l := s.Artifacts.LinuxDistribution; l != nil {
		for _, name := range []string{l.ID, l.VersionID, l.PrettyName, strings.Join(l.IDLike, " "), l.VersionCodename} {
			if name != "" {
				n["distribution's names"]++
			}
		}
	}
	return n
}

// fields counts the values that a package's metadata holds, at whatever depth.
func fields(v reflect.Value) (n int) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			n = fields(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			n += fields(v.Field(i))
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			n += fields(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			n += fields(v.MapIndex(key))
		}
	case reflect.Invalid:
	default:
		if !v.IsZero() {
			n = 1
		}
	}
	return n
}
