package score

import "github.com/imgaudit/imgaudit/pkg/finding"

// Input is what is known about one image.
type Input struct {
	// Findings are those of this image alone: see [OfImage].
	Findings []finding.Finding

	// Suppressed are the ids of findings that weigh nothing, because every place
	// of theirs was silenced. They may stand in Findings or be left out.
	Suppressed []string

	// Controls are the controls of the CIS benchmark, those that could not be
	// assessed too: they are listed.
	Controls []Control

	// Benchmark is the name and version of the controls' benchmark; empty means [DefaultBenchmark].
	Benchmark string

	// Facts are what was looked for beside the findings and controls, which tell
	// their own facts (see [Kinds] and [ControlFacts]). A fact that nobody looked
	// for is left out; one that was looked for and not found has Present false.
	Facts map[Fact]Observation

	// Answers are AARS factors as those who run the image state them, by name (see
	// [Factors]). An image alone tells few of them.
	Answers map[string]Answer

	// Missing says in words what was not looked at though it should have been:
	// content that could not be read, a scanner that did not run. It caps the grade.
	Missing []string

	// NotAssessed says in words what the score does not speak of at all, such as
	// vulnerabilities without a database. It is told and moves nothing.
	NotAssessed []string
}

// OfImage gives the findings with a place in that image, counted as in
// [finding.Location.Image], with the places in that image alone.
func OfImage(all []finding.Finding, image int) []finding.Finding {
	var found []finding.Finding
	for _, f := range all {
		var here []finding.Location
		for _, l := range f.Locations {
			if l.Image == image {
				here = append(here, l)
			}
		}
		if len(here) == 0 {
			continue
		}
		f.Locations, f.Visible = here, false
		f.AlsoMatched = append([]string{}, f.AlsoMatched...) // Settle sorts it in place
		f.Settle()
		found = append(found, f)
	}
	return found
}

// Control is one control of a benchmark and what became of it.
type Control struct {
	ID       string   // as the benchmark numbers it: "4.1"
	Title    string   // in our own words
	Result   string   // [Pass], [Fail] or [NotAssessed]
	Evidence []string // ids of findings, or words; for a control not assessed, why
}

// The results of a control.
const (
	Pass        = "pass"
	Fail        = "fail"
	NotAssessed = "not-assessed"
)

// DefaultBenchmark is the benchmark whose controls are meant when none is named.
const DefaultBenchmark = "CIS Docker Benchmark v1.7.0"

// Fact is something that an image, or the files beside it, can show and that
// factors and indicators are derived from. All are worded so that true is worse.
type Fact string

// The facts.
const (
	RunsAsRoot     Fact = "runs-as-root"    // the process starts as user 0
	RaisedRights   Fact = "raised-rights"   // setuid files, file capabilities, sudo: ways to more rights
	HostControl    Fact = "host-control"    // a client or the socket of a container engine or orchestrator; privileged; host mounts
	Shell          Fact = "shell"           // a shell, package manager or network client
	BuildTools     Fact = "build-tools"     // compilers and the like
	WorldWritable  Fact = "world-writable"  // files or directories that everyone may write
	Secret         Fact = "secret"          // a secret that whoever pulls the image can read
	PossibleSecret Fact = "possible-secret" // a secret of low confidence
	SensitiveFiles Fact = "sensitive-files" // environment files, repositories, key files, names of secrets
	NoHealthcheck  Fact = "no-healthcheck"
	NoLimits       Fact = "no-limits" // no limits of memory, CPU or processes
)

// Observation is a fact that was looked for.
type Observation struct {
	Present  bool
	Evidence []string // ids of findings, or words; also what was looked at when nothing was found
}

// Answer is a factor as it was stated.
type Answer struct {
	Level    Level
	Evidence []string // who says so, and where
}

// Options choose among the versions and multipliers of AIVSS. The zero value is
// version 0.5 with the defaults of its text.
type Options struct {
	AIVSS      Version    // empty means V05
	Threat     Threat     // empty means ProofOfConcept
	Mitigation Mitigation // empty means Unmitigated; version 0.8 only
}
