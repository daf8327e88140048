package secrets

import (
	"bytes"
	"math"
	"slices"
	"strings"

	"github.com/zricethezav/gitleaks/v8/config"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// mostLine is how much of a line, on each side of a match, allow-lists see.
const mostLine = 4 << 10

// accept finds the secret in a match as gitleaks does, and keeps the match
// unless it has too little entropy or an allow-list names it. The match lies in a part of the text, from
// one place in it to another; the part begins at base.
func (m *machine) accept(r int, part []byte, base, from, to int) {
	rule := &m.e.rules[r]
	for from < to && part[from] == '\n' {
		from++
	}
	for to > from && part[to-1] == '\n' {
		to--
	}
	whole := string(part[from:to])
	start, end := base+from, base+to
	x := match{rule: r, start: start, end: end, secretStart: start, secret: whole}
	groups, ok := m.exact[r].groups(whole)
	if !ok {
		groups = rule.expr.FindStringSubmatchIndex(whole)
	}
	pick := func(g int) {
		x.secret, x.secretStart = "", start
		if groups[2*g] >= 0 {
			x.secret = whole[groups[2*g]:groups[2*g+1]]
			x.secretStart = start + groups[2*g]
		}
	}
	if n := len(groups) / 2; n >= 2 && rule.group > 0 {
		if rule.group >= n {
			return
		}
		pick(rule.group)
	} else if n >= 2 {
		for g := 1; g < n; g++ {
			if groups[2*g+1] > groups[2*g] {
				pick(g)
				break
			}
		}
	}
	if rule.entropy != 0 && entropy(x.secret) <= rule.entropy {
		return
	}
	if doubt := doubts[rule.id]; doubt != nil && doubt(x.secret) {
		x.confidence = finding.Unsure
	}
	if rule.own != nil {
		if x.confidence = rule.own(x.secret, whole); x.confidence == "" {
			return
		}
	}
	line := ""
	for _, a := range rule.allowed {
		if a.RegexTarget == "line" && line == "" {
			line = m.line(start, x.end)
		}
		if m.allowed(a, x.secret, whole, line) {
			return
		}
	}
	x.secret = strings.Clone(x.secret)
	m.out = append(m.out, x)
}

// line gives the lines that a match stands on, or what is near of them.
func (m *machine) line(start, end int) string {
	lo, hi := max(0, start-mostLine), min(len(m.text.bytes), end+mostLine)
	b := m.text.bytes[lo:hi]
	if m.text.binary {
		b = appendPrintable(nil, b)
	}
	start, end = start-lo, end-lo
	lo, hi = 0, len(b)
	if i := bytes.LastIndexByte(b[lo:start], '\n'); i >= 0 {
		lo += i
	}
	if i := bytes.IndexByte(b[end:hi], '\n'); i >= 0 {
		hi = end + i
	}
	return string(b[lo:hi])
}

// allowed reports whether an allow-list of gitleaks' kind lets a secret pass.
// Its conditions about paths and commits never hold.
func (m *machine) allowed(a *config.Allowlist, secret, match, line string) bool {
	target := secret
	switch a.RegexTarget {
	case "match":
		target = match
	case "line":
		target = line
	}
	if a.MatchCondition == config.AllowlistMatchOr {
		if m.regexAllowed(a, target) {
			return true
		}
		stop, _ := a.ContainsStopWord(secret)
		return stop
	}
	if len(a.Paths) > 0 || len(a.Commits) > 0 {
		return false
	}
	if len(a.Regexes) > 0 && !m.regexAllowed(a, target) {
		return false
	}
	stop, _ := a.ContainsStopWord(secret)
	return len(a.StopWords) == 0 || stop
}

// regexAllowed is a.RegexAllowed, faster.
func (m *machine) regexAllowed(a *config.Allowlist, target string) bool {
	n, ok := m.e.allow[a]
	if !ok || target == "" {
		return a.RegexAllowed(target)
	}
	if found, ok := m.allows[n].contains(target); ok {
		return found
	}
	return a.RegexAllowed(target)
}

// joined writes an allow-list's expressions as one, as gitleaks does: without
// groups, so that a flag of one holds for all behind it.
func joined(a *config.Allowlist) string {
	var all []string
	for _, re := range a.Regexes {
		all = append(all, re.String())
	}
	return "(?:" + strings.Join(all, "|") + ")"
}

// entropy is Shannon's, in bits for each byte, over runes as gitleaks counts.
func entropy(s string) float64 {
	if s == "" {
		return 0
	}
	var ascii [128]int
	long := map[rune]int{}
	for _, r := range s {
		if r < 128 {
			ascii[r]++
		} else {
			long[r]++
		}
	}
	each := 1 / float64(len(s))
	bits := 0.0
	add := func(n int) {
		if n > 0 {
			f := float64(n) * each
			bits -= f * math.Log2(f)
		}
	}
	for _, n := range ascii {
		add(n)
	}
	counts := make([]int, 0, len(long))
	for _, n := range long {
		counts = append(counts, n)
	}
	slices.Sort(counts)
	for _, n := range counts {
		add(n)
	}
	return bits
}
