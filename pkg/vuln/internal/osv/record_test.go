package osv

import (
	"strings"
	"testing"
	"time"
)

const sample = `{
	"schema_version": "1.7.0", "id": "MADE-2099-1", "modified": "2099-02-01T10:00:00Z", "published": "0001-01-01T00:00:00Z",
	"aliases": ["CVE-2099-0001", ""], "upstream": ["CVE-2099-0002"], "related": ["CVE-2099-0003"],
	"summary": "s", "details": "d",
	"severity": [{"type": "CVSS_V2", "score": "AV:L/AC:M/Au:N/C:N/I:P/A:C"}],
	"affected": [
		{"package": {"ecosystem": "Rocky Linux:8", "name": "nodejs", "purl": "pkg:rpm/rocky/nodejs?arch=src&rpmmod=nodejs:18"},
		 "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1:18.1-1"}], "database_specific": {"x": 1}}]},
		{"package": {"ecosystem": "npm", "name": "left"}, "versions": ["1.0.0"], "ecosystem_specific": {"severity": "High", "rpm_modularity": 7}}
	],
	"references": [{"type": "WEB", "url": "https://example.test/"}],
	"database_specific": {"cwe_ids": ["CWE-79"], "url": "https://example.test/record"},
	"credits": [{"name": "nobody"}]
}`

func TestRecordIsRead(t *testing.T) {
	r, err := Decode([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case r.ID != "MADE-2099-1", !r.Modified.Equal(time.Date(2099, 2, 1, 10, 0, 0, 0, time.UTC)), r.Withdrawn:
		t.Errorf("head: %+v", r)
	case !r.Published.IsZero():
		t.Errorf("the year 1 is taken for a time: %s", r.Published)
	case len(r.Aliases) != 1 || len(r.Upstream) != 1 || len(r.Related) != 1:
		t.Errorf("ids: %q %q %q", r.Aliases, r.Upstream, r.Related)
	case len(r.Affected) != 2 || r.Affected[0].Module != "nodejs:18" || r.Affected[1].Module != "":
		t.Errorf("affected: %+v", r.Affected)
	case r.Rating != "high" || len(r.CWEs) != 1 || r.URL != "https://example.test/record":
		t.Errorf("what the database says: %q %q %q", r.Rating, r.CWEs, r.URL)
	}
	h, err := DecodeHead([]byte(sample))
	if err != nil || h.ID != r.ID || !h.Modified.Equal(r.Modified) || strings.Join(h.Ecosystems, ",") != "Rocky Linux:8,npm" {
		t.Errorf("head: %+v, %v", h, err)
	}
}

func TestAnyTextForWithdrawnWithdraws(t *testing.T) {
	for text, want := range map[string]bool{`{"id":"A"}`: false, `{"id":"A","withdrawn":""}`: false, `{"id":"A","withdrawn":"2099-01-01T00:00:00Z"}`: true, `{"id":"A","withdrawn":"yesterday"}`: true} {
		r, err := Decode([]byte(text))
		if err != nil || r.Withdrawn != want {
			t.Errorf("%s: %v, %v", text, r, err)
		}
	}
}

func TestWhatIsNoRecordIsRefusedWithAReason(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"no JSON":                           {`{"id":`, "no OSV record"},
		"another shape":                     {`["id"]`, "no OSV record"},
		"no id":                             {`{"modified":"2099-01-01T00:00:00Z"}`, "its id: it is empty"},
		"an id with a control character":    {`{"id":"A\u0007"}`, "cannot be printed"},
		"a very long id":                    {`{"id":"` + strings.Repeat("A", 600) + `"}`, "512 bytes"},
		"a package without a name":          {`{"id":"A","affected":[{"package":{"ecosystem":"npm"}}]}`, "affected[0]: it is empty"},
		"a name that hides what follows it": {`{"id":"A","affected":[{"package":{"ecosystem":"npm","name":"a\u202eb"}}]}`, "cannot be printed"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Decode([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("have %v, want %q", err, c.want)
			}
		})
	}
}

func TestScoresAreReadByTheirKind(t *testing.T) {
	for _, c := range []struct {
		s       Severity
		version string
		ok      bool
	}{
		{Severity{"CVSS_V2", "AV:L/AC:M/Au:N/C:N/I:P/A:C"}, "2.0", true},
		{Severity{"CVSS_V3", "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}, "3.0", true},
		{Severity{"CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}, "3.1", true},
		{Severity{"CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N"}, "4.0", true},
		{Severity{"CVSS_V3", "CVSS:3.1/AV:N"}, "3.1", false},
		{Severity{"CVSS_V3", "9.8"}, "3.1", false},
		{Severity{"Ubuntu", "low"}, "", false},
	} {
		version, _, ok := c.s.CVSS()
		if version != c.version || ok != c.ok {
			t.Errorf("%+v: %q, %v", c.s, version, ok)
		}
	}
}
