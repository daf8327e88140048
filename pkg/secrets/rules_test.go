package secrets

import (
	"fmt"
	"slices"
	"testing"
)

func TestDefaultRulesAreThoseThatGitleaksMakesOfItsConfiguration(t *testing.T) {
	raw, err := writtenDefaults()
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := raw.Translate()
	if err != nil {
		t.Fatal(err)
	}
	got, err := defaultRules()
	if err != nil {
		t.Fatal(err)
	}
	want := engineRules(cfg)
	if len(got) != len(want) {
		t.Fatalf("%d rules, want %d", len(got), len(want))
	}
	for i := range want {
		if g, w := written(&got[i]), written(&want[i]); g != w {
			t.Errorf("rule %d:\n%s\nwant\n%s", i, g, w)
		}
	}
}

// written shows all that the engine goes by.
func written(r *rule) string {
	out := fmt.Sprintf("%s %s group %d entropy %v keywords %q path %v hidden %v", r.id, r.expr, r.group, r.entropy, r.keywords, r.path, r.hidden)
	for _, q := range r.required {
		out += " requires " + q.RuleID
	}
	for _, a := range r.allowed {
		words := slices.Sorted(slices.Values(a.StopWords))
		out += fmt.Sprintf("\nallowed %s %s commits %q paths %v expressions %v words %q", a.MatchCondition, a.RegexTarget, a.Commits, a.Paths, a.Regexes, slices.Compact(words))
	}
	return out
}
