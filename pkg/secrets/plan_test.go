package secrets

import (
	"slices"
	"testing"
)

func TestThePlanKnowsWhichRulesAreSlowOrGated(t *testing.T) {
	e := mustEngine(t)
	var slow []string
	for _, r := range e.slow {
		slow = append(slow, e.rules[r].id)
	}
	// A value of forty hexadecimal digits has nothing to look for.
	if want := []string{"sourcegraph-access-token"}; !slices.Equal(slow, want) {
		t.Errorf("slow rules: %q, want %q", slow, want)
	}
	// The word need not stand in the match, but in the text.
	for i, r := range e.rules {
		switch r.id {
		case "airtable-personnal-access-token", "facebook-access-token", "sourcegraph-access-token":
			if !e.gates[i].needed {
				t.Errorf("%s has no gate", r.id)
			}
		case "github-pat", "private-key", "aws-access-token", "jwt", "generic-api-key", "privateai-api-token", "facebook-page-access-token":
			if e.gates[i].needed {
				t.Errorf("%s has a gate", r.id)
			}
		}
	}
	t.Logf("%d rules, %d patterns, %d looks", len(e.rules), len(e.filter.patterns), len(e.looks))
}

func TestARuleWithoutARunStillWorks(t *testing.T) {
	e := mustEngine(t)
	text40 := []byte("sourcegraph = x\n\"0123456789abcdef0123" + "456789abcdef01234567\"\n")
	found := slices.ContainsFunc(e.scan(text{bytes: text40, to: len(text40), first: true, last: true}), func(m match) bool {
		return e.rules[m.rule].id == "sourcegraph-access-token"
	})
	if !found {
		t.Error("not found")
	}
}
