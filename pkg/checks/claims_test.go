package checks

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// packages are written as package URLs; what stands behind a space is where they were seen.
func packages(list ...string) (all []finding.Package) {
	for _, s := range list {
		purl, path, _ := strings.Cut(s, " ")
		rest, _, _ := strings.Cut(purl, "?")
		i := max(strings.LastIndexByte(rest, '@'), 0)
		p := finding.Package{Name: rest[strings.LastIndexByte(rest[:i], '/')+1 : i], Version: rest[i+1:], PURL: purl}
		if path != "" {
			p.Paths = []string{path}
		}
		all = append(all, p)
	}
	return all
}

// claimed gives what Judge finds about an image with some packages and one other bill, by rule.
func claimed(bill finding.Bill) map[string]finding.Finding {
	image := &layers.Image{Layers: []layers.Layer{{Index: 0, Facts: &layers.Facts{}}}}
	bill.Document = true
	found := map[string]finding.Finding{}
	for _, f := range Judge([]*layers.Image{image}, nil, Options{Bills: []finding.Bill{bill}}).Findings {
		if strings.HasPrefix(f.Rule, "sbom-") {
			found[f.Rule] = f
		}
	}
	return found
}

func TestEqualPackagesInOtherWordsAreNoFinding(t *testing.T) {
	for name, tc := range map[string]struct{ image, document string }{
		"the same":                                {"pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12", "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12"},
		"an epoch in the version":                 {"pkg:deb/debian/git@1%3A2.39.2-1?arch=amd64", "pkg:deb/debian/git@2.39.2-1"},
		"an epoch as a qualifier":                 {"pkg:rpm/rhel/openssl@3.0.7-1.el9?arch=x86_64&epoch=1", "pkg:rpm/redhat/openssl@1:3.0.7-1.el9"},
		"a rebuild":                               {"pkg:deb/debian/zlib1g@1.2.13%2Bdfsg-1%2Bb1", "pkg:deb/debian/zlib1g@1.2.13+dfsg-1"},
		"another architecture in the name":        {"pkg:deb/debian/libc6@1", "pkg:deb/debian/libc6%3Aamd64@1"},
		"a distribution by another name":          {"pkg:apk/alpine/musl@1.2.4-r2", "pkg:apk/wolfi/musl@1.2.4-r2"},
		"other spellings of Python":               {"pkg:pypi/typing-extensions@4.9.0", "pkg:pypi/Typing_Extensions@4.9.0"},
		"a scope in other escapes":                {"pkg:npm/%40types/node@20.1.0", "pkg:npm/@types/node@20.1.0"},
		"Go with and without v":                   {"pkg:golang/golang.org/x/net@v0.17.0", "pkg:golang/golang.org/x/net@0.17.0"},
		"Go's own library":                        {"pkg:golang/stdlib@1.22.1", "pkg:golang/stdlib@go1.22.1"},
		"a Go module without a version":           {"pkg:golang/example.com/app@(devel)", "pkg:golang/example.com/app@v1.2.3"},
		"a group of Java that was guessed":        {"pkg:maven/commons-io/commons-io@2.11.0", "pkg:maven/org.apache.commons/commons-io@2.11.0"},
		"a source package for what is built":      {"pkg:deb/debian/libssl3@3.0.11-1?upstream=openssl%403.0.11", "pkg:deb/debian/openssl@3.0.11-1"},
		"a subpath":                               {"pkg:golang/example.com/app@v1.0.0#cmd/app", "pkg:golang/example.com/app@v1.0.0"},
		"a kind that no image can show":           {"pkg:npm/left@1", "pkg:npm/left@1 pkg:github/acme/left@v1 pkg:generic/left@1 pkg:oci/app@sha256%3Aab"},
		"a package without a URL in the document": {"pkg:npm/left@1", "pkg:npm/left@1 left"},
		"a key in an RPM database":                {"pkg:rpm/fedora/gpg-pubkey@1-2 pkg:rpm/fedora/bash@5", "pkg:rpm/fedora/bash@5"},
	} {
		t.Run(name, func(t *testing.T) {
			bill := finding.Bill{Complete: true, Packages: packages(strings.Fields(tc.image)...), Others: []finding.OtherBill{{
				Path: "attestation!/0", Layer: -1, Format: "spdx-json", Whole: !strings.Contains(name, "source package"), Packages: packages(strings.Fields(tc.document)...),
			}}}
			for rule, f := range claimed(bill) {
				t.Errorf("%s: %s", rule, f.Description)
			}
		})
	}
}

func TestWhatADocumentClaimsAndLeavesOut(t *testing.T) {
	image := packages("pkg:deb/debian/openssl@3.0.2-1", "pkg:deb/debian/bash@5.1-2", "pkg:npm/left@1.0.0", "pkg:npm/left@2.0.0", "pkg:bitnami/nginx@1.2 opt/bitnami/nginx/.spdx-nginx.spdx",
		"pkg:npm/ghost@1.0.0 opt/bitnami/nginx/.spdx-nginx.spdx")
	for name, tc := range map[string]struct {
		document finding.OtherBill
		partly   bool // the image could not be read whole
		want     map[string]string
	}{
		"all that there is": {
			document: finding.OtherBill{Whole: true, Packages: packages("pkg:deb/debian/openssl@3.0.2-1", "pkg:deb/debian/bash@5.1-2", "pkg:npm/left@1.0.0", "pkg:npm/left@2.0.0")},
		},
		"another version, and one too few": {
			document: finding.OtherBill{Whole: true, Packages: packages("pkg:deb/debian/openssl@3.0.1-9", "pkg:npm/left@1.0.0", "pkg:npm/left@2.0.0")},
			want: map[string]string{
				ruleClaims: "medium 1 of the 3 packages that it lists cannot be found in the image as listed: deb openssl 3.0.1-9 (the image has 3.0.2-1).",
				ruleOmits:  "medium 1 of the 4 packages of the image cannot be found in it: deb bash 5.1-2.",
			},
		},
		"one version of two": {
			document: finding.OtherBill{Whole: true, Packages: packages("pkg:deb/debian/openssl@3.0.2-1", "pkg:deb/debian/bash@5.1-2", "pkg:npm/left@1.0.0")},
			want:     map[string]string{ruleOmits: "low 1 of the 4 packages of the image cannot be found in it: npm left 2.0.0."},
		},
		"a part that is not there": {
			document: finding.OtherBill{Packages: packages("pkg:npm/left@1.0.0", "pkg:npm/right@1.0.0")},
			want:     map[string]string{ruleClaims: "low 1 of the 2 packages that it lists cannot be found in the image as listed: npm right 1.0.0."},
		},
		"a part that is there": {document: finding.OtherBill{Packages: packages("pkg:npm/left@1.0.0")}},
		"an image that was not read whole": {
			document: finding.OtherBill{Packages: packages("pkg:npm/right@1.0.0")}, partly: true,
		},
		"what the document alone shows": {
			document: finding.OtherBill{Path: "opt/bitnami/nginx/.spdx-nginx.spdx", Packages: packages("pkg:bitnami/nginx@1.2", "pkg:npm/ghost@1.0.0")},
			want:     map[string]string{ruleClaims: "low 1 of the 1 packages that it lists cannot be found in the image as listed: npm ghost 1.0.0."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.document.Path == "" {
				tc.document.Path, tc.document.Layer = "referrer!/0", -1
			}
			tc.document.Format = "spdx-json"
			others := []finding.OtherBill{tc.document}
			if tc.document.Layer < 0 { // and the one that shows the ghost
				others = append(others, finding.OtherBill{Path: "opt/bitnami/nginx/.spdx-nginx.spdx"})
			}
			found := claimed(finding.Bill{Complete: !tc.partly, Packages: image, Others: others})
			if len(found) != len(tc.want) {
				t.Errorf("found %+v", found)
			}
			for rule, want := range tc.want {
				f := found[rule]
				_, said, _ := strings.Cut(f.Description, " The document (spdx-json): ")
				if got := string(f.Severity) + " " + said; got != want {
					t.Errorf("%s: got %q, want %q", rule, got, want)
				}
				l := f.Locations[0]
				if l.Path != tc.document.Path || (l.Layer == nil) != (tc.document.Layer < 0) || l.Fate != finding.Present {
					t.Errorf("location %+v", l)
				}
			}
		})
	}
}

func TestManyDifferencesAreOneFinding(t *testing.T) {
	var claims []string
	for i := range 5000 {
		claims = append(claims, fmt.Sprintf("pkg:npm/\x1b[31mp%04d@1.0.0", i))
	}
	found := claimed(finding.Bill{Complete: true, Packages: packages("pkg:npm/left@1"), Others: []finding.OtherBill{{Path: "referrer!/0", Layer: -1, Packages: packages(claims...)}}})
	f := found[ruleClaims]
	if len(found) != 1 || len(f.Description) > 2000 || !strings.Contains(f.Description, "5000 of the 5000 packages") || !strings.Contains(f.Description, "and 4995 more") || strings.Contains(f.Description, "\x1b") {
		t.Errorf("%d findings, %q", len(found), f.Description)
	}
}

func TestClaimsAreAssessedOnlyWhereThereAreSome(t *testing.T) {
	image := &layers.Image{Layers: []layers.Layer{{Facts: &layers.Facts{}}}}
	for name, tc := range map[string]struct {
		bill finding.Bill
		want [2]Result // claims, omits
	}{
		"no catalogue":         {finding.Bill{}, [2]Result{NotAssessed, NotAssessed}},
		"no other document":    {finding.Bill{Document: true, Complete: true}, [2]Result{NotAssessed, NotAssessed}},
		"of a part":            {finding.Bill{Complete: true, Others: []finding.OtherBill{{Path: "a"}}}, [2]Result{Pass, NotAssessed}},
		"of the whole":         {finding.Bill{Complete: true, Others: []finding.OtherBill{{Path: "a", Whole: true}}}, [2]Result{Pass, Pass}},
		"of an unread image":   {finding.Bill{Others: []finding.OtherBill{{Path: "a", Whole: true}}}, [2]Result{NotAssessed, Pass}},
		"and it lacks a thing": {finding.Bill{Complete: true, Packages: packages("pkg:npm/left@1"), Others: []finding.OtherBill{{Path: "a", Whole: true}}}, [2]Result{Pass, Fail}},
	} {
		t.Run(name, func(t *testing.T) {
			got := [2]Result{}
			for _, a := range Judge([]*layers.Image{image}, nil, Options{Bills: []finding.Bill{tc.bill}}).Assessments {
				if i := slices.Index([]string{ruleClaims, ruleOmits}, a.Rule); i >= 0 {
					got[i] = a.Result
				}
			}
			if got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func FuzzParsePURL(f *testing.F) {
	for _, s := range []string{"pkg:deb/debian/git@1%3A2.39?upstream=git%401", "pkg:npm/%40a/b@1", "pkg:npm/@a/b", "pkg:golang/a/b@v1#c", "pkg:deb//@", "pkg:rpm/a@%zz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, ok := parsePURL(s)
		if !ok {
			return
		}
		if id.name == "" || comparableKinds[id.kind] == 0 || len(id.name)+len(id.version) > 4*len(s) {
			t.Errorf("%q gives %+v", s, id)
		}
		if again, ok := parsePURL(s); !ok || again != id {
			t.Errorf("%q gives %+v and %+v", s, id, again)
		}
	})
}

func TestDocumentsThatAgreeAreComparedToo(t *testing.T) {
	bill := finding.Bill{Complete: true, Packages: packages("pkg:npm/left@1", "pkg:npm/right@2"), Others: []finding.OtherBill{
		{Path: "attestation!/0", Layer: -1, Whole: true, Packages: packages("pkg:npm/left@1", "pkg:npm/right@2")},
		{Path: "referrer!/0", Layer: -1, Whole: true, Packages: packages("pkg:npm/left@1", "pkg:npm/ghost@2")},
		{Path: "opt/part.spdx", Packages: packages("pkg:npm/left@1")},
	}}
	var got []string
	for _, c := range Compare(bill) {
		got = append(got, fmt.Sprint(c.Path, " ", c.Listed, c.Missing, c.Judged, c.Omitted))
	}
	if want := []string{"attestation!/0 2 0 true 0", "referrer!/0 2 1 true 1", "opt/part.spdx 1 0 true 0"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
