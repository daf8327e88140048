package score

import (
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// Kind is a kind of finding: who it helps, and how bad that is by CVSS v4.0. The
// kind of a finding is the first in [Kinds] that fits it.
//
// Base vectors describe the worst reasonable case, as CVSS asks: an image is
// taken to be one that anybody can pull (AV:N/PR:N), since an image does not tell
// who can. The vulnerable system (VC, VI, VA) is the image and containers made of it;
// the subsequent ones (SC, SI, SA) are what else falls with it: the accounts that a
// secret opens, the host.
type Kind struct {
	Name string `json:"name"`

	// What fits: one of the rules, or any rule of the category with the severity.
	// Empty fits all.
	Rules    []string         `json:"rules,omitempty"`
	Category finding.Category `json:"category,omitempty"`
	Severity finding.Severity `json:"severity,omitempty"`

	// Running is true if it does harm in a running container alone: what a later
	// layer deleted then counts for little. All else is read, or unpacked, by whoever
	// pulls the image, deleted or not.
	Running bool `json:"running"`

	Vector string `json:"vector"`         // without "CVSS:4.0/"; empty: no weakness, but waste
	Fact   Fact   `json:"fact,omitempty"` // what it shows for factors and indicators
	Why    string `json:"why"`
}

func (k Kind) fits(f *finding.Finding) bool {
	if k.Category != "" && k.Category != f.Category || k.Severity != "" && k.Severity != known(f.Severity) {
		return false
	}
	return len(k.Rules) == 0 || slices.Contains(k.Rules, f.Rule)
}

// known takes a severity that is none for low: nothing is lost in silence.
func known(s finding.Severity) finding.Severity {
	if s.Rank() == 0 {
		return finding.Low
	}
	return s
}

// Kinds is the table of kinds, the first that fits deciding. The last fits
// everything. The slice is the caller's own.
func Kinds() []Kind {
	return slices.Concat(secretKinds(), fileKinds(), containerKinds(), buildKinds(), archiveKinds(), otherKinds())
}

func secretKinds() []Kind {
	s := finding.Secret
	return []Kind{
		{Name: "secret that opens infrastructure", Category: s, Severity: finding.Critical, Fact: Secret,
			Vector: "AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:H/SI:H/SA:H",
			Why:    "Whoever pulls the image reads it, and with it can read, change and stop what it opens."},
		{Name: "secret that opens an account", Category: s, Severity: finding.High, Fact: Secret,
			Vector: "AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:L/SI:L/SA:N",
			Why:    "Whoever pulls the image reads it, and can act as its owner in one place."},
		{Name: "value of a credential's name", Category: s, Severity: finding.Medium, Fact: Secret,
			Vector: "AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:N/VA:N/SC:L/SI:L/SA:N",
			Why:    "Whoever pulls the image reads it; what it opens is not known."},
		{Name: "half of a credential", Category: s, Fact: SensitiveFiles,
			Vector: "AV:N/AC:H/AT:P/PR:L/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N",
			Why:    "It tells who the owner is and opens nothing without its other half."},
	}
}

func fileKinds() []Kind {
	return []Kind{
		{Name: "key or credential file", Rules: []string{"image-private-key-file", "image-credential-file"}, Fact: SensitiveFiles,
			Vector: "AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:N/VA:N/SC:L/SI:L/SA:N",
			Why:    "Whoever pulls the image reads it, if the file holds what its name says (AT:P)."},
		{Name: "environment file or repository", Rules: []string{"image-dotenv", "image-git-dir", "image-vcs-dir"}, Fact: SensitiveFiles,
			Vector: "AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N",
			Why:    "Whoever pulls the image reads the source's history, addresses and settings."},
		{Name: "what may be a password, by its name or place", Rules: []string{"image-secret-env-name", "image-password-in-run"}, Fact: SensitiveFiles,
			Vector: "AV:N/AC:L/AT:P/PR:N/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N",
			Why:    "Whoever pulls the image reads it, if it is what its name or place says (AT:P)."},
	}
}

func containerKinds() []Kind {
	return []Kind{
		{Name: "process of user 0", Rules: []string{"image-user-root"}, Running: true, Fact: RunsAsRoot,
			Vector: "AV:L/AC:H/AT:P/PR:L/UI:N/VC:L/VI:L/VA:L/SC:H/SI:H/SA:H",
			Why:    "Who runs code in the container has all rights there, and with a flaw of kernel, runtime or set-up (AC:H, AT:P) the host's."},
		{Name: "way to more rights", Rules: []string{"image-setuid", "image-file-capability", "image-sudo"}, Running: true, Fact: RaisedRights,
			Vector: "AV:L/AC:L/AT:N/PR:L/UI:N/VC:L/VI:L/VA:L/SC:N/SI:N/SA:N",
			Why:    "Who runs code as a lesser user may gain another's rights within the container."},
		{Name: "account without a password", Rules: []string{"image-empty-password"}, Running: true, Fact: RaisedRights,
			Vector: "AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
			Why:    "Who runs code as a lesser user becomes this one, if there is a program to log in with (AT:P)."},
		{Name: "place that everyone may write", Rules: []string{"image-world-writable"}, Running: true, Fact: WorldWritable,
			Vector: "AV:L/AC:L/AT:N/PR:L/UI:N/VC:N/VI:L/VA:N/SC:N/SI:N/SA:N",
			Why:    "Who runs code as the least user can change what others use."},
		{Name: "device of the host", Rules: []string{"tar-device-node"}, Running: true,
			Vector: "AV:L/AC:H/AT:P/PR:L/UI:N/VC:L/VI:L/VA:L/SC:H/SI:H/SA:H",
			Why:    "Who runs code in the container reaches the host's device, if the runtime lets it use such devices (AC:H, AT:P)."},
		{Name: "tools to build with", Rules: []string{"image-build-tools"}, Running: true, Fact: BuildTools,
			Vector: "AV:L/AC:H/AT:P/PR:L/UI:N/VC:N/VI:L/VA:N/SC:N/SI:N/SA:N",
			Why:    "They help who is already inside to go on; by themselves they open nothing."},
		{Name: "way in from the network", Rules: []string{"image-sshd", "image-ssh-port", "image-admin-port"}, Running: true,
			Vector: "AV:N/AC:H/AT:P/PR:N/UI:N/VC:L/VI:L/VA:L/SC:N/SI:N/SA:N",
			Why:    "One more door, if it is opened (AT:P) and its keys, passwords or program are weak (AC:H)."},
		{Name: "health that nobody checks", Rules: []string{"image-no-healthcheck"}, Running: true, Fact: NoHealthcheck,
			Vector: "AV:N/AC:H/AT:P/PR:L/UI:N/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N",
			Why:    "A user of the service who makes it hang is not noticed; the service has to have a flaw for that."},
		{Name: "waste", Rules: []string{"image-package-cache", "image-wasted-bytes"},
			Why: "It costs room and time, and opens nothing."},
	}
}

func buildKinds() []Kind {
	return []Kind{
		{Name: "download that nobody checked", Rules: []string{"image-curl-pipe-shell", "image-verification-off"},
			Vector: "AV:N/AC:H/AT:P/PR:N/UI:N/VC:L/VI:L/VA:L/SC:N/SI:N/SA:N",
			Why:    "Who stood between the build and its source could put code into the image; it is there already, deleted or not."},
		{Name: "build that brings in old or other things", Rules: []string{"image-update-alone", "image-add", "image-old"},
			Vector: "AV:N/AC:H/AT:P/PR:N/UI:P/VC:N/VI:L/VA:N/SC:N/SI:N/SA:N",
			Why:    "Flaws that are known elsewhere may be in it; which ones is another room's answer."},
	}
}

func archiveKinds() []Kind {
	return []Kind{
		{Name: "way out of the unpacker's root", Rules: []string{"tar-path-escape", "tar-link-escape"},
			Vector: "AV:N/AC:L/AT:P/PR:N/UI:P/VC:N/VI:H/VA:N/SC:L/SI:H/SA:H",
			Why:    "Who unpacks the image (UI:P) with a careless tool (AT:P) lets it write the host's files."},
		{Name: "bill of materials that is wrong", Rules: []string{"sbom-claims-missing-package", "sbom-omits-package"},
			Vector: "AV:N/AC:H/AT:P/PR:N/UI:P/VC:N/VI:N/VA:N/SC:N/SI:L/SA:N",
			Why:    "Who relies on it (UI:P) looks for the wrong flaws, and one that is there (AT:P) passes unseen."},
		{Name: "archive that tools read in different ways", Category: finding.Integrity, Severity: finding.Medium,
			Vector: "AV:N/AC:L/AT:P/PR:N/UI:P/VC:N/VI:N/VA:N/SC:N/SI:H/SA:N",
			Why:    "A scanner sees other files than the container gets, so what is wrong passes unseen."},
		{Name: "odd archive", Category: finding.Integrity, Severity: finding.Low,
			Vector: "AV:N/AC:L/AT:P/PR:N/UI:P/VC:N/VI:L/VA:N/SC:N/SI:L/SA:N",
			Why:    "Some tools refuse it or read it otherwise; little follows."},
	}
}

// otherKinds judge by severity alone what the rows above have no better word for.
// They stand in for an advisory's own vector as well, where none is at hand.
func otherKinds() []Kind {
	byName := func(c finding.Category, s finding.Severity, running bool, vector string) Kind {
		return Kind{Name: strings.TrimSpace(string(c) + " of severity " + string(s)), Category: c, Severity: s, Running: running, Vector: vector,
			Why: "Nothing more is known of this kind than its severity; the vector is a typical one of that severity."}
	}
	const (
		critical = "AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
		remote   = "AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N"
		partial  = "AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:L/VA:L/SC:N/SI:N/SA:N"
		local    = "AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
		weak     = "AV:L/AC:L/AT:N/PR:L/UI:N/VC:L/VI:L/VA:L/SC:N/SI:N/SA:N"
		slight   = "AV:L/AC:H/AT:P/PR:L/UI:N/VC:L/VI:L/VA:L/SC:N/SI:N/SA:N"
	)
	v, i := finding.Vulnerability, finding.Integrity
	return []Kind{
		byName(v, finding.Critical, true, critical), byName(v, finding.High, true, remote),
		byName(v, finding.Medium, true, partial), byName(v, finding.Low, true, slight),
		byName(i, finding.Critical, false, critical), byName(i, finding.High, false, remote),
		byName("", finding.Critical, true, critical), byName("", finding.High, true, local),
		byName("", finding.Medium, true, weak), byName("", finding.Low, true, slight),
		{Name: "remark", Why: "A finding of severity info is no defect: it weighs nothing."},
	}
}

// kindOf gives the first kind that fits.
func kindOf(kinds []Kind, f *finding.Finding) *Kind {
	for i := range kinds {
		if kinds[i].fits(f) {
			return &kinds[i]
		}
	}
	return &kinds[len(kinds)-1]
}
