package secrets

import (
	"encoding/base64"
	"testing"
)

func TestACredentialFileIsKnownUnderTheNamesThatItGetsWhenItIsPutAside(t *testing.T) {
	s := mustScanner(t)
	const line = "db.internal:5432:shop:joe:far-from-home7\n"
	encoded := base64.StdEncoding.EncodeToString([]byte(line))
	for name, c := range map[string]struct {
		content string
		found   bool
	}{
		"root/.pgpass":         {line, true},
		"root/.pgpass.bak":     {line, true},
		"root/.pgpass.2024":    {line, true},
		"root/.pgpass~":        {line, true},
		"root/.pgpass.b64":     {encoded, true},
		"root/.pgpass.md":      {line, false},
		"root/pgpass.go":       {line, false},
		"root/notes.txt":       {line, false},
		"root/archive/x.b64":   {encoded, false},
		"root/.pgpass.bak.old": {line, false},
	} {
		t.Run(name, func(t *testing.T) {
			found := false
			for _, f := range scanLayer(t, s, 100, member{name, []byte(c.content)}).Found.(*LayerFacts).Files {
				for _, h := range f.Hits {
					found = found || h.Rule == ruleFile && h.Value.Reveal() == "far-from-home7"
				}
			}
			if found != c.found {
				t.Errorf("found: %v", found)
			}
		})
	}
}
