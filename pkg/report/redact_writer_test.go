package report

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
)

func TestAStreamGivesWhatOneStringGives(t *testing.T) {
	m := newMaker(12)
	token, key := "tok"+"-"+m.chars(alnum, 24), m.pem()
	r := hide(token, key, "app", "pa ss&word")
	for name, text := range map[string]string{
		"a token":            "before " + token + " after",
		"a token in a URL":   "GET /?k=pa+ss%26word&x=1\n",
		"a token in JSON":    `{"a":"pa ss\u0026word"}`,
		"a token in base64":  "Authorization: Basic " + forms()["base64 in base64, in front"](token) + "\n",
		"a short value":      "app apple app",
		"a key":              "reading\n" + key + "done",
		"two values":         token + token,
		"nothing to hide":    "pulling layer 3 of 9\rpulling layer 4 of 9\r100 %\n",
		"a beginning alone":  token[:10] + " " + key[:40],
		"many percent signs": strings.Repeat("%", 40),
	} {
		want := r.String(text)
		for cut := range len(text) {
			var b strings.Builder
			w := r.Writer(&b)
			mustWrite(t, w, text[:cut])
			mustWrite(t, w, text[cut:])
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if b.String() != want {
				t.Fatalf("%s, cut at %d: %q, not %q", name, cut, b.String(), want)
			}
		}
		var b strings.Builder
		w := r.Writer(&b)
		for i := range len(text) {
			mustWrite(t, w, text[i:i+1])
		}
		_ = w.Close()
		if b.String() != want {
			t.Errorf("%s, byte by byte: %q, not %q", name, b.String(), want)
		}
	}
}

func mustWrite(t *testing.T, w io.Writer, s string) {
	t.Helper()
	if n, err := w.Write([]byte(s)); n != len(s) || err != nil {
		t.Fatalf("wrote %d of %d: %v", n, len(s), err)
	}
}

func TestAStreamKeepsBackNoMoreThanItMust(t *testing.T) {
	var b strings.Builder
	w := hide("tok"+"-aaaaaaaaaaaaaaaaaaaa", newMaker(1).pem()).Writer(&b)
	for _, text := range []string{"layer 3 of 9\r", "done\n", "[#### ] 42\r"} {
		b.Reset()
		mustWrite(t, w, text)
		if b.String() != text {
			t.Errorf("of %q came %q", text, b.String())
		}
	}
	b.Reset()
	mustWrite(t, w, "x tok"+"-aaaa")
	if b.String() != "x " {
		t.Errorf("of the beginning of a value came %q", b.String())
	}
	mustWrite(t, w, "b\n")
	if b.String() != "x tok"+"-aaaab\n" {
		t.Errorf("of no value came %q", b.String())
	}
}

func TestAStreamHoldsABoundedAmount(t *testing.T) {
	var b strings.Builder
	w := hide(strings.Repeat("ab", chunkSize/2)).Writer(&b)
	for range 40 {
		mustWrite(t, w, strings.Repeat(`\u0061\u0062`, 300)) // twelve bytes for two
		if len(w.held) > maxHeld {
			t.Fatalf("%d bytes are held", len(w.held))
		}
	}
	if b.Len() == 0 {
		t.Error("nothing came out")
	}
}

func TestAStreamKeepsTheErrorBelow(t *testing.T) {
	w := hide("some-value").Writer(failing{})
	for range 2 {
		if _, err := w.Write([]byte("text\n")); err == nil || err.Error() != "disk full" {
			t.Errorf("got %v", err)
		}
	}
	if err := w.Close(); !errors.Is(err, w.err) || err == nil {
		t.Errorf("closed with %v", err)
	}
}

func TestAStreamTakesManyWriters(t *testing.T) {
	var b strings.Builder
	w := hide("some-value").Writer(&b)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				fmt.Fprintln(w, "a line with some-value in it")
			}
		})
	}
	wg.Wait()
	_ = w.Close()
	if want := strings.Repeat("a line with <hidden> in it\n", 400); b.String() != want {
		t.Error("lines are mixed up")
	}
}
