package stored

import "testing"

func TestTheLettersOfStringsAreThoseThatAreLookedFor(t *testing.T) {
	for c, head := range pythonHeads {
		r := pythonKinds.Reader([]byte{byte(c)})
		if found := r.From(0)[0] == 1; found != (head > 0) {
			t.Errorf("%q: %v, with %d bytes before a string", rune(c), found, head)
		}
	}
}
