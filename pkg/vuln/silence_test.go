package vuln_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/suppress"
	"github.com/imgaudit/imgaudit/pkg/vuln"
)

// rules are the ids of what a result reports.
func rules(r *audit.Result) []string {
	var ids []string
	for _, f := range r.Report.Findings {
		ids = append(ids, f.Rule)
	}
	slices.Sort(ids)
	return ids
}

// taken says what took a rule away, and why; empty if nothing did.
func taken(r *audit.Result, rule string) string {
	for _, s := range r.Report.Suppressed {
		if s.Rule == rule {
			return s.By + "|" + s.Reason
		}
	}
	return ""
}

const all = "CVE-2026-0001 CVE-2026-0002 GHSA-aaaa-bbbb-cccc GHSA-aaaa-bbbb-dddd GHSA-aaaa-bbbb-eeee GO-2026-0001"

// but is all that is found but for some.
func but(without ...string) string {
	return strings.Join(slices.DeleteFunc(strings.Fields(all), func(id string) bool { return slices.Contains(without, id) }), " ")
}

func TestRulesOfGrypesConfigurationSuppress(t *testing.T) {
	d := open(t, records())
	for name, c := range map[string]struct {
		rule string
		gone []string
	}{
		"an id":                      {"{vulnerability: CVE-2026-0001, reason: because}", []string{"CVE-2026-0001"}},
		"an alias, if it is allowed": {"{vulnerability: CVE-2026-0005, include-aliases: true, reason: because}", []string{"GHSA-aaaa-bbbb-cccc"}},
		"an alias, if it is not":     {"{vulnerability: CVE-2026-0005, reason: because}", nil},
		"a state of the fix":         {"{fix-state: wont-fix, reason: because}", []string{"CVE-2026-0002"}},
		"a package":                  {"{package: {name: left}, reason: because}", []string{"GHSA-aaaa-bbbb-cccc"}},
		"packages by an expression":  {"{package: {name: \"lib.*\"}, reason: because}", []string{"CVE-2026-0001", "CVE-2026-0002"}},
		"a version of a package":     {"{package: {name: left, version: 9.9.9}, reason: because}", nil},
		"a type":                     {"{package: {type: python}, reason: because}", []string{"GHSA-aaaa-bbbb-dddd"}},
		"a place":                    {"{package: {location: \"/*/node_modules/**\"}, reason: because}", []string{"GHSA-aaaa-bbbb-cccc"}},
		"a namespace":                {"{namespace: \"made:distro:debian:12\", reason: because}", []string{"CVE-2026-0001", "CVE-2026-0002"}},
		"a rule for VEX":             {"{vex-status: not_affected, vulnerability: CVE-2026-0001, reason: because}", nil},
	} {
		t.Run(name, func(t *testing.T) {
			ignore, err := vuln.ReadIgnore("dir/.grype.yaml", strings.NewReader("ignore:\n  - "+c.rule+"\n"))
			check(t, err)
			r := matchBill(t, vuln.Matcher{DB: d, Ignore: ignore})
			if got := strings.Join(rules(r), " "); got != but(c.gone...) {
				t.Errorf("left is %s", got)
			}
			for _, id := range c.gone {
				if got := taken(r, id); got != ".grype.yaml:2|because" {
					t.Errorf("%s is taken by %q", id, got)
				}
			}
		})
	}
}

func TestOnlyWhatCanBeFixedIsLeftIfThatIsAskedFor(t *testing.T) {
	r := matchBill(t, vuln.Matcher{DB: open(t, records()), OnlyFixed: true})
	if got := strings.Join(rules(r), " "); got != but("CVE-2026-0002", "GHSA-aaaa-bbbb-dddd") || !strings.HasPrefix(taken(r, "CVE-2026-0002"), "--only-fixed|no version") {
		t.Errorf("left is %s, %q", got, taken(r, "CVE-2026-0002"))
	}
}

func TestSinceAnEarlierReportOnlyTheNewIsLeft(t *testing.T) {
	old := matchBill(t, vuln.Matcher{DB: open(t, records()[:5]), OnlyFixed: true})
	raw, err := json.Marshal(old.Report)
	check(t, err)
	known, err := suppress.Vulnerabilities("x/old.json", bytes.NewReader(raw))
	check(t, err)
	r := matchBill(t, vuln.Matcher{DB: open(t, records())}, func(o *audit.Options) { o.Suppress.Since = known })
	// What was suppressed then was in the database all the same.
	if got := strings.Join(rules(r), " "); got != "GHSA-aaaa-bbbb-dddd GHSA-aaaa-bbbb-eeee GO-2026-0001" || taken(r, "CVE-2026-0001") != "--since old.json|known then" {
		t.Errorf("left is %s, %q", got, taken(r, "CVE-2026-0001"))
	}
	if v := r.Report.Vulnerabilities[0]; v.Matches != 3 || v.Suppressed != 4 {
		t.Errorf("%+v", v)
	}
	for _, text := range []string{`{"schema":"imgaudit.report/v1","vulnerabilities":[{"assessed":false}]}`, `{"schema":"imgaudit.report/v1"}`, `{}`, `x`} {
		if _, err := suppress.Vulnerabilities("old.json", strings.NewReader(text)); err == nil {
			t.Errorf("%s is a report on vulnerabilities", text)
		}
	}
}

// digestOf is the digest by which the fixture's manifest is known.
func digestOf(img imagemake.Image) string { return img.Build().Desc.Digest.String() }

func openVEX(statements string) string {
	return `{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.test/vex","author":"x","timestamp":"2026-11-01T00:00:00Z","version":1,"statements":[` + statements + `]}`
}

func vexStatement(id, product, status, more string) string {
	return fmt.Sprintf(`{"vulnerability":{"name":%q},"products":[%s],"status":%q%s}`, id, product, status, more)
}

func TestStatementsSuppressWhatTheySettle(t *testing.T) {
	img := fixture(t)
	digest := digestOf(img)
	image := "pkg:oci/app@" + strings.ReplaceAll(digest, ":", "%3A")
	left := `{"@id":"pkg:npm/left@1.2.3"}`
	d := open(t, []record{records()[4]})
	catalogued := run(t, img, vuln.Matcher{DB: d}, func(o *audit.Options) { o.Scanners = []string{audit.SBOM} })
	subject := finding.Subject{Names: []string{"example.test/app:1"}, Digests: []string{digest}}
	const why = `,"justification":"vulnerable_code_not_in_execute_path","impact_statement":"never called"`
	for name, c := range map[string]struct {
		statements string
		gone       bool // of the npm package's flaw
		note       string
	}{
		"a package":                             {vexStatement("GHSA-aaaa-bbbb-cccc", left, "not_affected", why), true, ""},
		"a package, and another name of it":     {vexStatement("CVE-2026-0005", left, "not_affected", why), true, ""},
		"a package without a version":           {vexStatement("GHSA-aaaa-bbbb-cccc", `{"@id":"pkg:npm/left"}`, "not_affected", why), true, ""},
		"another version":                       {vexStatement("GHSA-aaaa-bbbb-cccc", `{"@id":"pkg:npm/left@1.2.4"}`, "not_affected", why), false, ""},
		"a qualifier that the package has not":  {vexStatement("GHSA-aaaa-bbbb-cccc", `{"@id":"pkg:npm/left@1.2.3?arch=x"}`, "not_affected", why), false, ""},
		"another flaw":                          {vexStatement("GHSA-aaaa-bbbb-ffff", left, "not_affected", why), false, ""},
		"a package by an identifier":            {vexStatement("GHSA-aaaa-bbbb-cccc", `{"@id":"https://example.test/left","identifiers":{"purl":"pkg:npm/left@1.2.3"}}`, "fixed", ""), true, ""},
		"the image":                             {vexStatement("GHSA-aaaa-bbbb-cccc", `{"@id":"`+image+`"}`, "fixed", ""), true, ""},
		"the image by its digest alone":         {vexStatement("GHSA-aaaa-bbbb-cccc", `{"@id":"`+strings.Replace(image, "oci/app", "oci/image", 1)+`"}`, "fixed", ""), true, ""},
		"the image with its repository":         {vexStatement("GHSA-aaaa-bbbb-cccc", `{"@id":"`+image+`?repository_url=example.test/app"}`, "fixed", ""), true, ""},
		"an image of another repository":        {vexStatement("GHSA-aaaa-bbbb-cccc", `{"@id":"`+image+`?repository_url=example.test/other"}`, "fixed", ""), false, ""},
		"the image by its digest":               {vexStatement("GHSA-aaaa-bbbb-cccc", `{"@id":"x","hashes":{"sha-256":"`+strings.TrimPrefix(digest, "sha256:")+`"}}`, "fixed", ""), true, ""},
		"a package in the image":                {vexStatement("GHSA-aaaa-bbbb-cccc", `{"@id":"`+image+`","subcomponents":[{"@id":"pkg:npm/left"}]}`, "fixed", ""), true, ""},
		"another package in the image":          {vexStatement("GHSA-aaaa-bbbb-cccc", `{"@id":"`+image+`","subcomponents":[{"@id":"pkg:npm/right"}]}`, "fixed", ""), false, ""},
		"another image":                         {vexStatement("GHSA-aaaa-bbbb-cccc", `{"@id":"pkg:oci/app@sha256%3A0000"}`, "fixed", ""), false, ""},
		"under investigation":                   {vexStatement("GHSA-aaaa-bbbb-cccc", left, "under_investigation", `,"status_notes":"until Friday"`), false, "under_investigation until Friday"},
		"affected, with advice":                 {vexStatement("GHSA-aaaa-bbbb-cccc", left, "affected", `,"action_statement":"do not feed it"`), false, "affected do not feed it"},
		"the later of two":                      {vexStatement("GHSA-aaaa-bbbb-cccc", left, "affected", `,"timestamp":"2026-11-03T00:00:00Z","action_statement":"wait"`) + "," + vexStatement("GHSA-aaaa-bbbb-cccc", left, "not_affected", why), false, "affected wait"},
		"the later of two, which settles it":    {vexStatement("GHSA-aaaa-bbbb-cccc", left, "not_affected", why+`,"timestamp":"2026-11-03T00:00:00Z"`) + "," + vexStatement("GHSA-aaaa-bbbb-cccc", left, "under_investigation", ""), true, ""},
		"a statement on a product without name": {vexStatement("GHSA-aaaa-bbbb-cccc", `{}`, "not_affected", why), false, ""},
	} {
		doc, err := vuln.ReadVEX("dir/shop.openvex.json", strings.NewReader(openVEX(c.statements)))
		check(t, err)
		got, err := vuln.Matcher{DB: d, VEX: []vuln.Document{doc}}.Match(t.Context(), catalogued.SBOM[0], subject)
		check(t, err)
		if len(got.Silenced)+len(got.Matches) != 2 || len(got.Silenced) > 0 != c.gone {
			t.Errorf("%s: %d gone, %d left", name, len(got.Silenced), len(got.Matches))
		}
		for _, s := range got.Silenced {
			if s.By != "shop.openvex.json" || s.Reason != "not_affected: vulnerable_code_not_in_execute_path: never called" && s.Reason != "fixed" {
				t.Errorf("%s: taken by %q, %q", name, s.By, s.Reason)
			}
		}
		note := ""
		if len(got.Matches) > 0 && got.Matches[0].Detail.VEX != nil {
			v := got.Matches[0].Detail.VEX
			note = strings.Join(strings.Fields(v.Status+" "+v.Reason+" "+v.Action), " ")
		}
		if note != c.note {
			t.Errorf("%s: note %q", name, note)
		}
	}
}

func TestStatementsInCycloneDXAndBesideTheImageCountToo(t *testing.T) {
	bill := matchBill(t, vuln.Matcher{DB: open(t, records())})
	if len(bill.Report.Findings) != 6 {
		t.Fatal("no findings")
	}
	cdx := func(ref string) string {
		return `{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"metadata":{"timestamp":"2026-11-01T00:00:00Z"},
			"components":[{"type":"library","bom-ref":"c1","name":"left","version":"1.2.3","purl":"pkg:npm/left@1.2.3"}],
			"vulnerabilities":[{"id":"CVE-2026-0005","references":[{"id":"GHSA-aaaa-bbbb-cccc","source":{"name":"x"}}],"analysis":{"state":"not_affected","justification":"code_not_reachable","detail":"never called"},"affects":[{"ref":"` + ref + `"}]}]}`
	}
	for name, c := range map[string]struct {
		ref  string
		gone bool
	}{
		"a reference":           {"c1", true},
		"a package URL":         {"pkg:npm/left@1.2.3?package-id=0123456789abcdef", true},
		"a link to another BOM": {"urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#pkg:npm/left@1.2.3", true},
		"a reference to nobody": {"c9", false},
	} {
		doc, err := vuln.ReadVEX("vex.cdx.json", strings.NewReader(cdx(c.ref)))
		check(t, err)
		r := matchBill(t, vuln.Matcher{DB: open(t, records()), VEX: []vuln.Document{doc}})
		if by := taken(r, "GHSA-aaaa-bbbb-cccc"); (by == "vex.cdx.json|not_affected: code_not_reachable: never called") != c.gone {
			t.Errorf("%s: %q", name, by)
		}
		if remarks := r.Report.Vulnerabilities[0].Remarks; (len(remarks) == 1) == c.gone {
			t.Errorf("%s: remarks %q", name, remarks)
		}
	}
	img := fixture(t)
	statement := `{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://openvex.dev/ns/v0.2.0","subject":[{"name":"app","digest":{"sha256":"` +
		strings.TrimPrefix(digestOf(img), "sha256:") + `"}}],"predicate":` + openVEX(`{"vulnerability":{"name":"GHSA-aaaa-bbbb-cccc"},"status":"fixed","status_notes":"by a patch"}`) + `}`
	m := vuln.Matcher{DB: open(t, records())}
	r := run(t, img, m)
	subject := finding.Subject{Digests: []string{digestOf(img)}, Statements: [][]byte{[]byte(statement), []byte(`{"_type":"https://in-toto.io/Statement/v0.1","predicate":{"buildType":"x"}}`), []byte(`{"bomFormat":"CycloneDX","specVersion":"1.6"}`)}}
	got, err := m.Match(t.Context(), r.SBOM[0], subject)
	check(t, err)
	// Whoever may write beside the image can have made it: unless it is trusted it is noted alone.
	if i := slices.IndexFunc(got.Matches, func(m finding.Match) bool {
		return m.Detail.VEX != nil && m.Detail.VEX.Status == "fixed" && m.Detail.VEX.Reason == "by a patch"
	}); i < 0 || len(got.Matches) != 7 || len(got.Remarks) != 1 || !strings.Contains(got.Remarks[0], "call 2 of these matches") { // one package is there twice
		t.Errorf("%+v", got.Matches)
	}
	m.TrustBeside = true
	got, err = m.Match(t.Context(), r.SBOM[0], subject)
	check(t, err)
	if i := slices.IndexFunc(got.Silenced, func(s finding.Silenced) bool { return s.By == "a document beside the image" }); i < 0 || got.Silenced[i].Detail.ID != "GHSA-aaaa-bbbb-cccc" || len(got.Remarks) != 0 {
		t.Errorf("%+v %q", got.Silenced, got.Remarks)
	}
}

func TestASkeletonThatIsFilledInSuppresses(t *testing.T) {
	m := vuln.Matcher{DB: open(t, records())}
	img := fixture(t)
	r := run(t, img, m)
	at, _ := time.Parse(time.DateOnly, "2026-11-28")
	var first, again bytes.Buffer
	for _, b := range []*bytes.Buffer{&first, &again} {
		check(t, vuln.WriteSkeleton(b, r.Report.Findings, r.Subjects(), vuln.SkeletonOptions{Author: "nobody@example.test", Time: at}))
	}
	if first.String() != again.String() {
		t.Error("two skeletons of one result differ")
	}
	if n := strings.Count(first.String(), `"status": "under_investigation"`); n != 6 || !strings.Contains(first.String(), "pkg:oci/app@sha256:") || !strings.Contains(first.String(), "pkg:npm/left@1.2.3") {
		t.Fatalf("%d statements:\n%s", n, first.String())
	}
	doc, err := vuln.ReadVEX("open.json", &first)
	check(t, err)
	if r := run(t, img, vuln.Matcher{DB: m.DB, VEX: []vuln.Document{doc}}); len(r.Report.Findings) != 6 || r.Report.Findings[0].Vulnerability.VEX == nil {
		t.Error("an open statement suppresses")
	}
	doc, err = vuln.ReadVEX("done.json", strings.NewReader(strings.ReplaceAll(again.String(), "under_investigation", "fixed")))
	check(t, err)
	if r := run(t, img, vuln.Matcher{DB: m.DB, VEX: []vuln.Document{doc}}); len(r.Report.Findings) != 0 {
		t.Errorf("left is %v", rules(r))
	}
}

func TestPackagesThatALaterLayerDeletedAreMatchedAndSayIt(t *testing.T) {
	img := fixture(t)
	img.Layers = append(img.Layers, imagemake.Layer{CreatedBy: "RUN rm -r /app/node_modules /other", Entries: []imagemake.Entry{imagemake.Whiteout("app", "node_modules"), imagemake.Whiteout("", "other")}})
	r := run(t, img, vuln.Matcher{DB: open(t, records())})
	f := one(t, r, "GHSA-aaaa-bbbb-cccc")
	if f.Visible || !f.Vulnerability.Package.Hidden || len(f.Locations) == 0 || !strings.Contains(f.Remediation, "layer 2 still holds it") {
		t.Fatalf("%+v", f)
	}
	for _, l := range f.Locations {
		if *l.Layer != 2 || l.Fate != finding.Deleted || l.FateLayer == nil || *l.FateLayer != 4 || *l.FateInstruction != "RUN rm -r /app/node_modules /other" {
			t.Errorf("%+v", l)
		}
	}
	if v := r.Report.Vulnerabilities[0]; v.Hidden != 1 || v.Matches != 6 {
		t.Errorf("%+v", v)
	}
}

// matchBill matches the fixture's packages as a bill of materials in a file, which is quicker than the image.
func matchBill(t testing.TB, m vuln.Matcher, more ...func(*audit.Options)) *audit.Result {
	t.Helper()
	return matchDocument(t, m, syftJSON(t), more...)
}

func matchDocument(t testing.TB, m vuln.Matcher, raw []byte, more ...func(*audit.Options)) *audit.Result {
	t.Helper()
	bill, subject, err := vuln.ReadSBOM(bytes.NewReader(raw))
	check(t, err)
	now, _ := time.Parse(time.DateOnly, "2026-11-28")
	opts := audit.Options{Packages: noPackager{}, Vulnerabilities: m, Now: now}
	for _, change := range more {
		change(&opts)
	}
	r, err := audit.MatchBills(t.Context(), []audit.Document{{Name: "app.json", Bytes: int64(len(raw)), Bill: bill, Subject: subject}}, nil, opts)
	check(t, err)
	return r
}

// noPackager stands for one that nobody asks.
type noPackager struct{ audit.Packager }
