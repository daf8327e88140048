package report

import (
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/score"
)

// SchemaID names the contract that a report keeps.
const SchemaID = "imgaudit.report/v1"

// Report is the whole answer about one target. Its JSON form is a contract: see
// the schema beside this file.
type Report struct {
	Schema          string            `json:"schema"`
	Tool            Tool              `json:"tool"`
	Images          []Image           `json:"images"`
	Findings        []finding.Finding `json:"findings"`
	Suppressed      []Suppression     `json:"suppressed"`
	Coverage        Coverage          `json:"coverage"`
	SBOM            []SBOM            `json:"sbom"`
	Vulnerabilities []Vulnerabilities `json:"vulnerabilities"`
	Score           []Score           `json:"score"`
}

// Tool is what made the report.
type Tool struct {
	Name    string   `json:"name"`
	Version string   `json:"version"`
	Rules   []string `json:"rules"`  // rule sets with their versions
	Loaded  []string `json:"loaded"` // configuration that was read
}

// Image is one image of the target.
type Image struct {
	Reference      string  `json:"reference"`
	Source         string  `json:"source"`
	Platform       string  `json:"platform"`
	ManifestDigest *string `json:"manifestDigest"`
	ImageID        string  `json:"imageID"`
	Created        string  `json:"created,omitempty"` // RFC 3339
	Layers         []Layer `json:"layers"`
}

// Layer is one layer of an image.
type Layer struct {
	Index           int     `json:"index"`
	Digest          *string `json:"digest"`
	DiffID          string  `json:"diffID"`
	MediaType       string  `json:"mediaType"`
	CompressedBytes int64   `json:"compressedBytes"`
	Bytes           int64   `json:"bytes"`
	Files           int64   `json:"files"`
	Instruction     *string `json:"instruction"`
	Base            bool    `json:"base"`
	Complete        bool    `json:"complete"`
}

// Suppression is a finding, or a place of one, that something silenced.
type Suppression struct {
	Finding string `json:"finding"` // id
	Rule    string `json:"rule"`
	Path    string `json:"path"` // of the place, if the finding has places
	By      string `json:"by"`   // what silenced it
	Reason  string `json:"reason"`

	// Package is set for a vulnerability alone: the name and version of what it is in.
	Package string `json:"package,omitempty"`
}

// Coverage is the ledger: what was scanned, and what was not.
type Coverage struct {
	Complete bool         `json:"complete"`
	Scanned  Scanned      `json:"scanned"`
	Gaps     []LedgerLine `json:"gaps"`
	Notes    []LedgerLine `json:"notes"`
}

// Scanned counts what was read, each distinct blob once.
type Scanned struct {
	Files int64 `json:"files"`
	Bytes int64 `json:"bytes"`
}

// LedgerLine is all that was not read, or not opened, for one reason in one layer.
type LedgerLine struct {
	Image    *int     `json:"image"` // nil when it belongs to no image
	Layer    *int     `json:"layer"` // nil when it is about the image as a whole
	Reason   string   `json:"reason"`
	Detail   string   `json:"detail"`
	Files    int64    `json:"files"`
	Bytes    int64    `json:"bytes"`
	Examples []string `json:"examples"`
}

// Vulnerabilities sums up what is known of the packages of one image. The matches
// themselves are findings.
type Vulnerabilities struct {
	Image          int                      `json:"image"`
	Assessed       bool                     `json:"assessed"`
	Reason         string                   `json:"reason"`   // why not, if they were not assessed
	Database       *Database                `json:"database"` // nil if they were not assessed
	Matches        int                      `json:"matches"`  // findings of the report
	BySeverity     map[finding.Severity]int `json:"bySeverity"`
	Fixable        int                      `json:"fixable"` // a version without the flaw is known
	Hidden         int                      `json:"hidden"`  // in packages that no final file shows
	KnownExploited int                      `json:"knownExploited"`
	Suppressed     int                      `json:"suppressed"`
	Remarks        []string                 `json:"remarks"`
}

// Database is the vulnerability database that was asked.
type Database struct {
	Schema   string `json:"schema"`
	Built    string `json:"built"`   // RFC 3339; empty if it does not say
	Newest   string `json:"newest"`  // when the newest of its data were taken; RFC 3339, empty if it does not say
	AgeDays  *int   `json:"ageDays"` // of the older of both, at the time of the run; nil if it does not say
	Old      bool   `json:"old"`     // past the age that the user allows
	Checksum string `json:"checksum"`
	Source   string `json:"source"`
}

// Score is the verdict on one image in numbers, with what moved each.
type Score struct {
	Image int `json:"image"`
	score.Result
}
