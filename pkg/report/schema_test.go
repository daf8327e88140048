package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/score"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// compile compiles the schema, or one definition of it.
func compile(t *testing.T, definition string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	url := "schema.json"
	if definition != "" {
		url += "#/$defs/" + definition
	}
	s, err := c.Compile(url)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func write(t *testing.T, format string, r *Report, opts WriterOptions) string {
	t.Helper()
	w, err := NewWriter(format, opts)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := w.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func samples() map[string]*Report {
	return map[string]*Report{
		"the zero report":         {},
		"a rich report":           sample(),
		"a clean report":          clean(),
		"a report with a score":   scored(),
		"a report with gaps":      gapped(),
		"a report on flaws":       vulnerableImage(),
		"a report without any":    unassessed(),
		"a report of 3 images":    several(),
		"a report with packages":  packaged(),
		"a report of 50 findings": huge(50),
		"zero elements": {Images: []Image{{}, {Layers: []Layer{{}}}}, Suppressed: []Suppression{{}}, SBOM: []SBOM{{}},
			Vulnerabilities: []Vulnerabilities{{}}, Score: []Score{{}}, Coverage: Coverage{Gaps: []LedgerLine{{}}}},
	}
}

func TestEveryWrittenReportKeepsTheSchema(t *testing.T) {
	schema := compile(t, "")
	for name, r := range samples() {
		for _, show := range []bool{false, true} {
			text := write(t, "json", r, WriterOptions{ShowSecrets: show})
			doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
			if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, text)
			}
			if err := schema.Validate(doc); err != nil {
				t.Errorf("%s (secrets shown: %v): %v", name, show, err)
			}
		}
	}
}

func TestEveryLineOfJSONLinesKeepsItsDefinition(t *testing.T) {
	for name, r := range samples() {
		s := bufio.NewScanner(strings.NewReader(write(t, "jsonl", r, WriterOptions{})))
		s.Buffer(nil, 1<<20)
		n, last := 0, ""
		for ; s.Scan(); n++ {
			doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(s.Bytes()))
			if err != nil {
				t.Fatalf("%s: %v: %s", name, err, s.Bytes())
			}
			fields := doc.(map[string]any)
			last = fields["type"].(string)
			definition, ok := JSONL()[last]
			if !ok || (last == "report") != (n == 0) {
				t.Errorf("%s: line %d is of type %q", name, n, last)
			}
			delete(fields, "type")
			if definition == "" {
				continue
			}
			if err := compile(t, definition).Validate(doc); err != nil {
				t.Errorf("%s: line %d: %v", name, n, err)
			}
		}
		if last != "coverage" {
			t.Errorf("%s: the last line is of type %q", name, last)
		}
	}
}

func TestTheSchemaRefusesWhatTheContractForbids(t *testing.T) {
	schema := compile(t, "")
	parse := func() map[string]any {
		var doc map[string]any
		if err := json.Unmarshal([]byte(write(t, "json", gapped(), WriterOptions{})), &doc); err != nil {
			t.Fatal(err)
		}
		return doc
	}
	first := func(doc map[string]any, list string) map[string]any { return doc[list].([]any)[0].(map[string]any) }
	location := func(doc map[string]any) map[string]any { return first(first(doc, "findings"), "locations") }
	if err := schema.Validate(any(parse())); err != nil {
		t.Fatal("unchanged:", err)
	}
	for name, change := range map[string]func(map[string]any){
		"another schema":                func(d map[string]any) { d["schema"] = "imgaudit.report/v2" },
		"an unknown field":              func(d map[string]any) { d["extra"] = 1 },
		"an unknown field of an image":  func(d map[string]any) { first(d, "images")["extra"] = 1 },
		"an unknown field of a finding": func(d map[string]any) { first(d, "findings")["extra"] = 1 },
		"an unknown field of a place":   func(d map[string]any) { location(d)["extra"] = 1 },
		"null for a list":               func(d map[string]any) { d["suppressed"] = nil },
		"null for a list of a finding":  func(d map[string]any) { first(d, "findings")["cwe"] = nil },
		"an unknown category":           func(d map[string]any) { first(d, "findings")["category"] = "other" },
		"an unknown severity":           func(d map[string]any) { first(d, "findings")["severity"] = "blocker" },
		"an unknown confidence":         func(d map[string]any) { location(d)["confidence"] = "sure" },
		"an unknown fate":               func(d map[string]any) { location(d)["fate"] = "gone" },
		"an unknown fateBy":             func(d map[string]any) { location(d)["fateBy"] = "magic" },
		"a negative layer":              func(d map[string]any) { location(d)["layer"] = -1 },
		"no id":                         func(d map[string]any) { delete(first(d, "findings"), "id") },
		"no layer":                      func(d map[string]any) { delete(location(d), "layer") },
		"no complete":                   func(d map[string]any) { delete(d["coverage"].(map[string]any), "complete") },
		"a fractional size":             func(d map[string]any) { first(first(d, "images"), "layers")["bytes"] = 1.5 },
		"a vulnerability on a secret": func(d map[string]any) {
			first(d, "findings")["vulnerability"] = map[string]any{}
		},
		"a secret on another category": func(d map[string]any) { first(d, "findings")["category"] = "hygiene" },
	} {
		doc := parse()
		change(doc)
		if err := schema.Validate(any(doc)); err == nil {
			t.Errorf("the schema takes a report with %s", name)
		}
	}
}

func TestTheSchemaAndTheTypesNameTheSameFields(t *testing.T) {
	var doc struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &doc); err != nil {
		t.Fatal(err)
	}
	for definition, typ := range map[string]reflect.Type{
		"": reflect.TypeFor[Report](), "tool": reflect.TypeFor[Tool](), "image": reflect.TypeFor[Image](), "layer": reflect.TypeFor[Layer](),
		"finding": reflect.TypeFor[finding.Finding](), "location": reflect.TypeFor[finding.Location](), "secret": reflect.TypeFor[shownSecret](),
		"suppression": reflect.TypeFor[Suppression](), "coverage": reflect.TypeFor[Coverage](), "scanned": reflect.TypeFor[Scanned](),
		"ledgerLine": reflect.TypeFor[LedgerLine](), "sbom": reflect.TypeFor[SBOM](), "licenseCount": reflect.TypeFor[LicenseCount](),
		"deniedPackage": reflect.TypeFor[DeniedPackage](), "hiddenPackage": reflect.TypeFor[HiddenPackage](), "vulnerabilities": reflect.TypeFor[Vulnerabilities](), "database": reflect.TypeFor[Database](),
		"vulnerability": reflect.TypeFor[finding.VulnerabilityDetail](), "vulnerablePackage": reflect.TypeFor[finding.VulnerablePackage](), "cvssRating": reflect.TypeFor[finding.CVSSRating](),
		"epss": reflect.TypeFor[finding.EPSS](), "kev": reflect.TypeFor[finding.KnownExploited](), "fix": reflect.TypeFor[finding.Fix](), "vexStatement": reflect.TypeFor[finding.VEXStatement](),
		"score":    reflect.TypeFor[Score](),
		"gradeCap": reflect.TypeFor[score.GradeCap](), "gradeReason": reflect.TypeFor[score.GradeReason](), "cvss": reflect.TypeFor[score.CVSS](),
		"aars": reflect.TypeFor[score.AARS](), "factor": reflect.TypeFor[score.Factor](), "indicator": reflect.TypeFor[score.Indicator](),
		"aivss": reflect.TypeFor[score.AIVSSScore](), "cis": reflect.TypeFor[score.CIS](), "control": reflect.TypeFor[score.ControlResult](),
	} {
		got := doc.object
		if definition != "" {
			got = doc.Defs[definition]
		}
		var all, required []string
		for _, field := range reflect.VisibleFields(typ) {
			if field.Anonymous { // its fields are written as the type's own
				continue
			}
			name, option, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name == "" || name == "-" {
				t.Errorf("%s.%s has no name in JSON", typ, field.Name)
				continue
			}
			all = append(all, name)
			if option != "omitempty" {
				required = append(required, name)
			}
		}
		var names []string
		for name := range got.Properties {
			names = append(names, name)
		}
		for _, s := range [][]string{all, required, names, got.Required} {
			slices.Sort(s)
		}
		if !slices.Equal(all, names) {
			t.Errorf("%s: the type has %v, the schema %v", typ, all, names)
		}
		if !slices.Equal(required, got.Required) {
			t.Errorf("%s: the type always writes %v, the schema requires %v", typ, required, got.Required)
		}
	}
	// The shown form of a secret must not lose a field of the plain one.
	plain, full := reflect.TypeFor[finding.SecretDetail](), reflect.TypeFor[shownSecret]()
	if plain.NumField() != full.NumField() {
		t.Errorf("%s has %d fields, %s %d", plain, plain.NumField(), full, full.NumField())
	}
	for i := range plain.NumField() {
		if tag := full.Field(i).Tag.Get("json"); tag != plain.Field(i).Tag.Get("json") && tag != "value,omitempty" {
			t.Errorf("%s.%s has another name in %s", plain, plain.Field(i).Name, full)
		}
	}
}

type object struct {
	Properties map[string]any `json:"properties"`
	Required   []string       `json:"required"`
}
