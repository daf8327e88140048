package layers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// parsed is one document: an index or a manifest.
type parsed struct {
	raw      []byte
	index    *indexDoc
	manifest *manifestDoc
}

type indexDoc struct {
	Manifests descriptors `json:"manifests"`
}

type manifestDoc struct {
	Config       *v1.Descriptor `json:"config"`
	Layers       descriptors    `json:"layers"`
	ArtifactType string         `json:"artifactType"`
	Subject      *v1.Descriptor `json:"subject"`
}

// descriptors is a list of bounded length.
type descriptors = bounded[v1.Descriptor]

// bounded is a list that refuses to grow beyond what any honest document holds:
// three bytes of JSON become hundreds in memory.
type bounded[T any] []T

// UnmarshalJSON reads the list item by item.
func (l *bounded[T]) UnmarshalJSON(b []byte) error {
	*l = nil
	dec := json.NewDecoder(bytes.NewReader(b))
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	if tok == nil {
		return nil
	}
	if tok != json.Delim('[') {
		return errors.New("a list is not a list")
	}
	for dec.More() {
		if len(*l) == maxDescriptors {
			return fmt.Errorf("a list has more than %d items", maxDescriptors)
		}
		var item T
		if err := dec.Decode(&item); err != nil {
			return err
		}
		*l = append(*l, item)
	}
	return nil
}

// document reads, verifies and parses an index or a manifest.
func (r *resolver) document(ctx context.Context, d v1.Descriptor) (*parsed, error) {
	if isSchema1(d.MediaType) {
		return nil, errSchema1
	}
	raw, err := r.read(ctx, d)
	if err != nil {
		return nil, err
	}
	return parseDocument(raw, d.MediaType)
}

// read gives a document that has the size and digest that its descriptor says.
func (r *resolver) read(ctx context.Context, d v1.Descriptor) ([]byte, error) {
	unverified := d.Digest == v1.Hash{}
	if !unverified && d.Size > r.limit {
		return nil, fmt.Errorf("it is said to have %d bytes, more than the limit of %d for a document", d.Size, r.limit)
	}
	var raw []byte
	var err error
	if len(d.Data) > 0 && verify(d, d.Data) == nil {
		raw = d.Data
	} else if raw, err = r.docs(ctx, d); err != nil {
		return nil, err
	}
	if int64(len(raw)) > r.limit {
		return nil, fmt.Errorf("it is larger than the limit of %d bytes for a document", r.limit)
	}
	if r.left -= int64(len(raw)); r.left < 0 {
		return nil, fmt.Errorf("manifests and configurations are larger together than %d times the limit for a document", maxDocumentsTotal)
	}
	if unverified {
		return raw, nil
	}
	return raw, verify(d, raw)
}

// mismatch is content that is not what its descriptor says.
type mismatch struct {
	reason string // of the gap
	text   string
}

func (e *mismatch) Error() string { return e.text }

func verify(d v1.Descriptor, raw []byte) error {
	if int64(len(raw)) != d.Size {
		return &mismatch{ReasonSizeMismatch, fmt.Sprintf("it has %d bytes, but should have %d", len(raw), d.Size)}
	}
	got, err := digestOf(d.Digest.Algorithm, raw)
	if err != nil {
		return err
	}
	if got != d.Digest {
		return &mismatch{ReasonDigestMismatch, fmt.Sprintf("its digest is %s, but should be %s", got, d.Digest)}
	}
	return nil
}

func digestOf(algorithm string, raw []byte) (v1.Hash, error) {
	h, err := v1.Hasher(algorithm)
	if err != nil {
		return v1.Hash{}, err
	}
	h.Write(raw)
	return v1.Hash{Algorithm: algorithm, Hex: fmt.Sprintf("%x", h.Sum(nil))}, nil
}

// gapFor turns an error into a line of the ledger.
func gapFor(err error, what string) Remark {
	reason := ReasonReadError
	var m *mismatch
	switch {
	case errors.As(err, &m):
		reason = m.reason
	case errors.Is(err, fs.ErrNotExist):
		reason = ReasonMissingBlob
	}
	return Remark{Reason: reason, Detail: fmt.Sprintf("%s could not be read: %v", what, err)}
}

var errSchema1 = errors.New("it is a Docker manifest of schema 1, which registries gave up in 2019; push the image again with a current tool")

// parseDocument tells index and manifest apart by media type and, where that is
// missing or unknown, by content.
func parseDocument(raw []byte, mediaType types.MediaType) (*parsed, error) {
	var head struct {
		SchemaVersion int             `json:"schemaVersion"`
		MediaType     types.MediaType `json:"mediaType"`
		Manifests     json.RawMessage `json:"manifests"`
		Layers        json.RawMessage `json:"layers"`
		Config        json.RawMessage `json:"config"`
		FSLayers      json.RawMessage `json:"fsLayers"`
		Blobs         json.RawMessage `json:"blobs"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, fmt.Errorf("parsing it as JSON: %s", finding.EscapeText(err.Error()))
	}
	if isSchema1(head.MediaType) || head.SchemaVersion == 1 || head.FSLayers != nil {
		return nil, errSchema1
	}
	as := classify(mediaType)
	if as != isIndex && as != isManifest {
		as = classify(head.MediaType)
	}
	// A document that is both at once, or the other than its type says, is
	// read differently by different tools: nobody writes that by accident.
	switch {
	case head.Manifests != nil && (head.Layers != nil || head.Config != nil),
		as == isIndex && head.Manifests == nil && (head.Layers != nil || head.Config != nil),
		as == isManifest && head.Manifests != nil:
		return nil, errors.New("it is ambiguous: its media type or its fields make it an index and a manifest at once")
	case as == isIndex || as != isManifest && head.Manifests != nil:
		doc := &indexDoc{}
		if err := json.Unmarshal(raw, doc); err != nil {
			return nil, fmt.Errorf("parsing the index: %s", finding.EscapeText(err.Error()))
		}
		return &parsed{raw: raw, index: doc}, nil
	case as == isManifest || head.Layers != nil || head.Config != nil || head.Blobs != nil:
		doc := &manifestDoc{}
		if err := json.Unmarshal(raw, doc); err != nil {
			return nil, fmt.Errorf("parsing the manifest: %s", finding.EscapeText(err.Error()))
		}
		return &parsed{raw: raw, manifest: doc}, nil
	}
	return nil, errors.New("it is neither a manifest nor an index")
}

// blank is an image of which nothing but the descriptor is known.
func (r *resolver) blank(d v1.Descriptor) *Image {
	img := &Image{Reference: r.reference, Source: r.kind}
	if d.Digest != (v1.Hash{}) {
		img.ManifestDigest = d.Digest.String()
	}
	return img
}

// image describes the image of a manifest.
func (r *resolver) image(ctx context.Context, d v1.Descriptor, doc *parsed) (*Image, error) {
	m := doc.manifest
	if kind := artifactKind(m, d.ArtifactType); kind != "" {
		return nil, &NotImageError{r.reference, kind}
	}
	img := r.blank(d)
	if img.ManifestDigest == "" {
		h, err := digestOf("sha256", doc.raw)
		if err != nil {
			return nil, err
		}
		img.ManifestDigest = h.String()
	}
	for i, l := range m.Layers {
		if l.Digest == (v1.Hash{}) || l.Size < 0 {
			return nil, fmt.Errorf("reading the manifest of %s: layer %d has no digest or a negative size", display(r.reference), i)
		}
		img.Layers = append(img.Layers, describeLayer(i, l))
	}
	if err := r.config(ctx, img, m.Config); err != nil {
		return nil, err
	}
	return img, nil
}

// config reads the configuration of an image. What is wrong with it is a gap:
// the layers can be read without it.
func (r *resolver) config(ctx context.Context, img *Image, d *v1.Descriptor) error {
	if d == nil || d.Digest == (v1.Hash{}) {
		img.Gaps = append(img.Gaps, Remark{Reason: ReasonBadConfig, Detail: "the manifest names no configuration"})
		return nil
	}
	img.ID = d.Digest.String()
	raw, err := r.read(ctx, *d)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		img.Gaps = append(img.Gaps, Remark{Reason: ReasonBadConfig,
			Detail: fmt.Sprintf("the configuration %s could not be read: %v", d.Digest, err)})
		return nil
	}
	applyConfig(img, raw)
	return nil
}

// applyConfig gives an image what its configuration says: platform, diffIDs and
// history. What does not fit becomes a gap or a note of the image.
func applyConfig(img *Image, raw []byte) {
	img.RawConfig = raw
	bad := func(format string, args ...any) {
		img.Gaps = append(img.Gaps, Remark{Reason: ReasonBadConfig,
			Detail: "the configuration " + finding.EscapeText(fmt.Sprintf(format, args...))})
	}
	// The lists that cost most memory are counted first.
	var lists struct {
		History bounded[struct{}] `json:"history"`
		RootFS  struct {
			DiffIDs bounded[string] `json:"diff_ids"`
		} `json:"rootfs"`
	}
	if err := json.Unmarshal(raw, &lists); err != nil {
		bad("could not be parsed: %v", err)
		return
	}
	cfg, err := v1.ParseConfigFile(bytes.NewReader(raw))
	if err != nil {
		bad("could not be parsed: %v", err)
		return
	}
	img.Config = cfg
	if p, known := fromV1(cfg.Platform()); known {
		img.Platform = p.String()
	}
	if got, want := len(cfg.RootFS.DiffIDs), len(img.Layers); got != want {
		bad("names %s for %s, so none can be verified", count(int64(got), "diffID"), count(int64(want), "layer"))
	} else {
		for i, id := range cfg.RootFS.DiffIDs {
			img.Layers[i].DiffID = id.String()
		}
	}
	img.Notes = append(img.Notes, applyHistory(img.Layers, cfg)...)
}

// describeLayer gives what a descriptor says of a layer, and why it cannot be read.
func describeLayer(index int, d v1.Descriptor) Layer {
	digest := d.Digest.String()
	l := Layer{
		Index: index, Key: digest, Digest: digest, Size: d.Size,
		MediaType: string(d.MediaType), URLs: d.URLs, Annots: d.Annotations,
	}
	mt := strings.ToLower(l.MediaType)
	shown := finding.EscapeText(l.MediaType)
	switch {
	case strings.HasSuffix(mt, "+encrypted"):
		l.Unreadable = &Remark{Reason: ReasonEncrypted, Bytes: d.Size, Detail: "the layer is encrypted (" + shown + ")"}
	case strings.Contains(mt, ".foreign.") || strings.Contains(mt, ".nondistributable."):
		l.Unreadable = &Remark{Reason: ReasonForeign, Bytes: d.Size,
			Detail: "the layer is not distributed with the image; its URLs are not followed (" + shown + ")"}
	case !isTar(mt):
		l.Unreadable = &Remark{Reason: ReasonUnknownType, Bytes: d.Size, Detail: "the layer is not known to be a tar (" + shown + ")"}
	}
	return l
}
