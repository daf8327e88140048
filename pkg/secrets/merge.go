package secrets

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// settled is a hit that stands for all rules that matched the same bytes.
type settled struct {
	Hit
	raw rawHit
}

func (h rawHit) compare(o rawHit) int {
	return cmp.Or(cmp.Compare(h.from(), o.from()), cmp.Compare(o.to(), h.to()), cmp.Compare(h.rule, o.rule))
}

// settle makes one hit of those whose values overlap: the most specific rule
// names it, the others are listed. It sorts the hits that it is given.
func (s *Scanner) settle(hits []rawHit) []settled {
	slices.SortFunc(hits, rawHit.compare)
	var out []settled
	for i := 0; i < len(hits); {
		group, end := i+1, hits[i].to()
		for group < len(hits) && hits[group].from() < end {
			end = max(end, hits[group].to())
			group++
		}
		out = append(out, s.resolve(hits[i:group])...)
		i = group
	}
	slices.SortFunc(out, func(a, b settled) int { return a.raw.compare(b.raw) })
	return out
}

// settleFor is settle for the hits of one file. Of a repository's object the path is not known yet:
// what rules for certain paths found must not take the place of what the others did.
func (s *Scanner) settleFor(f *fileScan, hits []rawHit) []settled {
	if f.object == nil {
		return s.settle(hits)
	}
	var forPaths []rawHit
	others := slices.DeleteFunc(slices.Clone(hits), func(h rawHit) bool {
		forPath := s.engine.rules[h.rule].path != nil
		if forPath {
			forPaths = append(forPaths, h)
		}
		return forPath
	})
	out := append(s.settle(others), s.settle(forPaths)...)
	slices.SortFunc(out, func(a, b settled) int { return a.raw.compare(b.raw) })
	return out
}

// hitsAt gives those hits of a repository's object that hold at a path: what rules for such paths found,
// and of the others what those did not find. An empty path is none that is known.
func (s *Scanner) hitsAt(hits []Hit, path string) []Hit {
	forPath := func(h Hit) *regexp.Regexp {
		if i, ok := s.byID[h.Rule]; ok {
			return s.engine.rules[i].path
		}
		return nil
	}
	holds := func(h Hit) bool { re := forPath(h); return re != nil && path != "" && re.MatchString(path) }
	found := func(by []Hit, h Hit, which func(Hit) bool) bool {
		return slices.ContainsFunc(by, func(o Hit) bool {
			return which(o) && o.Line == h.Line && (strings.Contains(o.Value.Reveal(), h.Value.Reveal()) || strings.Contains(h.Value.Reveal(), o.Value.Reveal()))
		})
	}
	var out []Hit
	for _, h := range hits {
		switch {
		case forPath(h) == nil && found(hits, h, holds),
			forPath(h) != nil && path != "" && !holds(h),
			forPath(h) != nil && path == "" && found(hits, h, func(o Hit) bool { return forPath(o) == nil }):
			continue
		}
		out = append(out, h)
	}
	return out
}

func (s *Scanner) confidence(h rawHit) finding.Confidence {
	return cmp.Or(h.confidence, s.specs[h.rule].Confidence)
}

// resolve picks winners among hits of one stretch of bytes: the best takes with it
// all that it overlaps, then the best of what is left.
func (s *Scanner) resolve(hits []rawHit) []settled {
	order := slices.Clone(hits)
	slices.SortFunc(order, func(a, b rawHit) int {
		return cmp.Or(
			-cmp.Compare(s.specs[a.rule].rank, s.specs[b.rule].rank),
			-cmp.Compare(len(a.secret), len(b.secret)),
			a.compare(b),
		)
	})
	var won []settled
	byStart := []int{} // indexes into won, by place
	for _, h := range order {
		i, _ := slices.BinarySearchFunc(byStart, h.from(), func(w int, at int64) int {
			return cmp.Compare(won[w].raw.to(), at+1)
		})
		if i < len(byStart) && won[byStart[i]].raw.from() < h.to() {
			w := &won[byStart[i]]
			if id := s.specs[h.rule].ID; id != w.Rule && !slices.Contains(w.AlsoMatched, id) {
				w.AlsoMatched = append(w.AlsoMatched, id)
			}
			if w.Name == "" {
				w.Name = h.name
			}
			w.Allowed = cmp.Or(w.Allowed, h.allowed)
			if len(h.facts) > 0 {
				w.Facts = append(w.Facts, h.facts...)
				// The file's own format is proof that a likely value is one.
				if c := s.confidence(h); h.secret == w.raw.secret && w.Confidence == finding.Likely && c == finding.Sure {
					w.Confidence = c
				}
			}
			continue
		}
		spec := &s.specs[h.rule]
		confidence := s.confidence(h)
		won = append(won, settled{raw: h, Hit: Hit{
			Rule: spec.ID, Value: finding.Hide(h.secret), Name: h.name, Offset: h.offset(), Confidence: confidence, Decoded: h.decoded, Facts: slices.Clone(h.facts), Allowed: h.allowed,
			around: h.around,
		}})
		byStart = slices.Insert(byStart, i, len(won)-1)
	}
	for i := range won {
		w := &won[i]
		slices.Sort(w.AlsoMatched)
		if s.engine.rules[w.raw.rule].users != "" {
			continue // whoever wrote the rule knows
		}
		if rank := s.spec(w.Rule).rank; rank >= rankVendor && w.Rule != "private-key" {
			w.Confidence = vendorCredibility(w.Name, w.raw.secret, w.Confidence)
		} else {
			w.Confidence = credibility(w.Rule, w.Name, w.raw.secret, w.Confidence)
		}
	}
	return won
}
