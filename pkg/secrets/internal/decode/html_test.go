package decode

import (
	"html"
	"math/rand/v2"
	"testing"
)

func holdHTML(t *testing.T, text []byte) {
	t.Helper()
	if got, want := string(unescapeHTML(nil, text)), html.UnescapeString(string(text)); got != want {
		t.Fatalf("%q: %q, want %q", text, got, want)
	}
}

func TestEntitiesAreDecodedAsTheLibraryDoes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	pieces := []string{"&", "&#", "&#x", "5", "A", ";", "quot", "&quot;", "&#39;", "&amp", "lt;", "&gt;", "notin", "&not", "\xe4", " ", "&NotEqualTilde;", "#", "&#1114112;", "&#34;", "&#128;"}
	for range 50_000 {
		var text []byte
		for range r.IntN(9) {
			text = append(text, pieces[r.IntN(len(pieces))]...)
		}
		holdHTML(t, text)
	}
}

func FuzzHTML(f *testing.F) {
	f.Add([]byte("a &quot;text&quot; &#5 &#x &#x41;&notin;&ampx&#"))
	f.Fuzz(holdHTML)
}
