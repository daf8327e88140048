package layers

import (
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// class is what a media type makes of a document.
type class int

const (
	isUnknown class = iota // says nothing: the content decides
	isIndex
	isManifest
	isOther // is neither
)

func classify(t types.MediaType) class {
	switch {
	case t.IsIndex():
		return isIndex
	case t.IsImage(), isSchema1(t):
		return isManifest
	case t == "", t == "application/json", t == "application/octet-stream", strings.HasPrefix(string(t), "text/plain"):
		return isUnknown
	}
	return isOther
}

func isSchema1(t types.MediaType) bool { return t.IsSchema1() }

// isAttestation recognises what BuildKit stores beside images: provenance and
// SBOMs, one manifest for each image.
func isAttestation(d v1.Descriptor) bool {
	if d.Annotations["vnd.docker.reference.type"] == "attestation-manifest" {
		return true
	}
	return d.Platform != nil && d.Platform.OS == "unknown" && d.Platform.Architecture == "unknown"
}

// isTar reports whether a layer of this type is a tar, compressed or not. How it
// is compressed its first bytes say, not its type.
func isTar(mediaType string) bool {
	for _, prefix := range []string{
		"application/vnd.oci.image.layer.v1.tar",
		"application/vnd.oci.image.layer.nondistributable.v1.tar",
		"application/vnd.docker.image.rootfs.diff.tar",
		"application/vnd.docker.image.rootfs.foreign.diff.tar",
		"application/vnd.docker.container.image.rootfs.diff+x-gtar",
	} {
		if strings.HasPrefix(mediaType, prefix) {
			return true
		}
	}
	switch mediaType {
	case "", "application/octet-stream", "application/tar", "application/x-tar", "application/tar+gzip",
		"application/tar+zstd", "application/gzip", "application/x-gzip", "application/x-gtar", "application/zstd":
		return true
	}
	return false
}

// artifactKind names what a manifest is if it is no image, or gives "".
//
// A configuration of the image's type is not enough: tools put it over
// attestations and signatures as well, so the layers are asked too.
func artifactKind(m *manifestDoc, artifactType string) string {
	if m.ArtifactType != "" {
		artifactType = m.ArtifactType
	}
	config := ""
	if m.Config != nil {
		config = string(m.Config.MediaType)
	}
	tars := 0
	for _, l := range m.Layers {
		if mt := strings.ToLower(strings.TrimSuffix(string(l.MediaType), "+encrypted")); isTar(mt) {
			tars++
		}
	}
	isImage := types.MediaType(config).IsConfig()
	switch {
	case isImage && (tars > 0 || len(m.Layers) == 0 && artifactType == ""):
		return ""
	case isImage:
		// An image whose every layer is of an unknown type, or an artifact.
		layer := ""
		if len(m.Layers) > 0 {
			layer = string(m.Layers[0].MediaType)
		}
		if kind := knownArtifact(layer, artifactType); kind != "" {
			return kind
		}
		if artifactType == "" && strings.Contains(layer, "image.layer") {
			return "" // say, squashfs: each layer is a gap
		}
		return kindOfArtifact(artifactType, layer)
	case (config == "" || config == "application/octet-stream") && artifactType == "" && tars > 0 && tars == len(m.Layers):
		return "" // as Docker 1.10 pushed
	}
	return kindOfArtifact(config, artifactType)
}

// kindOfArtifact names an artifact by the first of its types that is known.
func kindOfArtifact(mediaTypes ...string) string {
	if kind := knownArtifact(mediaTypes...); kind != "" {
		return kind
	}
	for _, t := range mediaTypes {
		switch t {
		case "", "application/vnd.oci.empty.v1+json", "application/vnd.oci.image.manifest.v1+json", "application/vnd.unknown.config.v1+json":
			continue
		}
		return "an artifact of type " + finding.EscapeText(t)
	}
	return "an artifact of no known type"
}

func knownArtifact(mediaTypes ...string) string {
	for _, t := range mediaTypes {
		for _, known := range [...]struct{ part, kind string }{
			{"helm", "a Helm chart"},
			{"wasm", "a WebAssembly module"},
			{"in-toto", "an attestation"},
			{"cosign", "a cosign signature"},
			{"sigstore", "a Sigstore bundle"},
			{"notary", "a Notary signature"},
			{"docker.plugin", "a Docker plugin"},
			{"docker.ai", "an AI model"},
			{"ollama", "an AI model"},
			{"cyclonedx", "an SBOM"},
			{"spdx", "an SBOM"},
			{"oci.artifact.manifest", "an OCI artifact"},
			{"buildkit.cacheconfig", "a BuildKit cache"},
			{"cncf.flux", "a Flux artifact"},
			{"singularity", "a Singularity image file"},
			{"sylabs", "a Singularity image file"},
		} {
			if strings.Contains(strings.ToLower(t), known.part) {
				return known.kind
			}
		}
	}
	return ""
}
