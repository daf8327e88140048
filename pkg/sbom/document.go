package sbom

import (
	syftsbom "github.com/anchore/syft/syft/sbom"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// Syft gives a bill in Syft's own form, for those who go on with Syft's libraries; false
// if no [Cataloger] made it. It is shared, not to be changed.
func Syft(bill finding.Bill) (*syftsbom.SBOM, bool) {
	d, ok := bill.Document.(*document)
	if !ok {
		return nil, false
	}
	return d.sbom, true
}

// SyftHidden gives the packages of [finding.Bill.Hidden] as Syft gives those of the
// image, with the same source and distribution and under the same ids; false if no
// [Cataloger] made the bill. It is shared, not to be changed.
func SyftHidden(bill finding.Bill) (*syftsbom.SBOM, bool) {
	d, ok := bill.Document.(*document)
	if !ok {
		return nil, false
	}
	return d.hidden, true
}

// document is what [Write] needs of one image.
type document struct {
	sbom   *syftsbom.SBOM
	hidden *syftsbom.SBOM
	image  *layers.Image
	bill   finding.Bill
}
