package imagemake

import (
	"encoding/json"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Refer adds to a layout a document that refers to one of its images, as an artifact whose
// manifest has the image as its subject. Where typed is false, the entry in index.json does not
// say that it is an artifact.
func Refer(files map[string][]byte, subject v1.Descriptor, mediaType string, doc []byte, typed bool) {
	manifest := encode(map[string]any{
		"schemaVersion": 2, "mediaType": types.OCIManifestSchema1, "artifactType": mediaType,
		"config":  addBlob(files, "application/vnd.oci.empty.v1+json", []byte("{}")),
		"layers":  []v1.Descriptor{addBlob(files, mediaType, doc)},
		"subject": v1.Descriptor{MediaType: subject.MediaType, Digest: subject.Digest, Size: subject.Size},
	})
	d := addBlob(files, string(types.OCIManifestSchema1), manifest)
	if typed {
		d.ArtifactType = mediaType
	}
	Edit(files, "index.json", func(index *v1.IndexManifest) { index.Manifests = append(index.Manifests, d) })
}

// Attest makes of a layout with one image one whose index.json leads to an index of that
// image and of an attestation of it, as BuildKit writes them: an in-toto statement with a
// predicate of some type.
func Attest(files map[string][]byte, predicateType string, predicate []byte) {
	Edit(files, "index.json", func(index *v1.IndexManifest) {
		image := index.Manifests[0]
		names := image.Annotations
		image.Annotations = nil
		statement := addBlob(files, "application/vnd.in-toto+json", encode(map[string]any{
			"_type": "https://in-toto.io/Statement/v0.1", "predicateType": predicateType, "predicate": json.RawMessage(predicate),
			"subject": []any{map[string]any{"name": "_", "digest": map[string]string{image.Digest.Algorithm: image.Digest.Hex}}},
		}))
		statement.Annotations = map[string]string{"in-toto.io/predicate-type": predicateType}
		attestation := addBlob(files, string(types.OCIManifestSchema1), encode(v1.Manifest{
			SchemaVersion: 2, MediaType: types.OCIManifestSchema1,
			Config: addBlob(files, string(types.OCIConfigJSON), []byte(`{"architecture":"unknown","os":"unknown"}`)),
			Layers: []v1.Descriptor{statement},
		}))
		attestation.Platform = &v1.Platform{OS: "unknown", Architecture: "unknown"}
		attestation.Annotations = map[string]string{
			"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image.Digest.String(),
		}
		both := addBlob(files, string(types.OCIImageIndex), encode(v1.IndexManifest{
			SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: []v1.Descriptor{image, attestation},
		}))
		both.Annotations = names
		index.Manifests[0] = both
	})
}

func addBlob(files map[string][]byte, mediaType string, raw []byte) v1.Descriptor {
	d := v1.Descriptor{MediaType: types.MediaType(mediaType), Digest: Digest(raw), Size: int64(len(raw))}
	files[blobPath(d.Digest)] = raw
	return d
}
