package report

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// Redactor replaces secret values in text, in every form that this package
// knows: see the package comment. It is immutable, and safe for use by several
// goroutines at once. A nil or zero Redactor changes nothing.
type Redactor struct {
	long  matcher // values and fragments that may stand in the middle of a word
	short matcher // values that count only between non-alphanumerics
	views []decoder
}

// Secret is a value to hide and what stands in its place.
type Secret struct {
	Value    finding.Value
	Redacted string // empty means Value.Redacted()
}

// Secrets lists the secret values of a report.
func Secrets(r *Report) []Secret {
	var secrets []Secret
	for _, f := range r.Findings {
		if f.Secret != nil && f.Secret.Value.Reveal() != "" && !exampleWord(f) {
			secrets = append(secrets, Secret{f.Secret.Value, f.Secret.Redacted})
		}
	}
	return secrets
}

// exampleWord reports whether a value is one plain word from an example in some file. To
// hide "debian" everywhere, because a manual has it for a password, hides what is no secret.
func exampleWord(f finding.Finding) bool {
	inConfiguration := func(l finding.Location) bool { return l.Layer == nil }
	return f.Confidence == finding.Unsure && isPlainWord(f.Secret.Value.Reveal()) && !slices.ContainsFunc(f.Locations, inConfiguration)
}

// NewRedactor makes a redactor of the given values. Where values overlap in a
// text, the whole stretch is replaced by the form of the longest; empty values are ignored.
func NewRedactor(secrets ...Secret) *Redactor {
	var long, short []pattern
	spaces := false
	for _, s := range secrets {
		v := s.Value.Reveal()
		if v == "" {
			continue
		}
		spaces = spaces || strings.Contains(v, " ")
		mark := s.Redacted
		if mark == "" || strings.Contains(mark, v) {
			mark = s.Value.Redacted()
		}
		if len(v) < shortValue {
			short = appendPatterns(short, shortPatterns(v, mark), v)
		} else {
			long = appendPatterns(long, longPatterns(v, mark), v)
		}
	}
	r := &Redactor{long: newMatcher(long, prefixBytes), short: newMatcher(short, 1)}
	r.views = []decoder{decodeBackslash, decodePercent, decodeHTML, unwrap}
	if spaces {
		r.views = append(r.views, decodeForm)
	}
	return r
}

func appendPatterns(all, ps []pattern, v string) []pattern {
	word := isPlainWord(v)
	for _, p := range ps {
		p.word = word
		all = append(all, p)
	}
	return all
}

// empty reports whether there is nothing to hide.
func (r *Redactor) empty() bool {
	return r == nil || len(r.long.patterns)+len(r.short.patterns) == 0
}

// String gives s with every value replaced. Text that holds no value comes back
// unchanged, without a copy.
func (r *Redactor) String(s string) string {
	if r.empty() {
		return s
	}
	return replace(s, r.spans(s))
}

// span is a stretch of the original text to replace.
type span struct {
	start, end int
	pattern    *pattern
}

// spans finds what to replace in s and in everything that s decodes to, sorted
// and free of overlaps.
func (r *Redactor) spans(s string) []span {
	var found []span
	for _, v := range r.decoded(s) {
		found = r.match(v, found)
	}
	return merge(s, found)
}

// decoded lists s itself and what it decodes to, each text once.
func (r *Redactor) decoded(s string) []view {
	views := []view{{text: s}}
	from := 0
	for range maxDecodings {
		to := len(views)
		for _, v := range views[from:to] {
			for _, decode := range r.views {
				next, ok := decode(v)
				if ok && !slices.ContainsFunc(views, func(v view) bool { return v.text == next.text }) {
					views = append(views, next)
				}
			}
		}
		from = to
	}
	return views
}

func (r *Redactor) match(v view, found []span) []span {
	r.long.each(v.text, func(i int, p *pattern) bool {
		// Joining lines makes words that nobody wrote.
		if v.unwrapped && len(p.text) < minUnwrapped {
			return false
		}
		start, end := i, i+len(p.text)
		if p.base64 {
			start, end = p.widen(v.text, start, end)
		}
		start, end = v.span(start, end)
		found = append(found, span{start, end, p})
		return true
	})
	if v.unwrapped {
		return found
	}
	r.short.each(v.text, func(i int, p *pattern) bool {
		end := i + len(p.text)
		if i > 0 && isWord(v.text[i-1]) || end < len(v.text) && isWord(v.text[end]) {
			return false
		}
		start, end := v.span(i, end)
		found = append(found, span{start, end, p})
		return true
	})
	return found
}

// merge sorts spans and joins those that overlap; the longest names the joint
// one. Pieces of one value with only a line break between them become one too.
func merge(s string, spans []span) []span {
	if len(spans) < 2 {
		return spans
	}
	slices.SortFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.start, b.start), -cmp.Compare(a.end, b.end),
			-cmp.Compare(len(a.pattern.text), len(b.pattern.text)), cmp.Compare(a.pattern.mark, b.pattern.mark))
	})
	out := spans[:1]
	best := spans[0].end - spans[0].start // length of the span that named the last of out
	for _, next := range spans[1:] {
		last := &out[len(out)-1]
		size := next.end - next.start
		switch {
		case next.start < last.end:
			if size > best {
				last.pattern, best = next.pattern, size
			}
			last.end = max(last.end, next.end)
		case next.pattern.piece && last.pattern.mark == next.pattern.mark && isBreak(s[last.end:next.start]):
			last.end = next.end
		default:
			out, best = append(out, next), size
		}
	}
	return out
}

// lineBreak is what stands between two lines of a key, as it is or escaped.
var lineBreak = regexp.MustCompile(`^(?:\s|\\+[nr]|\\+x0[aAdD]|\\+u000[aAdD]|%0[aAdD]|&#1[03];)*$`)

func isBreak(s string) bool { return len(s) <= 32 && lineBreak.MatchString(s) }

// replace writes the marks into s.
func replace(s string, spans []span) string {
	if len(spans) == 0 {
		return s
	}
	var b strings.Builder
	at := 0
	for _, sp := range spans {
		b.WriteString(s[at:sp.start])
		b.WriteString(sp.pattern.mark)
		at = sp.end
	}
	b.WriteString(s[at:])
	return b.String()
}

func isWord(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}
