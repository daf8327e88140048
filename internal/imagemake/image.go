package imagemake

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Epoch is the time of everything that says no other.
var Epoch = time.Date(2024, 5, 17, 8, 0, 0, 0, time.UTC)

// Entry is one entry of a layer.
type Entry struct {
	tar.Header
	Body []byte
}

// File is a regular file of mode 0644.
func File(name, body string) Entry {
	return Entry{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(body))}, []byte(body)}
}

// Executable is a regular file of the given mode.
func Executable(name, body string, mode int64) Entry {
	e := File(name, body)
	e.Mode = mode
	return e
}

// Dir is a directory of mode 0755.
func Dir(name string) Entry {
	return Entry{Header: tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: 0o755}}
}

// Symlink is a symbolic link.
func Symlink(name, target string) Entry {
	return Entry{Header: tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target, Mode: 0o777}}
}

// HardLink is one more name of a file.
func HardLink(name, target string) Entry {
	return Entry{Header: tar.Header{Typeflag: tar.TypeLink, Name: name, Linkname: target, Mode: 0o644}}
}

// Whiteout hides dir/name of the layers below; dir is "" for the root.
func Whiteout(dir, name string) Entry { return File(join(dir, ".wh."+name), "") }

// Opaque hides all that the layers below have in dir.
func Opaque(dir string) Entry { return File(join(dir, ".wh..wh..opq"), "") }

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// Layer is one layer to be.
type Layer struct {
	Entries     []Entry
	Tar         []byte // used instead of Entries if set
	CreatedBy   string // the history's words for it
	Compression string // gzip (default), zstd, none
	MediaType   string // by Compression if empty
}

// Image is one image to be.
type Image struct {
	Layers    []Layer
	Config    v1.Config
	Platform  v1.Platform  // linux/amd64 if empty
	History   []v1.History // made of the layers' CreatedBy if nil
	NoHistory bool
	Docker    bool // Docker's media types instead of OCI's
}

// Built is an image with all its bytes.
type Built struct {
	Manifest   []byte
	Config     []byte
	Tars       [][]byte          // uncompressed layers
	Blobs      map[string][]byte // configuration and layers as stored, by digest
	Layers     []v1.Descriptor
	DiffIDs    []v1.Hash
	ConfigDesc v1.Descriptor
	Desc       v1.Descriptor // of the manifest, with its platform
}

// Build makes the bytes of an image. It panics on what only a broken test asks for.
func (img Image) Build() *Built {
	b := &Built{Blobs: map[string][]byte{}}
	platform := img.Platform
	if platform.OS == "" {
		platform = v1.Platform{OS: "linux", Architecture: "amd64"}
	}
	history := img.History
	for i, layer := range img.Layers {
		raw := layer.Tar
		if raw == nil {
			raw = Tar(layer.Entries...)
		}
		stored := Compress(layer.Compression, raw)
		digest := Digest(stored)
		b.Tars = append(b.Tars, raw)
		b.Blobs[digest.String()] = stored
		b.DiffIDs = append(b.DiffIDs, Digest(raw))
		b.Layers = append(b.Layers, v1.Descriptor{
			MediaType: img.layerType(layer), Digest: digest, Size: int64(len(stored)),
		})
		if img.History == nil && !img.NoHistory {
			by := layer.CreatedBy
			if by == "" {
				by = fmt.Sprintf("COPY layer%d / # buildkit", i)
			}
			history = append(history, v1.History{CreatedBy: by, Created: v1.Time{Time: Epoch.Add(time.Duration(i) * time.Minute)}})
		}
	}
	b.Config = encode(v1.ConfigFile{
		Architecture: platform.Architecture, OS: platform.OS, Variant: platform.Variant,
		Created: v1.Time{Time: Epoch}, Config: img.Config, History: history,
		RootFS: v1.RootFS{Type: "layers", DiffIDs: b.DiffIDs},
	})
	manifestType, configType := types.OCIManifestSchema1, types.OCIConfigJSON
	if img.Docker {
		manifestType, configType = types.DockerManifestSchema2, types.DockerConfigJSON
	}
	b.ConfigDesc = v1.Descriptor{MediaType: configType, Digest: Digest(b.Config), Size: int64(len(b.Config))}
	b.Blobs[b.ConfigDesc.Digest.String()] = b.Config
	b.Manifest = encode(v1.Manifest{SchemaVersion: 2, MediaType: manifestType, Config: b.ConfigDesc, Layers: b.Layers})
	b.Desc = v1.Descriptor{MediaType: manifestType, Digest: Digest(b.Manifest), Size: int64(len(b.Manifest)), Platform: &platform}
	return b
}

func (img Image) layerType(l Layer) types.MediaType {
	switch {
	case l.MediaType != "":
		return types.MediaType(l.MediaType)
	case img.Docker && l.Compression == "none":
		return types.DockerUncompressedLayer
	case img.Docker:
		return types.DockerLayer
	case l.Compression == "none":
		return types.OCIUncompressedLayer
	case l.Compression == "zstd":
		return types.OCILayerZStd
	}
	return types.OCILayer
}

// Tar writes entries as an uncompressed tar.
func Tar(entries ...Entry) []byte {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, e := range entries {
		h := e.Header
		if h.ModTime.IsZero() {
			h.ModTime = Epoch
		}
		must(w.WriteHeader(&h))
		_, err := w.Write(e.Body)
		must(err)
	}
	must(w.Close())
	return buf.Bytes()
}

// Compress compresses with gzip (default), zstd, or none.
func Compress(kind string, raw []byte) []byte {
	var buf bytes.Buffer
	var w io.WriteCloser
	switch kind {
	case "none":
		return raw
	case "", "gzip":
		w = gzip.NewWriter(&buf)
	case "zstd":
		z, err := zstd.NewWriter(&buf)
		must(err)
		w = z
	default:
		panic("imagemake: unknown compression " + kind)
	}
	_, err := w.Write(raw)
	must(err)
	must(w.Close())
	return buf.Bytes()
}

// Digest is the sha256 of b.
func Digest(b []byte) v1.Hash {
	sum := sha256.Sum256(b)
	return v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(sum[:])}
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	must(err)
	return b
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// Recompressed is the same OCI image with its layers compressed in another way.
func (b *Built) Recompressed(compression string) *Built {
	var manifest v1.Manifest
	must(json.Unmarshal(b.Manifest, &manifest))
	again := *b
	again.Blobs = map[string][]byte{b.ConfigDesc.Digest.String(): b.Config}
	again.Layers = nil
	for _, raw := range b.Tars {
		stored := Compress(compression, raw)
		again.Blobs[Digest(stored).String()] = stored
		again.Layers = append(again.Layers, v1.Descriptor{
			MediaType: Image{}.layerType(Layer{Compression: compression}), Digest: Digest(stored), Size: int64(len(stored)),
		})
	}
	manifest.Layers = again.Layers
	again.Manifest = encode(manifest)
	again.Desc.Digest, again.Desc.Size = Digest(again.Manifest), int64(len(again.Manifest))
	return &again
}
