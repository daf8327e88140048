package report

import (
	"strings"
	"testing"
)

// BenchmarkRedactor redacts 1 MB of text, some of it escaped, of 5,000 values.
func BenchmarkRedactor(b *testing.B) {
	m := newMaker(6)
	var secrets []Secret
	for _, f := range huge(5000).Findings {
		secrets = append(secrets, Secrets(&Report{Findings: append(huge(0).Findings, f)})...)
	}
	r := NewRedactor(secrets...)
	var lines []string
	for n := 0; n < 1<<20; {
		line := "srv/app/" + m.chars(alnum, 40) + " RUN /bin/sh -c echo %s \"" + m.chars(alnum, 60) + `\n"`
		lines = append(lines, line)
		n += len(line)
	}
	b.SetBytes(1 << 20)
	for b.Loop() {
		for _, l := range lines {
			r.String(l)
		}
	}
}

// BenchmarkNewRedactor makes a redactor of 5,000 values.
func BenchmarkNewRedactor(b *testing.B) {
	secrets := Secrets(huge(5000))
	for b.Loop() {
		NewRedactor(secrets...)
	}
}

func TestALongTextIsRedactedInOnePass(t *testing.T) {
	value := "tok" + "-" + newMaker(8).chars(alnum, 30)
	text := strings.Repeat(strings.Repeat("a", 1000)+value, 500)
	if got := hide(value, strings.Repeat("a", 600)+"b").String(text); strings.Contains(got, value) {
		t.Error("a value is left")
	}
}
