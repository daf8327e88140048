package layers

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/imgaudit/imgaudit/internal/imagemake"
)

// archiveSeeds are small archives of every form.
func archiveSeeds() [][]byte {
	img := imagemake.Tagged{Ref: "a:1", Built: imagemake.Image{Layers: []imagemake.Layer{
		{Entries: []imagemake.Entry{imagemake.File("a", "b")}}}}.Build()}
	return [][]byte{
		nil,
		imagemake.Tar(),
		imagemake.OldDockerArchive(img, img),
		imagemake.FlatDockerArchive(imagemake.ArchiveOptions{ManifestFirst: true}, img),
		imagemake.NewDockerArchive(imagemake.ArchiveOptions{DotSlash: true}, img),
		imagemake.Archive(imagemake.Layout(img), imagemake.ArchiveOptions{}),
		imagemake.Archive(imagemake.MultiPlatform("a:1", img.Built), imagemake.ArchiveOptions{}),
		imagemake.Tar(imagemake.File("manifest.json", `[{"Config":"../c","RepoTags":null,"Layers":["l","./l","/l",""]}]`),
			imagemake.Symlink("l", "l"), imagemake.HardLink("c", "l")),
		imagemake.Tar(imagemake.File("index.json", `{"manifests":[{"digest":"sha256:..","size":-1}]}`)),
		imagemake.Compress("gzip", imagemake.FlatDockerArchive(imagemake.ArchiveOptions{}, img)),
		[]byte("BZh9"), {0xfd, '7', 'z', 'X', 'Z', 0}, {0x28, 0xb5, 0x2f, 0xfd},
	}
}

// fuzzOptions keep one run short.
var fuzzLimits = Limits{Entries: 1000, Bytes: 1 << 20, Document: 64 << 10}

// walkHostile opens and walks a target that may be anything. It must end.
func walkHostile(t *testing.T, target string, opts Options) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	opts.Limits, opts.AllPlatforms = fuzzLimits, true
	src, err := Open(ctx, target, opts)
	if err != nil {
		return
	}
	walked, err := Walk(ctx, src, WalkOptions{Limits: fuzzLimits, Workers: 1})
	if ctx.Err() != nil {
		t.Fatal("it takes too long")
	}
	if err == nil && len(walked.Images)+len(walked.Unnamed) == 0 {
		t.Error("neither an image nor an error")
	}
	if err := src.Close(); err != nil {
		t.Error(err)
	}
}

func FuzzOpenArchive(f *testing.F) {
	for _, seed := range archiveSeeds() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, archive []byte) {
		path := filepath.Join(t.TempDir(), "image.tar")
		if err := os.WriteFile(path, archive, 0o600); err != nil {
			t.Fatal(err)
		}
		walkHostile(t, path, Options{})
	})
}

func FuzzStream(f *testing.F) {
	for _, seed := range archiveSeeds() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, archive []byte) {
		walkHostile(t, "-", Options{Stdin: bytes.NewReader(archive)})
	})
}

// FuzzArchiveIndex holds the index against a reading from front to back: every
// member that is found has the bytes that the tar gives it.
func FuzzArchiveIndex(f *testing.F) {
	for _, seed := range archiveSeeds() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, archive []byte) {
		index, err := indexArchive(t.Context(), bytes.NewReader(archive), int64(len(archive)))
		if err != nil {
			return
		}
		for name := range index.byName {
			at, size, err := index.find(name)
			if err != nil {
				continue
			}
			r, err := index.open(at)
			if err != nil {
				t.Fatalf("%q was found, but not opened: %v", name, err)
			}
			n, err := io.Copy(io.Discard, r)
			if err != nil || n > size || n < size && index.damage == nil {
				t.Errorf("%q has %d bytes of %d: %v", name, n, size, err)
			}
		}
	})
}

// FuzzParseTarget looks for targets on which the choice of an image breaks.
func FuzzParseTarget(f *testing.F) {
	for _, seed := range []string{"", "-", "-:a:1", "oci-dir:", "x.tar:a@sha256:0", "@", ":", "docker-archive::", "a:b:c@d", "./\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, target string) {
		path, choice := splitPath(target)
		if path+choice != target {
			t.Errorf("%q was split into %q and %q", target, path, choice)
		}
		parseChoice(choice)
		if name, err := memberName(target); err == nil && memberKey(name) != target && digestOfName(name) == "" {
			if back, err := memberName(memberKey(name)); err != nil || back != name {
				t.Errorf("%q names %q, whose key names %q", target, name, back)
			}
		}
	})
}
