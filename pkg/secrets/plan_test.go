package secrets

import (
	"testing"
	"time"
)

func TestStartUp(t *testing.T) {
	a := time.Now()
	rules, err := defaultRules()
	if err != nil {
		t.Fatal(err)
	}
	b := time.Now()
	e, err := newEngine(rules)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("rules %v, plan %v", b.Sub(a), time.Since(b))
	t.Logf("%d rules, %d patterns, %d looks", len(rules), len(e.filter.patterns), len(e.looks))
	for _, s := range e.slow {
		t.Logf("slow: %s gate %v", e.rules[s].id, e.gates[s])
	}
	for i, g := range e.gates {
		if g.needed {
			t.Logf("gated: %s", e.rules[i].id)
		}
	}
	for _, p := range e.filter.patterns {
		s := ""
		for i, b := range p.run {
			if i == p.window {
				s += "<"
			}
			c := 0
			last := byte(0)
			for x := range 256 {
				if b.has(byte(x)) {
					c++
					last = byte(x)
				}
			}
			if c <= 2 {
				s += string(last)
			} else {
				s += "#"
			}
		}
		ids := ""
		for _, tt := range p.targets {
			ids += " " + e.rules[tt.rule].id
		}
		t.Logf("%-30s %s", s, ids)
	}
}
