package checks

import (
	"fmt"
	"path"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// modeRules judges a file by the rights that it gives to whoever starts it.
func (j *judge) modeRules(ref layers.Ref, e *layers.Entry) {
	if e.Type != layers.Regular && e.Type != layers.HardLink {
		return
	}
	if e.Mode&(modeSetuid|modeSetgid) != 0 {
		h := hit{
			rule: ruleSetuid, place: e.Path, path: e.Path, layer: ref.Layer, outcome: j.view.Outcome(ref),
			severity: setuidSeverity(e), detail: setuidDetail(e),
		}
		if usualSetuid(e) {
			h.rule, h.place, h.severity, h.detail = ruleUsualSetuid, ruleUsualSetuid, finding.Info, ""
		}
		j.addLive(h)
	}
	if raw, ok := e.Xattrs["security.capability"]; ok {
		caps := decodeCapabilities(raw)
		if !usualCapabilities(e.Path, caps) {
			j.addLive(hit{
				rule: ruleCapability, place: e.Path, path: e.Path, layer: ref.Layer, outcome: j.view.Outcome(ref),
				severity: caps.severity(), detail: caps.String(),
			})
		}
	}
}

// addLive adds a hit that does harm only in the final view: what was deleted or
// overwritten cannot be started.
func (j *judge) addLive(h hit) {
	if lost(h.outcome) {
		h.severity = finding.Info
	}
	j.add(h)
}

// The bits that distributions give to their programs, by name. Paths beyond the
// directories for programs are written out.
var (
	usualSetuidNames = map[string]int64{
		"su": modeSetuid, "mount": modeSetuid, "umount": modeSetuid, "passwd": modeSetuid, "chsh": modeSetuid, "chfn": modeSetuid,
		"gpasswd": modeSetuid, "newgrp": modeSetuid, "sg": modeSetuid, "fusermount": modeSetuid, "fusermount3": modeSetuid,
		"chage": modeSetuid | modeSetgid, "unix_chkpwd": modeSetuid | modeSetgid, "pam_timestamp_check": modeSetuid,
		"expiry": modeSetuid | modeSetgid, "wall": modeSetgid, "write": modeSetgid, "write.ul": modeSetgid, "bsd-write": modeSetgid,
		"ssh-agent": modeSetgid, "crontab": modeSetuid | modeSetgid, "bbsuid": modeSetuid, "ping": modeSetuid, "ping6": modeSetuid,
		"newuidmap": modeSetuid, "newgidmap": modeSetuid, "grub2-set-bootflag": modeSetuid, "userhelper": modeSetuid,
		"utempter": modeSetgid, "dotlockfile": modeSetgid, "pkexec": modeSetuid,
	}
	usualSetuidPaths = map[string]int64{
		"usr/lib/openssh/ssh-keysign":                  modeSetuid,
		"usr/libexec/openssh/ssh-keysign":              modeSetuid | modeSetgid,
		"usr/lib/ssh/ssh-keysign":                      modeSetuid,
		"usr/lib/dbus-1.0/dbus-daemon-launch-helper":   modeSetuid,
		"usr/libexec/dbus-1/dbus-daemon-launch-helper": modeSetuid,
		"usr/libexec/dbus-daemon-launch-helper":        modeSetuid,
		"usr/lib/policykit-1/polkit-agent-helper-1":    modeSetuid,
		"usr/libexec/polkit-agent-helper-1":            modeSetuid,
		"usr/lib/polkit-1/polkit-agent-helper-1":       modeSetuid,
		"usr/lib/x86_64-linux-gnu/utempter/utempter":   modeSetgid,
		"usr/lib/aarch64-linux-gnu/utempter/utempter":  modeSetgid,
		"usr/libexec/utempter/utempter":                modeSetgid,
		"usr/lib/eject/dmcrypt-get-device":             modeSetuid,
		"usr/lib/xorg/Xorg.wrap":                       modeSetuid | modeSetgid,
		"usr/libexec/camel-lock-helper-1.2":            modeSetgid,
	}
)

var programDirs = map[string]bool{"bin": true, "sbin": true, "usr/bin": true, "usr/sbin": true}

func usualSetuid(e *layers.Entry) bool {
	bits := e.Mode & (modeSetuid | modeSetgid)
	if usual, ok := usualSetuidPaths[e.Path]; ok {
		return bits&^usual == 0
	}
	usual, ok := usualSetuidNames[path.Base(e.Path)]
	return ok && programDirs[parent(e.Path)] && bits&^usual == 0
}

// isDoor knows programs that can start others, read or write any file, or load
// code: with the setuid bit each is a way to all that the owner may do.
func isDoor(name string) bool {
	switch name {
	case "sh", "ash", "bash", "dash", "zsh", "ksh", "mksh", "fish", "csh", "tcsh", "rbash", "busybox", "toybox",
		"python", "perl", "ruby", "node", "nodejs", "php", "lua", "luajit", "tclsh", "guile", "awk", "gawk", "mawk", "nawk", "java", "jshell", "deno", "bun",
		"env", "find", "xargs", "vi", "vim", "vim.basic", "vim.tiny", "nvim", "nano", "emacs", "ed", "less", "more", "most", "man", "view", "pico",
		"cp", "mv", "dd", "cat", "tee", "tar", "zip", "unzip", "cpio", "rsync", "scp", "ssh", "sftp", "curl", "wget", "nc", "ncat", "netcat", "socat", "nmap",
		"chmod", "chown", "chroot", "nsenter", "unshare", "setpriv", "capsh", "strace", "ltrace", "gdb", "make", "gcc", "git", "docker", "podman", "kubectl",
		"ld.so", "install", "ln", "sed", "sort", "head", "tail", "base64", "xxd", "openssl", "expect", "screen", "tmux", "watch", "time", "timeout", "nice",
		"taskset", "stdbuf", "start-stop-daemon", "systemctl", "apt", "apt-get", "dpkg", "rpm", "pip", "npm", "sqlite3", "mysql", "psql":
		return true
	}
	return false
}

func setuidSeverity(e *layers.Entry) finding.Severity {
	switch {
	case e.Mode&modeExecutable == 0:
		return finding.Low
	case e.Mode&modeSetuid == 0 || e.UID != 0:
		return finding.Low
	case isDoor(plainName(path.Base(e.Path))):
		return finding.High
	}
	return finding.Medium
}

func setuidDetail(e *layers.Entry) string {
	var runs []string
	if e.Mode&modeSetuid != 0 {
		runs = append(runs, fmt.Sprintf("as user %d", e.UID))
	}
	if e.Mode&modeSetgid != 0 {
		runs = append(runs, fmt.Sprintf("with group %d", e.GID))
	}
	s := fmt.Sprintf("%s runs %s (mode %04o)", finding.EscapePath(path.Base(e.Path)), strings.Join(runs, " and "), e.Mode&0o7777)
	if isDoor(plainName(path.Base(e.Path))) {
		s += "; it can start other programs or reach any file"
	}
	return s
}
