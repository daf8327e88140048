package vexdoc

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/openvex/go-vex/pkg/vex"
)

// MaxBytes is the largest document that is read.
const MaxBytes = 32 << 20

// maxStatements is how many a document may hold.
const maxStatements = 200_000

// Document is what a document says.
type Document struct {
	Statements []Statement
	Lost       int // places where a reference leads to no component
}

// Statement is one of OpenVEX with the time from which on it stands.
type Statement struct {
	vex.Statement
	Since time.Time
}

// ErrNoVEX is the error of a document that is none of those that this package reads.
var ErrNoVEX = errors.New("it is neither OpenVEX nor CycloneDX")

// errSilent is an [ErrNoVEX] in its own words.
var errSilent = silent{}

type silent struct{}

func (silent) Error() string        { return "it holds no statements" }
func (silent) Is(target error) bool { return target == ErrNoVEX }

// Read reads a document in any of the forms.
func Read(raw []byte) (Document, error) {
	if len(raw) > MaxBytes {
		return Document{}, fmt.Errorf("%w that is read: it has more than %d bytes", ErrNoVEX, MaxBytes)
	}
	raw = bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\ufeff")))
	if bytes.HasPrefix(raw, []byte("<")) {
		return cyclonedxXML(raw)
	}
	return readJSON(raw, 0)
}

// maxNesting is how many envelopes and statements may stand within each other.
const maxNesting = 3

func readJSON(raw []byte, depth int) (Document, error) {
	var head struct {
		Context   string `json:"@context"`
		BOMFormat string `json:"bomFormat"`

		PayloadType string `json:"payloadType"`
		Payload     string `json:"payload"`

		Type      string          `json:"_type"`
		Subject   []subject       `json:"subject"`
		Predicate json.RawMessage `json:"predicate"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return Document{}, fmt.Errorf("it is no JSON object: %w", err)
	}
	switch {
	case depth == maxNesting:
		return Document{}, errors.New("too many statements within each other")
	case strings.HasPrefix(head.Context, vex.Context):
		return openVEX(raw)
	case head.BOMFormat == "CycloneDX":
		return cyclonedxJSON(raw)
	case strings.Contains(head.PayloadType, "in-toto"):
		inner, err := base64.StdEncoding.DecodeString(head.Payload)
		if err != nil {
			return Document{}, fmt.Errorf("reading the payload of an envelope: %w", err)
		}
		return readJSON(inner, depth+1)
	case strings.HasPrefix(head.Type, "https://in-toto.io/Statement/") && len(head.Predicate) > 0:
		doc, err := readJSON(head.Predicate, depth+1)
		doc.of(head.Subject)
		return doc, err
	}
	return Document{}, ErrNoVEX
}

type subject struct {
	Digest map[string]string `json:"digest"`
}

// of makes the subjects of an attestation the product of statements that name none.
func (d *Document) of(subjects []subject) {
	var products []vex.Product
	for _, s := range subjects {
		if hex := s.Digest["sha256"]; hex != "" {
			products = append(products, vex.Product{Component: vex.Component{Hashes: map[vex.Algorithm]vex.Hash{vex.SHA256: vex.Hash(hex)}}})
		}
	}
	for i := range d.Statements {
		if len(d.Statements[i].Products) == 0 {
			d.Statements[i].Products = products
		}
	}
}

func openVEX(raw []byte) (Document, error) {
	doc, err := vex.Parse(raw)
	if err != nil {
		return Document{}, fmt.Errorf("reading OpenVEX: %w", err)
	}
	if len(doc.Statements) > maxStatements {
		return Document{}, fmt.Errorf("it has more than %d statements", maxStatements)
	}
	var out Document
	for i, s := range doc.Statements {
		if !s.Status.Valid() {
			return Document{}, fmt.Errorf("reading OpenVEX: statement %d: %q is no status: one of %s", i+1, s.Status, strings.Join(vex.Statuses(), ", "))
		}
		if s.Vulnerability.Name == "" && s.Vulnerability.ID == "" {
			return Document{}, fmt.Errorf("reading OpenVEX: statement %d names no vulnerability", i+1)
		}
		since := cmp.Or(s.LastUpdated, s.Timestamp, doc.LastUpdated, doc.Timestamp)
		if since == nil {
			since = &time.Time{}
		}
		out.Statements = append(out.Statements, Statement{s, *since})
	}
	return out, nil
}

// Names are all names of the flaw, in small letters, each once.
func (s Statement) Names() []string {
	seen := map[string]bool{}
	var names []string
	for _, name := range append([]vex.VulnerabilityID{s.Vulnerability.Name, vex.VulnerabilityID(s.Vulnerability.ID)}, s.Vulnerability.Aliases...) {
		key := strings.ToLower(string(name))
		if key == "" || seen[key] {
			continue
		}
		seen[key] = true
		names = append(names, key)
	}
	return names
}
