package score

import (
	"slices"
)

// facts lists all facts.
func facts() []Fact {
	return []Fact{
		RunsAsRoot, RaisedRights, HostControl, Shell, BuildTools, WorldWritable,
		Secret, PossibleSecret, SensitiveFiles, NoHealthcheck, NoLimits,
	}
}

// ControlFact is the fact that a control of the CIS benchmark is about.
type ControlFact struct {
	Control string `json:"control"`
	Fact    Fact   `json:"fact"`

	// FailShows is true if a failure shows the fact. A control that can also fail on
	// something else shows by passing alone that the fact was looked for and is not so.
	FailShows bool `json:"failShows"`
}

// ControlFacts says what controls tell of facts, besides the kinds of findings.
func ControlFacts() []ControlFact {
	return []ControlFact{
		{"4.1", RunsAsRoot, false}, {"4.3", BuildTools, false}, {"4.8", RaisedRights, false}, {"4.10", SensitiveFiles, false},
		{"4.6", NoHealthcheck, true},
		{"5.5", HostControl, true}, {"5.6", HostControl, true}, {"5.32", HostControl, true},
		{"5.11", NoLimits, true}, {"5.12", NoLimits, true}, {"5.29", NoLimits, true},
	}
}

// observe joins what findings, controls and the caller say of each fact. Present
// wins over absent, whoever says it.
func observe(found []weighed, controls []Control, given map[Fact]Observation) map[Fact]Observation {
	seen := map[Fact]Observation{}
	note := func(fact Fact, present bool, evidence ...string) {
		o, known := seen[fact]
		switch {
		case !known, present && !o.Present:
			o = Observation{Present: present, Evidence: evidence}
		case present == o.Present:
			o.Evidence = slices.Concat(o.Evidence, evidence)
		}
		seen[fact] = o
	}
	for fact, o := range given {
		note(fact, o.Present, o.Evidence...)
	}
	for _, c := range controls {
		for _, about := range ControlFacts() {
			if about.Control != c.ID || c.Result == NotAssessed || c.Result == Fail && !about.FailShows {
				continue
			}
			evidence := c.Evidence
			if len(evidence) == 0 {
				evidence = []string{"control " + c.ID + ": " + c.Result}
			}
			note(about.Fact, c.Result == Fail, evidence...)
		}
	}
	for _, w := range found {
		switch {
		case w.counts && w.kind.Fact != "":
			note(w.kind.Fact, true, w.ID)
		case w.kind.Fact == Secret:
			note(PossibleSecret, true, w.ID)
		}
	}
	return seen
}

// clause derives a level: it holds if every one of its facts is present.
type clause struct {
	level Level
	all   []Fact
}

// factorRule is one of the ten factors, its names in both versions, and what an image
// can show of it. Most an image cannot show at all. None can it show to be 0: what
// an agent may do is also decided by how it is run.
type factorRule struct {
	v05, v08 string
	clauses  []clause
}

func factorRules() []factorRule {
	toolUse := []clause{{Full, []Fact{HostControl}}, {Partial, []Fact{Shell}}, {Partial, []Fact{BuildTools}}}
	identity := []clause{{Full, []Fact{RunsAsRoot, HostControl}}, {Partial, []Fact{RunsAsRoot}}, {Partial, []Fact{RaisedRights}}}
	change := []clause{{Full, []Fact{RunsAsRoot, BuildTools}}, {Partial, []Fact{RunsAsRoot}}, {Partial, []Fact{WorldWritable}}}
	return []factorRule{
		{v05: "autonomyOfAction", v08: "autonomy"},
		{v05: "toolUse", v08: "tools", clauses: toolUse},
		{v05: "memoryUse", v08: "persistence"},
		{v05: "dynamicIdentity", v08: "identity", clauses: identity},
		{v05: "multiAgentInteractions", v08: "multiAgent"},
		{v05: "nonDeterminism", v08: "nonDeterminism"},
		{v05: "selfModification", v08: "selfModification", clauses: change},
		{v05: "goalDrivenPlanning", v08: "language"}, // version 0.8 has Language in its place
		{v05: "contextualAwareness", v08: "context"},
		{v05: "opacityAndReflexivity", v08: "opacity"},
	}
}

func (r factorRule) name(v Version) string {
	if v == V08 {
		return r.v08
	}
	return r.v05
}

// Factors gives the names of the ten factors of a version, in the order of version 0.5.
func Factors(v Version) []string {
	var names []string
	for _, r := range factorRules() {
		names = append(names, r.name(v))
	}
	return names
}

// The clauses of the three groups of indicators.
func indicatorRules() (toolAccess, dataExposure, availability []clause) {
	return []clause{{Full, []Fact{HostControl}}, {Partial, []Fact{RunsAsRoot}}, {Partial, []Fact{RaisedRights}}},
		[]clause{{Full, []Fact{Secret}}, {Partial, []Fact{SensitiveFiles}}, {Partial, []Fact{PossibleSecret}}},
		[]clause{{Full, []Fact{NoHealthcheck, NoLimits}}, {Partial, []Fact{NoHealthcheck}}, {Partial, []Fact{NoLimits}}}
}

// aars answers the factors and the indicators.
func aars(seen map[Fact]Observation, answers map[string]Answer, v Version) AARS {
	a := AARS{Version: string(v)}
	for _, r := range factorRules() {
		f := r.factor(seen, answers, v)
		sum, low, high := f.counts()
		a.Sum, a.Low, a.High = a.Sum+sum, a.Low+low, a.High+high
		if f.Value != nil {
			a.Assessed++
		}
		a.Factors = append(a.Factors, f)
	}
	a.Of = len(a.Factors)
	tools, data, available := indicatorRules()
	a.ToolAccess, a.DataExposure, a.Availability = indicator(tools, seen), indicator(data, seen), indicator(available, seen)
	return a
}

// factor takes the higher of what the image shows and what was stated. Only what
// was stated, and not surpassed, is exact.
func (r factorRule) factor(seen map[Fact]Observation, answers map[string]Answer, v Version) Factor {
	f := Factor{Name: r.name(v), Evidence: []string{}}
	level, evidence := highest(r.clauses, seen)
	answer, stated := answers[f.Name]
	switch {
	case stated && answer.Level >= level:
		f.Value, f.Evidence = &answer.Level, tidy(slices.Concat(evidence, answer.Evidence))
	case level > None:
		f.Value, f.Evidence, f.AtLeast = &level, evidence, level < Full
	}
	return f
}

// counts gives what a factor adds to the sum and to both ends of its range. One
// that is not assessed adds 0.5, the middle: 0 would reward not looking, 1 would make
// every image alike.
func (f Factor) counts() (sum, low, high Tenths) {
	if f.Value == nil {
		return Partial.tenths(), None.tenths(), Full.tenths()
	}
	sum, low, high = f.Value.tenths(), f.Value.tenths(), f.Value.tenths()
	if f.AtLeast {
		high = Full.tenths()
	}
	return sum, low, high
}

// indicator gives the highest level whose clause holds; 0 if something of it was
// looked for and nothing is there; nil if nothing was looked for.
func indicator(clauses []clause, seen map[Fact]Observation) Indicator {
	if level, evidence := highest(clauses, seen); level > None {
		return Indicator{Value: &level, Evidence: evidence}
	}
	var evidence []string
	looked := false
	for _, c := range clauses {
		for _, fact := range c.all {
			if o, ok := seen[fact]; ok && !o.Present {
				looked = true
				evidence = append(evidence, o.Evidence...)
			}
		}
	}
	if !looked {
		return Indicator{Evidence: []string{}}
	}
	none := None
	return Indicator{Value: &none, Evidence: tidy(evidence)}
}

// highest gives the highest level of the clauses that hold, with the evidence of
// all that give it.
func highest(clauses []clause, seen map[Fact]Observation) (Level, []string) {
	level, evidence := None, []string{}
	for _, c := range clauses {
		if slices.ContainsFunc(c.all, func(f Fact) bool { return !seen[f].Present }) || c.level < level {
			continue
		}
		if c.level > level {
			level, evidence = c.level, nil
		}
		for _, fact := range c.all {
			evidence = append(evidence, seen[fact].Evidence...)
		}
	}
	return level, tidy(evidence)
}
