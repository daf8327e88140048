package layers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// Bounds on what the documents of one target may ask for. Real images have a
// few dozen platforms in one index, or two indexes within each other.
const (
	maxIndexDepth     = 4
	maxIndexes        = 64
	maxDescriptors    = 10_000 // in one list of one document
	maxCandidates     = 10_000
	maxDocumentsTotal = 16 // times Limits.Document, in bytes
)

// The reasons of notes on an image that say how it was chosen.
const (
	ReasonPlatform    = "platform"    // which image of an index was taken, and why
	ReasonAttestation = "attestation" // attestations beside the images were not scanned as images
	ReasonArtifact    = "artifact"    // nor were artifacts of other kinds
)

// documents gives one manifest, index or configuration by its descriptor, and
// fs.ErrNotExist if the source does not have it. It reads no more than the
// limit of a document (see readDocument); it need not verify anything.
type documents func(ctx context.Context, d v1.Descriptor) ([]byte, error)

// NotImageError says that a target is something that registries keep and that
// is not a container image.
type NotImageError struct {
	Reference string
	Kind      string // "a Helm chart"
}

func (e *NotImageError) Error() string {
	return fmt.Sprintf("%s is %s, not an image", display(e.Reference), e.Kind)
}

// resolve finds the images that a root document leads to and that opts asks
// for. A root without a digest is taken as it is; every other document must
// have the size and digest that its descriptor says.
//
// What is wrong with the root, or with the one image that was chosen, is an
// error: nothing can be judged. Of many images, each keeps what is wrong with
// it in its own ledger.
func resolve(ctx context.Context, root v1.Descriptor, reference, kind string, docs documents, opts Options) ([]*Image, error) {
	wish, err := parsePlatform(opts.Platform)
	if err != nil {
		return nil, err
	}
	limit := documentLimit(opts.Limits)
	r := &resolver{
		reference: reference, kind: kind, docs: docs, limit: limit, beside: opts.Beside,
		left: min(limit, math.MaxInt64/maxDocumentsTotal) * maxDocumentsTotal,
		seen: map[v1.Hash]bool{},
	}
	doc, err := r.document(ctx, root)
	if err != nil {
		return nil, fmt.Errorf("reading the manifest of %s: %w", display(reference), err)
	}
	if doc.index == nil {
		img, err := r.image(ctx, root, doc)
		if err != nil {
			return nil, err
		}
		if err := checkPlatform(img, wish, opts); err != nil {
			return nil, err
		}
		return []*Image{img}, nil
	}

	if err := r.collect(ctx, root, doc.index, 1); err != nil {
		return nil, fmt.Errorf("reading the index of %s: %w", display(reference), err)
	}
	var images []*Image
	if opts.AllPlatforms {
		images, err = r.all(ctx)
	} else {
		images, err = r.choose(ctx, wish, opts.Platform == "")
	}
	if err != nil {
		return nil, err
	}
	for _, img := range images {
		r.attest(ctx, img)
		img.Gaps = append(img.Gaps, r.gaps...)
		img.Notes = append(img.Notes, r.notes()...)
	}
	return images, nil
}

type resolver struct {
	reference, kind string
	docs            documents
	limit, left     int64
	beside          bool             // documents are wanted
	seen            map[v1.Hash]bool // indexes and manifests met
	indexes         int

	candidates   []candidate
	attestations []v1.Descriptor
	others       int64 // entries of indexes that are neither images nor attestations
	otherKinds   []string
	gaps         []Remark // of indexes that could not be read
}

// candidate is one entry of an index that may be an image.
type candidate struct {
	desc     v1.Descriptor
	platform platform
	known    bool // the index names the platform
}

// collect gathers the candidates of an index and of the indexes within it.
func (r *resolver) collect(ctx context.Context, at v1.Descriptor, index *indexDoc, depth int) error {
	if r.indexes++; r.indexes > maxIndexes {
		return fmt.Errorf("more than %d indexes within each other", maxIndexes)
	}
	r.seen[at.Digest] = true
	for i, d := range index.Manifests {
		switch {
		case d.Digest == (v1.Hash{}) || d.Size < 0:
			return fmt.Errorf("entry %d has no digest or a negative size", i)
		case isAttestation(d):
			r.attestations = append(r.attestations, d)
			continue
		case r.seen[d.Digest]:
			continue
		}
		r.seen[d.Digest] = true
		switch classify(d.MediaType) {
		case isOther:
			r.other(kindOfArtifact(string(d.MediaType), d.ArtifactType))
		case isIndex:
			if err := r.nested(ctx, d, depth); err != nil {
				return err
			}
		default:
			if len(r.candidates) == maxCandidates {
				return fmt.Errorf("more than %d images", maxCandidates)
			}
			p, known := fromV1(d.Platform)
			r.candidates = append(r.candidates, candidate{d, p, known})
		}
	}
	return nil
}

// nested collects an index within an index. One that cannot be read is a gap:
// the others may hold what is asked for.
func (r *resolver) nested(ctx context.Context, d v1.Descriptor, depth int) error {
	if depth == maxIndexDepth {
		return fmt.Errorf("more than %d indexes within each other", maxIndexDepth)
	}
	doc, err := r.document(ctx, d)
	if err == nil && doc.index == nil {
		err = errors.New("it is called an index, but is a manifest")
	}
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		r.gaps = append(r.gaps, gapFor(err, fmt.Sprintf("the index %s", d.Digest)))
		return nil
	}
	return r.collect(ctx, d, doc.index, depth+1)
}

func (r *resolver) other(kind string) {
	r.others++
	if len(r.otherKinds) < 5 {
		r.otherKinds = append(r.otherKinds, kind)
	}
}

// notes tells what in the index is no image.
func (r *resolver) notes() []Remark {
	var notes []Remark
	if n := len(r.attestations); n > 0 {
		notes = append(notes, Remark{Reason: ReasonAttestation,
			Detail: fmt.Sprintf("besides images the index holds %s", count(int64(n), "attestation manifest"))})
	}
	if r.others > 0 {
		notes = append(notes, Remark{Reason: ReasonArtifact, Examples: r.otherKinds,
			Detail: fmt.Sprintf("besides images the index holds %s", count(r.others, "other entry"))})
	}
	return notes
}

// documentLimit is the most bytes that a document may have.
func documentLimit(l Limits) int64 { return l.filled().Document }

// readDocument reads a document whole, and fails on one that is longer than the
// limit before it holds more than that.
func readDocument(r io.Reader, limit int64) ([]byte, error) {
	if limit < math.MaxInt64 {
		r = io.LimitReader(r, limit+1)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	if int64(len(raw)) > limit {
		return nil, refusal("it is larger than the limit of %d bytes for a document", limit)
	}
	return raw, nil
}

// display writes a reference for an error.
func display(reference string) string {
	if reference == "" {
		return "the target"
	}
	return finding.EscapeText(reference)
}

func orUnknown(s string) string {
	if s == "" {
		return "an unknown platform"
	}
	return s
}

func count(n int64, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "y"):
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(noun, "y"))
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
