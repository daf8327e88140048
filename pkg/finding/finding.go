package finding

import (
	"cmp"
	"slices"
)

// Category says which room of a report a finding belongs to.
type Category string

// The categories of the report's contract.
const (
	Secret        Category = "secret"
	Hygiene       Category = "hygiene"
	Config        Category = "config"
	Vulnerability Category = "vulnerability"
	Integrity     Category = "integrity"
)

// Finding is one thing that is wrong, with every place where it was seen.
type Finding struct {
	ID          string     `json:"id"`
	Rule        string     `json:"rule"`
	AlsoMatched []string   `json:"alsoMatched"` // other rules that matched the same value, sorted
	Category    Category   `json:"category"`
	Severity    Severity   `json:"severity"`
	Confidence  Confidence `json:"confidence"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Remediation string     `json:"remediation"`
	Visible     bool       `json:"visible"` // true if any location is present, or not known to be gone
	CWE         []string   `json:"cwe"`
	Controls    []string   `json:"controls"`
	References  []string   `json:"references"`
	Locations   []Location `json:"locations"`

	// Secret is set for findings of category secret alone.
	Secret *SecretDetail `json:"secret,omitempty"`

	// Vulnerability is set for findings of category vulnerability alone.
	Vulnerability *VulnerabilityDetail `json:"vulnerability,omitempty"`
}

// SecretDetail is what a finding of category secret says about its value.
type SecretDetail struct {
	Redacted string `json:"redacted"` // recognisable, but of no use to a thief
	Value    Value  `json:"-"`        // never written except on request
	Proof    Proof  `json:"proof"`
}

// Proof is what could be shown about a secret without a network: facts that
// anyone can check again, in words. Empty when nothing was shown.
type Proof []string

// Location is one place where a finding was seen.
//
// Layer is nil for the configuration and the history, which belong to no layer.
type Location struct {
	Image           int        `json:"image"` // index into the report's images
	Layer           *int       `json:"layer"` // 0 is the base
	DiffID          string     `json:"diffID,omitempty"`
	Path            string     `json:"path"`           // escaped by [EscapePath]
	Line            int        `json:"line,omitempty"` // counted from 1; 0 where lines have no meaning
	Instruction     *string    `json:"instruction"`    // nil when history does not fit the layers
	Fate            Fate       `json:"fate"`
	FateBy          FateBy     `json:"fateBy,omitempty"`
	FateLayer       *int       `json:"fateLayer,omitempty"`
	FateInstruction *string    `json:"fateInstruction,omitempty"`
	Confidence      Confidence `json:"confidence"`
	Base            bool       `json:"base"` // the layer belongs to the base image

	// Vendor is the package whose file this is, unchanged since it was installed; empty if no
	// package manager recorded so.
	Vendor string `json:"vendor,omitempty"`

	// Allowed is the reason that a comment beside a secret gives for it; empty if
	// there is no such comment. Whether it counts is for the caller.
	Allowed string `json:"allowed,omitempty"`

	// Git is set for places inside a Git repository alone; the fate is then that of
	// the file that holds the object.
	Git *GitPlace `json:"git,omitempty"`
}

// GitPlace is a place in the history of a Git repository.
type GitPlace struct {
	Object  string   `json:"object"`            // the ID of the blob, commit or tag
	File    string   `json:"file"`              // in the layer, that holds the object; escaped by [EscapePath]
	Path    string   `json:"path,omitempty"`    // in the repository, escaped; empty if no tree names the object
	Commit  string   `json:"commit,omitempty"`  // the oldest known that has it; empty if none does
	Author  string   `json:"author,omitempty"`  // name and address
	Date    string   `json:"date,omitempty"`    // when the commit was written (RFC 3339)
	Subject string   `json:"subject,omitempty"` // the first line of the commit's message
	Reach   GitReach `json:"reach"`             // how the history still leads to it
	Others  int      `json:"others,omitempty"`  // other versions of the file that hold the same secret
}

// GitReach says how a secret in a repository is still reached.
type GitReach string

// The ways, in the order of how easily it is found: in the files that HEAD names, in the
// history of a branch or tag, in the index, a stash, a reflog, or as an object that
// nothing leads to any more.
const (
	InHead      GitReach = "head"
	InHistory   GitReach = "history"
	InIndex     GitReach = "index"
	InStash     GitReach = "stash"
	InReflog    GitReach = "reflog"
	Unreachable GitReach = "unreachable"
)

// Settle puts the finding into its one canonical form: locations sorted and
// each once, visibility and confidence derived from them, and no nil list.
func (f *Finding) Settle() {
	slices.SortStableFunc(f.Locations, Location.compare)
	f.Locations = slices.CompactFunc(f.Locations, func(a, b Location) bool { return a.compare(b) == 0 })
	for i, l := range f.Locations {
		if l.Fate != Deleted && l.Fate != Overwritten {
			f.Visible = true
		}
		if i == 0 || l.Confidence.Rank() > f.Confidence.Rank() {
			f.Confidence = l.Confidence
		}
	}
	slices.Sort(f.AlsoMatched)
	f.AlsoMatched = slices.Compact(f.AlsoMatched)
	f.AlsoMatched = orEmpty(f.AlsoMatched)
	f.CWE, f.Controls, f.References = orEmpty(f.CWE), orEmpty(f.Controls), orEmpty(f.References)
	if f.Locations == nil {
		f.Locations = []Location{}
	}
}

// Sort puts findings into the order of every report: worst first, then by
// category, rule, first location and id, so that two runs print the same bytes.
func Sort(fs []Finding) {
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(
			-cmp.Compare(a.Severity.Rank(), b.Severity.Rank()),
			-cmp.Compare(a.Confidence.Rank(), b.Confidence.Rank()),
			cmp.Compare(a.Category, b.Category),
			cmp.Compare(a.Rule, b.Rule),
			slices.CompareFunc(a.Locations, b.Locations, Location.compare),
			cmp.Compare(a.ID, b.ID),
		)
	})
}

func (l Location) compare(o Location) int {
	return cmp.Or(
		cmp.Compare(l.Image, o.Image),
		cmp.Compare(layerOrder(l.Layer), layerOrder(o.Layer)),
		cmp.Compare(l.Path, o.Path),
		cmp.Compare(l.Line, o.Line),
		cmp.Compare(l.Fate, o.Fate),
		cmp.Compare(l.FateBy, o.FateBy),
	)
}

// layerOrder puts configuration and history behind all layers.
func layerOrder(layer *int) int {
	if layer == nil {
		return int(^uint(0) >> 1)
	}
	return *layer
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// Rule explains one rule: what it looks for, why that matters and what to do.
// A catalogue of rules is data; `imgaudit rules` prints it.
type Rule struct {
	ID          string     `json:"id"`
	Category    Category   `json:"category"`
	Severity    Severity   `json:"severity"`
	Confidence  Confidence `json:"confidence"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Remediation string     `json:"remediation"`
	CWE         []string   `json:"cwe"`
	Controls    []string   `json:"controls"`
	References  []string   `json:"references"`

	// CIS are the controls of Controls with the benchmark and its version apart.
	CIS []BenchmarkControl `json:"cis,omitempty"`
}

// BenchmarkControl names one control of one version of a benchmark.
type BenchmarkControl struct {
	Benchmark string `json:"benchmark"`
	Version   string `json:"version"`
	ID        string `json:"id"` // the number, as 4.1
}

// Finding starts a finding of the rule. Locations and ID are the caller's.
func (r Rule) Finding() Finding {
	return Finding{
		Rule: r.ID, Category: r.Category, Severity: r.Severity, Confidence: r.Confidence,
		Title: r.Title, Description: r.Description, Remediation: r.Remediation,
		CWE: r.CWE, Controls: r.Controls, References: r.References,
	}
}
