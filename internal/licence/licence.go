// Package licence says whether a licence can be kept without one that is denied, by the
// rules of SPDX licence expressions (SPDX 2.3, annex D).
package licence

import (
	"errors"
	"fmt"
	"path"
	"strings"
)

// None stands for no licence at all, as SPDX says it. Denied, it denies packages that
// name none.
const None = "NONE"

// Denied are licences that are not accepted: SPDX ids, with * and ? for any characters.
// Case does not matter, and GPL-3.0 and GPL-3.0+ are the same as GPL-3.0-only and
// GPL-3.0-or-later.
type Denied []string

// Deny checks patterns.
func Deny(patterns []string) (Denied, error) {
	var d Denied
	for _, p := range patterns {
		if p = strings.TrimSpace(p); p == "" {
			return nil, errors.New("the id of a licence is empty")
		}
		if _, err := path.Match(p, ""); err != nil || strings.ContainsAny(p, "/\\") {
			return nil, fmt.Errorf("%q is no id of a licence", p)
		}
		d = append(d, p)
	}
	return d, nil
}

// Any gives the pattern because of which a package is denied that is under all of some
// licences, each an SPDX expression or other words; none at all are [None].
func (d Denied) Any(licences []string) (pattern string, denied bool) {
	if len(d) == 0 {
		return "", false
	}
	if len(licences) == 0 {
		licences = []string{None}
	}
	for _, l := range licences {
		if pattern, denied = d.one(l); denied {
			return pattern, true
		}
	}
	return "", false
}

// one judges an expression; of what is none the words as a whole.
func (d Denied) one(expression string) (string, bool) {
	p := parser{denied: d, words: tokens(expression)}
	if pattern, ok := p.or(0); p.failed || len(p.words) > 0 {
		return d.matches(expression)
	} else {
		return pattern, ok
	}
}

// matches gives the pattern that an id matches.
func (d Denied) matches(id string) (string, bool) {
	id = canonical(id)
	for _, pattern := range d {
		if ok, _ := path.Match(canonical(pattern), id); ok {
			return pattern, true
		}
	}
	return "", false
}

// canonical writes ids of GNU licences as SPDX does since version 3.0 of its list, and
// all in lower case. A slash would end what a star matches.
func canonical(id string) string {
	id = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(id)), "/", "_")
	for _, family := range []string{"gpl-", "lgpl-", "agpl-", "gfdl-"} {
		version, ok := strings.CutPrefix(id, family)
		if !ok || version == "" {
			continue
		}
		if later, plus := strings.CutSuffix(version, "+"); plus && strings.Trim(later, "0123456789.") == "" {
			return family + later + "-or-later"
		}
		if strings.Trim(version, "0123456789.") == "" {
			return id + "-only"
		}
	}
	return id
}

// maxDepth is how deep parentheses may stand in each other.
const maxDepth = 50

// parser reads an expression and judges it on the way: AND binds more than OR, and WITH
// more than both.
type parser struct {
	denied Denied
	words  []string
	failed bool
}

var apart = strings.NewReplacer("(", " ( ", ")", " ) ")

func tokens(expression string) []string { return strings.Fields(apart.Replace(expression)) }

func (p *parser) next(word string) bool {
	if len(p.words) > 0 && strings.EqualFold(p.words[0], word) {
		p.words = p.words[1:]
		return true
	}
	return false
}

// or is denied if all of its parts are.
func (p *parser) or(depth int) (string, bool) {
	pattern, denied := p.and(depth)
	for p.next("OR") {
		if _, ok := p.and(depth); !ok {
			pattern, denied = "", false
		}
	}
	return pattern, denied
}

// and is denied if one of its parts is.
func (p *parser) and(depth int) (string, bool) {
	pattern, denied := p.simple(depth)
	for p.next("AND") {
		if other, ok := p.simple(depth); ok && !denied {
			pattern, denied = other, true
		}
	}
	return pattern, denied
}

// simple is an id, with an exception or without, or an expression in parentheses. An
// exception adds to what a licence permits, so that the licence is denied with it too.
func (p *parser) simple(depth int) (string, bool) {
	if p.failed = p.failed || depth > maxDepth || len(p.words) == 0; p.failed {
		return "", false
	}
	if p.next("(") {
		pattern, denied := p.or(depth + 1)
		p.failed = p.failed || !p.next(")")
		return pattern, denied
	}
	id := p.words[0]
	p.words = p.words[1:]
	switch strings.ToUpper(id) {
	case "AND", "OR", "WITH", ")":
		p.failed = true
		return "", false
	}
	pattern, denied := p.denied.matches(id)
	if p.next("WITH") {
		if len(p.words) == 0 {
			p.failed = true
			return "", false
		}
		whole := id + " WITH " + p.words[0]
		p.words = p.words[1:]
		if !denied {
			pattern, denied = p.denied.matches(whole)
		}
	}
	return pattern, denied
}
