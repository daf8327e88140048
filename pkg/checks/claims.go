package checks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

const (
	ruleClaims = "sbom-claims-missing-package"
	ruleOmits  = "sbom-omits-package"
)

func claimRules() []finding.Rule {
	return []finding.Rule{
		{
			ID: ruleClaims, Category: finding.Integrity, Severity: finding.Medium, Confidence: finding.Likely,
			Title: "SBOM that claims packages which the image does not have",
			Description: "A bill of materials in the image or beside it lists packages, or versions of them, of which the image shows " +
				"nothing. It was made of another build, or something was deleted or upgraded after it was made; who relies on it looks for the " +
				"wrong vulnerabilities. Packages are compared by type, name and version, without epochs, rebuilds, architectures and qualifiers; " +
				"kinds that an image does not show by files of their own are left out.",
			Remediation: "Make the bill of materials of the image that is shipped, as the last step of its build, or attach a new one (imgaudit sbom attach).",
			CWE:         []string{"CWE-1357"},
			References:  []string{"https://docs.docker.com/build/metadata/attestations/sbom/", "https://www.ntia.gov/page/software-bill-materials"},
		},
		{
			ID: ruleOmits, Category: finding.Integrity, Severity: finding.Medium, Confidence: finding.Likely,
			Title: "SBOM that leaves out packages which the image has",
			Description: "A bill of materials that says that it is about the image does not list packages that the image has. Their " +
				"vulnerabilities go unseen by everybody who relies on it. Documents about a part of an image, as those of single applications, are not " +
				"judged by what they leave out.",
			Remediation: "Make the bill of materials of the image that is shipped, with a tool that knows these kinds of packages, or attach a new one (imgaudit sbom attach).",
			CWE:         []string{"CWE-1357"},
			References:  []string{"https://docs.docker.com/build/metadata/attestations/sbom/", "https://www.ntia.gov/page/software-bill-materials"},
		},
	}
}

// claims holds the bills of materials that lay in and beside an image against the packages that
// were found in it.
func (j *judge) claims(image *layers.Image) {
	var bill finding.Bill
	if j.image < len(j.Bills) {
		bill = j.Bills[j.image]
	}
	switch {
	case bill.Document == nil && len(bill.Packages) == 0 && len(bill.Others) == 0:
		j.leave("the packages of the image were not catalogued", ruleClaims, ruleOmits)
		return
	case len(bill.Others) == 0:
		j.leave("there is no other bill of materials in or beside the image", ruleClaims, ruleOmits)
		return
	}
	if !slices.ContainsFunc(bill.Others, func(o finding.OtherBill) bool { return o.Whole }) {
		j.leave("no bill of materials in or beside the image is about the whole of it", ruleOmits)
	}
	if !bill.Complete {
		j.leave("not everything that may describe packages could be read", ruleClaims)
	}
	for _, c := range Compare(bill) {
		if c.Judged {
			j.claim(image, ruleClaims, c.OtherBill, c.missing, c.Listed, "%d of the %d packages that it lists cannot be found in the image as listed: %s")
		}
		if c.Whole {
			j.claim(image, ruleOmits, c.OtherBill, c.omitted, c.has, "%d of the %d packages of the image cannot be found in it: %s")
		}
	}
}

// Comparison is how a bill of materials that somebody else made fits the packages of an image.
type Comparison struct {
	finding.OtherBill
	Listed  int  // packages that it lists and that can be compared
	Missing int  // of these, that the image has not
	Judged  bool // whether that could be judged: all that may describe packages was read
	Omitted int  // packages of the image that it does not list; 0 if it is not about the whole image

	missing, omitted []difference
	has              int // packages of the image that can be compared
}

// Compare holds the other bills of materials of a bill against its packages.
func Compare(bill finding.Bill) []Comparison {
	if len(bill.Others) == 0 {
		return nil
	}
	paths := map[string]bool{}
	for _, o := range bill.Others {
		paths[o.Path] = true
	}
	has := shownBy(bill.Packages, paths)
	var all []Comparison
	for _, o := range bill.Others {
		claimed := newPackageSet()
		for _, p := range o.Packages {
			claimed.add(p)
		}
		c := Comparison{OtherBill: o, Listed: claimed.size(), Judged: bill.Complete, has: has.size()}
		if c.Judged {
			c.missing = claimed.missingIn(has)
		}
		if o.Whole {
			c.omitted = has.omittedBy(claimed)
		}
		c.Missing, c.Omitted = len(c.missing), len(c.omitted)
		all = append(all, c)
	}
	return all
}

// shownBy gives the packages that something else shows than the documents that are to be
// held against them.
func shownBy(packages []finding.Package, documents map[string]bool) *packageSet {
	set := newPackageSet()
	for _, p := range packages {
		if len(p.Paths) == 0 || slices.ContainsFunc(p.Paths, func(path string) bool { return !documents[path] }) {
			set.add(p)
		}
	}
	return set
}

// claim adds the finding about one document.
func (j *judge) claim(image *layers.Image, rule string, o finding.OtherBill, wrong []difference, of int, say string) {
	if len(wrong) == 0 {
		return
	}
	severity := finding.Low // tools differ in what they find of applications
	var examples []string
	for _, d := range wrong {
		if comparableKinds[d.kind] == distribution {
			severity = finding.Medium
		}
		if len(examples) < 5 {
			examples = append(examples, d.String())
		}
	}
	if more := len(wrong) - len(examples); more > 0 {
		examples = append(examples, fmt.Sprintf("and %d more", more))
	}
	about := o.Format
	if o.Digest != "" {
		about += ", " + o.Digest
	}
	h := hit{
		rule: rule, place: o.Path, path: o.Path, severity: severity, layer: o.Layer, outcome: layers.Outcome{Fate: finding.Present, Layer: -1},
		detail: fmt.Sprintf("The document (%s): "+say, about, len(wrong), of, strings.Join(examples, ", ")),
	}
	h.noted = o.Layer < 0 || o.Layer >= len(image.Layers) || image.Layers[o.Layer].Facts == nil
	j.add(h)
}

// packageSet are packages that can be compared, by kind and name and then by version.
type packageSet struct {
	versions map[[2]string]map[string]string // the version as it was written, by the comparable one
	names    map[[2]string]string            // as it was written
	sources  map[[2]string]bool              // names of what packages were built from
}

func newPackageSet() *packageSet {
	return &packageSet{map[[2]string]map[string]string{}, map[[2]string]string{}, map[[2]string]bool{}}
}

func (s *packageSet) add(p finding.Package) {
	id, ok := parsePURL(p.PURL)
	if !ok || id.kind == "rpm" && id.name == "gpg-pubkey" { // a key, no package
		return
	}
	key := [2]string{id.kind, id.name}
	if s.versions[key] == nil {
		s.versions[key], s.names[key] = map[string]string{}, p.Name
	}
	s.versions[key][id.version] = p.Version
	if id.source != "" {
		s.sources[[2]string{id.kind, id.source}] = true
	}
}

// size counts packages, each version as one.
func (s *packageSet) size() (n int) {
	for _, versions := range s.versions {
		n += len(versions)
	}
	return n
}

// difference is a package that one side has and the other has not, or not so.
type difference struct {
	kind, name, version string
	instead             []string // versions that the other side has
}

func (d difference) String() string {
	s := strings.TrimRight(d.kind+" "+d.name+" "+d.version, " ")
	if len(d.instead) > 0 {
		s += " (the image has " + strings.Join(d.instead[:min(len(d.instead), 3)], ", ") + ")"
	}
	return s
}

// missingIn gives what of the set another has not. Some documents list what packages
// were built from; the name of that is enough.
func (s *packageSet) missingIn(image *packageSet) []difference {
	var all []difference
	for key, versions := range s.versions {
		has, known := image.versions[key]
		if !known && image.sources[key] {
			continue
		}
		for version, written := range versions {
			if _, same := has[version]; same || known && (version == "" || anyVersion(has)) {
				continue
			}
			d := difference{key[0], s.names[key], written, nil}
			for _, other := range has {
				d.instead = append(d.instead, other)
			}
			slices.Sort(d.instead)
			all = append(all, d)
		}
	}
	return sorted(all)
}

// omittedBy gives what of the set a document does not list. A version that it has wrong
// is not told again as left out.
func (s *packageSet) omittedBy(document *packageSet) []difference {
	var all []difference
	for key, versions := range s.versions {
		listed, known := document.versions[key]
		wrong := slices.ContainsFunc(keysOf(listed), func(v string) bool { _, same := versions[v]; return !same })
		if known && (wrong || anyVersion(versions)) {
			continue
		}
		for version, written := range versions {
			if _, same := listed[version]; !same {
				all = append(all, difference{key[0], s.names[key], written, nil})
			}
		}
	}
	return sorted(all)
}

// anyVersion reports whether a package is there whose version is not known.
func anyVersion(versions map[string]string) bool { _, ok := versions[""]; return ok }

func keysOf(m map[string]string) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}

// sorted puts a distribution's packages first.
func sorted(all []difference) []difference {
	slices.SortFunc(all, func(a, b difference) int {
		if c := int(comparableKinds[a.kind]) - int(comparableKinds[b.kind]); c != 0 {
			return c
		}
		return strings.Compare(a.kind+"\x00"+a.name+"\x00"+a.version, b.kind+"\x00"+b.name+"\x00"+b.version)
	})
	return all
}
