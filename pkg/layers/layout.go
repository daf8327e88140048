package layers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// openLayout opens an OCI layout directory.
func openLayout(dir, choice string, opts Options) (Source, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, pathError(err)
	}
	return &layoutSource{root: root, bundle: bundle{
		kind: "oci-dir", form: ociForm, place: dir, files: dirFiles{root}, choice: parseChoice(choice), opts: opts,
	}}, nil
}

type layoutSource struct {
	bundle
	root *os.Root
}

func (s *layoutSource) Images(ctx context.Context) ([]*Image, error) {
	images, err := s.images(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", display(s.place), err)
	}
	return images, nil
}

func (s *layoutSource) Blob(ctx context.Context, layer Layer) (io.ReadCloser, error) {
	return s.blob(ctx, layer)
}

func (s *layoutSource) Close() error { return s.root.Close() }

// dirFiles are the files of a directory. Links do not lead out of it.
type dirFiles struct{ root *os.Root }

func (d dirFiles) find(name string) (string, int64, error) {
	info, err := d.root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", 0, notThere(name)
	case err != nil:
		return "", 0, fmt.Errorf("opening %s: %w", finding.EscapeText(name), pathError(err))
	case !info.Mode().IsRegular():
		return "", 0, fmt.Errorf("%s is no regular file", finding.EscapeText(name))
	}
	return name, info.Size(), nil
}

// notThere is the error for a file that an image should have.
func notThere(name string) error {
	return &inWords{fmt.Sprintf("there is no %s; the copy of the image is incomplete", finding.EscapeText(name)), fs.ErrNotExist}
}

func (d dirFiles) open(name string) (io.ReadCloser, error) {
	// Not to block on a pipe that took the file's place meanwhile.
	f, err := d.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", finding.EscapeText(name), pathError(err))
	}
	return f, nil
}

func (d dirFiles) some() []string {
	f, err := d.root.Open(".")
	if err != nil {
		return nil
	}
	defer f.Close()
	names, _ := f.Readdirnames(5)
	return names
}

// indexGroups gives the entries of index.json that may be images: those of one name
// together, because a layout may list the platforms of an image side by side.
func (b *bundle) indexGroups() ([]listed, error) {
	if b.form == dockerForm {
		// Asked for as a docker-archive, index.json only helps.
		if _, _, err := b.files.find(dockerManifest); err != nil {
			return nil, nil
		}
	}
	index, err := b.index()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := b.checkLayoutFile(); err != nil {
		return nil, err
	}
	groups := []listed{}
	looked := 0
	for _, d := range index.Manifests {
		if isAttestation(d) && len(index.Manifests) > 1 {
			continue
		}
		names := entryNames(d)
		// What refers to an image of the layout is none that could be meant.
		if len(index.Manifests) > 1 && slices.ContainsFunc(names, isFallbackTag) {
			continue
		}
		if len(names) == 0 && d.Platform == nil && len(index.Manifests) > 1 && looked < maxReferrers {
			if looked++; b.isReferrer(d) {
				continue
			}
		}
		i := slices.IndexFunc(groups, func(g listed) bool { return g.takes(d, names) })
		if i < 0 {
			groups = append(groups, listed{names: names, entries: []v1.Descriptor{d}})
			continue
		}
		g := &groups[i]
		if !g.has(d) {
			g.entries = append(g.entries, d)
		}
		for _, n := range names {
			if !slices.Contains(g.names, n) {
				g.names = append(g.names, n)
			}
		}
	}
	return groups, nil
}

// index reads index.json.
func (b *bundle) index() (*indexDoc, error) {
	raw, err := b.read(ociIndex)
	if err != nil {
		return nil, err
	}
	index := &indexDoc{}
	if err := json.Unmarshal(raw, index); err != nil {
		return nil, damagedJSON(ociIndex, err)
	}
	return index, nil
}

// takes reports whether an entry is one more name of the image, or one more of
// its platforms.
func (l *listed) takes(d v1.Descriptor, names []string) bool {
	if len(l.entries) == 1 && l.has(d) {
		return true
	}
	sameName := len(names) == 0 && len(l.names) == 0 || len(names) > 0 && len(l.names) > 0 && names[0] == l.names[0]
	return sameName && (d.Platform != nil || l.has(d))
}

func damagedJSON(name string, err error) error {
	return fmt.Errorf("%s is damaged (%s); copy or save the image again", name, finding.EscapeText(err.Error()))
}

func (l *listed) has(d v1.Descriptor) bool {
	return slices.ContainsFunc(l.entries, func(e v1.Descriptor) bool { return e.Digest == d.Digest })
}

// entryNames gives the names of an entry of index.json: what containerd and
// Docker call the image, and what the specification says, often the tag alone.
func entryNames(d v1.Descriptor) []string {
	var names []string
	for _, key := range []string{"io.containerd.image.name", "org.opencontainers.image.ref.name"} {
		if n := d.Annotations[key]; n != "" {
			names = append(names, n)
		}
	}
	return names
}

// checkLayoutFile refuses a layout of a version that is not known. One without the file
// is read all the same.
func (b *bundle) checkLayoutFile() error {
	raw, err := b.read("oci-layout")
	if err != nil {
		return nil
	}
	var file struct {
		Version string `json:"imageLayoutVersion"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return damagedJSON("oci-layout", err)
	}
	if file.Version != "" && !strings.HasPrefix(file.Version, "1.") {
		return fmt.Errorf("oci-layout is of version %s; only 1.x can be read", finding.EscapeText(file.Version))
	}
	return nil
}

// byDigest finds a manifest or index that index.json does not list itself, but
// that lies there under the digest that was asked for.
func (b *bundle) byDigest(ctx context.Context) *listed {
	h, err := v1.NewHash(b.choice.digest)
	if err != nil {
		return nil
	}
	raw, err := b.document(ctx, v1.Descriptor{Digest: h})
	if err != nil {
		return nil
	}
	var head struct {
		MediaType string `json:"mediaType"`
	}
	if doc, err := parseDocument(raw, ""); err != nil || doc == nil {
		return nil
	}
	d := v1.Descriptor{Digest: h, Size: int64(len(raw))}
	_ = json.Unmarshal(raw, &head) // parsed above already
	d.MediaType = mediaType(head.MediaType)
	return &listed{entries: []v1.Descriptor{d}}
}

// blobName gives the file that a layout keeps a blob in. A digest of any other
// form than the specification's could name a file elsewhere.
func blobName(digest string) (string, error) {
	algorithm, encoded, ok := strings.Cut(digest, ":")
	if !ok || !onlyOf(algorithm, "+._-") || !onlyOf(encoded, "=_-") {
		return "", fmt.Errorf("%q is no digest", finding.EscapeText(digest))
	}
	return path.Join("blobs", algorithm, encoded), nil
}

// onlyOf reports whether s is made of letters, digits and, between them, some more.
func onlyOf(s, more string) bool {
	for i := range len(s) {
		c := s[i]
		alnum := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !alnum && (i == 0 || strings.IndexByte(more, c) < 0) {
			return false
		}
	}
	return s != ""
}

// memberKey names a blob by the file that it lies in: by its digest if the file
// is a layout's blob, otherwise by the file's own name.
func memberKey(name string) string {
	if digest := digestOfName(name); digest != "" {
		return digest
	}
	if _, err := blobName(name); err == nil || strings.HasPrefix(name, "./") {
		return "./" + name // a file that is called like a digest is not the blob
	}
	return name
}

// memberName is the inverse of memberKey.
func memberName(key string) (string, error) {
	name, escaped := strings.CutPrefix(key, "./")
	if name == "" {
		return "", errors.New("the layer has no name")
	}
	if blob, err := blobName(key); err == nil && !escaped {
		return blob, nil
	}
	return name, nil
}

// digestOfName gives the digest of a file under blobs/, or "".
func digestOfName(name string) string {
	rest, ok := strings.CutPrefix(name, "blobs/")
	if !ok {
		return ""
	}
	algorithm, encoded, ok := strings.Cut(rest, "/")
	digest := algorithm + ":" + encoded
	if back, err := blobName(digest); !ok || err != nil || back != name {
		return ""
	}
	return digest
}
