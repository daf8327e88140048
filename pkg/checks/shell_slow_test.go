package checks

import (
	"strings"
	"testing"
	"time"
)

func TestTextsMadeToBeSlowAreNot(t *testing.T) {
	for name, text := range map[string]string{
		"substitutions": strings.Repeat("$(", 30000), "closed": strings.Repeat("$(a ", 10000) + strings.Repeat(")", 10000),
		"pipes": strings.Repeat("curl x | ", 7000) + "y", "ifs": strings.Repeat("if ", 20000), "bang": strings.Repeat("! ", 30000),
		"backquotes": strings.Repeat("`", 60000), "heredocs": strings.Repeat("a <<E\n", 9000), "quotes": strings.Repeat("\"$(", 20000),
		"braces": strings.Repeat("{ ", 30000), "params": strings.Repeat("${a:-", 12000), "arith": strings.Repeat("$((", 20000), "parens": strings.Repeat("(", 60000),
		"evals": strings.Repeat("sh \"$(", 3000) + "curl x" + strings.Repeat(")\"", 3000),
		"args":  "|9999 " + strings.Repeat("a=b ", 15000), "sudo": strings.Repeat("sudo ", 12000), "sh": strings.Repeat("sh -c ", 10000),
		"arr": "a=(" + strings.Repeat("[a]=(", 10000), "case": strings.Repeat("case a in a) ", 5000), "fn": strings.Repeat("f() ", 15000),
		"extglob": strings.Repeat("@(", 30000), "test": "[[ " + strings.Repeat("! ", 30000), "testp": "[[ " + strings.Repeat("( ", 30000), "let": "let " + strings.Repeat("a?", 30000),
	} {
		start := time.Now()
		s := parseRun(text)
		if d := time.Since(start); d > 20*time.Second { // one that is not bounded takes minutes
			t.Errorf("%s: %v %q", name, d, s.broken)
		}
	}
}
