package vuln

import (
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/openvex/go-vex/pkg/vex"
	"github.com/package-url/packageurl-go"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/vuln/internal/vexdoc"
)

// Document is what a VEX document says.
type Document struct {
	doc    vexdoc.Document
	from   string
	beside bool // the image
}

// ReadVEX reads a document in OpenVEX or CycloneDX, alone or in an in-toto statement.
func ReadVEX(file string, r io.Reader) (Document, error) {
	raw, err := io.ReadAll(io.LimitReader(r, vexdoc.MaxBytes+1))
	if err == nil {
		var doc vexdoc.Document
		if doc, err = vexdoc.Read(raw); err == nil {
			return Document{doc: doc, from: filepath.Base(file)}, nil
		}
	}
	return Document{}, fmt.Errorf("reading %s: %w", file, err)
}

// statement is one statement with the document that makes it.
type statement struct {
	vexdoc.Statement
	from   string
	beside bool
}

// statements are all that are made, by the names of vulnerabilities, the latest last.
type statements map[string][]*statement

// statements gathers those of the user's documents and of those that lie beside the image.
func (m Matcher) statements(subject finding.Subject) (statements, []string) {
	docs := slices.Clone(m.VEX)
	var remarks []string
	for _, raw := range subject.Statements {
		doc, err := vexdoc.Read(raw)
		switch {
		case errors.Is(err, vexdoc.ErrNoVEX):
		case err != nil:
			remarks = append(remarks, "A document beside the image that looks like VEX was not understood: "+finding.EscapeText(err.Error()))
		default:
			docs = append(docs, Document{doc, "a document beside the image", true})
		}
	}
	all := statements{}
	for _, d := range docs {
		if d.doc.Lost > 0 {
			remarks = append(remarks, fmt.Sprintf("%s names %d components by references that lead nowhere; what it says of them counts for nothing.", finding.EscapeText(d.from), d.doc.Lost))
		}
		for _, s := range d.doc.Statements {
			one := &statement{s, d.from, d.beside}
			for _, id := range s.Names() {
				all[id] = append(all[id], one)
			}
		}
	}
	for _, of := range all {
		slices.SortStableFunc(of, func(a, b *statement) int { return a.Since.Compare(b.Since) })
	}
	return all, remarks
}

// about gives the latest statement on a match: on its package by itself, or as part of the
// image. A flaw goes by any of its names.
func (s statements) about(m *finding.Match, subject finding.Subject) *statement {
	if len(s) == 0 {
		return nil
	}
	products := identifiers(subject)
	// A product with no part named is matched by no part at all, which must not be one without a name.
	part := m.Detail.Package.PURL
	if part == "" {
		part = "none"
	}
	var latest *statement
	for _, id := range append([]string{m.Detail.ID}, m.Detail.Aliases...) {
		for _, one := range s[strings.ToLower(id)] {
			if latest != nil && one.Since.Before(latest.Since) {
				continue
			}
			if one.isOn(products, part) {
				latest = one
			}
		}
	}
	return latest
}

func (s *statement) isOn(products []string, part string) bool {
	for _, p := range s.Products {
		if p.Matches(part, "") {
			return true
		}
		for _, id := range products {
			if p.Matches(id, part) {
				return true
			}
		}
	}
	return false
}

// identifiers are all names by which a statement may call an image.
func identifiers(s finding.Subject) []string {
	var ids []string
	for _, d := range s.Digests {
		ids = append(ids, d, strings.TrimPrefix(d, "sha256:"), nameless(d))
	}
	for _, text := range s.Names {
		ids = append(ids, text)
		ref, err := name.ParseReference(text)
		if err != nil {
			continue
		}
		tag := ""
		if t, ok := ref.(name.Tag); ok {
			tag = t.TagStr()
		}
		for _, repository := range spellings(ref.Context()) {
			for _, version := range append([]string{""}, s.Digests...) {
				q := map[string]string{"repository_url": repository}
				if tag != "" {
					q["tag"] = tag
				}
				ids = append(ids, packageurl.NewPackageURL("oci", "", path.Base(repository), version, packageurl.QualifiersFromMap(q), "").ToString())
			}
		}
	}
	return ids
}

// nameless is the package URL of an image that has no name but its digest.
func nameless(digest string) string {
	return packageurl.NewPackageURL("oci", "", "image", digest, nil, "").ToString()
}

// spellings are the ways in which a repository is written; those of Docker's own registry are several.
func spellings(r name.Repository) []string {
	full := r.RegistryStr() + "/" + r.RepositoryStr()
	if r.RegistryStr() != name.DefaultRegistry {
		return []string{full}
	}
	return []string{full, "docker.io/" + r.RepositoryStr(), "docker.io/" + strings.TrimPrefix(r.RepositoryStr(), "library/")}
}

// settles reports whether the flaw is none in the product.
func (s *statement) settles() bool {
	return s.Status == vex.StatusNotAffected || s.Status == vex.StatusFixed
}

// said joins what a statement says with those of more that are not empty.
func (s *statement) said(more ...string) string {
	more = append(more, string(s.Justification), s.ImpactStatement, s.StatusNotes)
	return strings.Join(slices.DeleteFunc(more, func(text string) bool { return text == "" }), ": ")
}

// reason is the status with what is said for it.
func (s *statement) reason() string { return s.said(string(s.Status)) }

func (s *statement) annotation() *finding.VEXStatement {
	return &finding.VEXStatement{Status: string(s.Status), Reason: s.said(), Action: s.ActionStatement, From: s.from}
}
