package osv

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// MaxRecord is how many bytes one record may have. The largest of the public databases,
// kernel updates with their binaries, have a few MiB.
const MaxRecord = 32 << 20

// maxID bounds the bytes of an id, of a name and of a version.
const maxID = 512

// Record is one vulnerability, as far as it is used.
type Record struct {
	ID        string
	Modified  time.Time // zero if it is not told
	Published time.Time // zero if it is not told
	Withdrawn bool

	Aliases  []string
	Upstream []string
	Related  []string

	Summary, Details string
	Severity         []Severity
	Affected         []Affected
	References       []Reference

	Rating string   // the database's own word for the severity, lower case; may be empty
	CWEs   []string // as CWE-79
	URL    string   // of the record's own page, if the database tells it
}

// Severity is a score: a vector for the types that begin with CVSS, else a word.
type Severity struct {
	Type  string `json:"type"`
	Score string `json:"score"`
}

// Reference is an address with more about a vulnerability.
type Reference struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

// Affected says which versions of one package have the vulnerability.
type Affected struct {
	Package  Package
	Severity []Severity
	Ranges   []Range
	Versions []string
	Module   string // of RPM, as nodejs:18; empty if the record does not tell
}

// Package names a package.
type Package struct {
	Ecosystem string `json:"ecosystem"`
	Name      string `json:"name"`
	PURL      string `json:"purl"`
}

// The types of ranges.
const (
	Semver = "SEMVER"
	Own    = "ECOSYSTEM" // by the ecosystem's own order of versions
	Git    = "GIT"
)

// Range is a sequence of events.
type Range struct {
	Type   string  `json:"type"`
	Events []Event `json:"events"`
}

// Event is one of the four kinds: the field that is not empty tells which.
type Event struct {
	Introduced   string `json:"introduced,omitempty"`
	Fixed        string `json:"fixed,omitempty"`
	LastAffected string `json:"last_affected,omitempty"`
	Limit        string `json:"limit,omitempty"`
}

// errEmpty is what an id or name that is not there gives.
var errEmpty = errors.New("it is empty")

// Decode reads one record.
func Decode(raw []byte) (*Record, error) {
	if len(raw) > MaxRecord {
		return nil, fmt.Errorf("it has more than %d bytes", MaxRecord)
	}
	var d document
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, fmt.Errorf("it is no OSV record: %w", err)
	}
	if err := name(d.ID); err != nil {
		return nil, fmt.Errorf("its id: %w", err)
	}
	r := &Record{
		ID: d.ID, Modified: moment(d.Modified), Published: moment(d.Published), Withdrawn: d.Withdrawn != "",
		Aliases: names(d.Aliases), Upstream: names(d.Upstream), Related: names(d.Related),
		Summary: d.Summary, Details: d.Details, Severity: d.Severity, References: d.References,
	}
	own := specifics(d.DatabaseSpecific)
	r.Rating = strings.ToLower(own.word("severity"))
	r.CWEs, r.URL = own.words("cwe_ids"), own.word("url")
	for i, a := range d.Affected {
		if err := name(a.Package.Name); err != nil {
			return nil, fmt.Errorf("the package of affected[%d]: %w", i, err)
		}
		r.Affected = append(r.Affected, a.affected())
		if eco := specifics(a.EcosystemSpecific); r.Rating == "" {
			r.Rating = strings.ToLower(eco.word("severity"))
		}
	}
	return r, nil
}

// Head is what of a record says whether it is the one to take, and what it is about.
type Head struct {
	ID         string
	Modified   time.Time
	Ecosystems []string
}

// DecodeHead reads the head of a record alone.
func DecodeHead(raw []byte) (Head, error) {
	var d struct {
		ID       string
		Modified string
		Affected []struct{ Package Package }
	}
	if err := json.Unmarshal(raw, &d); err != nil {
		return Head{}, fmt.Errorf("it is no OSV record: %w", err)
	}
	if err := name(d.ID); err != nil {
		return Head{}, fmt.Errorf("its id: %w", err)
	}
	h := Head{ID: d.ID, Modified: moment(d.Modified)}
	for _, a := range d.Affected {
		if !slices.Contains(h.Ecosystems, a.Package.Ecosystem) {
			h.Ecosystems = append(h.Ecosystems, a.Package.Ecosystem)
		}
	}
	return h, nil
}

// document is a record as it stands in JSON.
type document struct {
	ID               string             `json:"id"`
	Modified         string             `json:"modified"`
	Published        string             `json:"published"`
	Withdrawn        string             `json:"withdrawn"`
	Aliases          []string           `json:"aliases"`
	Upstream         []string           `json:"upstream"`
	Related          []string           `json:"related"`
	Summary          string             `json:"summary"`
	Details          string             `json:"details"`
	Severity         []Severity         `json:"severity"`
	Affected         []affectedDocument `json:"affected"`
	References       []Reference        `json:"references"`
	DatabaseSpecific json.RawMessage    `json:"database_specific"`
}

type affectedDocument struct {
	Package           Package         `json:"package"`
	Severity          []Severity      `json:"severity"`
	Ranges            []Range         `json:"ranges"`
	Versions          []string        `json:"versions"`
	EcosystemSpecific json.RawMessage `json:"ecosystem_specific"`
	DatabaseSpecific  json.RawMessage `json:"database_specific"`
}

func (a affectedDocument) affected() Affected {
	return Affected{Package: a.Package, Severity: a.Severity, Ranges: a.Ranges, Versions: a.Versions, Module: a.module()}
}

// module is the RPM module that an entry is about. The schema has no field for it;
// databases tell it in a field of their own or in the package URL.
func (a affectedDocument) module() string {
	for _, raw := range []json.RawMessage{a.EcosystemSpecific, a.DatabaseSpecific} {
		own := specifics(raw)
		for _, key := range []string{"rpm_modularity", "rpmmod", "module"} {
			if m := own.word(key); m != "" && strings.Contains(m, ":") && name(m) == nil {
				return m
			}
		}
	}
	return qualifier(a.Package.PURL, "rpmmod")
}

// specific is an object whose fields a database defines as it likes.
type specific map[string]json.RawMessage

// specifics reads such an object; what is none is empty.
func specifics(raw json.RawMessage) specific {
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || raw[0] != '{' {
		return nil
	}
	var s specific
	if json.Unmarshal(raw, &s) != nil {
		return nil
	}
	return s
}

func (s specific) word(key string) string {
	var w string
	if raw, ok := s[key]; !ok || json.Unmarshal(raw, &w) != nil {
		return ""
	}
	return strings.TrimSpace(w)
}

func (s specific) words(key string) []string {
	var w []string
	if raw, ok := s[key]; !ok || json.Unmarshal(raw, &w) != nil {
		return nil
	}
	return names(w)
}

// moment reads a time of the schema. The year 1, which some databases write for a time
// that they do not know, is none.
func moment(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() <= 1 {
		return time.Time{}
	}
	return t.UTC()
}

// names are those of a list that can be names.
func names(list []string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return name(s) != nil })
}

// name says what speaks against a string as an id or a package's name.
func name(s string) error {
	switch {
	case s == "":
		return errEmpty
	case len(s) > maxID:
		return fmt.Errorf("it has more than %d bytes", maxID)
	case strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) || c == unicode.ReplacementChar }):
		return errors.New("it has characters that cannot be printed")
	}
	return nil
}
