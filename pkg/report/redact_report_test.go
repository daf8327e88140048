package report

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// TestEveryStringOfAReportIsRedacted plants a value in every string field that
// reflection finds, whatever fields the types have by then.
func TestEveryStringOfAReportIsRedacted(t *testing.T) {
	value := "tok" + "-" + newMaker(5).chars(alnum, 30)
	var rep Report
	strings := 0
	plant(t, reflect.ValueOf(&rep).Elem(), value, &strings)
	rep.Findings[0].Secret.Value = finding.Hide(value)
	got := NewRedactor(Secrets(&rep)...).Report(&rep)
	left := 0
	find(reflect.ValueOf(got).Elem(), "", value, func(path string) {
		if _, ok := fieldKinds[path]; !ok || fieldKinds[path] != ours {
			t.Errorf("the value is left in %s", path)
		}
		left++
	})
	if strings < 60 || left > 25 {
		t.Errorf("planted %d strings, %d left", strings, left)
	}
	if got.Findings[0].Secret.Value.Reveal() != "" {
		t.Error("the copy still has the value")
	}
	if rep.Findings[0].Title != "x "+value {
		t.Error("redacting changed the original")
	}
}

// plant puts the value into every string, and one element into every list and map.
func plant(t *testing.T, v reflect.Value, value string, n *int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x " + value)
		*n++
	case reflect.Struct:
		if v.Type() == valueType {
			return
		}
		for i := range v.NumField() {
			if !v.Type().Field(i).IsExported() {
				t.Fatalf("%s.%s cannot be redacted: it is not exported", v.Type(), v.Type().Field(i).Name)
			}
			plant(t, v.Field(i), value, n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		plant(t, v.Elem(), value, n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		plant(t, v.Index(0), value, n)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		plant(t, k, value, n)
		plant(t, e, value, n)
		v.SetMapIndex(k, e)
	case reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
	default:
		t.Fatalf("the redactor does not know a %s", v.Type())
	}
}

func find(v reflect.Value, path, value string, found func(path string)) {
	switch v.Kind() {
	case reflect.String:
		if strings.Contains(v.String(), value) && v.Type() == stringType {
			found(path)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type() != valueType {
				find(v.Field(i), v.Type().Name()+"."+v.Type().Field(i).Name, value, found)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			find(v.Elem(), path, value, found)
		}
	case reflect.Slice:
		for i := range v.Len() {
			find(v.Index(i), path, value, found)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			find(it.Key(), path, value, found)
			find(it.Value(), path, value, found)
		}
	}
}

func TestAPlainWordDoesNotWreckTheCatalogue(t *testing.T) {
	r := sample()
	f := &r.Findings[0]
	f.Rule, f.Description = "secret-key", "This secret is a key to production."
	f.Secret.Value, f.Secret.Redacted = finding.Hide("secret"), "****(6)"
	f.Locations[0].Instruction = ptr("ENV PASSWORD=secret")
	got := NewRedactor(Secrets(r)...).Report(r).Findings[0]
	if got.Rule != "secret-key" || got.Category != finding.Secret || got.Description != f.Description {
		t.Errorf("rule %q, category %q, description %q", got.Rule, got.Category, got.Description)
	}
	if i := *got.Locations[0].Instruction; i != "ENV PASSWORD=****(6)" {
		t.Errorf("the instruction is %q", i)
	}
}

// A manual that has "debian" for a password must not take that word out of the whole report; the same
// value in the configuration is a value that somebody chose.
func TestAPlainWordFromAnExampleIsNotHidden(t *testing.T) {
	example := finding.Finding{Confidence: finding.Unsure, Secret: &finding.SecretDetail{Value: finding.Hide("debian")}, Locations: []finding.Location{{Layer: ptr(0)}}}
	for name, c := range map[string]struct {
		change func(*finding.Finding)
		hidden bool
	}{
		"from an example":          {func(*finding.Finding) {}, false},
		"also in the environment":  {func(f *finding.Finding) { f.Locations = append(f.Locations, finding.Location{}) }, true},
		"of more than low trust":   {func(f *finding.Finding) { f.Confidence = finding.Likely }, true},
		"a value that is no word":  {func(f *finding.Finding) { f.Secret = &finding.SecretDetail{Value: finding.Hide("debian-12-x")} }, true},
		"a word that is very long": {func(f *finding.Finding) { f.Secret = &finding.SecretDetail{Value: finding.Hide("donaudampfschiff")} }, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := example
			f.Locations = slices.Clone(example.Locations)
			c.change(&f)
			if got := len(Secrets(&Report{Findings: []finding.Finding{f}})) == 1; got != c.hidden {
				t.Errorf("hidden: %v", got)
			}
		})
	}
}
