package layers

import (
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Image is one image of a source.
type Image struct {
	Reference      string         // as the user or the source names it; may be empty
	Source         string         // kind of source: registry, oci-dir, oci-archive, docker-archive, docker, podman, dir, stdin
	Platform       string         // os/arch[/variant] that was taken
	ManifestDigest string         // empty where the form of the image has none
	ID             string         // digest of the configuration; empty without one
	Config         *v1.ConfigFile // nil if it could not be read or, as for dir, there is none
	RawConfig      []byte
	Layers         []Layer // from the base up
	Attestations   []Attestation
	Beside         []Document // if Options.Beside asks for them
	Gaps           []Remark
	Notes          []Remark
}

// Attestation is a statement about an image that its builder stored beside it in the index, as
// BuildKit does: an in-toto statement in JSON.
type Attestation struct {
	Predicate string // the type of what it says, as https://slsa.dev/provenance/v0.2
	Statement []byte
}

// Layer is one layer of one image: what manifest, configuration and history say
// of it, and after the walk what was found in it.
type Layer struct {
	Index     int               // 0 is the base
	Key       string            // names the blob within its source; layers with equal keys share a blob
	MediaType string            // as the manifest claims
	Digest    string            // of the blob as stored, as the manifest claims; empty if it does not say
	Size      int64             // of the blob as stored, as claimed; -1 if unknown
	DiffID    string            // of the uncompressed tar, as the configuration claims; may be empty
	URLs      []string          // of a non-distributable layer; never followed
	Annots    map[string]string // the descriptor's annotations

	Instruction *string   // what built it; nil when history does not fit the layers
	Created     time.Time // from history; zero if unknown
	Base        bool      // belongs to the base image, by a documented guess

	// Unreadable says why a layer is not read at all: foreign, encrypted,
	// of an unknown type. It becomes a gap.
	Unreadable *Remark

	// Facts is set by Walk; nil where nothing could be read.
	Facts *Facts
}
