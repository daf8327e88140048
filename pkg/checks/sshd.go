package checks

import (
	"path"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// sshdRule finds servers for logging in.
func (j *judge) sshdRule(ref layers.Ref, e *layers.Entry) {
	if e.Type != layers.Regular || e.Size == 0 || e.Mode&modeExecutable == 0 {
		return
	}
	switch base := path.Base(e.Path); base {
	case "sshd", "dropbear", "tinysshd", "telnetd", "in.telnetd":
		if isToolDir(parent(e.Path)) {
			j.addLive(hit{rule: ruleSSHD, kind: base, place: e.Path, path: e.Path, layer: ref.Layer, outcome: j.view.Outcome(ref)})
		}
	}
}
