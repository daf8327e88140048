package sbom

import (
	syftsbom "github.com/anchore/syft/syft/sbom"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// document is what [Write] needs of one image.
type document struct {
	sbom   *syftsbom.SBOM
	image  *layers.Image
	layers map[string]int // of packages, by Syft's id of them
}
