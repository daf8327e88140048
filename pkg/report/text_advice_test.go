package report

import (
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

func TestAdviceFollowsFromTheFindings(t *testing.T) {
	m := newMaker(20)
	im := m.image("example.com/app:1")
	secret := func(sev finding.Severity, conf finding.Confidence, places ...finding.Location) finding.Finding {
		return m.secret("rule", "Token", m.chars(alnum, 30), sev, conf, places...)
	}
	gone := im.lost(finding.Deleted, finding.Whiteout, 5)
	for name, c := range map[string]struct {
		findings []finding.Finding
		want     []string // what each action says, in order
	}{
		"nothing found": {nil, nil},
		"a doubtful secret is nothing to do first": {[]finding.Finding{secret(finding.High, finding.Unsure, im.at(4, "a", 1))}, nil},
		"a low secret is nothing to do first":      {[]finding.Finding{secret(finding.Low, finding.Sure, im.at(4, "a", 1))}, nil},
		"deleted":                                  {[]finding.Finding{secret(finding.High, finding.Sure, im.at(4, "a", 1, gone))}, []string{"Revoke and replace this secret", "never gets into layer 4"}},
		"deleted behind a COPY":                    {[]finding.Finding{secret(finding.High, finding.Sure, im.at(3, "app/.env", 1, gone))}, []string{"Revoke", "Add to .dockerignore: **/.env*"}},
		"in the final image":                       {[]finding.Finding{secret(finding.High, finding.Sure, im.at(6, "app/config.yaml", 1))}, []string{"Revoke", "In app/config.yaml."}},
		"in the base image":                        {[]finding.Finding{secret(finding.High, finding.Sure, im.at(0, "etc/key", 1))}, []string{"Revoke", "base image"}},
		"in the history":                           {[]finding.Finding{secret(finding.High, finding.Sure, im.at(-1, "history!/4", 0))}, []string{"Revoke", "--mount=type=secret"}},
		"in the configuration":                     {[]finding.Finding{secret(finding.High, finding.Sure, im.at(-1, "config!/env/DB_PASS", 0))}, []string{"Revoke", "Set DB_PASS when the container starts"}},
		"a repository":                             {[]finding.Finding{m.hygiene("image-git-dir", "Git", finding.Hygiene, finding.High, "", im.at(3, "app/.git", 0))}, []string{"Add to .dockerignore: **/.git"}},
		"an odd archive":                           {[]finding.Finding{m.hygiene("tar-path-escape", "Odd", finding.Integrity, finding.High, "", im.at(7, "../x", 0))}, []string{"what wrote layer 7"}},
		"build tools":                              {[]finding.Finding{m.hygiene("image-build-tools", "gcc", finding.Hygiene, finding.Low, "", im.at(1, "usr/bin/gcc", 0))}, []string{"Build in one stage"}},
		"root":                                     {[]finding.Finding{m.hygiene("image-user-root", "root", finding.Config, finding.Medium, "", im.at(-1, "config!/user", 0))}, []string{"Add a USER"}},
	} {
		actions := advise(&Report{Images: []Image{im}, Findings: c.findings, Coverage: Coverage{Complete: true}})
		if len(actions) != len(c.want) {
			t.Errorf("%s: %d actions: %+v", name, len(actions), actions)
			continue
		}
		for i, a := range actions {
			if text := a.do + " " + a.why; !strings.Contains(text, c.want[i]) {
				t.Errorf("%s: action %d is %q", name, i+1, text)
			}
			if len(a.solves) != 1 {
				t.Errorf("%s: action %d settles %d findings", name, i+1, len(a.solves))
			}
		}
	}
}

func TestTheStoryOfEveryFate(t *testing.T) {
	m := newMaker(21)
	im := m.image("example.com/app:1")
	for _, c := range []struct {
		fate finding.Fate
		by   finding.FateBy
		want string
	}{
		{finding.Deleted, finding.Whiteout, "layer 5 ○ deleted by RUN rm"},
		{finding.Deleted, finding.Opaque, "layer 5 ○ hidden with all of its directory by RUN rm"},
		{finding.Deleted, finding.ParentWhiteout, "layer 5 ○ deleted with its directory by RUN rm"},
		{finding.Deleted, finding.ReplacedByFile, "layer 5 ○ lost, as a file took its directory's place: RUN rm"},
		{finding.Deleted, finding.ReplacedByLink, "layer 5 ○ lost, as a link took its place: RUN rm"},
		{finding.Overwritten, finding.Rewritten, "layer 5 ○ overwritten by RUN rm"},
		{finding.Unknown, "", "? what became of it is not known"},
		{finding.Present, "", "layer 3 ● added by COPY . /srv/app"},
	} {
		place := im.at(3, "app/key", 2, im.lost(c.fate, c.by, 5))
		f := m.secret("rule", "Token", m.chars(alnum, 30), finding.High, finding.Sure, place)
		text := write(t, "text", &Report{Images: []Image{im}, Findings: []finding.Finding{f}}, WriterOptions{})
		if !strings.Contains(text, c.want) || !strings.Contains(text, "layer 3 ● added") {
			t.Errorf("%s by %s: no %q in\n%s", c.fate, c.by, c.want, text)
		}
	}
	twice := im.at(3, "app/key", 2, im.lost(finding.Overwritten, finding.SameLayerDuplicate, 3))
	f := m.secret("rule", "Token", m.chars(alnum, 30), finding.High, finding.Sure, twice)
	if text := write(t, "text", &Report{Images: []Image{im}, Findings: []finding.Finding{f}}, WriterOptions{}); !strings.Contains(text, "layer 3 ○ added and overwritten in the same layer by COPY") {
		t.Error(text)
	}
}

func TestPossibleSecretsAreLookedAtBeforeTheyAreRevoked(t *testing.T) {
	m := newMaker(31)
	im := m.image("example.com/app:1")
	secret := func(c finding.Confidence) finding.Finding {
		return m.secret("rule", "Token", m.chars(alnum, 30), finding.High, c, im.at(3, "app/"+string(c), 2))
	}
	for want, fs := range map[string][]finding.Finding{
		"Look at this possible secret": {secret(finding.Likely)},
		"Revoke and replace these 2":   {secret(finding.Likely), secret(finding.Sure)},
	} {
		if got := advise(&Report{Images: []Image{im}, Findings: fs, Coverage: Coverage{Complete: true}})[0].do; !strings.HasPrefix(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, f := range advise(&Report{Images: []Image{im}, Findings: []finding.Finding{secret(finding.Unsure)}, Coverage: Coverage{Complete: true}}) {
		t.Errorf("a doubtful secret leads to %q", f.do)
	}
}
