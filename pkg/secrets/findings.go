package secrets

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// sighting is a hit at one place of one image.
type sighting struct {
	Hit
	location finding.Location
}

// Findings gives the findings of [Scanner.Judge] alone.
func (s *Scanner) Findings(images []*layers.Image, views []*layers.View) []finding.Finding {
	found, _ := s.Judge(images, views)
	return found
}

// ReasonNone is the reason of the note on what looked like secrets and is certainly none.
const ReasonNone = "not-secret"

// Judge joins what was found in the layers of all images, and what their
// configurations and histories hold, into one finding for each secret value,
// in the order of a report. views are those of the images, in their order. What is left out
// because it is certainly no secret is in the notes, by image.
func (s *Scanner) Judge(images []*layers.Image, views []*layers.View) (found []finding.Finding, leftOut [][]layers.Remark) {
	byValue := map[string][]sighting{}
	add := func(h Hit, l finding.Location) {
		l.Confidence, l.Allowed = h.Confidence, h.Allowed
		v := h.Value.Reveal()
		if v == "" { // blank, or not opened: each place is a secret of its own
			v = strings.Join([]string{"", h.Rule, l.Path, h.Name}, "\x00")
		}
		byValue[v] = append(byValue[v], sighting{h, l})
	}
	leftOut = make([][]layers.Remark, len(images))
	for i, img := range images {
		leaveOut := func(path string) {
			leftOut[i] = layers.AddRemark(leftOut[i], layers.Remark{
				Reason: ReasonNone, Files: 1, Examples: []string{path},
				Detail: "what looks like a secret, but by two signs that are independent of each other is none, is not listed",
			})
		}
		var view *layers.View
		if i < len(views) {
			view = views[i]
		}
		repos := newHistories(img, view)
		for n := range img.Layers {
			s.layerSightings(i, img, n, view, repos, add, leaveOut)
		}
		for _, note := range append(notes(img.Config), provenanceNotes(img.Attestations)...) {
			for _, h := range s.scanNote(note) {
				add(h.Hit, finding.Location{
					Image: i, Path: note.path, Instruction: note.instruction, Fate: finding.Present,
				})
			}
		}
	}
	values := make([]string, 0, len(byValue))
	for v := range byValue {
		values = append(values, v)
	}
	slices.Sort(values)
	out := make([]finding.Finding, 0, len(values))
	first := make([]sighting, 0, len(values))
	certs := certificatesOf(images)
	for _, v := range values {
		out = append(out, s.finding(byValue[v], certs))
		first = append(first, firstPlace(byValue[v]))
	}
	distinctIDs(out, first)
	finding.Sort(out)
	return out, leftOut
}

// layerSightings gives the hits of one layer, once for each name of their file.
func (s *Scanner) layerSightings(image int, img *layers.Image, n int, view *layers.View, repos *histories, add func(Hit, finding.Location), leaveOut func(path string)) {
	layer := &img.Layers[n]
	if layer.Facts == nil {
		return
	}
	found, _ := layer.Facts.Scans[Name].(*LayerFacts)
	if found == nil {
		return
	}
	compiledFrom := sourcesOf(found.Files)
	for _, f := range found.Files {
		notTests := withoutTests(f.name(), f.Hits)
		self := layers.Ref{Layer: n, Seq: f.Seq}
		names := []layers.Ref{self}
		if view != nil {
			if all := view.Names(self); len(all) > 0 {
				names = all
			}
		}
		for _, ref := range names {
			at := location(image, img, f, ref, view)
			at.Vendor = f.Vendor
			for _, l := range repos.places(at, f) {
				hits, none := notTests, len(notTests) < len(f.Hits)
				if l.Git != nil {
					hits = s.hitsAt(hits, l.Git.Path)
				}
				for _, h := range hits {
					l.Line = h.Line
					at := h
					source := compiledFrom.vendor(f.Path, h)
					at.Confidence = trustIn(h, l.Path, cmp.Or(f.Vendor, source))
					switch {
					case at.Confidence == "":
						none = true
						continue
					case f.Vendor != "":
						at.Confidence = finding.Unsure
						at.Facts = append(slices.Clone(at.Facts), "the file is as the "+f.Vendor+" shipped it")
					case source != "":
						at.Confidence = finding.Unsure
						at.Facts = append(slices.Clone(at.Facts), "the file is compiled from one that is as the "+source+" shipped it")
					}
					add(at, l)
				}
				if none {
					leaveOut(l.Path)
				}
			}
		}
	}
}

// location says where one name of a file is and what became of it.
func location(image int, img *layers.Image, f FileFacts, ref layers.Ref, view *layers.View) finding.Location {
	layer := &img.Layers[ref.Layer]
	index := ref.Layer
	l := finding.Location{
		Image: image, Layer: &index, DiffID: layer.DiffID, Path: finding.EscapePath(f.Path),
		Instruction: layer.Instruction, Base: layer.Base, Fate: finding.Unknown,
	}
	if layer.Facts != nil && layer.Facts.DiffID != "" {
		l.DiffID = layer.Facts.DiffID
	}
	if view == nil {
		return l
	}
	if e := view.Entry(ref); e != nil {
		l.Path = finding.EscapePath(e.Path)
	}
	outcome := view.Outcome(ref)
	l.Fate, l.FateBy = outcome.Fate, outcome.By
	if outcome.Layer >= 0 && outcome.Layer < len(img.Layers) {
		l.FateLayer = &outcome.Layer
		l.FateInstruction = img.Layers[outcome.Layer].Instruction
	}
	return l
}

// logFile is where programs write what they do: a secret there was logged (CWE-532).
var logFile = newExpression(`^var/log/|(?:^|/)logs?/[^!]*$|\.log(?:\.\d+)?(?:\.gz|\.xz|\.bz2|\.zst)?(?:!/.*)?$`)

// finding makes one finding of all places of a value.
func (s *Scanner) finding(places []sighting, certs certificates) finding.Finding {
	places = joinVersions(places)
	best := slices.MinFunc(places, func(a, b sighting) int {
		return cmp.Or(-cmp.Compare(s.rank(a.Rule), s.rank(b.Rule)), cmp.Compare(a.Rule, b.Rule))
	})
	spec := s.spec(best.Rule)
	f := spec.Finding()
	proven := s.prove(f.Rule, best.Value.Reveal(), places, certs)
	for _, p := range places {
		f.Locations = append(f.Locations, p.location)
		for _, id := range append([]string{p.Rule}, p.AlsoMatched...) {
			if id != f.Rule {
				f.AlsoMatched = append(f.AlsoMatched, id)
			}
		}
	}
	if slices.ContainsFunc(f.Locations, func(l finding.Location) bool { return logFile.MatchString(l.Path) }) {
		f.CWE = append(slices.Clone(f.CWE), "CWE-532")
	}
	first := firstPlace(places)
	f.ID = id(f.Rule, best.Value, first.location.Path, first.Name)
	f.Secret = &finding.SecretDetail{Redacted: best.Value.Redacted(), Value: best.Value, Proof: append(proven, proofOf(places)...)}
	f.Settle()
	// What is doubtful everywhere must not drown what is not.
	if f.Confidence == finding.Unsure && f.Severity.Rank() > finding.Medium.Rank() {
		f.Severity = finding.Medium
	}
	return f
}

// mostFacts is how many facts a finding lists.
const mostFacts = 24

// proofOf says what was seen of a secret beside its value.
func proofOf(places []sighting) finding.Proof {
	var all finding.Proof
	for _, p := range places {
		said := p.Facts
		if p.Decoded != "" {
			said = append([]string{"it was found encoded: " + p.Decoded}, said...)
		}
		for _, fact := range said {
			if !slices.Contains(all, fact) && len(all) < mostFacts {
				all = append(all, fact)
			}
		}
	}
	return all
}

// id is the stable id of a secret. What people choose themselves is never
// hashed, however long it is.
func id(rule string, value finding.Value, path, name string) string {
	if value.Reveal() == "" || slices.Contains([]string{ruleURL, ruleVariable, ruleFile, ruleHash, ruleGuessable, "curl-auth-user"}, rule) {
		return finding.WeakSecretID(rule, path, name)
	}
	return finding.SecretID(rule, value, path, name)
}

// firstPlace picks the place that names a weak value: it does not depend on the
// order of images or layers.
func firstPlace(places []sighting) sighting {
	return slices.MinFunc(places, func(a, b sighting) int {
		return cmp.Or(cmp.Compare(a.location.Path, b.location.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Name, b.Name))
	})
}

// distinctIDs tells apart weak values that one rule found in one file under one name: the
// second is numbered, in the order of the file. first are the places that name them.
func distinctIDs(fs []finding.Finding, first []sighting) {
	same := map[string][]int{}
	for i := range fs {
		same[fs[i].ID] = append(same[fs[i].ID], i)
	}
	for _, group := range same {
		if len(group) < 2 {
			continue
		}
		slices.SortFunc(group, func(a, b int) int {
			x, y := first[a], first[b]
			return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Offset, y.Offset), cmp.Compare(x.Value.Reveal(), y.Value.Reveal()))
		})
		for n, i := range group[1:] {
			f, p := &fs[i], first[i]
			f.ID = id(f.Rule, f.Secret.Value, p.location.Path, fmt.Sprintf("%s#%d", p.Name, n+2))
		}
	}
}

// spec explains a rule by its id.
func (s *Scanner) spec(id string) *spec {
	if i, ok := s.byID[id]; ok {
		return &s.specs[i]
	}
	return &spec{Rule: finding.Rule{ID: id, Category: finding.Secret, Severity: finding.High, Confidence: finding.Likely, Title: id}}
}

func (s *Scanner) rank(id string) int { return s.spec(id).rank }
