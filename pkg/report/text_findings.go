package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// maxBlocks is how many findings, or rules with all their findings, are shown
// for each severity before -v or JSON must be asked; of one rule, maxOfRule.
func maxBlocks(s finding.Severity) int {
	switch s {
	case finding.Critical:
		return 12
	case finding.High:
		return 8
	}
	return 6
}

const maxOfRule = 4

// block is what is shown as one: a secret, or all findings of one rule.
type block struct {
	findings []finding.Finding
	each     bool // a secret by itself, with its story
}

// findings writes the findings by severity, and then those on the image's integrity.
func (t *text) findings() {
	for _, s := range finding.Severities() {
		t.group(s, strings.ToUpper(string(s[:1]))+string(s[1:]), func(f finding.Finding) bool {
			return f.Severity == s && f.Category != finding.Integrity && f.Vulnerability == nil
		})
	}
	t.vulnerabilities()
	t.group("", "Integrity", func(f finding.Finding) bool { return f.Category == finding.Integrity })
	t.extractHint()
}

// categories is the order within one severity.
var categories = []finding.Category{finding.Secret, finding.Vulnerability, finding.Config, finding.Hygiene, finding.Integrity}

func (t *text) group(s finding.Severity, title string, in func(finding.Finding) bool) {
	var fs []finding.Finding
	for _, f := range t.r.Findings {
		if in(f) {
			fs = append(fs, f)
		}
	}
	if len(fs) == 0 {
		return
	}
	slices.SortStableFunc(fs, func(a, b finding.Finding) int {
		return cmp.Compare(slices.Index(categories, a.Category), slices.Index(categories, b.Category))
	})
	t.heading(t.paint(severityMood(s), title) + t.paint(quiet, "  "+number10(int64(len(fs)))))
	shown, rest := t.blocks(fs), []block(nil)
	if !t.opts.Verbose {
		shown, rest = choose(shown, maxBlocks(s))
	}
	for i, b := range shown {
		if i > 0 {
			t.blank()
		}
		if b.each {
			t.secret(b.findings[0])
		} else {
			t.rule(b.findings)
		}
	}
	if len(rest) > 0 {
		t.rest(rest)
	}
}

// choose takes the blocks to show, in their order: the first of every rule, then
// the second of every rule, until there are most. A single one that would be left is shown.
func choose(blocks []block, most int) (shown, rest []block) {
	ofRule, rank := map[string]int{}, make([]int, len(blocks))
	for i, b := range blocks {
		rule := b.findings[0].Rule
		rank[i] = ofRule[rule]
		ofRule[rule]++
	}
	taken, n := make([]bool, len(blocks)), 0
	for turn := range maxOfRule {
		for i := range blocks {
			if rank[i] == turn && n < most {
				taken[i] = true
				n++
			}
		}
	}
	for i, b := range blocks {
		if taken[i] || n == len(blocks)-1 {
			shown = append(shown, b)
		} else {
			rest = append(rest, b)
		}
	}
	return shown, rest
}

// blocks puts the findings of one rule together, except for secrets that matter
// and are not doubtful, each of which has a story to tell.
func (t *text) blocks(fs []finding.Finding) []block {
	var blocks []block
	byRule := map[string]int{}
	for _, f := range fs {
		each := f.Category == finding.Secret &&
			(t.opts.Verbose || f.Severity.Rank() >= finding.Medium.Rank() && f.Confidence != finding.Unsure)
		if i, ok := byRule[f.Rule]; ok && !each {
			blocks[i].findings = append(blocks[i].findings, f)
			continue
		}
		if !each {
			byRule[f.Rule] = len(blocks)
		}
		blocks = append(blocks, block{[]finding.Finding{f}, each})
	}
	return blocks
}

// rest counts the findings that are not shown by rule.
func (t *text) rest(blocks []block) {
	counts, n := map[string]int{}, 0
	var rules []string
	for _, b := range blocks {
		rule := b.findings[0].Rule
		if counts[rule] == 0 {
			rules = append(rules, rule)
		}
		counts[rule] += len(b.findings)
		n += len(b.findings)
	}
	for i, rule := range rules {
		rules[i] = number10(int64(counts[rule])) + " × " + rule
	}
	t.blank()
	t.words("  … ", plain, fmt.Sprintf("and %s: %s.", number10(int64(n))+" more", list(rules, 5)))
	t.words("    ", quiet, "-v shows them all; -o json=FILE writes them for other programs.")
}

// secret writes one secret with the story of its places.
func (t *text) secret(f finding.Finding) {
	t.title(f)
	var about []string
	if f.Secret != nil && shownAs(f.Secret) != "" {
		about = append(about, shownAs(f.Secret))
	}
	about = append(about, t.paint(stateMood(f), t.state(f)))
	if f.Confidence != finding.Sure {
		about = append(about, "confidence "+string(f.Confidence))
	}
	if allBase(f) {
		about = append(about, "from the base image")
	}
	t.items("    ", plain, about)
	if f.Secret != nil {
		for _, fact := range f.Secret.Proof {
			t.words("    proof: ", quiet, fact)
		}
	}
	t.stories(f)
}

// title writes what was found, and the rule that found it: behind a full circle
// if the final image shows it, behind an empty one if only a lower layer does.
func (t *text) title(f finding.Finding) {
	sign := "●"
	if !f.Visible {
		sign = "○"
	}
	head := t.paint(severityMood(f.Severity), "  "+sign+" ")
	if columns(f.Title)+columns(f.Rule)+6 <= t.width {
		t.line(head, t.paint(strong, f.Title), "  ", t.paint(quiet, f.Rule))
		return
	}
	t.words(head, strong, f.Title)
	t.line("    ", t.paint(quiet, f.Rule))
}

// state says in a few words whether a finding is still there.
func (t *text) state(f finding.Finding) string {
	states := map[finding.Fate]bool{}
	for _, l := range f.Locations {
		states[l.Fate] = true
	}
	switch {
	case f.Visible && (states[finding.Deleted] || states[finding.Overwritten]):
		return "in the final image, and in places that were deleted"
	case states[finding.Unknown]:
		return "the manifest that says whether it is visible was never seen"
	case f.Visible:
		return "in the final image"
	case states[finding.Deleted]:
		return "deleted, still recoverable"
	case states[finding.Overwritten]:
		return "overwritten, still recoverable"
	}
	return "nowhere"
}

// stateMood lifts out what is gone from sight and still in the image.
func stateMood(f finding.Finding) mood {
	if f.Visible {
		return plain
	}
	return medium
}

// rule writes all findings of one rule as one block.
func (t *text) rule(fs []finding.Finding) {
	f := fs[0]
	f.Locations = nil
	for _, o := range fs {
		f.Visible = f.Visible || o.Visible
		f.Locations = append(f.Locations, o.Locations...)
	}
	t.title(f)
	var about []string
	if f.Category == finding.Integrity {
		about = append(about, string(f.Severity))
	}
	if len(fs) > 1 {
		about = append(about, count(len(fs), "finding"))
	} else if f.Secret != nil {
		about = append(about, shownAs(f.Secret))
	}
	if f.Category == finding.Secret || !f.Visible {
		about = append(about, t.paint(stateMood(f), t.state(f)))
	}
	if f.Confidence != finding.Sure {
		about = append(about, "confidence "+string(f.Confidence))
	}
	if allBase(f) {
		about = append(about, "from the base image")
	}
	if len(about) > 0 {
		t.items("    ", plain, about)
	}
	t.stories(f)
	if f.Remediation != "" && f.Category != finding.Secret {
		t.words("    → ", quiet, f.Remediation)
	}
}

func allBase(f finding.Finding) bool {
	for _, l := range f.Locations {
		if !l.Base {
			return false
		}
	}
	return len(f.Locations) > 0
}
