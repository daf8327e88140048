package checks

import (
	"slices"
	"time"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// Options say what images are judged by. The zero value works.
type Options struct {
	Now    time.Time     // what age is measured against; zero leaves age unassessed
	MaxAge time.Duration // of an image before it counts as old; 0 means [DefaultMaxAge]

	// Owner names the package that brought a file of an image, as "gcc 12.2.0-14"; empty
	// if none did. Nil where packages are not known.
	Owner func(image int, path string) string

	// Bills has the bill of materials of each image, whose Others are held against it; nil
	// where packages are not known.
	Bills []finding.Bill
}

// DefaultMaxAge is how old an image may be. Within half a year every distribution
// has published fixes that an image must be built again to get.
const DefaultMaxAge = 180 * 24 * time.Hour

// Result is the answer of one check, or of one control.
type Result string

// The results of checks.
const (
	Pass        Result = "pass"
	Fail        Result = "fail"
	NotAssessed Result = "not-assessed"
)

// Assessment is the answer of one rule about one image.
type Assessment struct {
	Image    int
	Rule     string
	Result   Result
	Why      string   // in words, for every result but a fail, which its findings explain
	Findings []string // ids, for a fail
}

// Judgement is all that the checks have to say about images.
type Judgement struct {
	Findings    []finding.Finding
	Assessments []Assessment // of every rule about every image, by image and then by rule
	Equipment   []Equipment  // by image; nothing where there is no final view
}

// Judge judges images whose layers have facts. views[i] is the final view of
// images[i]; without it fates are unknown. What needs the accounts of an image needs
// [Scanner] in the walk.
func Judge(images []*layers.Image, views []*layers.View, opts Options) *Judgement {
	return See(images, views).Judge(opts)
}

// Seen is what the entries of layers show.
type Seen struct {
	j         *judge
	equipment []Equipment
}

// See is the first part of [Judge], and most of the work: what needs of the facts only the entries
// and oddities of layers, and nothing of the options. Images may get more facts behind it.
func See(images []*layers.Image, views []*layers.View) *Seen {
	s := &Seen{newJudge(images), make([]Equipment, len(images))}
	j := s.j
	for i := range images {
		j.views[i] = noView{}
		if i < len(views) && views[i] != nil {
			j.views[i], j.whole[i] = views[i], views[i]
			s.equipment[i] = equipmentOf(views[i])
		}
	}
	j.each(j.judgeEntries)
	return s
}

// Judge is the rest. It may be called once.
func (s *Seen) Judge(opts Options) *Judgement {
	j := s.j
	j.Options = opts
	j.nameOwners()
	j.each(func(image *layers.Image) {
		j.judgeBuild(image, j.whole[j.image])
		j.claims(image)
	})
	fs := j.findings()
	return &Judgement{Findings: fs, Assessments: j.assess(fs), Equipment: s.equipment}
}

// Findings judges images whose layers have facts by what lies in them and how they
// were built. views[i] is the final view of images[i]; without it fates are unknown.
func Findings(images []*layers.Image, views []*layers.View) []finding.Finding {
	return Judge(images, views, Options{}).Findings
}

// assess gives the answer of every rule about every image.
func (j *judge) assess(found []finding.Finding) []Assessment {
	type key struct {
		image int
		rule  string
	}
	failed := map[key][]string{}
	for _, f := range found {
		for _, l := range f.Locations {
			k := key{l.Image, f.Rule}
			if ids := failed[k]; len(ids) == 0 || ids[len(ids)-1] != f.ID {
				failed[k] = append(ids, f.ID)
			}
		}
	}
	var all []Assessment
	rules := Rules()
	for i, image := range j.images {
		if image == nil {
			continue
		}
		for _, r := range rules {
			a := Assessment{Image: i, Rule: r.ID, Result: Pass, Findings: []string{}}
			if ids := failed[key{i, r.ID}]; len(ids) > 0 {
				a.Result = Fail
				a.Findings = slices.Compact(ids)
			} else if why := j.unassessed(i, r.ID); why != "" {
				a.Result, a.Why = NotAssessed, why
			} else {
				a.Why = grounds[needs(r)].passed
			}
			all = append(all, a)
		}
	}
	return all
}

// need is what a rule judges by.
type need int

const (
	needsLayers need = iota
	needsConfig
	needsHistory
	needsDate
	needsReference
	needsBills
)

// grounds say what a rule found nothing in.
var grounds = map[need]struct{ passed string }{
	needsLayers:    {"nothing of the kind lies in any layer"},
	needsConfig:    {"the configuration shows nothing of the kind"},
	needsHistory:   {"the history tells of nothing of the kind"},
	needsDate:      {"the image was built lately"},
	needsReference: {"the reference says which version is meant"},
	needsBills:     {"the bills of materials in and beside the image agree with it"},
}

// needs tells what a rule judges by.
func needs(r finding.Rule) need {
	switch r.ID {
	case ruleUserRoot, ruleNoHealthcheck, ruleSSHPort, rulePrivilegedPort, ruleAdminPort, ruleSecretName:
		return needsConfig
	case ruleUpdateAlone, ruleAdd, ruleSudo, ruleCurlPipe, ruleVerification, rulePasswordSet:
		return needsHistory
	case ruleOld:
		return needsDate
	case ruleLatestTag:
		return needsReference
	case ruleClaims, ruleOmits:
		return needsBills
	}
	return needsLayers
}

// unassessed says why a rule that hit nothing has no answer about an image; empty
// if it has one.
func (j *judge) unassessed(image int, rule string) string {
	if why := j.unknown[unknownKey{image, rule}]; why != "" {
		return why
	}
	switch needs(j.rules[rule]) {
	case needsLayers:
		for i := range j.images[image].Layers {
			l := &j.images[image].Layers[i]
			if l.Unreadable != nil || !l.Facts.Complete() {
				return "not every layer could be read to its end"
			}
		}
		if len(j.images[image].Layers) == 0 && j.images[image].Config == nil {
			return "no layer could be read"
		}
	case needsConfig, needsHistory, needsDate:
		if j.images[image].Config == nil {
			return "there is no configuration"
		}
	}
	return ""
}

type unknownKey struct {
	image int
	rule  string
}

// leave notes why a rule has no answer about the image that is judged now.
func (j *judge) leave(why string, rules ...string) {
	for _, r := range rules {
		j.unknown[unknownKey{j.image, r}] = why
	}
}
