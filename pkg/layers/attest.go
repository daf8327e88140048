package layers

import (
	"context"
	"fmt"
	"strings"
)

// The annotations of attestations (BuildKit, docs/attestations/attestation-storage.md).
const (
	annotationOf        = "vnd.docker.reference.digest"
	annotationPredicate = "in-toto.io/predicate-type"
)

// maxAttestations is how many statements about one image are read.
const maxAttestations = 64

// attest reads the provenance that the index has of an image, and bills of materials, which are
// large, if they are wanted. What cannot be read is a note: the image is whole without it.
func (r *resolver) attest(ctx context.Context, img *Image) {
	for _, d := range r.attestations {
		if d.Annotations[annotationOf] != img.ManifestDigest || img.ManifestDigest == "" {
			continue
		}
		doc, err := r.document(ctx, d)
		if err == nil && doc.manifest == nil {
			err = fmt.Errorf("it is called a manifest, but is an index")
		}
		if err != nil {
			img.Notes = append(img.Notes, attestationNote(err))
			continue
		}
		for _, l := range doc.manifest.Layers {
			predicate := l.Annotations[annotationPredicate]
			provenance := strings.Contains(predicate, "provenance") && len(img.Attestations) < maxAttestations
			wanted := r.beside && isDocumentType(predicate) && len(img.Beside) < maxBeside
			if !strings.Contains(string(l.MediaType), "in-toto") || !provenance && !wanted {
				continue
			}
			raw, err := r.read(ctx, l)
			if err != nil {
				img.Notes = append(img.Notes, attestationNote(err))
				continue
			}
			if provenance {
				img.Attestations = append(img.Attestations, Attestation{Predicate: predicate, Statement: raw})
			} else {
				img.beside(Document{From: Attested, Kind: predicate, Digest: l.Digest.String(), Raw: raw})
			}
		}
	}
}

func attestationNote(err error) Remark {
	note := gapFor(err, "an attestation of the image")
	note.Reason = ReasonAttestation
	return note
}
