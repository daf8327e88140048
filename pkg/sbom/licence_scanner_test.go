package sbom

import (
	"context"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/anchore/syft/syft"
	"github.com/anchore/syft/syft/file"
	syftpkg "github.com/anchore/syft/syft/pkg"
	"github.com/google/licensecheck"
)

var manyLicences = strings.Repeat("see http://www.opensource.org/licenses/mit or so\n", 2*maxLicenceMatches)

// licenceTexts makes texts out of what the scanner looks for: most are found whole, some in part.
func licenceTexts() []string {
	syntax := regexp.MustCompile(`//\*\*[^*]*\*\*//|__\d+__|\(\(|\)\)(\?\?)?|\|\|`)
	texts := []string{"", " ", "All rights reserved.", "Copyright 2020 Nobody", manyLicences}
	for i, l := range licensecheck.BuiltinLicenses() {
		if i%5 != 0 && l.ID != "MIT" {
			continue // there are hundreds
		}
		text := syntax.ReplaceAllString(l.LRE, " ")
		if l.URL != "" {
			text = "https://" + l.URL
		}
		texts = append(texts, text, "Copyright 2020 Nobody\n"+text)
		if i%20 == 0 {
			texts = append(texts, text+strings.Repeat(" and some more words", len(text)/60), texts[len(texts)-3]+text)
		}
	}
	return texts
}

func licencesIn(ctx context.Context, text string) []syftpkg.License {
	return syftpkg.NewLicensesFromReadCloserWithContext(ctx, file.NewLocationReadCloser(file.NewLocation("/LICENSE"), io.NopCloser(strings.NewReader(text))))
}

func TestTheLicenceScannerAnswersAsSyftsOwnDoes(t *testing.T) {
	about := config(1).Licenses
	about.Coverage = 60
	syfts, err := syft.SetContextLicenseScanner(context.Background(), about)
	if err != nil {
		t.Fatal(err)
	}
	var s licenceScanner
	own, err := s.with(context.Background(), about.Coverage)
	if err != nil {
		t.Fatal(err)
	}
	texts, named := licenceTexts(), 0
	for _, text := range texts {
		want := licencesIn(syfts, text)
		for _, time := range []string{"first", "second"} {
			if got := licencesIn(own, text); !reflect.DeepEqual(got, want) {
				t.Errorf("the %s time, %.100q has licences\n%v, want\n%v", time, text, got, want)
			}
		}
		if want[0].SPDXExpression != "" {
			named++
		}
	}
	if named < len(texts)/2 || named == len(texts) {
		t.Errorf("licences are found in %d of %d texts", named, len(texts))
	}
}

func TestTheLicenceScannerRemembersSomeTexts(t *testing.T) {
	var s licenceScanner
	for i := range maxLicenceTexts + 10 {
		s.scan([]byte(strings.Repeat("word ", i)))
	}
	if n := len(s.answers); n != maxLicenceTexts {
		t.Errorf("%d texts are remembered", n)
	}
	var many licenceScanner
	if many.scan([]byte(manyLicences)); len(many.answers) > 0 {
		t.Error("a text with many licences is remembered")
	}
}
