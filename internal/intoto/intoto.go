// Package intoto takes documents out of the envelopes that they are stored in beside
// images: in-toto statements, the signed DSSE envelopes around those, and Sigstore bundles
// around these. It verifies no signature.
package intoto

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Statement is a document with what its envelopes say of it.
type Statement struct {
	PredicateType string   // empty for a document without an envelope
	Predicate     []byte   // the document
	Subjects      []string // digests of what it is said to be about, as sha256:…
	Name          string   // the document's own name, if it is JSON and has one
}

// Bounds of what a stranger's envelope may ask for.
const (
	maxNesting  = 3   // envelopes within each other
	maxSubjects = 256 // digests that are kept
)

// errNested is for envelopes within each other that no tool writes.
var errNested = errors.New("more than three envelopes within each other")

// Open takes a document out of its envelopes. One without any is given back as it is.
func Open(raw []byte) (Statement, error) {
	for range maxNesting + 1 {
		doc := bytes.TrimLeft(raw, "\ufeff \t\r\n")
		if len(doc) == 0 || doc[0] != '{' {
			return Statement{Predicate: raw}, nil // no JSON, so no envelope
		}
		var e envelope
		if err := json.Unmarshal(doc, &e); err != nil {
			return Statement{}, fmt.Errorf("parsing the document: %w", err)
		}
		inner := e.payload
		switch {
		case e.Payload != "" && e.PayloadType != "":
		case e.DSSE != nil && e.DSSE.Payload != "":
			inner = *e.DSSE
		case e.PredicateType != "":
			return e.statement()
		default:
			return Statement{Predicate: raw, Name: text(e.Name)}, nil
		}
		var err error
		if raw, err = inner.open(); err != nil {
			return Statement{}, err
		}
	}
	return Statement{}, errNested
}

// envelope has the fields of all kinds of envelopes; the fields that are there say which
// it is.
type envelope struct {
	payload                       // DSSE
	DSSE          *payload        `json:"dsseEnvelope"` // Sigstore bundle
	PredicateType string          `json:"predicateType"`
	Predicate     json.RawMessage `json:"predicate"`
	Subject       []struct {
		Digest map[string]string `json:"digest"`
	} `json:"subject"`
	Name json.RawMessage `json:"name"`
}

type payload struct {
	Payload     string `json:"payload"`
	PayloadType string `json:"payloadType"`
}

func (p payload) open() ([]byte, error) {
	for _, code := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
		if raw, err := code.DecodeString(p.Payload); err == nil {
			return raw, nil
		}
	}
	return nil, errors.New("the payload of the envelope is not base64")
}

func (e envelope) statement() (Statement, error) {
	s := Statement{PredicateType: e.PredicateType, Predicate: e.Predicate}
	for _, subject := range e.Subject {
		for algorithm, digest := range subject.Digest {
			if len(s.Subjects) < maxSubjects {
				s.Subjects = append(s.Subjects, algorithm+":"+strings.ToLower(digest))
			}
		}
	}
	slices.Sort(s.Subjects)
	// Cosign wraps predicates that it does not know in an object of its own, and writes
	// those that are no JSON as a string.
	var own struct {
		Data      json.RawMessage `json:"Data"`
		Timestamp *string         `json:"Timestamp"`
		Name      json.RawMessage `json:"name"`
	}
	if json.Unmarshal(s.Predicate, &own) == nil {
		s.Name = text(own.Name)
		if own.Timestamp != nil && len(own.Data) > 0 {
			s.Predicate = own.Data
		}
	}
	if t := text(s.Predicate); t != "" {
		s.Predicate = []byte(t)
	}
	if len(s.Predicate) == 0 || string(s.Predicate) == "null" {
		return Statement{}, errors.New("the statement has no predicate")
	}
	return s, nil
}

// text gives the value of a JSON string, or "".
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}
