package vexdoc

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openvex/go-vex/pkg/vex"
)

const openvex = `{"@context":"https://openvex.dev/ns/v0.2.0","author":"x","timestamp":"2026-11-01T00:00:00Z","version":1,"statements":[
	{"vulnerability":{"name":"CVE-2026-1","aliases":["GHSA-1","cve-2026-1"]},"products":[{"@id":"pkg:npm/left@1"}],"status":"fixed","timestamp":"2026-11-02T00:00:00Z"},
	{"vulnerability":{"@id":"https://nvd.nist.gov/vuln/detail/CVE-2026-2","name":"CVE-2026-2"},"status":"under_investigation"}]}`

const cdxXML = `<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.5" version="1"><metadata><timestamp>2026-11-01T00:00:00Z</timestamp>
	<component type="container" bom-ref="image"><name>app</name><version>sha256:0123</version></component></metadata>
	<vulnerabilities><vulnerability><id>CVE-2026-1</id><analysis><state>%s</state><detail>said</detail></analysis><affects><target><ref>image</ref></target></affects></vulnerability></vulnerabilities></bom>`

func statement(predicate string) string {
	return `{"_type":"https://in-toto.io/Statement/v1","predicateType":"x","subject":[{"digest":{"sha256":"abcd"}},{"digest":{"sha1":"ef"}}],"predicate":` + predicate + `}`
}

func envelope(text string) string {
	return fmt.Sprintf(`{"payloadType":"application/vnd.in-toto+json","payload":%q,"signatures":[]}`, base64.StdEncoding.EncodeToString([]byte(text)))
}

func TestStatementsAreReadOutOfWhateverHoldsThem(t *testing.T) {
	for name, text := range map[string]string{"a document": openvex, "a byte order mark": "\ufeff" + openvex, "a statement": statement(openvex), "an envelope": envelope(statement(openvex))} {
		d, err := Read([]byte(text))
		if err != nil || len(d.Statements) != 2 {
			t.Fatalf("%s: %+v, %v", name, d, err)
		}
		first, second := d.Statements[0], d.Statements[1]
		if first.Since != time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC) || second.Since.Day() != 1 || !slices.Equal(first.Names(), []string{"cve-2026-1", "ghsa-1"}) || len(second.Names()) != 2 {
			t.Errorf("%s: %+v", name, d)
		}
		if attested := strings.Contains(name, "statement") || strings.Contains(name, "envelope"); attested != (len(second.Products) == 1 && second.Products[0].Hashes[vex.SHA256] == "abcd") {
			t.Errorf("%s: products %+v", name, second.Products)
		}
	}
}

func TestStatesOfCycloneDXBecomeStatuses(t *testing.T) {
	for state, want := range map[string]vex.Status{
		"resolved": vex.StatusFixed, "resolved_with_pedigree": vex.StatusFixed, "exploitable": vex.StatusAffected,
		"in_triage": vex.StatusUnderInvestigation, "false_positive": vex.StatusNotAffected, "not_affected": vex.StatusNotAffected,
	} {
		d, err := Read([]byte(fmt.Sprintf(cdxXML, state)))
		if err != nil || len(d.Statements) != 1 || d.Lost != 0 {
			t.Fatalf("%s: %+v, %v", state, d, err)
		}
		s := d.Statements[0]
		if s.Status != want || s.Products[0].Hashes[vex.SHA256] != "0123" || s.ImpactStatement+s.ActionStatement != "said" && want != vex.StatusUnderInvestigation {
			t.Errorf("%s: %+v", state, s)
		}
	}
}

func TestDocumentsThatAreNotUnderstoodAreErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "no JSON object",
		"[]":                             "no JSON object",
		"{}":                             "neither OpenVEX nor CycloneDX",
		`{"bomFormat":"CycloneDX"}`:      "says nothing of vulnerabilities",
		`{"bomFormat":"CycloneDX","x":[`: "no JSON object",
		"<bom":                           "reading CycloneDX",
		statement("{}"):                  "neither",
		envelope("x"):                    "no JSON object",
		`{"payloadType":"in-toto","payload":"!"}`:                            "payload of an envelope",
		envelope(envelope(envelope(envelope("{}")))):                         "within each other",
		strings.Replace(openvex, `"fixed"`, `"solved"`, 1):                   `"solved" is no status`,
		strings.Replace(openvex, `"name":"CVE-2026-1"`, `"x":""`, 1):         "names no vulnerability",
		strings.Replace(openvex, `"2026-11-01T00:00:00Z"`, `"yesterday"`, 1): "OpenVEX",
	} {
		if _, err := Read([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v", text, err)
		}
	}
	if _, err := Read(make([]byte, MaxBytes+1)); err == nil {
		t.Error("there is no bound")
	}
	if _, err := Read([]byte("{}")); !errors.Is(err, ErrNoVEX) {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(openvex)
	f.Add(statement(openvex))
	f.Add(envelope(openvex))
	f.Add(fmt.Sprintf(cdxXML, "resolved"))
	f.Add(`{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"bom-ref":"a","purl":"pkg:npm/a?package-id=1#x"}],"vulnerabilities":[{"id":"CVE-1","analysis":{"state":"exploitable"},"affects":[{"ref":"urn:cdx:a/1#a"}]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Read([]byte(text))
		if err != nil {
			return
		}
		for _, s := range d.Statements {
			for _, p := range s.Products {
				p.Matches("pkg:npm/left@1", "pkg:npm/left@1")
			}
			s.Names()
		}
	})
}
