package osvmake

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
)

// perShape is how many records of each shape each kind of packages has.
const perShape = 5

// Record is one record.
type Record struct {
	ID   string
	JSON []byte
}

// Records are all records in a fixed order.
func Records() []Record {
	var out []Record
	for _, s := range Systems() {
		for _, m := range s.make() {
			raw, err := json.MarshalIndent(m.document(s), "", "  ")
			if err != nil {
				panic(err) // strings and lists alone
			}
			out = append(out, Record{m.id, append(raw, '\n')})
		}
	}
	return out
}

// made is a record whose versions are steps of the ladder.
type made struct {
	n         int
	id        string
	pkg       int
	withdrawn bool
	affected  []affected
}

type affected struct {
	release  int
	module   string
	ranges   [][]event
	versions []int
}

// event is a step of the ladder and what happens there. Step -1 is the version "0" that
// comes before all others.
type event struct {
	kind string
	step int
}

const (
	introduced   = "introduced"
	fixed        = "fixed"
	lastAffected = "last_affected"
	limit        = "limit"
)

// shape says what an entry of a record looks like, with four ascending steps to use.
type shape func(a, b, c, d int) affected

func shapes() []shape {
	one := func(events ...event) affected { return affected{ranges: [][]event{events}} }
	return []shape{
		func(_, b, _, _ int) affected { return one(event{introduced, -1}, event{fixed, b}) },
		func(a, _, c, _ int) affected { return one(event{introduced, a}, event{fixed, c}) },
		func(a, b, c, d int) affected {
			return one(event{introduced, a}, event{fixed, b}, event{introduced, c}, event{fixed, d})
		},
		func(_, _, c, _ int) affected { return one(event{introduced, -1}, event{lastAffected, c}) },
		func(_, b, c, _ int) affected { return one(event{introduced, b}, event{lastAffected, c}) },
		func(_, _, c, _ int) affected { return one(event{introduced, c}) },
		func(_, _, _, _ int) affected { return one(event{introduced, -1}) },
		func(a, _, c, d int) affected { return affected{versions: []int{a, c, d}} },
		func(a, b, c, d int) affected { // two ranges, the later first
			return affected{ranges: [][]event{{{introduced, c}, {fixed, d}}, {{introduced, a}, {lastAffected, b}}}}
		},
		func(a, b, c, d int) affected { // events that are not sorted
			return one(event{fixed, d}, event{introduced, a}, event{fixed, b}, event{introduced, c})
		},
		func(a, _, c, _ int) affected { return one(event{introduced, a}, event{limit, c}) },
		func(a, b, _, d int) affected { // a version that no range has
			return affected{ranges: [][]event{{{introduced, a}, {fixed, b}}}, versions: []int{a, d}}
		},
		func(_, b, c, d int) affected { // from the beginning, and again
			return one(event{introduced, -1}, event{fixed, b}, event{introduced, c}, event{lastAffected, d})
		},
		func(_, b, _, d int) affected { // the highest limit counts
			return one(event{introduced, -1}, event{limit, b}, event{limit, d})
		},
	}
}

// make makes the records of a kind.
func (s System) make() []made {
	random := rand.New(rand.NewPCG(20, uint64(len(s.Ladder))*31+uint64(len(s.prefix))))
	var out []made
	all := shapes()
	for n := range len(all) * perShape {
		m := made{n: n, id: s.id(n), pkg: n % packages, withdrawn: n%23 == 7}
		a := all[n%len(all)](steps(random, len(s.Ladder)))
		a.release = n / 3 % len(s.Releases)
		if len(s.modules) > 0 && n%4 != 3 {
			a.module = s.modules[n%len(s.modules)]
		}
		m.affected = append(m.affected, a)
		if n%6 == 0 && len(s.Releases) > 1 { // another release, fixed elsewhere
			b := all[(n+1)%len(all)](steps(random, len(s.Ladder)))
			b.release, b.module = (a.release+1)%len(s.Releases), a.module
			m.affected = append(m.affected, b)
		}
		out = append(out, m)
	}
	return out
}

// steps are four ascending steps of a ladder.
func steps(random *rand.Rand, n int) (a, b, c, d int) {
	p := random.Perm(n)[:4]
	slices.Sort(p)
	return p[0], p[1], p[2], p[3]
}

func (s System) id(n int) string { return fmt.Sprintf("%s-2099-%04d", s.prefix, 1000+n) }

// cve is the CVE that a record of this kind is about: every one but each fifth has one.
func (s System) cve(n int) string {
	if n%5 == 4 {
		return ""
	}
	return fmt.Sprintf("CVE-2099-%d%04d", len(s.prefix), 1000+n)
}

type object = map[string]any

// document is the record in the schema's form.
func (m made) document(s System) object {
	d := object{
		"schema_version": "1.7.0", "id": m.id,
		"modified":  fmt.Sprintf("2099-02-%02dT10:00:00Z", m.n%28+1),
		"published": fmt.Sprintf("2099-01-%02dT10:00:00Z", m.n%28+1),
		"summary":   fmt.Sprintf("Made record %d of %s", m.n, s.prefix),
		"details":   "Made up for tests.",
		"references": []object{
			{"type": "WEB", "url": fmt.Sprintf("https://example.test/web/%s", m.id)},
			{"type": "ADVISORY", "url": fmt.Sprintf("https://example.test/advisory/%s", m.id)},
		},
	}
	if m.withdrawn {
		d["withdrawn"] = "2099-03-01T10:00:00Z"
	}
	if cve := s.cve(m.n); cve != "" {
		relation := "aliases"
		if s.Releases[0].ID != "" {
			relation = "upstream" // an advisory of a distribution is no alias, by the schema
		}
		d[relation] = []string{cve}
	}
	if severity := severities[m.n%len(severities)]; severity != nil {
		d["severity"] = []object{severity}
	}
	if m.n%7 == 3 {
		d["database_specific"] = object{"severity": "MODERATE", "cwe_ids": []string{"CWE-79"}}
	}
	var list []object
	for _, a := range m.affected {
		list = append(list, a.document(s, m.pkg))
	}
	d["affected"] = list
	return d
}

var severities = []object{
	{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
	{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N"},
	{"type": "CVSS_V2", "score": "AV:L/AC:M/Au:N/C:N/I:P/A:C"},
	{"type": "Ubuntu", "score": "low"},
	nil,
}

func (a affected) document(s System, pkg int) object {
	d := object{"package": object{"ecosystem": s.Releases[a.release].Ecosystem, "name": s.named(pkg)}}
	if a.module != "" {
		d["ecosystem_specific"] = object{"rpm_modularity": a.module}
	}
	var ranges []object
	for _, events := range a.ranges {
		var list []object
		for _, e := range events {
			list = append(list, object{e.kind: s.version(e.step)})
		}
		ranges = append(ranges, object{"type": s.rule, "events": list})
	}
	if ranges != nil {
		d["ranges"] = ranges
	}
	var versions []string
	for _, step := range a.versions {
		versions = append(versions, s.version(step))
	}
	if versions != nil {
		d["versions"] = versions
	}
	return d
}

func (s System) version(step int) string {
	if step < 0 {
		return "0"
	}
	return s.Ladder[step]
}
