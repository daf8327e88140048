//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// layer is one distinct layer of a layout.
type layer struct {
	path   string
	digest string
	diffID string
	size   int64
}

// layoutLayers gives the layers of all images of a layout, each once.
func layoutLayers(dir string) ([]layer, error) {
	var layers []layer
	seen := map[v1.Hash]bool{}
	var walk func(path string) error
	walk = func(path string) error {
		var index v1.IndexManifest
		if err := readJSON(path, &index); err != nil {
			return err
		}
		for _, d := range index.Manifests {
			if d.MediaType.IsIndex() {
				if err := walk(blob(dir, d.Digest)); err != nil {
					return err
				}
				continue
			}
			var m v1.Manifest
			var config v1.ConfigFile
			if err := readJSON(blob(dir, d.Digest), &m); err != nil {
				return err
			}
			if err := readJSON(blob(dir, m.Config.Digest), &config); err != nil {
				return err
			}
			if len(m.Layers) != len(config.RootFS.DiffIDs) {
				return fmt.Errorf("%s has %d layers and %d diffIDs", d.Digest, len(m.Layers), len(config.RootFS.DiffIDs))
			}
			for i, l := range m.Layers {
				if !seen[l.Digest] {
					seen[l.Digest] = true
					layers = append(layers, layer{blob(dir, l.Digest), l.Digest.Hex, config.RootFS.DiffIDs[i].Hex, l.Size})
				}
			}
		}
		return nil
	}
	return layers, walk(filepath.Join(dir, "index.json"))
}

func blob(dir string, h v1.Hash) string { return filepath.Join(dir, "blobs", h.Algorithm, h.Hex) }

func readJSON(path string, into any) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	return nil
}
