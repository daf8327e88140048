package report

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

func TestJSONIsWhatTheStandardLibraryWouldWrite(t *testing.T) {
	for name, r := range samples() {
		got := write(t, "json", r, WriterOptions{})
		want := NewRedactor(Secrets(r)...).Report(r)
		want.settle()
		b, err := marshal(want, "")
		if err != nil {
			t.Fatal(err)
		}
		var x, y any
		if err := errors.Join(json.Unmarshal([]byte(got), &x), json.Unmarshal(b, &y)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(x, y) {
			t.Errorf("%s: the written report says something else than its value", name)
		}
		var again Report
		if err := json.Unmarshal([]byte(got), &again); err != nil {
			t.Fatal(err)
		}
		if second := write(t, "json", &again, WriterOptions{}); second != got {
			t.Errorf("%s: a report that is read and written again is another", name)
		}
		if !strings.HasSuffix(got, "\n}\n") {
			t.Errorf("%s: ends with %q", name, got[len(got)-5:])
		}
	}
}

func TestSecretsAreShownOnlyOnRequest(t *testing.T) {
	r := sample()
	for _, format := range []string{"json", "jsonl"} {
		hidden, shown := write(t, format, r, WriterOptions{}), write(t, format, r, WriterOptions{ShowSecrets: true})
		for _, s := range Secrets(r) {
			value, _ := marshal(s.Value.Reveal(), "")
			if strings.Contains(hidden, strings.Trim(string(value), `"`)) {
				t.Errorf("%s: a value is in the report", format)
			}
			if !strings.Contains(strings.ReplaceAll(shown, `": "`, `":"`), `"value":`+string(value)) {
				t.Errorf("%s: a value is not shown on request", format)
			}
		}
		if strings.Contains(hidden, `"value"`) {
			t.Errorf("%s: has a field value", format)
		}
	}
	hidden, shown := write(t, "text", r, WriterOptions{}), write(t, "text", r, WriterOptions{ShowSecrets: true})
	for _, s := range Secrets(r) {
		if v := s.Value.Reveal(); strings.Contains(hidden, v) || len(v) < 80 && !strings.Contains(shown, v) {
			t.Errorf("text: %s", s.Redacted)
		}
	}
	if r.Findings[0].Secret.Value.Reveal() == "" {
		t.Error("writing changed the report")
	}
}

func TestJSONHoldsNoInvisibleCharacters(t *testing.T) {
	odd := "a\x1b[31m\u009b31m\u202e\u200b\x7f\U000e0041<&>"
	r := &Report{Findings: []finding.Finding{{Category: finding.Hygiene, Severity: finding.Low, Title: odd}}}
	got := write(t, "json", r, WriterOptions{})
	for _, c := range got {
		if c != '\n' && (c < ' ' || c > '~') {
			t.Errorf("%U is in the report", c)
		}
	}
	var again Report
	if err := json.Unmarshal([]byte(got), &again); err != nil || again.Findings[0].Title != odd {
		t.Errorf("the title reads as %q (%v)", again.Findings[0].Title, err)
	}
	if !strings.Contains(got, "<&>") {
		t.Error("angle brackets are escaped")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWritersReportWhatTheOutputSays(t *testing.T) {
	for _, format := range Formats() {
		w, err := NewWriter(format, WriterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(failing{}, huge(300)); err == nil || !strings.Contains(err.Error(), "writing the report: disk full") {
			t.Errorf("%s: %v", format, err)
		}
	}
	if _, err := NewWriter("yaml", WriterOptions{}); err == nil || !strings.Contains(err.Error(), "text, json, jsonl") {
		t.Errorf("yaml: %v", err)
	}
}
