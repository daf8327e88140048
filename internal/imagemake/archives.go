package imagemake

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Tagged is an image under a name.
type Tagged struct {
	Ref string // the whole reference, such as example.test/app:1; may be empty
	*Built
}

const layoutFile = `{"imageLayoutVersion":"1.0.0"}`

// Layout gives the files of an OCI layout with the images in its index.
func Layout(images ...Tagged) map[string][]byte {
	files := map[string][]byte{"oci-layout": []byte(layoutFile)}
	index := v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex}
	for _, img := range images {
		img.addBlobs(files)
		desc := img.Desc
		if img.Ref != "" {
			tag := img.Ref[strings.LastIndex(img.Ref, ":")+1:]
			desc.Annotations = map[string]string{
				"org.opencontainers.image.ref.name": tag,
				"io.containerd.image.name":          img.Ref,
			}
		}
		index.Manifests = append(index.Manifests, desc)
	}
	files["index.json"] = encode(index)
	return files
}

// MultiPlatform gives the files of an OCI layout whose one entry is a nested
// index over the images.
func MultiPlatform(ref string, images ...*Built) map[string][]byte {
	files := map[string][]byte{"oci-layout": []byte(layoutFile)}
	inner := v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex}
	for _, img := range images {
		Tagged{"", img}.addBlobs(files)
		inner.Manifests = append(inner.Manifests, img.Desc)
	}
	raw := encode(inner)
	files[blobPath(Digest(raw))] = raw
	files["index.json"] = encode(v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: []v1.Descriptor{{
		MediaType: types.OCIImageIndex, Digest: Digest(raw), Size: int64(len(raw)),
		Annotations: map[string]string{"org.opencontainers.image.ref.name": ref},
	}}})
	return files
}

func (img Tagged) addBlobs(files map[string][]byte) {
	for digest, b := range img.Blobs {
		h, err := v1.NewHash(digest)
		must(err)
		files[blobPath(h)] = b
	}
	files[blobPath(img.Desc.Digest)] = img.Manifest
}

func blobPath(h v1.Hash) string { return "blobs/" + h.Algorithm + "/" + h.Hex }

// WriteFiles writes files below a directory.
func WriteFiles(dir string, files map[string][]byte) error {
	for name, body := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, body, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// ArchiveOptions say how the members of an archive lie.
type ArchiveOptions struct {
	DotSlash      bool // names begin with ./
	ManifestFirst bool // index.json and manifest.json before the blobs; else behind them
	Directories   bool // entries for the directories too
}

// Archive puts files into a tar: an OCI layout so becomes an OCI archive.
func Archive(files map[string][]byte, opts ArchiveOptions) []byte {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	isManifest := func(n string) bool { return n == "index.json" || n == "manifest.json" || n == "oci-layout" }
	sort.Slice(names, func(i, j int) bool {
		a, b := names[i], names[j]
		if isManifest(a) != isManifest(b) {
			return isManifest(a) == opts.ManifestFirst
		}
		return a < b
	})
	prefix := ""
	if opts.DotSlash {
		prefix = "./"
	}
	var entries []Entry
	dirs := map[string]bool{}
	for _, name := range names {
		if opts.Directories {
			for i, c := range name {
				if c == '/' && !dirs[name[:i]] {
					dirs[name[:i]] = true
					entries = append(entries, Dir(prefix+name[:i]))
				}
			}
		}
		entries = append(entries, File(prefix+name, string(files[name])))
	}
	return Tar(entries...)
}

// manifestItem is one item of a docker-archive's manifest.json.
type manifestItem struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// OldDockerArchive is a tar as Docker before 25 saved it: a directory for each
// layer with json, VERSION and layer.tar, layers uncompressed, manifest last. A
// layer that an earlier one has already written is a symbolic link to it.
func OldDockerArchive(images ...Tagged) []byte {
	var entries []Entry
	var items []manifestItem
	repositories := map[string]map[string]string{}
	first := map[string]string{} // layer.tar by diffID
	for n, img := range images {
		item := manifestItem{Config: img.ConfigDesc.Digest.Hex + ".json"}
		id := ""
		for i, raw := range img.Tars {
			id = Digest([]byte(fmt.Sprintf("%d %s %s", n, id, img.DiffIDs[i]))).Hex
			path := id + "/layer.tar"
			entries = append(entries, Dir(id), File(id+"/VERSION", "1.0"), File(id+"/json", `{"id":"`+id+`"}`))
			if target, ok := first[img.DiffIDs[i].Hex]; ok {
				entries = append(entries, Symlink(path, "../"+target))
			} else {
				first[img.DiffIDs[i].Hex] = path
				entries = append(entries, File(path, string(raw)))
			}
			item.Layers = append(item.Layers, path)
		}
		entries = append(entries, File(item.Config, string(img.Config)))
		if img.Ref != "" {
			item.RepoTags = []string{img.Ref}
			i := strings.LastIndex(img.Ref, ":")
			repositories[img.Ref[:i]] = map[string]string{img.Ref[i+1:]: id}
		}
		items = append(items, item)
	}
	entries = append(entries, File("manifest.json", string(encode(items))), File("repositories", string(encode(repositories))))
	return Tar(entries...)
}

// FlatDockerArchive is a tar as Skopeo, Podman and Buildah write it: DIGEST.tar
// for each layer, uncompressed, beside DIGEST.json and manifest.json.
func FlatDockerArchive(opts ArchiveOptions, images ...Tagged) []byte {
	files := map[string][]byte{}
	var items []manifestItem
	for _, img := range images {
		item := manifestItem{Config: img.ConfigDesc.Digest.Hex + ".json"}
		files[item.Config] = img.Config
		for i, raw := range img.Tars {
			path := img.DiffIDs[i].Hex + ".tar"
			files[path] = raw
			item.Layers = append(item.Layers, path)
		}
		if img.Ref != "" {
			item.RepoTags = []string{img.Ref}
		}
		items = append(items, item)
	}
	files["manifest.json"] = encode(items)
	return Archive(files, opts)
}

// NewDockerArchive is a tar as Docker 25 and later save it: an OCI layout and a
// manifest.json that names the same blobs.
func NewDockerArchive(opts ArchiveOptions, images ...Tagged) []byte {
	files := Layout(images...)
	var items []manifestItem
	for _, img := range images {
		item := manifestItem{Config: blobPath(img.ConfigDesc.Digest)}
		for _, l := range img.Layers {
			item.Layers = append(item.Layers, blobPath(l.Digest))
		}
		if img.Ref != "" {
			item.RepoTags = []string{img.Ref}
		}
		items = append(items, item)
	}
	files["manifest.json"] = encode(items)
	return Archive(files, opts)
}

// Edit changes one JSON file of a set in place: to break it in a known way.
func Edit[T any](files map[string][]byte, name string, change func(*T)) {
	var v T
	must(json.Unmarshal(files[name], &v))
	change(&v)
	files[name] = encode(v)
}

// Members lists the names in a tar.
func Members(archive []byte) []string {
	var names []string
	r := tar.NewReader(bytes.NewReader(archive))
	for {
		h, err := r.Next()
		if err != nil {
			return names
		}
		names = append(names, h.Name)
	}
}
