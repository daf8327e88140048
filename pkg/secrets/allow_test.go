package secrets

import (
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

func TestCommentsThatAllowASecretAreRemembered(t *testing.T) {
	s := mustScanner(t)
	p := githubToken(t, 41)
	for name, c := range map[string]struct{ content, want string }{
		"gitleaks' comment":               {"x\nTOKEN=" + p.Value + " # gitleaks:allow\n", "gitleaks:allow"},
		"our comment":                     {"TOKEN=" + p.Value + " # imgaudit:allow github-pat a test's\n", "imgaudit:allow github-pat a test's"},
		"our comment in C":                {"TOKEN=" + p.Value + " /* imgaudit:allow github-pat a test's */\n", "imgaudit:allow github-pat a test's"},
		"our comment for another rule":    {"TOKEN=" + p.Value + " # imgaudit:allow slack-bot-token x\n", ""},
		"a comment on the line before":    {"# gitleaks:allow\nTOKEN=" + p.Value + "\n", ""},
		"a comment on the line behind it": {"TOKEN=" + p.Value + "\n# gitleaks:allow\n", ""},
		"no comment":                      {"TOKEN=" + p.Value + "\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			files := scanLayer(t, s, 1000, member{"a.sh", []byte(c.content)}).Found.(*LayerFacts).Files
			if len(files) != 1 || len(files[0].Hits) != 1 || files[0].Hits[0].Allowed != c.want {
				t.Errorf("%+v", files)
			}
		})
	}
}

func TestAnAllowedSecretStaysAFindingOfTheScanner(t *testing.T) {
	s := mustScanner(t)
	p := githubToken(t, 42)
	img, view := built(t, s, nil, v1.Config{}, []layers.Entry{{Path: "a.sh", RawName: "TOKEN=" + p.Value + " # gitleaks:allow\n"}})
	f := find(t, s.Findings([]*layers.Image{img}, []*layers.View{view}), p.Value)
	if f.Locations[0].Allowed != "gitleaks:allow" || f.Locations[0].Fate != finding.Present {
		t.Errorf("%+v", f.Locations)
	}
}
