package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/zstd"
)

func TestLayersKeepTheirContentInEveryForm(t *testing.T) {
	raw := bytes.Repeat([]byte("layer"), 100_000)
	from := t.TempDir()
	put := func(b []byte) v1.Hash {
		h := v1.Hash{Algorithm: "sha256", Hex: fmt.Sprintf("%x", sha256.Sum256(b))}
		path := filepath.Join(from, "blobs", "sha256", h.Hex)
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
	var stored bytes.Buffer
	z := gzip.NewWriter(&stored)
	_, _ = z.Write(raw)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	config := put([]byte(`{"os":"linux"}`))
	manifest := put(asJSON(v1.Manifest{
		Config: v1.Descriptor{Digest: config},
		Layers: []v1.Descriptor{{MediaType: types.OCILayer, Digest: put(stored.Bytes())}},
	}))
	index := asJSON(v1.IndexManifest{Manifests: []v1.Descriptor{{Digest: manifest}}})
	if err := os.WriteFile(filepath.Join(from, "index.json"), index, 0o600); err != nil {
		t.Fatal(err)
	}

	for form, media := range map[string]types.MediaType{"zstd": types.OCILayerZStd, "plain": types.OCIUncompressedLayer} {
		c := copier{form: form, from: from, to: filepath.Join(t.TempDir(), form)}
		if err := c.layout(); err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		var newIndex v1.IndexManifest
		var newManifest v1.Manifest
		if err := readJSON(filepath.Join(c.to, "index.json"), &newIndex); err != nil {
			t.Fatal(err)
		}
		if err := readJSON(c.blob(c.to, newIndex.Manifests[0].Digest), &newManifest); err != nil {
			t.Fatal(err)
		}
		l := newManifest.Layers[0]
		got, err := os.ReadFile(c.blob(c.to, l.Digest))
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(got)) != l.Size || l.Digest.Hex != fmt.Sprintf("%x", sha256.Sum256(got)) || l.MediaType != media {
			t.Errorf("%s: the descriptor %+v does not fit the blob of %d bytes", form, l, len(got))
		}
		if form == "zstd" {
			d, err := zstd.NewReader(nil)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if got, err = d.DecodeAll(got, nil); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(got, raw) {
			t.Errorf("%s: the content changed", form)
		}
		if _, err := os.Stat(c.blob(c.to, config)); err != nil {
			t.Errorf("%s: no configuration: %v", form, err)
		}
	}
}
