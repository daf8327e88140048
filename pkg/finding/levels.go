package finding

import (
	"fmt"
	"slices"
	"strings"
)

// Severity says how bad a finding is if it is true.
type Severity string

// The severities, worst first.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
	Info     Severity = "info"
)

// Severities lists all severities, worst first.
func Severities() []Severity { return []Severity{Critical, High, Medium, Low, Info} }

// ParseSeverity reads a severity as a user writes it.
func ParseSeverity(s string) (Severity, error) {
	v := Severity(strings.ToLower(s))
	if !slices.Contains(Severities(), v) {
		return "", fmt.Errorf("unknown severity %q: one of critical, high, medium, low, info", s)
	}
	return v, nil
}

// Rank orders severities: 5 for critical down to 1 for info, 0 for none.
func (s Severity) Rank() int { return rank(Severities(), s) }

// Confidence says how sure the detector is that a finding is true.
type Confidence string

// The levels of confidence, surest first.
const (
	Sure   Confidence = "high"
	Likely Confidence = "medium"
	Unsure Confidence = "low"
)

// Confidences lists all levels of confidence, surest first.
func Confidences() []Confidence { return []Confidence{Sure, Likely, Unsure} }

// Rank orders confidence: 3 for high down to 1 for low, 0 for none.
func (c Confidence) Rank() int { return rank(Confidences(), c) }

func rank[T comparable](worstFirst []T, v T) int {
	if i := slices.Index(worstFirst, v); i >= 0 {
		return len(worstFirst) - i
	}
	return 0
}

// Fate says what became of a (layer, path) by the time the last layer was laid.
type Fate string

// The fates of a path.
const (
	Present     Fate = "present"
	Deleted     Fate = "deleted"
	Overwritten Fate = "overwritten"
	Unknown     Fate = "unknown" // a layer above could not be read whole, or the manifest was never seen
)

// FateBy says what deleted or overwrote a path. It is empty for a path that is
// present or whose fate is unknown.
type FateBy string

// The ways in which a path is lost.
const (
	Whiteout           FateBy = "whiteout"             // a .wh.NAME entry
	Opaque             FateBy = "opaque"               // a .wh..wh..opq marker in a directory above
	ParentWhiteout     FateBy = "parent-whiteout"      // a whiteout of a directory above
	ReplacedByFile     FateBy = "replaced-by-file"     // a directory above became a file or device
	ReplacedByLink     FateBy = "replaced-by-link"     // the path or a directory above became a link
	Rewritten          FateBy = "rewritten"            // a higher layer has the path again
	SameLayerDuplicate FateBy = "same-layer-duplicate" // the same tar has the path again
)
