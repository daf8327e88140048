package secrets

import (
	"bytes"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// ownAllowance is a comment of this project's: the id of a rule, and why its finding is to be let be.
var ownAllowance = newExpression(`imgaudit:allow[ \t]+([\w-]+)(?:[ \t]+([^\n]{0,200}))?`)

// allowance gives the reason of a comment, on the lines where a match begins and ends, that
// allows it: gitleaks' own for every rule, ours for the rule that it names.
func allowance(b []byte, start, end int, rule string) string {
	lo, hi := max(0, start-mostLine), min(len(b), end+mostLine)
	if i := bytes.LastIndexByte(b[lo:start], '\n'); i >= 0 {
		lo += i + 1
	}
	if i := bytes.IndexByte(b[end:hi], '\n'); i >= 0 {
		hi = end + i
	}
	line := b[lo:hi]
	if !bytes.Contains(line, []byte(":allow")) {
		return ""
	}
	for _, m := range ownAllowance.compiled().FindAllSubmatch(line, -1) {
		if string(m[1]) == rule {
			reason := strings.TrimRight(strings.TrimSpace(string(m[2])), "*/->")
			return "imgaudit:allow " + strings.TrimSpace(rule+" "+finding.EscapeText(strings.TrimSpace(reason)))
		}
	}
	if bytes.Contains(line, []byte("gitleaks:allow")) {
		return "gitleaks:allow"
	}
	return ""
}
