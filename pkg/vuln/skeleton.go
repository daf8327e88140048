package vuln

import (
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/openvex/go-vex/pkg/vex"
	"github.com/package-url/packageurl-go"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// SkeletonOptions say how a skeleton is written. The zero value is right.
type SkeletonOptions struct {
	Author  string    // empty means "Unknown Author"
	Time    time.Time // zero means now
	Version string    // of the calling program
}

// WriteSkeleton writes an OpenVEX document with one statement for each vulnerability among
// the findings, status under_investigation, for somebody who knows the products to finish.
// The product is the image, by its digest, with the package as part of it; where an image
// has no digest the package is the product. It is made of the images of the findings, in
// their order.
func WriteSkeleton(w io.Writer, found []finding.Finding, images []finding.Subject, opts SkeletonOptions) error {
	doc := vex.New()
	doc.Author, doc.Tooling = opts.Author, strings.TrimSpace("imgaudit "+opts.Version)
	if doc.Author == "" {
		doc.Author = "Unknown Author"
	}
	at := opts.Time
	if at.IsZero() {
		at = time.Now()
	}
	at = at.UTC().Truncate(time.Second)
	doc.Timestamp, doc.Version = &at, 1
	doc.Statements = []vex.Statement{}
	byID := map[string][]finding.Finding{}
	for _, f := range found {
		if f.Vulnerability != nil {
			byID[f.Vulnerability.ID] = append(byID[f.Vulnerability.ID], f)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		doc.Statements = append(doc.Statements, open(id, byID[id], images))
	}
	if _, err := doc.GenerateCanonicalID(); err != nil {
		return fmt.Errorf("writing OpenVEX: %w", err)
	}
	if err := doc.ToJSON(w); err != nil {
		return fmt.Errorf("writing OpenVEX: %w", err)
	}
	return nil
}

// open is the statement that nobody has made up his mind yet.
func open(id string, found []finding.Finding, images []finding.Subject) vex.Statement {
	s := vex.Statement{Status: vex.StatusUnderInvestigation, Vulnerability: vex.Vulnerability{Name: vex.VulnerabilityID(id)}}
	for _, alias := range found[0].Vulnerability.Aliases {
		s.Vulnerability.Aliases = append(s.Vulnerability.Aliases, vex.VulnerabilityID(alias))
	}
	parts := map[string][]string{} // of products
	var products []string
	for _, f := range found {
		part := f.Vulnerability.Package.PURL
		for _, l := range f.Locations {
			product := ""
			if l.Image < len(images) {
				product = productOf(images[l.Image])
			}
			p := part
			if product == "" {
				product, p = part, ""
			}
			if product == "" {
				continue // neither has a name that a statement could use
			}
			if !slices.Contains(products, product) {
				products = append(products, product)
			}
			if p != "" && !slices.Contains(parts[product], p) {
				parts[product] = append(parts[product], p)
			}
		}
	}
	slices.Sort(products)
	for _, product := range products {
		of := vex.Product{Component: vex.Component{ID: product}}
		slices.Sort(parts[product])
		for _, p := range parts[product] {
			of.Subcomponents = append(of.Subcomponents, vex.Subcomponent{Component: vex.Component{ID: p}})
		}
		s.Products = append(s.Products, of)
	}
	return s
}

// productOf gives the package URL of an image; empty if it has no digest.
func productOf(s finding.Subject) string {
	if len(s.Digests) == 0 {
		return ""
	}
	for _, text := range s.Names {
		if ref, err := name.ParseReference(text); err == nil && !strings.HasPrefix(text, "/") && !strings.HasPrefix(text, ".") {
			repository := ref.Context().RegistryStr() + "/" + ref.Context().RepositoryStr()
			q := packageurl.QualifiersFromMap(map[string]string{"repository_url": repository})
			return packageurl.NewPackageURL("oci", "", path.Base(repository), s.Digests[0], q, "").ToString()
		}
	}
	return nameless(s.Digests[0])
}
