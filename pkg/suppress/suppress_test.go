package suppress

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

var today = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

func sample() []finding.Finding {
	at := func(path string, line int, base bool, diffID string) finding.Location {
		n := 0
		return finding.Location{Layer: &n, Path: path, Line: line, Base: base, DiffID: diffID, Fate: finding.Present, Confidence: finding.Sure}
	}
	deleted := at("app/old.env", 3, false, "sha256:bbbbbbbbbbbb")
	deleted.Fate, deleted.Confidence = finding.Deleted, finding.Likely
	allowed := at("app/tests/a.py", 9, false, "sha256:bbbbbbbbbbbb")
	allowed.Allowed = "a test's"
	git := at("app/.git!/1234567890123456789012345678901234567890:conf/x.yml", 2, false, "sha256:bbbbbbbbbbbb")
	git.Git = &finding.GitPlace{Commit: "1234567890123456789012345678901234567890", Path: "conf/x.yml"}
	fs := []finding.Finding{
		{ID: "aaaaaaaaaaaaaaaaaaaa", Rule: "github-pat", AlsoMatched: []string{"generic-api-key"}, Locations: []finding.Location{at("app/a.env", 1, false, "sha256:bbbbbbbbbbbb"), deleted, git}},
		{ID: "bbbbbbbbbbbbbbbbbbbb", Rule: "private-key", Locations: []finding.Location{at("usr/share/doc/x/key.pem", 1, true, "sha256:aaaaaaaaaaaa"), allowed}},
		{ID: "cccccccccccccccccccc", Rule: "image-user-root", Locations: []finding.Location{{Path: "config!/user"}}},
	}
	for i := range fs {
		fs[i].Settle()
	}
	return fs
}

func TestRulesTakeAwayThePlacesThatTheyName(t *testing.T) {
	for name, c := range map[string]struct {
		file, line string
		silenced   []string // paths
		gone       int
	}{
		"an id, all its places":            {".imgauditignore", `id=aaaaaaaa reason="rotated"`, []string{"app/.git!/1234567890123456789012345678901234567890:conf/x.yml", "app/a.env", "app/old.env"}, 1},
		"a rule":                           {".imgauditignore", `rule=image-* reason=x`, []string{"config!/user"}, 1},
		"a rule that matched as well":      {".imgauditignore", `rule=generic-api-key path=app/a.env reason=x`, []string{"app/a.env"}, 0},
		"a path":                           {".imgauditignore", `path=usr/share/** reason="examples of manuals"`, []string{"usr/share/doc/x/key.pem"}, 0},
		"a path of one level":              {".imgauditignore", `path=app/*.env reason=x`, []string{"app/a.env", "app/old.env"}, 0},
		"a path anywhere":                  {".imgauditignore", `path=**/a.py reason=x`, []string{"app/tests/a.py"}, 0},
		"a path with letters beyond ASCII": {".imgauditignore", `path=größe/** reason=x`, nil, 0},
		"a path with a slash before it":    {".imgauditignore", `path=/app/a.env reason=x`, []string{"app/a.env"}, 0},
		"a path in a repository":           {".imgauditignore", `path=conf/*.yml reason=x`, []string{"app/.git!/1234567890123456789012345678901234567890:conf/x.yml"}, 0},
		"the base image":                   {".imgauditignore", `base reason="not ours"`, []string{"usr/share/doc/x/key.pem"}, 0},
		"a layer":                          {".imgauditignore", `layer=sha256:aaaaaaaa reason=x`, []string{"usr/share/doc/x/key.pem"}, 0},
		"until a day that is not over":     {".imgauditignore", `rule=image-user-root until=2026-06-15 reason=x`, []string{"config!/user"}, 1},
		"until a day that is over":         {".imgauditignore", `rule=image-user-root until=2026-06-14 reason=x`, nil, 0},
		"two conditions":                   {".imgauditignore", `rule=private-key path=app/** reason=x`, []string{"app/tests/a.py"}, 0},
		"a fingerprint of gitleaks":        {".gitleaksignore", `app/a.env:github-pat:1`, []string{"app/a.env"}, 0},
		"a fingerprint of another line":    {".gitleaksignore", `app/a.env:github-pat:2`, nil, 0},
		"a fingerprint with a commit":      {".gitleaksignore", `1234567890123456789012345678901234567890:conf/x.yml:github-pat:2`, []string{"app/.git!/1234567890123456789012345678901234567890:conf/x.yml"}, 0},
		"a check of Trivy":                 {".trivyignore", `AVD-DS-0002`, []string{"config!/user"}, 1},
		"a check of Trivy, short":          {".trivyignore", `DS002 exp:2026-12-31`, []string{"config!/user"}, 1},
		"a check of Trivy that has ended":  {".trivyignore", `DS002 exp:2026-06-15`, nil, 0},
		"a rule of Trivy":                  {".trivyignore", `private-key`, []string{"app/tests/a.py", "usr/share/doc/x/key.pem"}, 1},
		"a check of Dockle":                {".dockleignore", `CIS-DI-0001 # we know`, []string{"config!/user"}, 1},
		"a comment in our file":            {".imgauditignore", `# rule=image-user-root reason=x`, nil, 0},
		"a comment behind a rule":          {".imgauditignore", `rule=image-user-root reason=x # so be it`, []string{"config!/user"}, 1},
		"a rule that fits nothing at hand": {".imgauditignore", `rule=slack-* reason=x`, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			rules, err := Read("some/"+c.file, strings.NewReader("\n"+c.line+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			out := Apply(sample(), Options{Rules: rules, Now: today})
			var got []string
			for _, e := range out.Silenced {
				got = append(got, e.Path)
				if e.By != c.file+":2" || e.Reason == "" {
					t.Errorf("by %q, reason %q", e.By, e.Reason)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, c.silenced) || len(out.Gone) != c.gone || len(out.Findings) != 3-c.gone {
				t.Errorf("silenced %q, gone %d, left %d", got, len(out.Gone), len(out.Findings))
			}
		})
	}
}

func TestTheFindingThatIsLeftIsThatOfItsOtherPlaces(t *testing.T) {
	rules, err := Read(".imgauditignore", strings.NewReader("rule=github-pat path=app/a.env reason=x\nrule=github-pat path=**/x.yml reason=x\nrule=github-pat path=app/.git!/** reason=x"))
	if err != nil {
		t.Fatal(err)
	}
	f := Apply(sample(), Options{Rules: rules, Now: today}).Findings[0]
	if len(f.Locations) != 1 || f.Visible || f.Confidence != finding.Likely {
		t.Errorf("%d places, visible %v, confidence %s", len(f.Locations), f.Visible, f.Confidence)
	}
}

func TestARuleThatHasExpiredIsNamed(t *testing.T) {
	rules, err := Read(".imgauditignore", strings.NewReader("rule=image-user-root until=2020-01-01 reason=x\nrule=none until=2020-01-01 reason=x"))
	if err != nil {
		t.Fatal(err)
	}
	out := Apply(sample(), Options{Rules: rules, Now: today})
	if len(out.Expired) != 1 || out.Expired[0].From != ".imgauditignore:1" {
		t.Errorf("%+v", out.Expired)
	}
}

func TestCommentsCountOnlyIfTheyAreAskedFor(t *testing.T) {
	if out := Apply(sample(), Options{Now: today}); len(out.Silenced) != 0 {
		t.Errorf("%+v", out.Silenced)
	}
	out := Apply(sample(), Options{Comments: true, Now: today})
	if len(out.Silenced) != 1 || out.Silenced[0] != (Entry{"bbbbbbbbbbbbbbbbbbbb", "private-key", "app/tests/a.py", "comment", "a test's"}) {
		t.Errorf("%+v", out.Silenced)
	}
}

func TestABaselineKnowsPlacesAndNotOnlySecrets(t *testing.T) {
	const report = `{"schema": "imgaudit.report/v1", "findings": [{"id": "aaaaaaaaaaaaaaaaaaaa", "locations": [{"path": "app/a.env"}]}]}`
	known, err := Baseline("x/report.json", strings.NewReader(report))
	if err != nil {
		t.Fatal(err)
	}
	out := Apply(sample(), Options{Baseline: known, Now: today})
	if len(out.Silenced) != 1 || out.Silenced[0].Path != "app/a.env" || out.Silenced[0].By != "baseline report.json" || len(out.Findings) != 3 {
		t.Errorf("%+v", out.Silenced)
	}
}

func TestFilesThatAreNotUnderstoodAreErrors(t *testing.T) {
	for line, want := range map[string]string{
		"image-user-root":                    "not understood",
		"rule=x":                             "a reason is missing",
		"reason=x":                           "names nothing",
		"rules=x reason=x":                   `"rules" is not known`,
		`rule=x reason="x`:                   "a quote is not closed",
		"rule=x until=31.12.2026 reason=x":   "no date",
		"id=abc reason=x":                    "at least 8",
		"layer=sha256:abc reason=x":          "at least 8",
		"rule= reason=x":                     "not understood",
		strings.Repeat("x", maxLine+1) + "=": "too long",
	} {
		if _, err := Read(".imgauditignore", strings.NewReader(line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v", line, err)
		}
	}
	if _, err := Read(".gitleaksignore", strings.NewReader("a:b")); err == nil {
		t.Error("a short fingerprint is taken")
	}
	for _, report := range []string{"", "{}", `{"schema": "other"}`, "[]"} {
		if _, err := Baseline("r.json", strings.NewReader(report)); err == nil {
			t.Errorf("%q is a baseline", report)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(".imgauditignore", `rule=a* path=**/x id=12345678 until=2026-01-01 reason="a \" b"`)
	f.Add(".gitleaksignore", "a:b:c:1")
	f.Add(".trivyignore", "CVE-2020-1 exp:2020-01-01")
	f.Add(".dockleignore", "CIS-DI-0001")
	f.Add(".trivyignore", "\xc3")
	f.Fuzz(func(t *testing.T, name, content string) {
		rules, err := Read(name, strings.NewReader(content))
		if err == nil {
			Apply(sample(), Options{Rules: rules, Now: today})
		}
	})
}
