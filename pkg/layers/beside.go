package layers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// ReasonBeside is the reason of notes on documents beside an image that could not be read.
const ReasonBeside = "beside"

// Document is a document about an image that lies beside it: a bill of materials or a
// VEX document, bare or as the predicate of an attestation, which may be signed. Nothing
// but its digest has been verified: whoever may write beside the image can have made it.
type Document struct {
	From   string // Attested or Referring
	Kind   string // predicate type of an attestation if that is said outside it, else media type
	Digest string // of the document as stored
	Raw    []byte
}

// Where documents beside an image are found.
const (
	Attested  = "attestation" // in the image's index, as BuildKit writes them
	Referring = "referrer"    // in a manifest whose subject is the image
)

// Bounds of what is read beside one image. Each document is bounded by Limits.Document.
const (
	maxReferrers = 64 // manifests that are looked into
	maxBeside    = 32 // documents that are kept
)

// The parts of predicate types, artifact types and media types that documents have which
// are read: bills of materials and VEX, and what signatures wrap them in.
var (
	documentTypes = []string{"spdx", "cyclonedx", "syft", "vex"}
	envelopeTypes = []string{"in-toto", "dsse", "sigstore.bundle"}
	otherTypes    = []string{"cosign.artifact.sig", "cosign.simplesigning", "notary.signature", "helm.", "provenance"}
)

// isDocumentType reports whether something of this type is read from beside an image.
func isDocumentType(t string, also ...string) bool {
	t = strings.ToLower(t)
	has := func(part string) bool { return strings.Contains(t, part) }
	return slices.ContainsFunc(documentTypes, has) || slices.ContainsFunc(also, has)
}

// beside adds a document to an image, if there is still room.
func (img *Image) beside(d Document) {
	switch n := len(img.Beside); {
	case n < maxBeside:
		img.Beside = append(img.Beside, d)
	case n == maxBeside:
		img.Notes = AddRemark(img.Notes, Remark{Reason: ReasonBeside,
			Detail: fmt.Sprintf("there are more than %d documents beside the image; the rest was not read", maxBeside)})
	}
}

// lister lists the descriptors of what may refer to an image by its digest.
type lister func(ctx context.Context, digest string) ([]v1.Descriptor, error)

// readReferrers reads the documents that refer to an image. What cannot be read is a
// note: the image is whole without it.
func readReferrers(ctx context.Context, img *Image, list lister, docs documents, opts Options) {
	if !opts.Beside || img.ManifestDigest == "" {
		return
	}
	found, err := list(ctx, img.ManifestDigest)
	if err != nil {
		img.Notes = AddRemark(img.Notes, besideNote(err, "the list of what refers to the image"))
	}
	limit := documentLimit(opts.Limits)
	r := &resolver{docs: docs, limit: limit, left: min(limit, math.MaxInt64/maxDocumentsTotal) * maxDocumentsTotal}
	looked := 0
	for _, d := range found {
		// Many a registry says nothing of the type, or the configuration's.
		if slices.ContainsFunc(otherTypes, func(part string) bool { return strings.Contains(d.ArtifactType, part) }) || classify(d.MediaType) == isOther {
			continue
		}
		if looked++; looked > maxReferrers {
			img.Notes = AddRemark(img.Notes, Remark{Reason: ReasonBeside,
				Detail: fmt.Sprintf("more than %d manifests refer to the image; the rest was not looked into", maxReferrers)})
			return
		}
		if err := r.referrer(ctx, img, d); err != nil {
			if ctx.Err() != nil {
				return
			}
			img.Notes = AddRemark(img.Notes, besideNote(err, "the manifest "+d.Digest.String()+", said to refer to the image,"))
		}
	}
}

// referrer reads the documents of one manifest, if it does refer to the image.
func (r *resolver) referrer(ctx context.Context, img *Image, d v1.Descriptor) error {
	if d.Digest == (v1.Hash{}) || d.Size < 0 {
		return errors.New("it has no digest or a negative size")
	}
	doc, err := r.document(ctx, d)
	if err != nil {
		return err
	}
	if doc.manifest == nil || doc.manifest.Subject == nil || doc.manifest.Subject.Digest.String() != img.ManifestDigest {
		return nil
	}
	for _, l := range doc.manifest.Layers {
		kind := string(l.MediaType)
		for _, key := range []string{annotationPredicate, "predicateType", "dev.sigstore.bundle.predicateType"} {
			if p := l.Annotations[key]; p != "" {
				kind = p
			}
		}
		if kind == string(l.MediaType) && !isDocumentType(kind) && isDocumentType(doc.manifest.ArtifactType) {
			kind = doc.manifest.ArtifactType // a layer of a type that says nothing
		}
		if !isDocumentType(kind, envelopeTypes...) {
			continue
		}
		if len(img.Beside) == maxBeside {
			img.beside(Document{})
			return nil
		}
		raw, err := r.read(ctx, l)
		if err != nil {
			return fmt.Errorf("reading the document %s: %w", l.Digest, err)
		}
		img.beside(Document{From: Referring, Kind: kind, Digest: l.Digest.String(), Raw: raw})
	}
	return nil
}

func besideNote(err error, what string) Remark {
	return Remark{Reason: ReasonBeside, Detail: fmt.Sprintf("%s could not be read: %s", what, finding.EscapeText(err.Error()))}
}

// referrers lists what in a layout may refer to an image: entries of index.json without
// a name of their own, of which the first are looked at, and what is listed under the tag
// that stands in for the referrers of an image.
func (b *bundle) referrers(ctx context.Context, digest string) ([]v1.Descriptor, error) {
	index, err := b.index()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found []v1.Descriptor
	for _, d := range index.Manifests {
		names := entryNames(d)
		switch {
		case d.Digest.String() == digest || isAttestation(d):
		case slices.Contains(names, fallbackTag(digest)):
			raw, err := b.document(ctx, d)
			if err != nil {
				return nil, err
			}
			doc, err := parseDocument(raw, d.MediaType)
			if err != nil {
				return nil, err
			}
			if doc.index != nil {
				found = append(found, doc.index.Manifests...)
			}
		case d.ArtifactType != "" || len(names) == 0:
			found = append(found, d)
		}
	}
	slices.SortFunc(found, func(x, y v1.Descriptor) int { return strings.Compare(x.Digest.String(), y.Digest.String()) })
	return slices.CompactFunc(found, func(x, y v1.Descriptor) bool { return x.Digest == y.Digest }), nil
}

// fallbackTag is the tag that lists what refers to a manifest where a registry has no
// better way (OCI distribution specification 1.1, "Referrers Tag Schema").
func fallbackTag(digest string) string {
	algorithm, encoded, _ := strings.Cut(digest, ":")
	return algorithm[:min(len(algorithm), 32)] + "-" + encoded[:min(len(encoded), 64)]
}

func isFallbackTag(tag string) bool {
	encoded, ok := strings.CutPrefix(tag, "sha256-")
	return ok && len(encoded) == 64 && onlyOf(encoded, "")
}

// isReferrer reports whether an entry of index.json is no image, but refers to one.
func (b *bundle) isReferrer(d v1.Descriptor) bool {
	if classify(d.MediaType) == isIndex {
		return false
	}
	raw, err := b.document(context.Background(), d)
	if err != nil {
		return false
	}
	doc, err := parseDocument(raw, d.MediaType)
	return err == nil && doc.manifest != nil && doc.manifest.Subject != nil && artifactKind(doc.manifest, d.ArtifactType) != ""
}
