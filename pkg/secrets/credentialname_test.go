package secrets

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestTheKeyBeforeWhatIsEncodedIsFoundWhateverStandsBeforeIt(t *testing.T) {
	for before, want := range map[string]string{
		`config: {id_rsa: "`: "id_rsa", strings.Repeat("x", 400) + ` .netrc : '`: ".netrc", strings.Repeat("k", 100) + `": "`: strings.Repeat("k", 100),
		strings.Repeat("k", 101) + `": "`: "", strings.Repeat("k", 280) + `": "`: "", "a: |\n  ": "", `{"path": "/etc/x", "content": "`: "etc/x",
	} {
		if got := nameOfEncoded([]byte(before), len(before)); got != want {
			t.Errorf("%q: got %q, want %q", before, got, want)
		}
	}
	// What is cut off is no part of a match.
	r := rand.New(rand.NewPCG(9, 4))
	found := 0
	for range 20_000 {
		b := make([]byte, 60+r.IntN(240))
		for i := range b {
			b[i] = `abcdefghijkl_-."' {:`[r.IntN(20-r.IntN(10))]
		}
		b = append(b, `": "`[r.IntN(3):]...)
		if len(bytes.TrimRight(b, "\"'|> \t\r\n")) == 0 || b[len(bytes.TrimRight(b, "\"'|> \t\r\n"))-1] != ':' {
			continue
		}
		want := ""
		if m := keyBefore.compiled().FindSubmatch(b); m != nil {
			want = string(m[1])
			found++
		}
		if got := nameOfEncoded(b, len(b)); got != want {
			t.Fatalf("%q: got %q, want %q", b, got, want)
		}
	}
	if found < 1000 {
		t.Errorf("%d keys", found)
	}
}
