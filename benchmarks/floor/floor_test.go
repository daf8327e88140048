//go:build unix

package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// writeLayout makes a layout with one layer: the stored bytes, and the diffID of raw.
func writeLayout(t *testing.T, stored, raw []byte) string {
	t.Helper()
	dir := t.TempDir()
	put := func(b []byte) v1.Hash {
		h := v1.Hash{Algorithm: "sha256", Hex: fmt.Sprintf("%x", sha256.Sum256(b))}
		path := filepath.Join(dir, "blobs", "sha256", h.Hex)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return h
	}
	asJSON := func(v any) []byte {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	diffID := v1.Hash{Algorithm: "sha256", Hex: fmt.Sprintf("%x", sha256.Sum256(raw))}
	config := put(asJSON(v1.ConfigFile{RootFS: v1.RootFS{Type: "layers", DiffIDs: []v1.Hash{diffID}}}))
	layer := v1.Descriptor{MediaType: types.OCILayer, Digest: put(stored), Size: int64(len(stored))}
	manifest := put(asJSON(v1.Manifest{Config: v1.Descriptor{Digest: config}, Layers: []v1.Descriptor{layer}}))
	index := asJSON(v1.IndexManifest{Manifests: []v1.Descriptor{{MediaType: types.OCIManifestSchema1, Digest: manifest}}})
	if err := os.WriteFile(filepath.Join(dir, "index.json"), index, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func zip(t *testing.T, raw []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTheFloorReadsAllAndChecksIt(t *testing.T) {
	raw := bytes.Repeat([]byte("0123456789abcdef"), 300_000)
	stored := zip(t, raw)
	r, err := read(writeLayout(t, stored, raw))
	if err != nil {
		t.Fatal(err)
	}
	if r.RawBytes != int64(len(raw)) || r.StoredBytes != int64(len(stored)) || r.Compression != "gzip" || r.Layers != 1 {
		t.Errorf("got %+v", r)
	}
	if r, err := read(writeLayout(t, raw, raw)); err != nil || r.RawBytes != int64(len(raw)) || r.Compression != "none" {
		t.Errorf("a plain layer gives %+v, %v", r, err)
	}
	if _, err := read(writeLayout(t, raw, raw[1:])); err == nil || !strings.Contains(err.Error(), "diffID") {
		t.Errorf("a plain layer with a wrong diffID gives %v", err)
	}
	if _, err := read(writeLayout(t, stored, raw[1:])); err == nil || !strings.Contains(err.Error(), "diffID") {
		t.Errorf("a wrong diffID gives %v", err)
	}
	if _, err := read(writeLayout(t, stored[:len(stored)-9], raw)); err == nil {
		t.Error("a cut layer is no error")
	}
	dir := writeLayout(t, stored, raw)
	blobs, err := filepath.Glob(filepath.Join(dir, "blobs", "sha256", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blobs {
		if old, err := os.ReadFile(b); err == nil && bytes.Equal(old, stored) {
			if err := os.WriteFile(b, zip(t, append([]byte("x"), raw...)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := read(dir); err == nil || !strings.Contains(err.Error(), "digest") {
		t.Errorf("a layer that was exchanged gives %v", err)
	}
}
