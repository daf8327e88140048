package checks

import (
	"path"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

const maxEquipment = 5 // paths of each kind that are named

// Equipment gives what the final view has of shells, package managers and network
// clients, and of clients and sockets of container engines: what whoever gets in
// finds to go on with. A few paths of each, in their order.
func Equipment(view *layers.View) (shells, engines []string) {
	for p, ref := range view.Files() {
		e := view.Entry(ref)
		if e == nil || e.Type == layers.Directory {
			continue
		}
		switch path.Base(p) {
		case "sh", "bash", "ash", "dash", "zsh", "ksh", "busybox", "fish", "apt-get", "apk", "dnf", "microdnf", "yum", "zypper", "curl", "wget", "nc", "ncat", "socat":
			if isToolDir(parent(p)) && len(shells) < maxEquipment {
				shells = append(shells, p)
			}
		case "docker", "podman", "kubectl", "crictl", "nerdctl", "ctr":
			if isToolDir(parent(p)) && e.Size > 0 && len(engines) < maxEquipment {
				engines = append(engines, p)
			}
		case "docker.sock":
			if strings.HasSuffix(parent(p), "run") && len(engines) < maxEquipment {
				engines = append(engines, p)
			}
		}
	}
	return shells, engines
}
