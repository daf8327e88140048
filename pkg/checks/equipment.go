package checks

import (
	"path"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

const maxEquipment = 5 // paths of each kind that are named

// Equipment is what whoever gets into a container finds to go on with: a few paths of each kind.
type Equipment struct {
	Shells  []string // and package managers and network clients
	Engines []string // clients and sockets of container engines
}

// equipmentOf looks through the final view.
func equipmentOf(view *layers.View) (found Equipment) {
	for p, ref := range view.Files() {
		e := view.Entry(ref)
		if e == nil || e.Type == layers.Directory {
			continue
		}
		switch path.Base(p) {
		case "sh", "bash", "ash", "dash", "zsh", "ksh", "busybox", "fish", "apt-get", "apk", "dnf", "microdnf", "yum", "zypper", "curl", "wget", "nc", "ncat", "socat":
			if isToolDir(parent(p)) && len(found.Shells) < maxEquipment {
				found.Shells = append(found.Shells, p)
			}
		case "docker", "podman", "kubectl", "crictl", "nerdctl", "ctr":
			if isToolDir(parent(p)) && e.Size > 0 && len(found.Engines) < maxEquipment {
				found.Engines = append(found.Engines, p)
			}
		case "docker.sock":
			if strings.HasSuffix(parent(p), "run") && len(found.Engines) < maxEquipment {
				found.Engines = append(found.Engines, p)
			}
		}
	}
	return found
}
