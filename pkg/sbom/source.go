package sbom

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/anchore/syft/syft/artifact"
	"github.com/anchore/syft/syft/file"
	syftsbom "github.com/anchore/syft/syft/sbom"
	syftsource "github.com/anchore/syft/syft/source"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// source is an image as Syft sees one.
type source struct {
	resolver *resolver // of the final view
	layered  *layered  // of all layers; nil if nobody asks for it
	about    syftsource.Description
}

var _ syftsource.Source = (*source)(nil)

func newSource(image *layers.Image, r *resolver) *source {
	m := syftsource.ImageMetadata{
		UserInput: image.Reference, ID: image.ID, ManifestDigest: image.ManifestDigest,
		Tags: []string{}, RepoDigests: []string{}, Layers: []syftsource.LayerMetadata{},
	}
	if os, rest, ok := strings.Cut(image.Platform, "/"); ok {
		m.OS = os
		m.Architecture, m.Variant, _ = strings.Cut(rest, "/")
	}
	for _, l := range image.Layers {
		about := syftsource.LayerMetadata{MediaType: l.MediaType, Digest: diffID(l)}
		if l.Facts != nil {
			about.Size = l.Facts.FileBytes
		}
		m.Size += about.Size
		m.Layers = append(m.Layers, about)
	}
	if image.Config != nil {
		m.Labels = image.Config.Config.Labels
	}
	name, version := nameOf(image)
	return &source{r, nil, syftsource.Description{
		ID: identity(image), Name: cmp.Or(name, image.ID), Version: cmp.Or(version, image.ManifestDigest), Metadata: m,
	}}
}

// nameOf parts the name of an image that has one in a registry from its tag or digest, as Syft
// does; others are named by where they lie.
func nameOf(image *layers.Image) (name, version string) {
	switch image.Source {
	case "registry", "docker", "podman":
	default:
		return image.Reference, ""
	}
	name, digest, _ := strings.Cut(image.Reference, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name, version = name[:i], name[i+1:]
	}
	return name, cmp.Or(version, digest)
}

// identity names an image alike whatever form it comes in: by its configuration.
func identity(image *layers.Image) string {
	if id := image.ID; id != "" {
		return strings.TrimPrefix(id, "sha256:")
	}
	if n := len(image.Layers); n > 0 {
		return strings.TrimPrefix(diffID(image.Layers[n-1]), "sha256:")
	}
	return "empty"
}

func (s *source) ID() artifact.ID                  { return artifact.ID(s.about.ID) }
func (s *source) Describe() syftsource.Description { return s.about }
func (s *source) Close() error                     { return nil }

func (s *source) FileResolver(scope syftsource.Scope) (file.Resolver, error) {
	switch {
	case scope == syftsource.SquashedScope:
		return s.resolver, nil
	case scope == syftsource.AllLayersScope && s.layered != nil:
		return s.layered, nil
	}
	return nil, fmt.Errorf("there is no resolver of scope %q", scope)
}

// describeFiles adds the files of packages to a bill of the source's scope.
func (s *source) describeFiles(bill *syftsbom.SBOM) error {
	if s.layered != nil {
		return describeFiles(bill, s.layered)
	}
	return describeFiles(bill, s.resolver)
}
