package report

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// maxActions is how much one is asked to do first.
const maxActions = 5

// action is one thing to do and the findings that it solves.
type action struct {
	do     string
	why    string
	solves []finding.Finding
}

// advice ends the report with what to do first, in order.
func (t *text) advice() {
	actions := advise(t.r)
	if len(actions) == 0 {
		return
	}
	t.heading("What to do first")
	for i, a := range actions[:min(len(actions), maxActions)] {
		if i > 0 {
			t.blank()
		}
		t.words(fmt.Sprintf("  %d. ", i+1), strong, a.do)
		if a.why != "" {
			t.words("     ", plain, a.why)
		}
		if len(a.solves) > 0 {
			t.words("     ", quiet, settles(a.solves))
		}
	}
}

// advise derives actions from the findings, the most urgent first.
func advise(r *Report) []action {
	var out []action
	add := func(a action) {
		if len(a.solves) > 0 {
			out = append(out, a)
		}
	}
	add(revoke(r))
	if !r.Coverage.Complete {
		out = append(out, rescan(r))
	}
	add(withoutRemedy(r))
	add(upgradeOwn(r))
	add(newerBase(r))
	add(rebuild(r))
	add(mountAtRunTime(r))
	add(mountAtBuildTime(r))
	add(leaveConfig(r))
	add(otherBase(r))
	add(dropHidden(r))
	add(askBuilder(r))
	add(twoStages(r))
	add(noRoot(r))
	return out
}

// pick gives the findings with a place of which yes holds, and those places.
func pick(r *Report, yes func(finding.Finding, finding.Location) bool) (fs []finding.Finding, places []finding.Location) {
	for _, f := range r.Findings {
		n := len(places)
		for _, l := range f.Locations {
			if yes(f, l) {
				places = append(places, l)
			}
		}
		if len(places) > n {
			fs = append(fs, f)
		}
	}
	return fs, places
}

// serious tells secrets that are worth the trouble from those that may be none.
func serious(f finding.Finding) bool {
	return f.Category == finding.Secret && f.Confidence != finding.Unsure && f.Severity.Rank() >= finding.Medium.Rank()
}

func revoke(r *Report) action {
	fs, _ := pick(r, func(f finding.Finding, _ finding.Location) bool { return serious(f) })
	if !slices.ContainsFunc(fs, func(f finding.Finding) bool { return f.Confidence == finding.Sure }) {
		return action{
			do:     fmt.Sprintf("Look at %s, and revoke and replace what is real.", either(len(fs), "this possible secret", "these "+count(len(fs), "possible secret"))),
			why:    "Whoever could pull the image may have it already; no rebuild takes that back.",
			solves: fs,
		}
	}
	return action{
		do:     fmt.Sprintf("Revoke and replace %s.", either(len(fs), "this secret", "these "+count(len(fs), "secret"))),
		why:    "Whoever could pull the image may have " + either(len(fs), "it", "them") + " already; no rebuild takes that back.",
		solves: fs,
	}
}

func rescan(r *Report) action {
	var reasons []string
	for _, g := range r.Coverage.Gaps {
		if !slices.Contains(reasons, g.Reason) {
			reasons = append(reasons, g.Reason)
		}
	}
	a := action{do: "Scan again: " + either(len(r.Coverage.Gaps), "one part", count(len(r.Coverage.Gaps), "part")) + " could not be read."}
	if len(reasons) > 0 {
		a.why = "What stood in the way: " + list(reasons, 4) + "."
	} else {
		a.do = "Scan again: not everything could be read."
	}
	return a
}

// rebuild is about what was deleted too late, and about what a COPY took along.
func rebuild(r *Report) action {
	fs, places := pick(r, func(f finding.Finding, l finding.Location) bool {
		return serious(f) && l.Layer != nil && !l.Base && lostBy(l) != ""
	})
	taken, patterns := tooMuchCopied(r)
	ignore := "Add to .dockerignore: " + strings.Join(patterns, " ")
	if len(fs) == 0 {
		return action{do: ignore, why: "COPY of a directory takes hidden files along.", solves: taken}
	}
	a := action{
		do:     "Rebuild so that what was deleted later never gets into " + layerNames(places) + ", and delete the old tags.",
		why:    "Deleting a file in a later layer only hides it. ",
		solves: fs,
	}
	if len(patterns) == 0 {
		a.why += "Use it in a stage that is not shipped."
		return a
	}
	a.why += ignore
	solved := map[string]bool{}
	for _, f := range fs {
		solved[f.ID] = true
	}
	for _, f := range taken {
		if !solved[f.ID] {
			a.solves = append(a.solves, f)
		}
	}
	return a
}

// tooMuchCopied gives what a .dockerignore would have kept out, and its lines.
func tooMuchCopied(r *Report) (fs []finding.Finding, patterns []string) {
	fs, _ = pick(r, func(f finding.Finding, l finding.Location) bool {
		if l.Layer == nil || l.Base || l.Instruction == nil || !strings.HasPrefix(*l.Instruction, "COPY") && !strings.HasPrefix(*l.Instruction, "ADD") {
			return false
		}
		p := ignorePattern(l.Path)
		if p != "" && !slices.Contains(patterns, p) {
			patterns = append(patterns, p)
		}
		return p != ""
	})
	slices.Sort(patterns)
	return fs, patterns
}

func mountAtRunTime(r *Report) action {
	fs, places := pick(r, func(f finding.Finding, l finding.Location) bool {
		return serious(f) && l.Layer != nil && !l.Base && lostBy(l) == ""
	})
	var paths []string
	seen := map[string]bool{}
	for _, l := range places {
		p, _, _ := strings.Cut(l.Path, "!/")
		if !seen[p] {
			paths, seen[p] = append(paths, p), true
		}
	}
	return action{
		do:     "Take the secrets out of files that the image ships; mount them when it runs.",
		why:    "In " + list(paths, 2) + ".",
		solves: fs,
	}
}

func mountAtBuildTime(r *Report) action {
	fs, _ := pick(r, func(f finding.Finding, l finding.Location) bool {
		return f.Category == finding.Secret && l.Layer == nil && strings.HasPrefix(l.Path, "history!/")
	})
	return action{
		do:     "Give secrets to the build with RUN --mount=type=secret, not as ARG or in a command.",
		why:    "Arguments and commands stay in the image's history for all to read.",
		solves: fs,
	}
}

func leaveConfig(r *Report) action {
	fs, places := pick(r, func(f finding.Finding, l finding.Location) bool {
		return f.Category == finding.Secret && l.Layer == nil && strings.HasPrefix(l.Path, "config!/")
	})
	var names []string
	for _, l := range places {
		names = append(names, path.Base(l.Path))
	}
	slices.Sort(names)
	return action{
		do:     "Set " + list(slices.Compact(names), 3) + " when the container starts, not in the image.",
		why:    "The configuration is readable without running anything.",
		solves: fs,
	}
}

// ignorePattern gives the line of a .dockerignore that keeps a path out.
func ignorePattern(p string) string {
	p, _, _ = strings.Cut(p, "!/")
	for _, part := range strings.Split(p, "/") {
		switch {
		case part == ".git", part == ".ssh", part == ".aws", part == ".docker", part == ".kube", part == ".gnupg":
			return "**/" + part
		case part == ".env", strings.HasPrefix(part, ".env."):
			return "**/.env*"
		case part == ".npmrc", part == ".netrc", part == ".pypirc", part == ".pgpass":
			return "**/" + part
		case part == "id_rsa", part == "id_dsa", part == "id_ecdsa", part == "id_ed25519":
			return "**/id_*"
		}
	}
	switch ext := path.Ext(p); ext {
	case ".pem", ".key", ".p12", ".pfx", ".jks", ".tfvars", ".tfstate":
		return "**/*" + ext
	}
	return ""
}

func otherBase(r *Report) action {
	fs, _ := pick(r, func(f finding.Finding, l finding.Location) bool { return serious(f) && l.Base })
	return action{
		do:     "Tell whoever publishes the base image, or build on another.",
		why:    "No change of your own Dockerfile removes what comes with the base.",
		solves: fs,
	}
}

func askBuilder(r *Report) action {
	fs, places := pick(r, func(f finding.Finding, _ finding.Location) bool { return strings.HasPrefix(f.Rule, "tar-") })
	return action{
		do:     "Find out what wrote " + layerNames(places) + ".",
		why:    "No ordinary builder writes such an archive, and tools disagree on what it holds.",
		solves: fs,
	}
}

func twoStages(r *Report) action {
	fs, _ := pick(r, func(f finding.Finding, l finding.Location) bool {
		return !l.Base && (f.Rule == "image-build-tools" || f.Rule == "image-package-cache")
	})
	return action{do: "Build in one stage, and copy only the result into a small last one.", solves: fs}
}

func noRoot(r *Report) action {
	fs, _ := pick(r, func(f finding.Finding, _ finding.Location) bool { return f.Rule == "image-user-root" })
	return action{do: "Add a USER instruction, so that the container does not run as root.", solves: fs}
}

// names names findings by title, each title once, with what tells values apart.
func names(fs []finding.Finding, most int) string {
	var titles []string
	counts := map[string]int{}
	for _, f := range fs {
		if counts[f.Title]++; counts[f.Title] == 1 {
			titles = append(titles, f.Title)
		}
	}
	for i, title := range titles {
		if n := counts[title]; n > 1 {
			titles[i] += " (" + number10(int64(n)) + ")"
		}
	}
	return list(titles, most)
}

func layerSet(places []finding.Location) []int {
	var layers []int
	for _, l := range places {
		if l.Layer != nil && !slices.Contains(layers, *l.Layer) {
			layers = append(layers, *l.Layer)
		}
	}
	slices.Sort(layers)
	return layers
}

// layerNames names the layers of places: "layer 3", "layers 3 and 4".
func layerNames(places []finding.Location) string {
	var names []string
	for _, l := range layerSet(places) {
		names = append(names, strconv.Itoa(l))
	}
	if len(names) == 0 {
		return "the image"
	}
	return either(len(names), "layer ", "layers ") + list(names, 5)
}
