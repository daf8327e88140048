package report

import "github.com/imgaudit/imgaudit/pkg/finding"

// SBOM summarises the packages of one image.
type SBOM struct {
	Image      int             `json:"image"`
	Packages   int             `json:"packages"`
	ByType     map[string]int  `json:"byType"`
	Licenses   []LicenseCount  `json:"licenses"`   // the most frequent first
	Unlicensed int             `json:"unlicensed"` // packages that name no licence
	Denied     []DeniedPackage `json:"denied"`     // under licences that the caller does not accept
	Hidden     []HiddenPackage `json:"hidden"`
	Documents  []Document      `json:"documents"` // that lay in or beside the image, and what they are worth
	Complete   bool            `json:"complete"`
}

// Document is a bill of materials that was held against the packages of the image. Which packages
// differ is told by findings.
type Document struct {
	Path     string `json:"path"` // in the image, or as "referrer!/0" beside it
	Format   string `json:"format"`
	Digest   string `json:"digest,omitempty"` // of one beside the image
	Layer    *int   `json:"layer"`            // nil for one beside the image
	Whole    bool   `json:"whole"`            // it says that it is about the image, not about a part of it
	Packages int    `json:"packages"`         // that it lists and that can be compared
	Missing  *int   `json:"missing"`          // of these, that the image has not; nil if that was not judged
	Omitted  *int   `json:"omitted"`          // packages of the image that it does not list; nil if that was not judged
}

// Agrees reports whether nothing that was judged of a document differs.
func (d Document) Agrees() bool {
	return (d.Missing == nil || *d.Missing == 0) && (d.Omitted == nil || *d.Omitted == 0)
}

// LicenseCount is how many packages name a licence: an SPDX expression, or words of the
// package's own.
type LicenseCount struct {
	License  string `json:"license"`
	Packages int    `json:"packages"`
}

// DeniedPackage is a package that cannot be kept without a licence that is denied.
type DeniedPackage struct {
	Name        string   `json:"name"`
	Version     string   `json:"version"`
	Type        string   `json:"type"`
	PURL        string   `json:"purl"`
	Licenses    []string `json:"licenses"`
	By          string   `json:"by"` // the denied licence, as the caller wrote it
	Layer       *int     `json:"layer"`
	Instruction *string  `json:"instruction"`
	Hidden      bool     `json:"hidden"` // only a lower layer has it; whoever gets the image gets it too
}

// HiddenPackage is a package that a lower layer has and the final image has not.
type HiddenPackage struct {
	Name            string         `json:"name"`
	Version         string         `json:"version"`
	Type            string         `json:"type"`
	PURL            string         `json:"purl"`
	Paths           []string       `json:"paths"` // escaped by [finding.EscapePath]
	Layer           *int           `json:"layer"` // that brought it
	Instruction     *string        `json:"instruction"`
	Fate            finding.Fate   `json:"fate"` // deleted, or overwritten by another version
	FateBy          finding.FateBy `json:"fateBy,omitempty"`
	FateLayer       *int           `json:"fateLayer"`
	FateInstruction *string        `json:"fateInstruction"`
	Successor       string         `json:"successor,omitempty"` // the version that came in its place
}
