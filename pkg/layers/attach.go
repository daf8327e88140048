package layers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Artifact is a document to be stored beside an image.
type Artifact struct {
	Type        string // of the artifact and of its one blob, as application/spdx+json
	Content     []byte
	Annotations map[string]string // of its manifest
}

// Attached says where an artifact lies.
type Attached struct {
	Repository string // host and name
	Subject    string // digest of the image's manifest
	Digest     string // of the artifact's manifest
	Tag        string // that lists it, in a registry that keeps no such list itself; empty if it does
	Already    bool   // it was there before, and nothing was written
}

// Attach stores an artifact beside one image of a registry, as a manifest whose subject is
// the image (OCI image specification 1.1), and sees to it that it is listed: by the registry
// or, if that cannot, by the tag that stands in for the list. The same artifact is stored
// once. Mirrors are not used.
//
// No other function of the package writes to a registry.
func Attach(ctx context.Context, reference string, a Artifact, opts Options) (Attached, error) {
	return attach(ctx, reference, a, opts, registryTiming{}, authn.DefaultKeychain)
}

func attach(ctx context.Context, reference string, a Artifact, opts Options, timing registryTiming, keychain authn.Keychain) (Attached, error) {
	opts.Registry.Mirrors, opts.NoReferrers = nil, true
	s, err := newRegistry(ctx, reference, opts, timing, keychain)
	if err != nil {
		return Attached{}, err
	}
	defer s.Close()
	images, err := s.Images(ctx)
	if err != nil {
		return Attached{}, err
	}
	if len(images) != 1 {
		return Attached{}, fmt.Errorf("%s has %d images; an artifact lies beside one", display(reference), len(images))
	}
	digest, err := v1.NewHash(images[0].ManifestDigest)
	if err != nil {
		return Attached{}, err
	}
	ep := s.endpoints[0]
	subject, _, err := ep.manifest(ctx, digest.String(), digest, s.limit)
	if err != nil {
		return Attached{}, err
	}
	art, err := newArtifactImage(a, subject)
	if err != nil {
		return Attached{}, err
	}
	at := Attached{Repository: s.ref.Context().Name(), Subject: digest.String(), Digest: art.digest.String()}
	if at.Already, err = at.listed(ctx, ep, s.limit); err != nil || at.Already {
		return at, err
	}
	if err := push(ctx, ep, art, s.limit); err != nil {
		return at, fmt.Errorf("storing an artifact beside %s: %w", display(reference), err)
	}
	listed, err := at.listed(ctx, ep, s.limit)
	if err == nil && !listed {
		err = fmt.Errorf("storing an artifact beside %s: the registry took %s, but does not list it", display(reference), at.Digest)
	}
	return at, err
}

// listed asks whether the registry has the artifact and lists it for its subject, and how.
func (at *Attached) listed(ctx context.Context, ep *endpoint, limit int64) (bool, error) {
	found, err := ep.referrers(ctx, at.Subject, limit)
	if err != nil {
		return false, err
	}
	if at.Tag = ""; !found.api {
		at.Tag = fallbackTag(at.Subject)
	}
	return slices.ContainsFunc(found.manifests, func(d v1.Descriptor) bool { return d.Digest.String() == at.Digest }), nil
}

// push writes an artifact's blobs and manifest, and its line in the list of a registry
// that keeps none.
func push(ctx context.Context, ep *endpoint, art *artifactImage, limit int64) error {
	ep.actions = "pull,push"
	repo, err := name.NewRepository(ep.host + "/" + ep.repo)
	if err != nil {
		return err
	}
	img, err := partial.CompressedToImage(art)
	if err != nil {
		return err
	}
	err = remote.Write(repo.Digest(art.digest.String()), img, pusher{ep, limit}.options(ctx)...)
	var known *RegistryError
	if errors.As(err, &known) {
		return known // without the words of those who handed it on
	}
	return err
}

// artifactImage is an artifact in the form that go-containerregistry pushes.
type artifactImage struct {
	manifest []byte
	digest   v1.Hash
	content  []byte
	kind     types.MediaType
}

// The configuration of an artifact that needs none (OCI image specification 1.1, "Guidance
// for an Empty Descriptor").
const (
	emptyJSON     = "{}"
	emptyJSONType = "application/vnd.oci.empty.v1+json"
)

func newArtifactImage(a Artifact, subject v1.Descriptor) (*artifactImage, error) {
	descriptor := func(mediaType types.MediaType, raw []byte) (v1.Descriptor, error) {
		digest, err := digestOf("sha256", raw)
		return v1.Descriptor{MediaType: mediaType, Digest: digest, Size: int64(len(raw))}, err
	}
	art := &artifactImage{content: a.Content, kind: types.MediaType(a.Type)}
	config, err := descriptor(emptyJSONType, []byte(emptyJSON))
	if err != nil {
		return nil, err
	}
	layer, err := descriptor(art.kind, a.Content)
	if err != nil {
		return nil, err
	}
	art.manifest, err = json.Marshal(struct {
		SchemaVersion int               `json:"schemaVersion"`
		MediaType     types.MediaType   `json:"mediaType"`
		ArtifactType  string            `json:"artifactType"`
		Config        v1.Descriptor     `json:"config"`
		Layers        []v1.Descriptor   `json:"layers"`
		Subject       v1.Descriptor     `json:"subject"`
		Annotations   map[string]string `json:"annotations,omitempty"`
	}{2, types.OCIManifestSchema1, a.Type, config, []v1.Descriptor{layer}, v1.Descriptor{MediaType: subject.MediaType, Digest: subject.Digest, Size: subject.Size}, a.Annotations})
	if err != nil {
		return nil, err
	}
	art.digest, err = digestOf("sha256", art.manifest)
	return art, err
}

// RawConfigFile, MediaType, RawManifest and LayerByDigest implement
// [partial.CompressedImageCore].
func (a *artifactImage) RawConfigFile() ([]byte, error)      { return []byte(emptyJSON), nil }
func (a *artifactImage) MediaType() (types.MediaType, error) { return types.OCIManifestSchema1, nil }
func (a *artifactImage) RawManifest() ([]byte, error)        { return a.manifest, nil }
func (a *artifactImage) LayerByDigest(v1.Hash) (partial.CompressedLayer, error) {
	return static.NewLayer(a.content, a.kind), nil
}
