package layers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/internal/imagemake"
)

func stdin(b []byte) Options {
	return Options{Platform: "linux/amd64", Stdin: bytes.NewReader(b)}
}

func walkStdin(t *testing.T, archive []byte) (*Walked, error) {
	t.Helper()
	src, err := Open(t.Context(), "-", stdin(archive))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	return Walk(t.Context(), src, WalkOptions{})
}

func TestStreamsThatAreNoImageSaySo(t *testing.T) {
	random := make([]byte, 20<<10)
	for i := range random {
		random[i] = byte(rand.Uint32())
	}
	random[0] = 'R'
	two := imagemake.FlatDockerArchive(imagemake.ArchiveOptions{},
		imagemake.Tagged{Ref: "app:1", Built: sampleImage("a")}, imagemake.Tagged{Ref: "app:2", Built: sampleImage("b")})
	for _, c := range []struct {
		name    string
		archive []byte
		want    string
	}{
		{"nothing", nil, "reading standard input: it is not an image archive: it is empty"},
		{"random bytes", random, "reading standard input: it is not an image archive: it is neither a tar nor a compressed tar"},
		{"text", []byte("Error: no such image\n"), "it is neither a tar nor a compressed tar"},
		{"a tar without an image", imagemake.Tar(imagemake.File("readme", "x")), "neither manifest.json nor index.json, but readme"},
		{"a tar without a file", imagemake.Tar(), "an archive without a file in it"},
		{"what docker export writes", imagemake.Tar(imagemake.File(".dockerenv", ""), imagemake.Dir("bin")), "an exported root file system"},
		{"a compressed root file system with ./", imagemake.Compress("zstd", imagemake.Tar(imagemake.Dir("."), imagemake.Dir("./usr"))), "an exported root file system"},
		{"damaged compression", append([]byte{0x1f, 0x8b}, random...), "reading standard input: "},
		{"several images", two, "it holds 2 images: choose one, as -:app:1; it has :app:1, :app:2"},
		{"a manifest that is no JSON", imagemake.Tar(imagemake.File("manifest.json", "{oops")), "manifest.json is damaged (invalid character"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := walkStdin(t, c.archive)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v\nlacks %q", err, c.want)
			}
		})
	}
}

func TestAnArchiveCutBehindItsManifestGivesWhatIsThere(t *testing.T) {
	img := imagemake.Tagged{Ref: "app:1", Built: sampleImage(strings.Repeat("content", 10_000))}
	archive := imagemake.FlatDockerArchive(imagemake.ArchiveOptions{ManifestFirst: true}, img)
	last := max(bytes.LastIndex(archive, img.Tars[0][:512]), bytes.LastIndex(archive, img.Tars[1][:512]))
	archive = archive[:last+600]
	for target, opts := range map[string]Options{"-": stdin(archive), writeFile(t, "a.tar", archive): {}} {
		src, err := Open(t.Context(), target, opts)
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		walked, err := Walk(t.Context(), src, WalkOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got := walked.Images[0]
		if len(got.Gaps) != 1 || got.Gaps[0].Reason != ReasonTruncated {
			t.Errorf("%s: gaps of the image: %+v", target, got.Gaps)
		}
		var complete, cut int
		for _, l := range got.Layers {
			if l.Facts.Complete() {
				complete++
			} else {
				cut++
			}
		}
		if complete != 1 || cut != 1 {
			t.Errorf("%s: %d layers complete, %d cut", target, complete, cut)
		}
	}
}

func TestARootFileSystemIsRefusedAtItsFirstFile(t *testing.T) {
	rootfs := imagemake.Tar(imagemake.Dir("."), imagemake.Dir("usr"), imagemake.File("usr/f", strings.Repeat("x", 1<<20)))
	read := &countedReader{r: bytes.NewReader(rootfs)}
	src, err := Open(t.Context(), "-", Options{Stdin: read})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := src.(Stream).Next(t.Context()); !errors.Is(err, errRootFS) || read.n > streamBuffer {
		t.Errorf("%v after %d bytes", err, read.n)
	}
}

// countedReader counts what is read.
type countedReader struct {
	r io.Reader
	n int
}

func (c *countedReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

func TestAStreamCutBeforeItsManifestGivesFactsWithoutAnImage(t *testing.T) {
	img := imagemake.Tagged{Ref: "app:1", Built: sampleImage("a")}
	flat := imagemake.FlatDockerArchive(imagemake.ArchiveOptions{}, img)
	layoutFirst := imagemake.Archive(imagemake.Layout(img), imagemake.ArchiveOptions{ManifestFirst: true})
	manifest := bytes.Index(layoutFirst, img.Manifest)
	for name, archive := range map[string][]byte{
		"manifest.json is behind the cut":          flat[:bytes.Index(flat, []byte("manifest.json"))],
		"the manifest of a layout is behind it":    layoutFirst[:manifest],
		"the cut goes through the manifest itself": layoutFirst[:manifest+20],
	} {
		t.Run(name, func(t *testing.T) {
			walked, err := walkStdin(t, archive)
			if name != "manifest.json is behind the cut" && err != nil && strings.Contains(err.Error(), "no manifest") {
				return // no layer came before the cut: nothing can be judged
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(walked.Images) != 0 || len(walked.Unnamed) == 0 {
				t.Errorf("%d images, %d unnamed layers", len(walked.Images), len(walked.Unnamed))
			}
		})
	}
}

func TestAStreamIsReadToItsEndSoThatItsWriterDoesNotFail(t *testing.T) {
	archive := imagemake.NewDockerArchive(imagemake.ArchiveOptions{}, imagemake.Tagged{Ref: "app:1", Built: sampleImage("a")})
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	written := make(chan error, 1)
	go func() {
		_, err := w.Write(append(archive, make([]byte, 300<<10)...)) // more than a pipe and our buffer hold
		written <- errors.Join(err, w.Close())
	}()
	src, err := Open(t.Context(), "-", Options{Platform: "linux/amd64", Stdin: r})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if _, err := Walk(t.Context(), src, WalkOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}

func TestAPipeThatHangsIsLeftWhenCancelled(t *testing.T) {
	archive := imagemake.NewDockerArchive(imagemake.ArchiveOptions{}, imagemake.Tagged{Ref: "app:1", Built: sampleImage("a")})
	for _, part := range []int{0, 100, len(archive) / 2} {
		t.Run(fmt.Sprintf("after %d bytes", part), func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			defer w.Close()
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				w.Write(archive[:part])
				cancel()
			}()
			src, err := Open(ctx, "-", Options{Stdin: r})
			if err != nil {
				t.Fatal(err)
			}
			defer src.Close()
			if _, err := Walk(ctx, src, WalkOptions{}); !errors.Is(err, context.Canceled) {
				t.Errorf("the walk gives %v", err)
			}
		})
	}
}

func TestAStreamTellsLayersFromDocumentsByContent(t *testing.T) {
	img := sampleImage("a")
	odd := imagemake.Tar(imagemake.File("{looks like JSON", "x"))
	config := img.Config
	big := append([]byte(`{"predicate":"`), bytes.Repeat([]byte("x"), maxPlainHeld)...)
	big = append(big, `"}`...)
	archive := imagemake.Tar(
		imagemake.File("blobs/sha256/"+imagemake.Digest(odd).Hex, string(odd)),
		imagemake.File("blobs/sha256/"+imagemake.Digest(config).Hex, string(config)),
		imagemake.File("blobs/sha256/"+imagemake.Digest(big).Hex, string(big)),
		imagemake.File("a/VERSION", "1.0"),
		imagemake.File("a/json", "{}"),
		imagemake.File("garbage.tar", "this is no tar"),
		imagemake.File("other", "neither"),
	)
	src, err := Open(t.Context(), "-", stdin(archive))
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for {
		l, _, err := src.(Stream).Next(t.Context())
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, l.Key)
	}
	if want := []string{imagemake.Digest(odd).String(), "garbage.tar"}; !slices.Equal(keys, want) {
		t.Errorf("possible layers %v, want %v", keys, want)
	}
	held := src.(*stream).held.docs
	if len(held) != 2 || held["a/json"] == nil || !bytes.Equal(held["blobs/sha256/"+imagemake.Digest(config).Hex], config) {
		t.Errorf("%d documents are held", len(held))
	}
}

func TestAStreamHoldsNoMoreThanItsBound(t *testing.T) {
	var entries []imagemake.Entry
	doc := `{"layers":"` + strings.Repeat("x", 7<<20) + `"}`
	for i := range maxHeld>>20/7 + 2 {
		entries = append(entries, imagemake.File(fmt.Sprintf("%d.json", i), doc))
	}
	src, err := Open(t.Context(), "-", stdin(imagemake.Tar(entries...)))
	if err != nil {
		t.Fatal(err)
	}
	drainStream(t, src)
	s := src.(*stream)
	var total int
	for _, d := range s.held.docs {
		total += len(d)
	}
	if total > maxHeld || len(s.held.notes) != 1 || s.held.notes[0].Files == 0 {
		t.Errorf("%d bytes are held, notes %v", total, s.held.notes)
	}
}

func TestAStreamFindsALayerByItsDigestWhenItsNameIsAnother(t *testing.T) {
	img := sampleImage("a")
	archive := imagemake.Tar(
		imagemake.File("one.tar", string(img.Tars[0])), imagemake.File("two.tar", string(img.Tars[1])),
		imagemake.File("c.json", string(img.Config)),
		imagemake.File("manifest.json", `[{"Config":"c.json","Layers":["one.tar","renamed.tar"]}]`))
	walked, err := walkStdin(t, archive)
	if err != nil {
		t.Fatal(err)
	}
	if l := walked.Images[0].Layers[1]; l.Key != "two.tar" || !l.Facts.Complete() || l.Facts.DiffID != img.DiffIDs[1].String() {
		t.Errorf("layer %+v", l)
	}
}

func TestABodyOfAStreamEndsWithTheNextMember(t *testing.T) {
	img := sampleImage("a")
	src, err := Open(t.Context(), "-", stdin(imagemake.FlatDockerArchive(imagemake.ArchiveOptions{}, imagemake.Tagged{Built: img})))
	if err != nil {
		t.Fatal(err)
	}
	s := src.(Stream)
	_, first, err := s.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := first.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("the first body gives %d bytes, %v", n, err)
	}
}

func TestDuplicateMembersAreNoted(t *testing.T) {
	img := sampleImage("a")
	archive := imagemake.Tar(
		imagemake.File("one.tar", "replaced"), imagemake.File("one.tar", string(img.Tars[0])), imagemake.File("two.tar", string(img.Tars[1])),
		imagemake.File("c.json", string(img.Config)),
		imagemake.File("manifest.json", `[{"Config":"c.json","Layers":["one.tar","two.tar"]}]`))
	fromFile, err := Open(t.Context(), writeFile(t, "a.tar", archive), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer fromFile.Close()
	fileWalk, err := Walk(t.Context(), fromFile, WalkOptions{})
	if err != nil {
		t.Fatal(err)
	}
	streamWalk, err := walkStdin(t, archive)
	if err != nil {
		t.Fatal(err)
	}
	for name, walked := range map[string]*Walked{"file": fileWalk, "stream": streamWalk} {
		got := walked.Images[0]
		if len(got.Notes) != 1 || got.Notes[0].Reason != "duplicate-member" || got.Notes[0].Examples[0] != "one.tar" || !got.Layers[0].Facts.Complete() {
			t.Errorf("%s: notes %+v, layer %+v", name, got.Notes, got.Layers[0].Facts)
		}
	}
}
