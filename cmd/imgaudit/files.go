package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"gopkg.in/yaml.v3"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

const (
	userFile = "imgaudit/config.yaml" // in the user's configuration directory
	hereFile = ".imgaudit.yaml"       // in the current directory
	maxFile  = 64 << 10               // bytes of a file of settings
)

// fromFiles reads the files of settings: the user's own, whose values stand in
// for flags and variables that are not given, and then the one in the current
// directory, which may only tighten.
func (p *program) fromFiles(cmd *cobra.Command, s *settings) error {
	path, must := s.config, true
	if path == "" {
		must = false
		if dir, err := p.configDir(); err == nil {
			path = filepath.Join(dir, filepath.FromSlash(userFile))
		}
	}
	if path != "" {
		values, err := readSettings(path, !must)
		switch {
		case errors.Is(err, fs.ErrNotExist) && !must:
		case err != nil:
			return err
		default:
			if err := apply(cmd, path, values); err != nil {
				return err
			}
			s.loaded = append(s.loaded, path)
		}
	}
	values, err := readSettings(hereFile, true)
	if errors.Is(err, fs.ErrNotExist) || samePath(path, hereFile) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := tighten(s, values); err != nil {
		return fmt.Errorf("%s: %w", hereFile, err)
	}
	s.loaded = append(s.loaded, hereFile)
	return nil
}

// readSettings reads a file whose keys are the names of flags. A file that nobody
// named must be a regular one: to open a pipe that lies there would wait for ever.
func readSettings(path string, regular bool) (map[string][]string, error) {
	if info, err := os.Stat(path); regular && err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("reading settings: %s is not a regular file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading settings: %w", err)
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading settings: %w", err)
	}
	if len(raw) > maxFile {
		return nil, fmt.Errorf("reading settings: %s is larger than %d bytes", path, maxFile)
	}
	var nodes map[string]yaml.Node
	if err := yaml.Unmarshal(raw, &nodes); err != nil {
		return nil, fmt.Errorf("reading settings: %s: %w", path, err)
	}
	values := map[string][]string{}
	for key, node := range nodes {
		list := []*yaml.Node{&node}
		if node.Kind == yaml.SequenceNode {
			list = node.Content
		}
		for _, item := range list {
			if item.Kind != yaml.ScalarNode {
				return nil, fmt.Errorf("reading settings: %s: %q is neither a value nor a list of values", path, key)
			}
			values[key] = append(values[key], item.Value)
		}
	}
	return values, nil
}

// apply gives flags that nobody has set the values of a file.
func apply(cmd *cobra.Command, path string, values map[string][]string) error {
	known := knownFlags(cmd.Root())
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(known, key) || key == "config" {
			return usagef("keys are the names of flags, such as fail-on", "%s: there is no setting %q", path, key)
		}
		f := cmd.Flags().Lookup(key)
		if f == nil || f.Changed {
			continue
		}
		for _, v := range values[key] {
			if err := cmd.Flags().Set(key, v); err != nil {
				return usagef("", "%s: %s: %v", path, key, plain(err))
			}
		}
	}
	return nil
}

// tighten takes from a file that may be a stranger's what makes a run stricter:
// a lower fail-on, incomplete: fail, further denied licences and scanners. What would loosen is
// left out; any other key is refused, so that nobody believes it was heard.
func tighten(s *settings, values map[string][]string) error {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		list := values[key]
		switch key {
		case "fail-on":
			var v severityValue
			if err := v.Set(strings.Join(list, ",")); err != nil {
				return usagef("", "%s: %v", key, err)
			}
			if s.failOn == "" || finding.Severity(v).Rank() < finding.Severity(s.failOn).Rank() {
				s.failOn = v
			}
		case "incomplete":
			var v incompleteValue
			if err := v.Set(strings.Join(list, ",")); err != nil {
				return usagef("", "%s: %v", key, err)
			}
			if v == incompleteFail {
				s.incomplete = v
			}
		case "deny-license":
			for _, v := range list {
				s.denied = append(s.denied, strings.Split(v, ",")...)
			}
		case "scanners":
			if len(s.scanners) == 0 {
				continue // all
			}
			for _, v := range list {
				for name := range strings.SplitSeq(v, ",") {
					if name = strings.TrimSpace(name); !slices.Contains(s.scanners, name) {
						s.scanners = append(s.scanners, name)
					}
				}
			}
		default:
			return usagef("a file in the current directory may hold fail-on, incomplete, deny-license and scanners, to tighten them; for all else use --config", "%q cannot stand here", key)
		}
	}
	return nil
}

func samePath(a, b string) bool {
	ai, err := os.Stat(a)
	if err != nil {
		return false
	}
	bi, err := os.Stat(b)
	return err == nil && os.SameFile(ai, bi)
}
