package secrets

import (
	"bytes"
	"fmt"
	"testing"
)

func TestWhatWasSearchedOnceIsNotSearchedAgain(t *testing.T) {
	s := mustScanner(t)
	p := githubToken(t, 101)
	var files []member
	for i := range 50 {
		files = append(files, member{fmt.Sprintf("app/%d.txt", i), bytes.Repeat([]byte(fmt.Sprintf("line %d of a text\n", i)), 50)})
	}
	files = append(files, member{"app/secret.txt", []byte("A=" + p.Value + "\n")}, member{"app/.pgpass", []byte("# nothing\n")})
	for layer := range 3 {
		found := scanLayer(t, s, 1000, files...).Found.(*LayerFacts).Files
		if len(found) != 1 || found[0].Path != "app/secret.txt" {
			t.Errorf("layer %d: %+v", layer, found)
		}
		if n := len(s.clean.seen); n != 50 {
			t.Errorf("layer %d: %d files are remembered", layer, n)
		}
	}
	// The name may make another kind of file of it.
	renamed := scanLayer(t, s, 1000, member{"root/.pgpass", []byte("db:5432:shop:joe:far-from-home7\n")}, member{"root/a.txt", []byte("db:5432:shop:joe:far-from-home7\n")})
	if found := renamed.Found.(*LayerFacts).Files; len(found) != 1 || found[0].Path != "root/.pgpass" {
		t.Errorf("%+v", found)
	}
}
