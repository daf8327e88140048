package report

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/imgaudit/imgaudit/pkg/finding"
)

const (
	maxStories = 4 // of one finding; of one that hardly matters, 2
	maxPaths   = 3 // of one story; likewise
)

// story is what happened to some paths: they came in one layer and were lost,
// or not, in one way.
type story struct {
	paths  []string
	images []int
	place  finding.Location // any of them
}

// stories writes where a finding is and how each place came and went.
func (t *text) stories(f finding.Finding) {
	stories := t.tell(f)
	most, paths := maxStories, maxPaths
	if f.Severity.Rank() < finding.Medium.Rank() {
		most, paths = 2, 2
	}
	if t.opts.Verbose {
		most, paths = len(stories), len(f.Locations)
	}
	left := 0
	for i, s := range stories {
		if i >= most {
			left += len(s.paths)
			continue
		}
		shown := s.paths
		if len(shown) > paths+1 { // "and 1 more" is no shorter than the one
			shown = shown[:paths]
		}
		for _, path := range shown {
			t.line("    ", middle(path, t.width-4))
		}
		if n := len(s.paths) - len(shown); n > 0 {
			t.line("    ", t.paint(quiet, "and "+count(n, "more place")))
		}
		if s.place.Git != nil {
			t.line("      ", end(committed(s.place), t.width-6))
		}
		t.steps(s, f)
	}
	if left > 0 {
		t.line("    ", t.paint(quiet, "and "+count(left, "more place")))
	}
}

// tell groups the places of a finding into stories, what is still there first.
// One path of a layer that several images share is one place.
func (t *text) tell(f finding.Finding) []story {
	type spot struct{ path, fate string }
	images := map[spot][]int{}
	for _, l := range f.Locations {
		at := spot{placeName(l), fateKey(l)}
		if !slices.Contains(images[at], l.Image) {
			images[at] = append(images[at], l.Image)
		}
	}
	var stories []story
	byKey := map[string]int{}
	for _, l := range f.Locations {
		at := spot{placeName(l), fateKey(l)}
		where, ok := images[at]
		if !ok {
			continue // told already
		}
		delete(images, at)
		key := fmt.Sprint(at.fate, where)
		i, ok := byKey[key]
		if !ok {
			i = len(stories)
			byKey[key] = i
			stories = append(stories, story{images: where, place: l})
		}
		stories[i].paths = append(stories[i].paths, at.path)
		if stories[i].place.FateBy != l.FateBy {
			stories[i].place.FateBy = "" // in several ways
		}
	}
	slices.SortStableFunc(stories, func(a, b story) int { return cmp.Compare(fateOrder(a.place), fateOrder(b.place)) })
	return stories
}

// fateKey is equal for places that came and went together.
func fateKey(l finding.Location) string {
	return fmt.Sprintf("%s %q %q %s %s %q", index(l.Layer), committed(l), l.DiffID, l.Fate, index(l.FateLayer), []string{short(l.Instruction), short(l.FateInstruction)})
}

// committed says how a place of a repository's history is still reached, and who brought it there.
func committed(l finding.Location) string {
	g := l.Git
	if g == nil {
		return ""
	}
	said := "staged"
	switch {
	case g.Commit != "":
		said = "committed"
		if day, _, ok := strings.Cut(g.Date, "T"); ok {
			said += " " + day
		}
		if g.Author != "" {
			said += " by " + g.Author
		}
	case g.Reach != finding.InIndex:
		said = "in no commit"
	}
	reach := reachedBy[g.Reach]
	if g.Others > 0 {
		reach += ", in " + count(g.Others+1, "version")
	}
	return reach + "; " + said
}

var reachedBy = map[finding.GitReach]string{
	finding.InHead: "HEAD still has it", finding.InHistory: "in the history, not in HEAD", finding.InIndex: "in the index",
	finding.InStash: "in a stash", finding.InReflog: "reached by a reflog alone", finding.Unreachable: "nothing leads to it, and it is still there",
}

func fateOrder(l finding.Location) int {
	switch l.Fate {
	case finding.Deleted, finding.Overwritten:
		return 1
	}
	return 0
}

func index(layer *int) string {
	if layer == nil {
		return "–"
	}
	return strconv.Itoa(*layer)
}

// steps writes the life of the paths of a story: who brought them, who took them away.
func (t *text) steps(s story, f finding.Finding) {
	l := s.place
	var suffix string
	if n := len(t.r.Images); n > 1 && len(s.images) < n {
		var names []string
		for _, i := range s.images {
			names = append(names, t.imageLabel(i))
		}
		suffix = " in " + list(names, 2)
	}
	if l.Layer == nil {
		t.besideLayers(l, f, suffix)
		return
	}
	from := "layer " + index(l.Layer)
	if l.Base {
		from += " (base)"
	}
	to := "layer " + index(l.FateLayer)
	column := max(len(from), len(to))
	verb := lostBy(l)
	switch {
	case verb == "":
		t.step(from, "●", "added"+suffix, " by ", short(l.Instruction), mark(f))
		if l.Fate == finding.Unknown {
			t.line("      ", t.paint(medium, "? what became of it is not known"))
		}
	case l.FateLayer == nil || *l.FateLayer == *l.Layer:
		t.step(from, "○", "added and "+verb+suffix, " by ", short(l.Instruction), mark(f))
	default:
		t.step(pad(from, column, false), "●", "added"+suffix, " by ", short(l.Instruction), mark(f))
		by := " by "
		if strings.HasPrefix(verb, "lost") {
			by = ": "
		}
		t.step(pad(to, column, false), "○", verb, by, short(l.FateInstruction), mark(f))
	}
}

// besideLayers tells of places in the configuration and the history.
func (t *text) besideLayers(l finding.Location, f finding.Finding, suffix string) {
	instruction := ""
	if l.Instruction != nil {
		instruction = strings.TrimSuffix(*l.Instruction, " # buildkit")
	}
	switch {
	case f.Category == finding.Secret:
		t.step("", "●", "readable by anyone who pulls the image"+suffix, ": ", instruction, mark(f))
	case instruction != "" || suffix != "":
		t.step("", "●", "set"+suffix, ": ", instruction, mark(f))
	}
}

// step writes one step: "layer 5 ○ deleted by RUN rm -rf .env".
func (t *text) step(layer, sign, verb, by, instruction, keep string) {
	head := "      " + sign + " " + verb
	if layer != "" {
		head = "      " + layer + " " + sign + " " + verb
	}
	if instruction == "" {
		t.line(head)
		return
	}
	room := t.width - columns(head) - len(by)
	if room < 24 && columns(instruction) > room {
		t.line(head, strings.TrimRight(by, " "))
		t.line("        ", t.paint(quiet, around(instruction, keep, t.width-8)))
		return
	}
	t.line(head, by, t.paint(quiet, around(instruction, keep, room)))
}

// lostBy says how a place was lost; empty if it was not.
func lostBy(l finding.Location) string {
	switch l.Fate {
	case finding.Deleted, finding.Overwritten:
	default:
		return ""
	}
	switch l.FateBy {
	case finding.Opaque:
		return "hidden with all of its directory"
	case finding.ParentWhiteout:
		return "deleted with its directory"
	case finding.ReplacedByFile:
		return "lost, as a file took its directory's place"
	case finding.ReplacedByLink:
		return "lost, as a link took its place"
	case finding.SameLayerDuplicate:
		return "overwritten in the same layer"
	}
	return string(l.Fate)
}

// mark is what stands for a finding's value in an instruction.
func mark(f finding.Finding) string {
	if f.Secret == nil {
		return ""
	}
	return shownAs(f.Secret)
}

// shownAs is what a secret is printed as: redacted, or as it is in a report that
// was asked to show secrets and so still has the value.
func shownAs(s *finding.SecretDetail) string {
	return cmp.Or(oneLine(s.Value.Reveal()), s.Redacted)
}

// around cuts text to width cells and keeps the part that matters in sight.
func around(s, keep string, cells int) string {
	at := strings.Index(s, keep)
	if keep == "" || at < 0 || columns(s[:at+len(keep)]) < cells {
		return end(s, cells)
	}
	before := max(cells/3, cells-columns(s[at:])) - 1
	cut := columns(s[:at]) - before
	return end("…"+ansi.TruncateLeft(s, max(cut, 0), ""), cells)
}

// extractHint shows once how a lost file is read out of its layer.
func (t *text) extractHint() {
	for _, f := range t.r.Findings {
		for _, l := range f.Locations {
			if f.Category != finding.Secret || l.Layer == nil || lostBy(l) == "" || strings.Contains(l.Path, "!/") {
				continue
			}
			t.blank()
			t.words("  ", quiet, "Deleted and overwritten files can be read out of their layers, by you as by anyone who pulls the image:")
			t.command("imgaudit", "extract", t.target(l.Image), "--layer", index(l.Layer), l.Path)
			return
		}
	}
}

// target is what to type for an image.
func (t *text) target(image int) string {
	if t.opts.Target != "" || image < 0 || image >= len(t.r.Images) {
		return cmp.Or(t.opts.Target, "TARGET")
	}
	return cmp.Or(t.r.Images[image].Reference, "TARGET")
}

// command writes a command for a shell, broken where the page ends.
func (t *text) command(words ...string) {
	line := "   "
	for _, w := range words {
		w = shellQuote(w)
		if line != "   " && columns(line)+1+columns(w)+2 > t.width {
			t.line(line, " \\")
			line = "       "
		}
		line += " " + w
	}
	t.line(line)
}

var shellPlain = regexp.MustCompile(`^[A-Za-z0-9_./:@%+=,-]+$`)

func shellQuote(s string) string {
	if shellPlain.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
