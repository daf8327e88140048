package secrets

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

func TestWhatWasSearchedOnceIsNotSearchedAgain(t *testing.T) {
	s := mustScanner(t)
	p := githubToken(t, 101)
	var files []member
	for i := range 50 {
		files = append(files, member{fmt.Sprintf("app/%d.txt", i), bytes.Repeat([]byte(fmt.Sprintf("line %d of a text\n", i)), 50)})
	}
	long := slices.Concat(bytes.Repeat([]byte("nothing\n"), 60_000), []byte("A="+p.Value+"\n"), bytes.Repeat([]byte("nothing\n"), 60_000))
	files = append(files, member{"app/secret.txt", []byte("A=" + p.Value + "\n")}, member{"app/.pgpass", []byte("# nothing\n")}, member{"app/long.txt", long})
	for layer := range 3 {
		found := scanLayer(t, s, 1000, files...).Found.(*LayerFacts).Files
		if len(found) != 2 || found[0].Path != "app/secret.txt" || found[1].Path != "app/long.txt" || len(found[1].Hits) != 1 || found[1].Hits[0].Line != 60_001 {
			t.Errorf("layer %d: %+v", layer, found)
		}
		if n := len(s.known.seen); n != 50+1+4 {
			t.Errorf("layer %d: %d pieces are remembered", layer, n)
		}
	}
	// What was remembered is what is reported.
	for key, hits := range s.known.seen {
		for i := range hits {
			hits[i].line += 5
		}
		s.known.seen[key] = hits
	}
	if found := scanLayer(t, s, 1000, files...).Found.(*LayerFacts).Files; len(found) != 2 || found[0].Hits[0].Line != 6 || found[1].Hits[0].Line != 60_006 {
		t.Errorf("%+v", found)
	}
	// The name may make another kind of file of it.
	renamed := scanLayer(t, s, 1000, member{"root/.pgpass", []byte("db:5432:shop:joe:far-from-home7\n")}, member{"root/a.txt", []byte("db:5432:shop:joe:far-from-home7\n")})
	if found := renamed.Found.(*LayerFacts).Files; len(found) != 1 || found[0].Path != "root/.pgpass" {
		t.Errorf("%+v", found)
	}
}
