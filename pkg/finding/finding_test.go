package finding

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAValueNeverPrintsItself(t *testing.T) {
	const secret = "kept-between-us"
	v := Hide(secret)
	detail := SecretDetail{Redacted: v.Redacted(), Value: v}
	asJSON, err := json.Marshal(struct {
		V Value
		D SecretDetail
		M map[Value]Value
	}{v, detail, map[Value]Value{v: v}})
	if err != nil {
		t.Fatal(err)
	}
	for _, printed := range []string{
		fmt.Sprint(v), fmt.Sprintf("%v %+v %#v %s %q %x %d", v, v, v, v, v, v, v),
		fmt.Sprintf("%v %+v %#v", detail, &detail, detail), fmt.Sprint(fmt.Errorf("x: %v", v)), string(asJSON),
	} {
		if strings.Contains(printed, secret) || strings.Contains(printed, fmt.Sprintf("%x", secret)) {
			t.Errorf("the value got out: %s", printed)
		}
	}
	if v.Reveal() != secret {
		t.Errorf("Reveal() = %q", v.Reveal())
	}
}

func TestRedactedShowsOnlyTheHeadOfStrongValues(t *testing.T) {
	for name, c := range map[string]struct{ value, want string }{
		"a short password shows its length alone":   {"hunter2", "****(7)"},
		"a long phrase shows its length alone":      {"correct horse battery staple of mine", "****(36)"},
		"a token of 26 shows four characters":       {"q8Zk2Lw9Xv4Tb7Rn1Yc6Mf3Hd5", "q8Zk****(26)"},
		"a token of 40 shows six characters":        {"q8Zk2Lw9Xv4Tb7Rn1Yc6Mf3Hd5Js0Pg8Ua2Ei4Wo", "q8Zk2L****(40)"},
		"a binary value shows no control character": {"\x00\x01" + "q8Zk2Lw9Xv4Tb7Rn1Yc6Mf3Hd5", "****(28)"},
		"a key in PEM shows its kind":               {"-----BEGIN EC " + "PRIVATE KEY-----\nxyz", "-----BEGIN EC PRIVATE KEY-----****(34)"},
		"nothing":                                   {"", "****(0)"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Hide(c.value).Redacted(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestStrongTellsTokensFromPasswords(t *testing.T) {
	for value, want := range map[string]bool{
		"":                                      false,
		"hunter2":                               false,
		"P@ssw0rd12345678":                      false,
		"correcthorsebatterystaple":             false,
		"Summer2024Winter2025Spring2026!":       false,
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":  false,
		"my-super-secret-database-password-01":  false,
		"letmein-please-i-am-the-administrator": false,
		"Pferdefleischsalat-und-Kartoffelbrei":  false,
		"9f86d081884c7d659a2feaa0c55ad015":      true,
		"b3f1c2d4-58ae-4c1f-9e6b-2f0d7a9c1e35":  true,
		"q8Zk2Lw9Xv4Tb7Rn1Yc6Mf3Hd5":            true,
	} {
		if got := Hide(value).Strong(); got != want {
			t.Errorf("Strong(%q) = %v", value, got)
		}
	}
}

func TestRandomTokensAreStrong(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, alphabet := range []string{"0123456789abcdef", "abcdefghijklmnopqrstuvwxyz0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"} {
		weak := 0
		for range 1000 {
			b := make([]byte, 40)
			for i := range b {
				b[i] = alphabet[r.IntN(len(alphabet))]
			}
			if !Hide(string(b)).Strong() {
				weak++
			}
		}
		if weak > 2 {
			t.Errorf("%d of 1000 random tokens over %d characters are called weak", weak, len(alphabet))
		}
	}
}

func TestSecretIDDependsOnTheValueOnlyWhenItIsStrong(t *testing.T) {
	strong, weak := Hide("q8Zk2Lw9Xv4Tb7Rn1Yc6Mf3Hd5"), Hide("hunter2")
	if SecretID("r", strong, "a", "A") != SecretID("r", strong, "b", "B") {
		t.Error("a strong value's id moves with its path")
	}
	if SecretID("r", weak, "a", "A") != SecretID("r", Hide("swordfish"), "a", "A") {
		t.Error("a weak value shows in its id")
	}
	if SecretID("r", weak, "a", "A") == SecretID("r", weak, "b", "A") {
		t.Error("two places of weak values share an id")
	}
	if SecretID("r", strong, "", "") == SecretID("q", strong, "", "") {
		t.Error("two rules share an id")
	}
	if PlaceID("ab", "c") == PlaceID("a", "bc") {
		t.Error("parts of an id run into each other")
	}
}

func TestEscapePath(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain paths stay":                    {"usr/lib/naïve/日本", "usr/lib/naïve/日本"},
		"newlines and escapes are spelled":    {"a\nb\x1b[31m", `a\x0ab\x1b[31m`},
		"bytes that are no UTF-8 are spelled": {"caf\xe9", `caf\xe9`},
		"a backslash is spelled":              {`a\x41`, `a\x5cx41`},
		"an inside mark is spelled":           {"a!/b", `a\x21/b`},
		"another exclamation mark stays":      {"wow!", "wow!"},
		"text that turns its direction":       {"a\u202eb", `a\xe2\x80\xaeb`},
		"C1 control characters":               {"a\u009bb", `a\xc2\x9bb`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := EscapePath(c.in); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if got, want := EscapeText(`RUN echo "a\n!/b"`+"\x07"), `RUN echo "a\n!/b"\x07`; got != want {
		t.Errorf("EscapeText: got %q, want %q", got, want)
	}
}

func FuzzEscapePath(f *testing.F) {
	f.Add("a\x00b!/c\\\xff")
	f.Fuzz(func(t *testing.T, s string) {
		for _, e := range []string{EscapePath(s), EscapeText(s)} {
			if !utf8.ValidString(e) {
				t.Fatalf("%q is no UTF-8", e)
			}
			for _, r := range e {
				if unsafeRune(r) {
					t.Fatalf("%q holds %U", e, r)
				}
			}
		}
		if again := EscapeText(EscapeText(s)); again != EscapeText(s) {
			t.Fatalf("escaping twice changes %q", again)
		}
	})
}

func TestSettle(t *testing.T) {
	one, zero := 1, 0
	f := Finding{AlsoMatched: []string{"z", "a", "z"}, Locations: []Location{
		{Layer: nil, Path: "config!/env/A", Fate: Present, Confidence: Unsure},
		{Layer: &one, Path: "b", Fate: Deleted, Confidence: Sure},
		{Layer: &zero, Path: "b", Fate: Deleted, Confidence: Likely},
		{Layer: &one, Path: "b", Fate: Deleted, Confidence: Sure},
	}}
	f.Settle()
	if len(f.Locations) != 3 || f.Locations[0].Layer != &zero || f.Locations[2].Layer != nil {
		t.Errorf("locations are not sorted and single: %+v", f.Locations)
	}
	if !f.Visible || f.Confidence != Sure || !slices.Equal(f.AlsoMatched, []string{"a", "z"}) {
		t.Errorf("visible %v, confidence %s, also %v", f.Visible, f.Confidence, f.AlsoMatched)
	}
	gone := Finding{Locations: []Location{{Fate: Deleted}, {Fate: Overwritten}}}
	if gone.Settle(); gone.Visible {
		t.Error("what is deleted everywhere is visible")
	}
	cut := Finding{Locations: []Location{{Fate: Unknown}}}
	if cut.Settle(); !cut.Visible {
		t.Error("what is not known to be gone is not visible")
	}
	b, err := json.Marshal(f)
	if err != nil || strings.Contains(string(b), "null") && !strings.Contains(string(b), `"layer":null`) {
		t.Errorf("%s, %v", b, err)
	}
}

func TestSortDoesNotDependOnTheOrderOfTheScan(t *testing.T) {
	fs := []Finding{
		{ID: "1", Severity: Critical, Confidence: Sure, Rule: "a"},
		{ID: "2", Severity: Critical, Confidence: Sure, Rule: "b"},
		{ID: "3", Severity: Critical, Confidence: Likely, Rule: "a"},
		{ID: "4", Severity: High, Confidence: Sure, Rule: "a", Category: Config},
		{ID: "5", Severity: High, Confidence: Sure, Rule: "a", Category: Secret},
		{ID: "6", Severity: Info, Rule: "a"},
	}
	want := slices.Clone(fs)
	r := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		r.Shuffle(len(fs), func(i, j int) { fs[i], fs[j] = fs[j], fs[i] })
		Sort(fs)
		for i := range fs {
			if fs[i].ID != want[i].ID {
				t.Fatalf("place %d holds %s, want %s", i, fs[i].ID, want[i].ID)
			}
		}
	}
}

func TestParseSeverity(t *testing.T) {
	if s, err := ParseSeverity("HIGH"); err != nil || s != High {
		t.Errorf("HIGH is %q, %v", s, err)
	}
	if _, err := ParseSeverity("bad"); err == nil {
		t.Error("bad is a severity")
	}
	if Critical.Rank() != 5 || Info.Rank() != 1 || Severity("").Rank() != 0 {
		t.Error("ranks are off")
	}
}
