package suppress

import (
	"regexp"
	"strings"
	"time"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// Rule names findings, or places of them. A place has to fit every field that is set.
type Rule struct {
	ID   string // of a finding, or its beginning of at least 8 characters
	Rule string // id of a rule; * stands for any characters
	Path string // of the place, as reports write it; ** stands for any characters, * for any but slashes
	Line int    // of the place

	// PathLike is an expression that the path has to match, as the allow-lists of gitleaks' rules have it.
	PathLike *regexp.Regexp

	Commit  string    // of a place in a Git repository
	Layer   string    // the layer's diffID, or its beginning of at least 8 hexadecimal digits
	Base    bool      // the layer has to belong to the base image
	Expires time.Time // the rule ends when this day has ended; zero means never
	Reason  string
	From    string // what the rule was read from, with its line
}

// matcher is a rule whose patterns are compiled.
type matcher struct {
	Rule
	rule, path *regexp.Regexp
}

func compile(r Rule) matcher {
	m := matcher{Rule: r}
	if r.Rule != "" {
		m.rule = pattern(r.Rule, false)
	}
	if r.Path != "" {
		m.path = pattern(strings.TrimPrefix(r.Path, "/"), true)
	}
	return m
}

// pattern makes an expression of a pattern with stars.
func pattern(p string, path bool) *regexp.Regexp {
	p = strings.ToValidUTF8(p, "\uFFFD")
	var b strings.Builder
	b.WriteString("^(?:")
	for p != "" {
		switch {
		case path && strings.HasPrefix(p, "**/"):
			b.WriteString("(?:.*/)?")
			p = p[3:]
		case path && strings.HasPrefix(p, "**"):
			b.WriteString(".*")
			p = p[2:]
		case p[0] == '*' && path:
			b.WriteString("[^/]*")
			p = p[1:]
		case p[0] == '*':
			b.WriteString(".*")
			p = p[1:]
		default:
			literal := p
			if i := strings.IndexByte(p, '*'); i >= 0 {
				literal = p[:i]
			}
			b.WriteString(regexp.QuoteMeta(literal))
			p = p[len(literal):]
		}
	}
	b.WriteString(")$")
	return regexp.MustCompile(b.String())
}

func (m *matcher) expired(now time.Time) bool {
	return !m.Expires.IsZero() && !now.Before(m.Expires.AddDate(0, 0, 1))
}

// finding reports whether the rule may be about a finding.
func (m *matcher) finding(f *finding.Finding) bool {
	if m.ID != "" && !strings.HasPrefix(f.ID, m.ID) {
		return false
	}
	if m.rule == nil || m.rule.MatchString(f.Rule) {
		return true
	}
	for _, other := range f.AlsoMatched {
		if m.rule.MatchString(other) {
			return true
		}
	}
	return false
}

// place reports whether the rule is about a place.
func (m *matcher) place(l *finding.Location) bool {
	switch {
	case m.path != nil && !m.path.MatchString(l.Path) && (l.Git == nil || !m.path.MatchString(l.Git.Path)),
		m.PathLike != nil && !m.PathLike.MatchString(l.Path) && (l.Git == nil || !m.PathLike.MatchString(l.Git.Path)),
		m.Line != 0 && m.Line != l.Line,
		m.Commit != "" && (l.Git == nil || !strings.HasPrefix(l.Git.Commit, m.Commit)),
		m.Layer != "" && !strings.HasPrefix(strings.TrimPrefix(l.DiffID, "sha256:"), strings.TrimPrefix(m.Layer, "sha256:")),
		m.Layer != "" && l.DiffID == "",
		m.Base && !l.Base:
		return false
	}
	return true
}
