package secrets

import (
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"
)

// holdGroups compares the groups that an expression finds in a text with those of package regexp.
func holdGroups(t *testing.T, s *exactState, re *regexp.Regexp, text string) {
	t.Helper()
	got, ok := s.groups(text)
	if !ok {
		return
	}
	if want := re.FindStringSubmatchIndex(text); !slices.Equal(got, want) {
		t.Errorf("%s in %q: %v, want %v", re, text, got, want)
	}
}

// holdAll compares the matches that an expression finds in a text with those of package regexp.
func holdAll(t *testing.T, s *exactState, re *regexp.Regexp, text string) {
	t.Helper()
	got, ok := s.findAll([]byte(text), 0, []places{{0, len(text)}}, nil)
	if !ok {
		return
	}
	var want [][2]int
	for _, m := range re.FindAllStringIndex(text, -1) {
		if m[0] < len(text) { // nothing at the end is no secret
			want = append(want, [2]int{m[0], m[1]})
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s in %q: %v, want %v", re, text, got, want)
	}
}

func TestMatchesAndGroupsOfRulesAreThoseOfPackageRegexp(t *testing.T) {
	e, err := sharedEngine()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(*flagSeed, 21))
	told := 0
	for i, rule := range e.rules {
		if rule.expr == nil {
			continue
		}
		re, err := syntax.Parse(rule.expr.String(), syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		s := &exactState{x: e.exact[i]}
		if s.ready(); s.x.program == nil {
			t.Errorf("%s: no program", rule.id)
		}
		for range 20 {
			var b strings.Builder
			speak(r, re, &b)
			text := b.String()
			if r.IntN(2) == 0 {
				text = around(r, mutate(r, text))
			}
			if got, ok := s.groups(text); ok && got != nil {
				told++
			}
			holdGroups(t, s, rule.expr.compiled(), text)
			holdAll(t, s, rule.expr.compiled(), text)
		}
	}
	if told < 1000 {
		t.Errorf("groups were found in %d texts only", told)
	}
}

func TestMatchesAndGroupsOfOddExpressionsAreThoseOfPackageRegexp(t *testing.T) {
	texts := []string{"", "a", "ab", "aab", "abab", "aabbaab", "b a", "ab\nab", "AB", "cacbca", "k", "aaaaaaaaab", "a.b.a", "\n", "abcabcabca"}
	for _, expr := range []string{
		`(a+)(b*)`, `(a+?)(b*?)`, `(a*)(a*)b`, `(a*?)(a*)b`, `(?:(a)|(b))+`, `(?:(a)|(b))+?b`, `(a|ab)(b|)`, `(ab|a)(b|)`, `((a)(b)?)*`, `((a)(b)?)*?b`,
		`(a{2,3})(a*)`, `(a{2,3}?)(a*)`, `(?:(ab){1,2})(.*)`, `(?:(ab){1,2}?)(.*)`, `\b(a)\B`, `^(a.*)$`, `(?m)^(a.*)$`, `(?s)(.*)(b)`, `(.*)(b)`, `(?i)(A)(b)`, `([^a]*)(a?)`,
		`(a?){3}(b)`, `(?:a??(b)){2}`, `(K|k)`, `(?i)(k)`, `()(a)`, `(a|b|c)*?(c)`, `(?:(a)|b){2,}`, `([a-c]{0,3})([b-c]{0,3})(a)`, `([a-c]{0,3}?)([b-c]{0,3})(a)`, `(a*)*b`, `(\z|a)`,
	} {
		re := regexp.MustCompile(expr)
		s := &exactState{x: newExact(func() string { return expr }, false)}
		for _, text := range texts {
			holdGroups(t, s, re, text)
			holdAll(t, s, re, text)
		}
	}
}
