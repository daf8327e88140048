// Command recompress copies an OCI layout and stores its layers in another form:
// zstd or plain. Content, diffIDs and configuration stay; the layers stream, so
// that an image may be of any size.
//
//	go run ./benchmarks/recompress -to zstd FROM TO
package main

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/zstd"
)

func main() {
	to := flag.String("to", "zstd", "form of the new layers: zstd or plain")
	flag.Parse()
	if flag.NArg() != 2 || *to != "zstd" && *to != "plain" {
		fmt.Fprintln(os.Stderr, "usage: recompress -to zstd|plain FROM TO")
		os.Exit(2)
	}
	c := copier{form: *to, from: flag.Arg(0), to: flag.Arg(1)}
	if err := c.layout(); err != nil {
		fmt.Fprintln(os.Stderr, "recompress:", err)
		os.Exit(1)
	}
}

type copier struct{ form, from, to string }

// layout copies each image of the layout's index.
func (c copier) layout() error {
	if err := os.MkdirAll(filepath.Join(c.to, "blobs", "sha256"), 0o755); err != nil {
		return err
	}
	var index v1.IndexManifest
	if err := readJSON(filepath.Join(c.from, "index.json"), &index); err != nil {
		return err
	}
	for i, d := range index.Manifests {
		hash, size, err := c.image(d.Digest)
		if err != nil {
			return fmt.Errorf("copying image %s: %w", d.Digest, err)
		}
		index.Manifests[i].Digest, index.Manifests[i].Size = hash, size
	}
	raw, err := json.Marshal(index)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.to, "index.json"), raw, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(c.to, "oci-layout"), []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o644)
}

func (c copier) image(digest v1.Hash) (v1.Hash, int64, error) {
	var m v1.Manifest
	if err := readJSON(c.blob(c.from, digest), &m); err != nil {
		return v1.Hash{}, 0, err
	}
	for i := range m.Layers {
		if err := c.layer(&m.Layers[i]); err != nil {
			return v1.Hash{}, 0, fmt.Errorf("converting layer %d: %w", i, err)
		}
	}
	config, err := os.ReadFile(c.blob(c.from, m.Config.Digest))
	if err != nil {
		return v1.Hash{}, 0, err
	}
	if _, _, err := c.write(func(w io.Writer) error { _, err := w.Write(config); return err }); err != nil {
		return v1.Hash{}, 0, err
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return v1.Hash{}, 0, err
	}
	return c.write(func(w io.Writer) error { _, err := w.Write(raw); return err })
}

// layer copies one gzip layer in the new form and describes the copy.
func (c copier) layer(d *v1.Descriptor) error {
	f, err := os.Open(c.blob(c.from, d.Digest))
	if err != nil {
		return err
	}
	defer f.Close()
	raw, err := gzip.NewReader(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return fmt.Errorf("reading %s as gzip: %w", d.Digest, err)
	}
	d.MediaType = types.OCIUncompressedLayer
	if c.form == "zstd" {
		d.MediaType = types.OCILayerZStd
	}
	d.Digest, d.Size, err = c.write(func(w io.Writer) error {
		if c.form == "plain" {
			_, err := io.Copy(w, raw)
			return err
		}
		z, err := zstd.NewWriter(w)
		if err != nil {
			return err
		}
		if _, err := io.Copy(z, raw); err != nil {
			return err
		}
		return z.Close()
	})
	return err
}

// write stores a blob under the digest of what fill writes.
func (c copier) write(fill func(io.Writer) error) (v1.Hash, int64, error) {
	f, err := os.CreateTemp(c.to, ".blob")
	if err != nil {
		return v1.Hash{}, 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	sum := sha256.New()
	if err := fill(io.MultiWriter(f, sum)); err != nil {
		return v1.Hash{}, 0, err
	}
	size, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return v1.Hash{}, 0, err
	}
	hash := v1.Hash{Algorithm: "sha256", Hex: fmt.Sprintf("%x", sum.Sum(nil))}
	if err := f.Chmod(0o644); err != nil {
		return v1.Hash{}, 0, err
	}
	return hash, size, os.Rename(f.Name(), c.blob(c.to, hash))
}

func (c copier) blob(dir string, digest v1.Hash) string {
	return filepath.Join(dir, "blobs", digest.Algorithm, digest.Hex)
}

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
