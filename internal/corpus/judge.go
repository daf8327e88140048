package corpus

import (
	"sort"
	"strings"
)

// Found is one thing that a scanner reported: with the path in the grammar of [Plant].
type Found struct {
	Value, Path string
	Confidence  string // low, medium or high; all else counts as low
}

// Score counts plants, and those of them that were found with at least a confidence.
type Score struct{ Plants, Any, Medium, High int }

func (s *Score) add(confidence int) {
	s.Plants++
	for i, n := range []*int{&s.Any, &s.Medium, &s.High} {
		if confidence > i {
			*n++
		}
	}
}

// Row is the score of one place or one kind.
type Row struct {
	Name string
	Score
}

// Precision counts what was reported with at least a confidence: Right is a planted secret, in its
// place or not; the others are look-alikes and what was never planted.
type Precision struct{ Right, LookAlikes, Unplanted int }

// Share is the part that is right, from 0 to 1; 1 if nothing was reported.
func (p Precision) Share() float64 { return part(p.Right, p.Right+p.LookAlikes+p.Unplanted) }

func part(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}

// Result says how well a scanner did.
type Result struct {
	Secrets      Score // true plants: recall
	Places       []Row // the same by place, sorted
	Kinds        []Row // the same by kind, sorted
	LookAlikes   []Row // plants that are none, by kind: here fewer is better
	AtMedium     Precision
	AtHigh       Precision
	Elsewhere    int // found values of true plants under other paths; no recall
	Beside       int // found values of Plant.Beside; neither right nor wrong
	Missed       []Plant
	Wrong        []Found // look-alikes and unplanted values, of any confidence
	WrongAtHigh  []Found
	Reports      int // different values and paths that were judged
	Repetitions  int // reports of one value and path beyond the first
	NoPathOrNone int // reports without value or path, which cannot be judged
}

// Judge compares what a scanner found with the truth.
//
// A report finds a plant if its path leads to the plant's file and its value is the plant's
// value, or one of its forms, but for white space: or holds it with no more than the line around it,
// or is at least half of it. Paths may leave out or add containers between the outermost
// and the innermost file, because scanners name them differently.
func Judge(plants []Plant, found []Found) Result {
	j := newIndex(plants)
	var res Result
	best := make([]int, len(plants))
	reports := distinct(found, &res)
	for _, f := range reports {
		rank := confidence(f.Confidence)
		right, lookAlike := false, false
		for _, i := range j.at(f) {
			best[i] = max(best[i], rank)
			right = right || plants[i].True
			lookAlike = lookAlike || !plants[i].True
		}
		if !right && !lookAlike {
			switch j.elsewhere(f) {
			case besideValue:
				res.Beside++
				continue
			case secretValue:
				res.Elsewhere++
				right = true
			case lookAlikeValue:
				lookAlike = true
			}
		}
		if !right {
			res.Wrong = append(res.Wrong, f)
			if rank == high {
				res.WrongAtHigh = append(res.WrongAtHigh, f)
			}
		}
		for i, p := range []*Precision{&res.AtMedium, &res.AtHigh} {
			switch {
			case rank < medium+i:
			case right:
				p.Right++
			case lookAlike:
				p.LookAlikes++
			default:
				p.Unplanted++
			}
		}
	}
	res.score(plants, best)
	return res
}

// The ranks of confidence; zero is not found.
const (
	low = 1 + iota
	medium
	high
)

func confidence(name string) int {
	switch strings.ToLower(name) {
	case "high":
		return high
	case "medium":
		return medium
	}
	return low
}

// distinct keeps one report of each value and path, with the highest confidence.
func distinct(found []Found, res *Result) []Found {
	at := map[[2]string]int{}
	var out []Found
	for _, f := range found {
		if f.Path == "" || strings.TrimSpace(f.Value) == "" {
			res.NoPathOrNone++
			continue
		}
		key := [2]string{f.Value, f.Path}
		if i, ok := at[key]; ok {
			res.Repetitions++
			if confidence(f.Confidence) > confidence(out[i].Confidence) {
				out[i].Confidence = f.Confidence
			}
			continue
		}
		at[key] = len(out)
		out = append(out, f)
	}
	res.Reports = len(out)
	return out
}

func (r *Result) score(plants []Plant, best []int) {
	places, kinds, lookAlikes := map[string]*Score{}, map[string]*Score{}, map[string]*Score{}
	of := func(m map[string]*Score, name string) *Score {
		if m[name] == nil {
			m[name] = &Score{}
		}
		return m[name]
	}
	for i, p := range plants {
		if !p.True {
			of(lookAlikes, p.Kind).add(best[i])
			continue
		}
		r.Secrets.add(best[i])
		of(places, p.Place).add(best[i])
		of(kinds, p.Kind).add(best[i])
		if best[i] == 0 {
			r.Missed = append(r.Missed, p)
		}
	}
	r.Places, r.Kinds, r.LookAlikes = rows(places), rows(kinds), rows(lookAlikes)
}

func rows(m map[string]*Score) []Row {
	out := make([]Row, 0, len(m))
	for name, s := range m {
		out = append(out, Row{name, *s})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}
