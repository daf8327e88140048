package report

import (
	"reflect"
	"regexp"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// Report gives a deep copy of rep in which every string is redacted and no
// secret value is left. Fields are found by reflection, so that a new one is
// redacted without anybody thinking of it. Lists that were nil are empty.
//
// Exempt are the fields of a closed alphabet that this project writes itself
// (enumerations, rule ids, digests that look like digests), and plain words in
// the catalogue's prose: to replace the "secret" of a rule's description because
// some password is "secret" would tell what the password is.
func (r *Redactor) Report(rep *Report) *Report {
	c := copier{text: r.String, prose: r.withoutWords().String}
	return c.report(rep)
}

// clone gives a deep copy with all that rep says, values included.
func clone(rep *Report) *Report {
	same := func(s string) string { return s }
	c := copier{text: same, prose: same, keepValues: true}
	return c.report(rep)
}

// copier makes deep copies and rewrites the strings in them.
type copier struct {
	text, prose func(string) string
	keepValues  bool
	all         bool // also enumerations and the fields that are not redacted
}

func (c *copier) report(rep *Report) *Report {
	var to Report
	c.copy(reflect.ValueOf(&to).Elem(), reflect.ValueOf(rep).Elem(), c.text)
	return &to
}

var (
	stringType = reflect.TypeFor[string]()
	valueType  = reflect.TypeFor[finding.Value]()
)

func (c *copier) copy(to, from reflect.Value, text func(string) string) {
	switch from.Kind() {
	case reflect.String:
		// Named string types are enumerations: categories, severities, fates.
		if s := from.String(); c.all || from.Type() == stringType {
			to.SetString(text(s))
		} else {
			to.SetString(s)
		}
	case reflect.Struct:
		if from.Type() == valueType {
			if c.keepValues {
				to.Set(from)
			}
			return
		}
		for i := range from.NumField() {
			c.copy(to.Field(i), from.Field(i), c.forField(from.Type(), i, text))
		}
	case reflect.Pointer:
		if !from.IsNil() {
			to.Set(reflect.New(from.Type().Elem()))
			c.copy(to.Elem(), from.Elem(), text)
		}
	case reflect.Slice:
		to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
		for i := range from.Len() {
			c.copy(to.Index(i), from.Index(i), text)
		}
	case reflect.Map:
		to.Set(reflect.MakeMapWithSize(from.Type(), from.Len()))
		for it := from.MapRange(); it.Next(); {
			k, v := reflect.New(from.Type().Key()).Elem(), reflect.New(from.Type().Elem()).Elem()
			c.copy(k, it.Key(), text)
			c.copy(v, it.Value(), text)
			to.SetMapIndex(k, v)
		}
	default:
		to.Set(from)
	}
}

// forField gives what rewrites the strings of a field.
func (c *copier) forField(t reflect.Type, i int, text func(string) string) func(string) string {
	if c.all {
		return text
	}
	switch fieldKinds[t.Name()+"."+t.Field(i).Name] {
	case ours:
		return func(s string) string { return s }
	case digestField:
		return func(s string) string {
			if digestForm.MatchString(s) {
				return s
			}
			return text(s)
		}
	case proseField:
		return c.prose
	}
	return text
}

type fieldKind int

const (
	ours        fieldKind = iota + 1 // this project writes it, from a closed list
	digestField                      // not touched if it has the form of a digest
	proseField                       // the catalogue's text: plain words are left alone
)

// fieldKinds names the fields that are not redacted like all others.
var fieldKinds = map[string]fieldKind{
	"Report.Schema":         ours,
	"Tool.Name":             ours,
	"Image.Source":          ours,
	"Finding.Rule":          ours,
	"Finding.AlsoMatched":   ours,
	"Finding.CWE":           ours,
	"Finding.Controls":      ours,
	"LedgerLine.Reason":     ours,
	"Image.ManifestDigest":  digestField,
	"Image.ImageID":         digestField,
	"Layer.Digest":          digestField,
	"Layer.DiffID":          digestField,
	"Location.DiffID":       digestField,
	"Finding.ID":            digestField,
	"Suppression.Finding":   digestField,
	"Suppression.Rule":      ours,
	"Finding.Title":         proseField,
	"Finding.Description":   proseField,
	"Finding.Remediation":   proseField,
	"Finding.References":    proseField,
	"SecretDetail.Redacted": proseField,

	"Result.Grade":           ours,
	"GradeCap.Grade":         ours,
	"GradeCap.Reason":        proseField,
	"GradeCap.Evidence":      digestField,
	"GradeReason.Rule":       ours,
	"Result.NotAssessed":     proseField,
	"GradeReason.Control":    ours,
	"GradeReason.Evidence":   digestField,
	"CVSS.Vector":            ours,
	"CVSS.Findings":          digestField,
	"AARS.Version":           ours,
	"Factor.Name":            ours,
	"Factor.Evidence":        digestField,
	"Indicator.Evidence":     digestField,
	"AIVSSScore.Version":     ours,
	"AIVSSScore.Vector":      ours,
	"AIVSSScore.Band":        ours,
	"AIVSSScore.Threat":      ours,
	"AIVSSScore.Mitigation":  ours,
	"AIVSSScore.Evidence":    digestField,
	"CIS.Benchmark":          ours,
	"ControlResult.ID":       ours,
	"ControlResult.Title":    proseField,
	"ControlResult.Result":   ours,
	"ControlResult.Evidence": digestField,
}

// digestForm is a sha256 or sha512 digest, or the id of a finding.
var digestForm = regexp.MustCompile(`^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}|[0-9a-f]{20})$`)

// withoutWords is the redactor without the values that read as one plain word.
func (r *Redactor) withoutWords() *Redactor {
	if r.empty() {
		return r
	}
	keep := func(ps []pattern) []pattern {
		var kept []pattern
		for _, p := range ps {
			if !p.word {
				kept = append(kept, p)
			}
		}
		return kept
	}
	return &Redactor{
		long:  newMatcher(keep(r.long.patterns), r.long.prefix),
		short: newMatcher(keep(r.short.patterns), r.short.prefix),
		views: r.views,
	}
}
