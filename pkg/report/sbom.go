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
	Complete   bool            `json:"complete"`
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
