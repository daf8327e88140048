package sbom

import (
	syftsbom "github.com/anchore/syft/syft/sbom"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// Syft gives the packages of the final image in Syft's own form, for those who go on with
// Syft's libraries; false if no [Cataloger] made the bill. It is shared, not to be changed.
func Syft(bill finding.Bill) (*syftsbom.SBOM, bool) {
	d, ok := named(bill)
	if !ok {
		return nil, false
	}
	return d.visible, true
}

// SyftHidden gives the packages of [finding.Bill.Hidden] as Syft gives those of the
// image, with the same source and distribution and under the same ids; false if no
// [Cataloger] made the bill. It is shared, not to be changed.
func SyftHidden(bill finding.Bill) (*syftsbom.SBOM, bool) {
	d, ok := named(bill)
	if !ok {
		return nil, false
	}
	return d.hidden, true
}

// SyftOfScope gives the packages of the scope that the [Cataloger] was told, as [Syft]
// does those of the final image.
func SyftOfScope(bill finding.Bill) (*syftsbom.SBOM, bool) {
	d, ok := named(bill)
	if !ok {
		return nil, false
	}
	return d.sbom, true
}

// document is what [Write] needs of one image.
type document struct {
	sbom    *syftsbom.SBOM // of the scope
	visible *syftsbom.SBOM // of the final image
	hidden  *syftsbom.SBOM // of lower layers
	image   *layers.Image
	bill    finding.Bill
	name    func() // gives the packages their CPE names; nil if they have them

	nameless []string // packages for which that failed

	owners map[string]string // of hidden packages, while [Write] writes
}
