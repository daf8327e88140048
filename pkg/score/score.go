package score

import (
	"fmt"
	"maps"
	"slices"
)

// Of scores one image. It is a pure function: the order of what is in the input
// does not matter, and the input is left as it is. The error names an unknown
// fact, factor, level, result or option.
func Of(in Input, opts Options) (Result, error) {
	opts, err := opts.settle()
	if err != nil {
		return Result{}, err
	}
	if err := in.check(opts.AIVSS); err != nil {
		return Result{}, err
	}
	found := weigh(in.Findings, in.Suppressed)
	controls := join(in.Controls)
	r := Result{NotAssessed: tidy(in.NotAssessed)}
	r.CIS = cis(in.Benchmark, controls)
	if r.CVSS, err = worst(found); err != nil {
		return Result{}, err
	}
	r.AARS = aars(observe(found, controls, in.Facts), in.Answers, opts.AIVSS)
	if r.AIVSS, err = aivss(r.CVSS, r.AARS, opts); err != nil {
		return Result{}, err
	}
	grade(&r, found, controls, in.Missing)
	return r, nil
}

// aivss joins the two parts, for the sum and for both ends of its range.
func aivss(c CVSS, a AARS, opts Options) (AIVSSScore, error) {
	s := AIVSSScore{Version: string(opts.AIVSS), Threat: string(opts.Threat), Mitigation: string(opts.Mitigation)}
	var err error
	if s.Low, _, err = AIVSS(c.Score, a.Low, opts); err != nil {
		return s, err
	}
	if s.High, _, err = AIVSS(c.Score, a.High, opts); err != nil {
		return s, err
	}
	if s.Score, s.Vector, err = AIVSS(c.Score, a.Sum, opts); err != nil {
		return s, err
	}
	s.Band = Band(s.Score)
	evidence := slices.Clone(c.Findings)
	for _, f := range a.Factors {
		evidence = append(evidence, f.Evidence...)
	}
	s.Evidence = tidy(evidence)
	return s, nil
}

func (in Input) check(v Version) error {
	for _, fact := range slices.Sorted(maps.Keys(in.Facts)) {
		if !slices.Contains(facts(), fact) {
			return fmt.Errorf("unknown fact %.40q", fact)
		}
	}
	names := Factors(v)
	for _, name := range slices.Sorted(maps.Keys(in.Answers)) {
		if !slices.Contains(names, name) {
			return fmt.Errorf("unknown factor %.40q: AIVSS %s has %s", name, v, names)
		}
		if l := in.Answers[name].Level; l != None && l != Partial && l != Full {
			return fmt.Errorf("factor %s: unknown level %d: one of 0, 0.5, 1", name, int(l))
		}
	}
	for _, c := range in.Controls {
		if resultRank(c.Result) == 0 {
			return fmt.Errorf("control %.40q: unknown result %.20q: one of %s, %s, %s", c.ID, c.Result, Pass, Fail, NotAssessed)
		}
	}
	return nil
}
