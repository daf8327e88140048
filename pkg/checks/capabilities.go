package checks

import (
	"encoding/binary"
	"fmt"
	"path"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// capabilityNames are Linux' capabilities by their numbers.
var capabilityNames = []string{
	"cap_chown", "cap_dac_override", "cap_dac_read_search", "cap_fowner", "cap_fsetid", "cap_kill", "cap_setgid", "cap_setuid", "cap_setpcap",
	"cap_linux_immutable", "cap_net_bind_service", "cap_net_broadcast", "cap_net_admin", "cap_net_raw", "cap_ipc_lock", "cap_ipc_owner",
	"cap_sys_module", "cap_sys_rawio", "cap_sys_chroot", "cap_sys_ptrace", "cap_sys_pacct", "cap_sys_admin", "cap_sys_boot", "cap_sys_nice",
	"cap_sys_resource", "cap_sys_time", "cap_sys_tty_config", "cap_mknod", "cap_lease", "cap_audit_write", "cap_audit_control", "cap_setfcap",
	"cap_mac_override", "cap_mac_admin", "cap_syslog", "cap_wake_alarm", "cap_block_suspend", "cap_audit_read", "cap_perfmon", "cap_bpf",
	"cap_checkpoint_restore",
}

// The capabilities that lead to all others, and those that are meant to be given to
// a single program.
const (
	capNetBindService = 1 << 10
	capNetRaw         = 1 << 13
	capSetgid         = 1 << 6
	capSetuid         = 1 << 7

	mightyCaps = 1<<0 | 1<<1 | 1<<2 | 1<<3 | capSetgid | capSetuid | 1<<8 | 1<<16 | 1<<17 | 1<<18 | 1<<19 | 1<<21 | 1<<27 | 1<<31 | 1<<32 | 1<<33 | 1<<39
)

// capabilities are those of a file.
type capabilities struct {
	permitted, inheritable uint64
	effective              bool
	rootID                 uint32 // of the user namespace that they hold in; 0 is every one
	broken                 string // why they cannot be read
}

// decodeCapabilities reads the value of the attribute security.capability, in the
// versions 1 to 3 of the kernel's struct vfs_cap_data.
func decodeCapabilities(raw string) capabilities {
	b := []byte(raw)
	if len(b) < 4 {
		return capabilities{broken: fmt.Sprintf("%d bytes are too few", len(b))}
	}
	head := binary.LittleEndian.Uint32(b)
	sizes := map[uint32]int{1 << 24: 12, 2 << 24: 20, 3 << 24: 24}
	want, ok := sizes[head&0xff000000]
	switch {
	case !ok:
		return capabilities{broken: fmt.Sprintf("version %d is unknown", head>>24)}
	case len(b) != want:
		return capabilities{broken: fmt.Sprintf("%d bytes where version %d has %d", len(b), head>>24, want)}
	}
	word := func(i int) uint64 { return uint64(binary.LittleEndian.Uint32(b[i:])) }
	c := capabilities{effective: head&1 != 0, permitted: word(4), inheritable: word(8)}
	if want >= 20 {
		c.permitted |= word(12) << 32
		c.inheritable |= word(16) << 32
	}
	if want == 24 {
		c.rootID = uint32(word(20))
	}
	return c
}

// String writes capabilities nearly as getcap does.
func (c capabilities) String() string {
	if c.broken != "" {
		return "the capabilities cannot be read: " + c.broken
	}
	flags := ""
	if c.effective {
		flags += "e"
	}
	if c.permitted != 0 {
		flags += "p"
	}
	if c.inheritable&^c.permitted == 0 && c.inheritable != 0 {
		flags += "i"
	}
	s := capabilityList(c.permitted) + "=" + flags
	if c.permitted == 0 {
		s = "none permitted"
	}
	if rest := c.inheritable &^ c.permitted; rest != 0 {
		s += ", inheritable " + capabilityList(rest)
	}
	if c.rootID != 0 {
		s += fmt.Sprintf(", in the user namespace of root id %d", c.rootID)
	}
	return "Capabilities: " + s
}

func capabilityList(set uint64) string {
	var names []string
	for i := range 64 {
		if set&(1<<i) == 0 {
			continue
		}
		if i < len(capabilityNames) {
			names = append(names, capabilityNames[i])
		} else {
			names = append(names, fmt.Sprintf("cap_%d", i))
		}
	}
	return strings.Join(names, ",")
}

func (c capabilities) severity() finding.Severity {
	switch all := c.permitted; {
	case c.broken != "":
		return finding.Low
	case all&mightyCaps != 0:
		return finding.High
	case all&^capNetBindService == 0:
		return finding.Low
	}
	return finding.Medium
}

// usualCapabilities are those that distributions give to their own programs.
func usualCapabilities(p string, c capabilities) bool {
	if c.broken != "" {
		return false
	}
	all := c.permitted | c.inheritable
	if all == 0 {
		return true
	}
	if !programDirs[parent(p)] {
		return false
	}
	switch path.Base(p) {
	case "ping", "ping4", "ping6", "arping", "clockdiff", "fping", "mtr-packet", "traceroute6.iputils", "tracepath":
		return all&^(capNetRaw|1<<12) == 0
	case "newuidmap":
		return all == capSetuid
	case "newgidmap":
		return all == capSetgid
	}
	return false
}
