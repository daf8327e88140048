package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

const (
	maxLicenses = 8 // that are named without -v
	maxHidden   = 5 // packages of a kind that are named without -v
)

// packages says what is in a bill of materials.
func (t *text) packages(s SBOM) {
	text := count(s.Packages, "package")
	if types := byType(s.ByType); types != "" {
		text += " (" + types + ")"
	}
	if len(t.r.Images) > 1 {
		text += " in " + t.imageLabel(s.Image)
	}
	if !s.Complete {
		text += "; the list is not complete"
	}
	t.words("  · ", plain, text)
	t.licenses(s)
	t.denied(s)
	t.hiddenPackages(s)
	t.documents(s)
}

// documents names the bills of materials that lay in and beside the image, and says which agree
// with it.
func (t *text) documents(s SBOM) {
	if len(s.Documents) == 0 {
		return
	}
	agree := 0
	for _, d := range s.Documents {
		if d.Agrees() {
			agree++
		}
	}
	t.words("  · ", plain, count(len(s.Documents), "bill")+" of materials in or beside the image, of which "+number10(int64(agree))+
		map[bool]string{true: " agrees", false: " agree"}[agree == 1]+" with its packages")
	for i, d := range s.Documents {
		if i == maxHidden && len(s.Documents) > maxHidden+1 && !t.opts.Verbose {
			t.line("      ", t.paint(quiet, "and "+number10(int64(len(s.Documents)-i))+" more; -v shows them all"))
			break
		}
		said := count(d.Packages, "package")
		switch {
		case d.Missing == nil:
			said += ", not judged"
		case *d.Missing > 0:
			said += ", " + number10(int64(*d.Missing)) + " not in the image"
		default:
			said += ", all in the image"
		}
		if d.Omitted != nil && *d.Omitted > 0 {
			said += "; " + number10(int64(*d.Omitted)) + " of the image left out"
		} else if !d.Whole {
			said += "; about a part of it"
		}
		t.line("      ", t.paint(quiet, end(d.Path+" ("+d.Format+"): "+said, t.width-6)))
	}
}

// byType lists the types of packages, the most frequent first.
func byType(types map[string]int) string {
	names := slices.SortedFunc(maps.Keys(types), func(a, b string) int {
		return cmp.Or(cmp.Compare(types[b], types[a]), cmp.Compare(a, b))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%d %s", types[name], name)
	}
	return strings.Join(names, ", ")
}

// licenses counts packages by what licence they name.
func (t *text) licenses(s SBOM) {
	if s.Packages == 0 {
		return
	}
	most := maxLicenses
	if t.opts.Verbose {
		most = len(s.Licenses)
	}
	var names []string
	for _, l := range s.Licenses {
		names = append(names, number10(int64(l.Packages))+" "+end(l.License, 60))
	}
	text := "licences: " + list(names, most)
	if len(names) == 0 {
		text = "licences: none is named"
	}
	if s.Unlicensed > 0 && len(names) > 0 {
		text += "; " + count(s.Unlicensed, "package") + " without one"
	}
	t.words("  · ", plain, text)
}

// denied names the packages under licences that are not accepted.
func (t *text) denied(s SBOM) {
	if len(s.Denied) == 0 {
		return
	}
	t.words("  · ", bad, count(len(s.Denied), "package")+" under denied licences")
	for i, d := range s.Denied {
		if i == maxHidden && len(s.Denied) > maxHidden+1 && !t.opts.Verbose {
			t.line("      ", t.paint(quiet, "and "+count(len(s.Denied)-i, "more such package")+"; -v shows them all"))
			break
		}
		text := strings.TrimSpace(d.Name+" "+d.Version) + " (" + d.Type + ") of layer " + index(d.Layer) + ": "
		if len(d.Licenses) == 0 {
			text += "no licence"
		}
		text += list(d.Licenses, 4)
		if d.Hidden {
			text += "; hidden"
		}
		t.line("      ", end(text, t.width-6))
	}
}

// hiddenPackages names what later layers took out of sight.
func (t *text) hiddenPackages(s SBOM) {
	if len(s.Hidden) == 0 {
		return
	}
	t.words("  · ", plain, count(len(s.Hidden), "hidden package")+
		": a later layer deleted or replaced "+map[bool]string{true: "it", false: "them"}[len(s.Hidden) == 1]+", and whoever pulls the image has the files")
	for i, h := range s.Hidden {
		if i == maxHidden && len(s.Hidden) > maxHidden+1 && !t.opts.Verbose {
			t.line("      ", t.paint(quiet, "and "+count(len(s.Hidden)-i, "more hidden package")+"; -v shows them all"))
			break
		}
		text := strings.TrimSpace(h.Name+" "+h.Version) + " (" + h.Type + ") of layer " + index(h.Layer)
		if h.Fate == finding.Overwritten {
			text += ", replaced by " + h.Successor + " in layer " + index(h.FateLayer)
		} else {
			text += ", deleted by layer " + index(h.FateLayer)
		}
		if h.FateInstruction != nil {
			text += ": " + *h.FateInstruction
		}
		t.line("      ", t.paint(quiet, end(text, t.width-6)))
	}
}
