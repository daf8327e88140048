package imagemake

import (
	"slices"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"os"
	"path/filepath"
)

func sample() *Built {
	return Image{Layers: []Layer{
		{Entries: []Entry{Dir("etc"), File("etc/passwd", "root:x:0:0::/:/bin/sh\n"), Symlink("bin", "usr/bin")}},
		{Entries: []Entry{Whiteout("etc", "passwd"), HardLink("b", "a")}},
	}}.Build()
}

func TestLayoutIsValidToAnotherReader(t *testing.T) {
	dir := t.TempDir()
	if err := WriteFiles(dir, Layout(Tagged{"example.test/app:1", sample()})); err != nil {
		t.Fatal(err)
	}
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(index); err != nil {
		t.Fatal(err)
	}
}

func TestDockerArchivesAreValidToAnotherReader(t *testing.T) {
	img := Tagged{"example.test/app:1", sample()}
	for name, archive := range map[string][]byte{
		"old":  OldDockerArchive(img),
		"flat": FlatDockerArchive(ArchiveOptions{}, img),
		"new":  NewDockerArchive(ArchiveOptions{}, img),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "image.tar")
			if err := os.WriteFile(path, archive, 0o600); err != nil {
				t.Fatal(err)
			}
			read, err := tarball.ImageFromPath(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := validate.Image(read); err != nil {
				t.Fatal(err)
			}
			if id, _ := read.ConfigName(); id != img.ConfigDesc.Digest {
				t.Errorf("configuration %v, want %v", id, img.ConfigDesc.Digest)
			}
		})
	}
}

func TestArchiveOrder(t *testing.T) {
	files := Layout(Tagged{"", sample()})
	if got := Members(Archive(files, ArchiveOptions{ManifestFirst: true})); got[0] != "index.json" {
		t.Errorf("manifest is not first: %v", got)
	}
	got := Members(Archive(files, ArchiveOptions{DotSlash: true}))
	if !slices.Contains(got[len(got)-2:], "./index.json") {
		t.Errorf("manifest is not last: %v", got)
	}
}
