//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// machine describes where the figures come from, without names.
type machine struct {
	model, memory, kernel, load, commit string
	cores                               int
}

func describeMachine(ctx context.Context) machine {
	m := machine{cores: runtime.NumCPU(), model: "unknown", memory: "unknown", kernel: "unknown", load: "unknown", commit: "unknown"}
	if v, ok := field("/proc/cpuinfo", "model name"); ok {
		m.model = v
	}
	if v, ok := field("/proc/meminfo", "MemTotal"); ok {
		var kib int64
		if _, err := fmt.Sscanf(v, "%d kB", &kib); err == nil {
			m.memory = fmt.Sprintf("%.0f GiB", float64(kib)/(1<<20))
		}
	}
	if raw, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.kernel = strings.TrimSpace(string(raw))
	}
	if raw, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.load, _, _ = strings.Cut(string(raw), " ")
	}
	if raw, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty").Output(); err == nil {
		m.commit = strings.TrimSpace(string(raw))
	}
	return m
}

// field reads the first "key : value" of a file of /proc.
func field(path, key string) (string, bool) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", false
	}
	for line := range strings.Lines(string(raw)) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v), true
		}
	}
	return "", false
}
