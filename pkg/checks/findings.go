package checks

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// The bounds of a report that a stranger's image can blow up.
const (
	// MaxPlaces is how many findings one rule gives. Beyond it its places are joined by
	// their top directory, and beyond it again into one.
	MaxPlaces = 200

	// MaxLocations is how many locations one finding lists, those that are still
	// present first. The description tells how many there are.
	MaxLocations = 1000
)

// fates is what the rules ask of a view.
type fates interface {
	Outcome(layers.Ref) layers.Outcome
	Names(layers.Ref) []layers.Ref
	Origin(layers.Ref) layers.Ref
	Entry(layers.Ref) *layers.Entry
}

// noView is the view of an image whose manifest was never seen.
type noView struct{}

func (noView) Outcome(layers.Ref) layers.Outcome {
	return layers.Outcome{Fate: finding.Unknown, Layer: -1}
}
func (noView) Names(layers.Ref) []layers.Ref  { return nil }
func (noView) Origin(r layers.Ref) layers.Ref { return r }
func (noView) Entry(layers.Ref) *layers.Entry { return nil }

func newJudge(images []*layers.Image) *judge {
	j := &judge{
		images: images, views: make([]fates, len(images)), whole: make([]*layers.View, len(images)),
		rules: map[string]finding.Rule{}, hits: map[string][]hit{}, unknown: map[unknownKey]string{},
	}
	for _, r := range Rules() {
		j.rules[r.ID] = r
	}
	return j
}

// each calls judge for each image, which is the one that is judged then.
func (j *judge) each(judge func(*layers.Image)) {
	for i, image := range j.images {
		if image != nil {
			j.image, j.view = i, j.views[i]
			judge(image)
		}
	}
}

// judge collects what the rules hit, one image after the other.
type judge struct {
	Options
	images  []*layers.Image
	views   []fates
	whole   []*layers.View // nil where there is none
	rules   map[string]finding.Rule
	hits    map[string][]hit      // by rule
	unknown map[unknownKey]string // why a rule has no answer about an image

	image int // that is judged now
	view  fates
	named map[namedKey]bool // files whose names were all added already
}

type namedKey struct {
	rule   string
	origin layers.Ref
}

// hit is one rule that holds at one path of one layer.
type hit struct {
	rule         string
	place        string // what the finding is about: its identity. Raw, like path
	kind         string // what of several things the rule looks for; behind the title
	path         string // of the location
	detail       string // one sentence more for the description; escaped when it is written
	severity     finding.Severity
	confidence   finding.Confidence // empty means the rule's
	image, layer int
	files, bytes int64 // of a directory that is judged as a whole
	outcome      layers.Outcome

	// A hit on configuration or history has a path that is escaped already, and no layer.
	noted       bool
	instruction *string
	base        bool
}

func (j *judge) add(h hit) {
	h.image = j.image
	r := j.rules[h.rule]
	h.severity = cmp.Or(h.severity, r.Severity)
	h.confidence = cmp.Or(h.confidence, r.Confidence)
	j.hits[h.rule] = append(j.hits[h.rule], h)
}

func (j *judge) judgeEntries(image *layers.Image) {
	j.named = map[namedKey]bool{}
	dirs, open, tools, gone := newPiles(), newOpenPaths(), newToolbox(), newWaste(len(image.Layers))
	for l := range image.Layers {
		layer := &image.Layers[l]
		if layer.Facts == nil {
			continue
		}
		for i := range layer.Facts.Entries {
			e := &layer.Facts.Entries[i]
			if e.Whiteout != layers.NoWhiteout {
				continue
			}
			ref := layers.Ref{Layer: l, Seq: e.Seq}
			j.nameRules(ref, e)
			j.modeRules(ref, e)
			j.sshdRule(ref, e)
			dirs.see(j, ref, e)
			open.see(ref, e)
			tools.see(ref, e)
			gone.see(j, ref, e)
		}
		j.oddities(l, layer)
	}
	dirs.judge(j)
	open.judge(j)
	tools.judge(j, image)
	gone.judge(j)
}

// addFile adds a hit on a file, with every further name that the file has: it is
// there while any of its names is. Of several names that the rule holds for, the
// first in the alphabet is the place.
func (j *judge) addFile(ref layers.Ref, h hit) {
	origin := namedKey{h.rule, j.view.Origin(ref)}
	if j.named[origin] {
		return
	}
	j.named[origin] = true
	hits := []hit{}
	place := h.place
	for _, n := range j.names(ref) {
		same := h
		if e := j.view.Entry(n); e != nil {
			same.path = e.Path
			if c, ok := classify(e.Path); ok && c.rule == h.rule {
				place = min(place, e.Path)
			}
		}
		same.layer, same.outcome = n.Layer, j.view.Outcome(n)
		hits = append(hits, same)
	}
	for _, h := range hits {
		h.place = place
		j.add(h)
	}
}

func (j *judge) names(ref layers.Ref) []layers.Ref {
	names := j.view.Names(ref)
	if !slices.Contains(names, ref) {
		names = append([]layers.Ref{ref}, names...)
	}
	return names
}

// findings joins the hits to findings.
func (j *judge) findings() []finding.Finding {
	all := []finding.Finding{}
	for id, hits := range j.hits {
		joinPlaces(hits)
		slices.SortStableFunc(hits, hit.compare)
		for len(hits) > 0 {
			n := 1
			for n < len(hits) && hits[n].kind == hits[0].kind && hits[n].place == hits[0].place {
				n++
			}
			all = append(all, j.finding(j.rules[id], hits[:n]))
			hits = hits[n:]
		}
	}
	finding.Sort(all)
	return all
}

// joinPlaces makes places coarser until there are no more than MaxPlaces.
func joinPlaces(hits []hit) {
	coarser := []func(string) string{topDirectory, func(string) string { return "." }}
	for _, coarse := range coarser {
		places := map[[2]string]bool{}
		for i := range hits {
			places[[2]string{hits[i].kind, hits[i].place}] = true
			if len(places) > MaxPlaces {
				break
			}
		}
		if len(places) <= MaxPlaces {
			return
		}
		for i := range hits {
			hits[i].place = coarse(hits[i].place)
		}
	}
}

func topDirectory(path string) string {
	top, _, _ := strings.Cut(strings.TrimLeft(path, "/"), "/")
	return cmp.Or(top, ".")
}

// compare puts the hits of one finding together. Within it they stand as in the
// report, but what may still be there before what is not, so that a cut list never
// makes a visible finding look hidden.
func (h hit) compare(o hit) int {
	return cmp.Or(
		cmp.Compare(h.kind, o.kind),
		cmp.Compare(h.place, o.place),
		cmp.Compare(hidden(h), hidden(o)),
		cmp.Compare(h.image, o.image),
		cmp.Compare(h.layer, o.layer),
		cmp.Compare(h.path, o.path),
	)
}

// finding makes one finding of the hits at one place.
func (j *judge) finding(r finding.Rule, hits []hit) finding.Finding {
	hits = slices.CompactFunc(hits, func(a, b hit) bool {
		return a.image == b.image && a.layer == b.layer && a.path == b.path && a.outcome == b.outcome && a.detail == b.detail
	})
	f := r.Finding()
	f.CWE, f.Controls, f.References = slices.Clone(r.CWE), slices.Clone(r.Controls), slices.Clone(r.References)
	place := hits[0].place
	if kind := hits[0].kind; kind != "" {
		f.Title += ": " + kind
		place = kind + "\x00" + place
	}
	f.ID = finding.PlaceID(r.ID, place)
	f.Severity = ""
	for _, h := range hits {
		if h.severity.Rank() > f.Severity.Rank() {
			f.Severity = h.severity
		}
	}
	f.Description += describe(hits)
	for _, h := range hits[:min(len(hits), MaxLocations)] {
		f.Locations = append(f.Locations, j.location(h))
	}
	f.Settle()
	return f
}

// lost reports whether a higher layer, or the same one, took an entry away.
func lost(o layers.Outcome) bool { return o.Fate == finding.Deleted || o.Fate == finding.Overwritten }

func hidden(h hit) int {
	if lost(h.outcome) {
		return 1
	}
	return 0
}

func (j *judge) location(h hit) finding.Location {
	image := j.images[h.image]
	if h.noted {
		return finding.Location{
			Image: h.image, Path: h.path, Instruction: h.instruction, Fate: finding.Present, Confidence: h.confidence, Base: h.base,
		}
	}
	layer := &image.Layers[h.layer]
	l := finding.Location{
		Image: h.image, Layer: &layer.Index, DiffID: cmp.Or(layer.Facts.DiffID, layer.DiffID),
		Path: finding.EscapePath(h.path), Instruction: layer.Instruction,
		Fate: h.outcome.Fate, FateBy: h.outcome.By,
		Confidence: h.confidence, Base: layer.Base,
	}
	if by := h.outcome.Layer; by >= 0 && by < len(image.Layers) && h.outcome.Fate != finding.Present {
		l.FateLayer, l.FateInstruction = &image.Layers[by].Index, image.Layers[by].Instruction
	}
	return l
}

// describe says what the hits have to say beyond their rule: details, each once
// and few of them, sums, and how much of the list was cut.
func describe(hits []hit) string {
	const few = 3
	var b strings.Builder
	seen := map[string]bool{}
	for _, h := range hits {
		if h.detail == "" || seen[h.detail] {
			continue
		}
		seen[h.detail] = true
		if len(seen) <= few {
			b.WriteString(" " + sentence(finding.EscapeText(h.detail)))
		}
	}
	if more := len(seen) - few; more > 0 {
		fmt.Fprintf(&b, " %d more of the kind.", more)
	}
	b.WriteString(sums(hits))
	if n := len(hits); n > MaxLocations {
		fmt.Fprintf(&b, " Seen at %d places; the first %d are listed.", n, MaxLocations)
	}
	return b.String()
}

// sums tells how much lies in the directories that were judged as a whole, in
// the first image that has them.
func sums(hits []hit) string {
	var files, bytes, gone int64
	for _, h := range hits {
		if h.image != hits[0].image {
			continue
		}
		files, bytes = files+h.files, bytes+h.bytes
		if lost(h.outcome) {
			gone += h.bytes
		}
	}
	if files == 0 {
		return ""
	}
	s := fmt.Sprintf(" It holds %s in %s.", size(bytes), plural(files, "file"))
	if gone > 0 {
		s += fmt.Sprintf(" %s of that are deleted or overwritten by higher layers and still stored.", size(gone))
	}
	return s
}

func sentence(s string) string {
	if strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// size writes bytes for people, in powers of 1000 as disks and registries count.
func size(n int64) string {
	units := []string{"kB", "MB", "GB", "TB"}
	if n < 1000 {
		return plural(n, "byte")
	}
	f := float64(n)
	unit := ""
	for _, u := range units {
		if f /= 1000; f < 999.95 {
			unit = u
			break
		}
	}
	if unit == "" {
		unit = units[len(units)-1]
	}
	return fmt.Sprintf("%.1f %s", f, unit)
}
