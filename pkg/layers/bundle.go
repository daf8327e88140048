package layers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// bundle is a set of named files that hold images: an OCI layout (index.json
// and blobs), a docker-archive (manifest.json and what it names), or both in one.
// A directory, an archive and a stream differ in how a file is found only.
type bundle struct {
	kind   string // of source, for Image.Source; archives that are recognised set it when they are
	form   form
	place  string // as the user wrote it, for errors and for images without a name
	files  files
	choice choice
	opts   Options
}

// form is which form was asked for.
type form int

const (
	anyForm form = iota
	ociForm
	dockerForm
)

func formOf(kind string) form {
	switch kind {
	case "oci-dir", "oci-archive":
		return ociForm
	case "docker-archive":
		return dockerForm
	}
	return anyForm
}

// files are the files of a bundle. Names are clean and slash-separated.
type files interface {
	// find follows links and gives the name under which the content lies and
	// its size, or fs.ErrNotExist.
	find(name string) (at string, size int64, err error)

	// open opens what find has found.
	open(at string) (io.ReadCloser, error)

	// some gives a few of the names, for errors.
	some() []string
}

const (
	dockerManifest = "manifest.json"
	ociIndex       = "index.json"
)

// images gives the images that were asked for.
func (b *bundle) images(ctx context.Context) ([]*Image, error) {
	all, err := b.list(ctx)
	if err != nil {
		return nil, err
	}
	chosen, name, err := b.choice.pick(all, b.place)
	if err != nil {
		if nested := b.byDigest(ctx); nested != nil {
			chosen, name = nested, ""
		} else {
			return nil, err
		}
	}
	return b.load(ctx, chosen, b.reference(chosen.wholeName(name)))
}

// wholeName gives the whole name that a tag, or nothing, stands for.
func (l *listed) wholeName(found string) string {
	whole := l.wholeNames()
	i := slices.IndexFunc(whole, func(n string) bool { return sameTag(n, found) })
	switch {
	case isWholeName(found):
		return found
	case i >= 0:
		return whole[i]
	case len(whole) > 0:
		return whole[0]
	case found == "" && len(l.names) > 0:
		return l.names[0]
	}
	return found
}

func (l *listed) wholeNames() []string {
	var whole []string
	for _, n := range l.names {
		if isWholeName(n) {
			whole = append(whole, n)
		}
	}
	return whole
}

// isWholeName tells a name from a tag alone, which is all that an OCI layout
// often has.
func isWholeName(s string) bool { return strings.ContainsAny(s, ":/") }

// reference is what an image is called in the report: its whole name if it has
// one, otherwise where it lies.
func (b *bundle) reference(name string) string {
	switch {
	case name == "":
		return b.place
	case isWholeName(name):
		return name
	}
	return b.place + ":" + name
}

// list gives what the bundle lists, of both forms, each image once.
func (b *bundle) list(ctx context.Context) ([]listed, error) {
	items, err := b.dockerItems()
	if err != nil {
		return nil, err
	}
	groups, err := b.indexGroups()
	if err != nil && len(items) == 0 {
		return nil, err
	}
	if items == nil && groups == nil {
		return nil, b.nothing()
	}
	var all []listed
	for i := range items {
		all = append(all, listed{names: items[i].RepoTags, item: &items[i]})
	}
	for _, g := range groups {
		b.add(ctx, &all, len(items), g)
	}
	if len(all) == 0 {
		return nil, errors.New("it lists no image")
	}
	return all, nil
}

// add adds an entry of index.json: to the items of manifest.json that are the
// same image, or else as one more.
func (b *bundle) add(ctx context.Context, all *[]listed, items int, g listed) {
	joined := false
	var configs map[string]bool
	for i := range (*all)[:items] {
		l := &(*all)[i]
		same := slices.ContainsFunc(g.names, func(n string) bool {
			return isWholeName(n) && slices.ContainsFunc(l.names, func(m string) bool { return sameName(n, m) })
		})
		if !same && l.item.configDigest() != "" {
			if configs == nil {
				configs = b.configs(ctx, g.entries)
			}
			same = configs[l.item.configDigest()]
		}
		if !same {
			continue
		}
		joined = true
		for _, d := range g.entries {
			if !slices.ContainsFunc(l.entries, func(e v1.Descriptor) bool { return e.Digest == d.Digest }) {
				l.entries = append(l.entries, d)
			}
		}
	}
	// An entry of which nothing is known and nothing is there is what Docker
	// leaves of images that it did not save.
	if !joined && (items == 0 || len(g.names) > 0 || len(configs) > 0) {
		*all = append(*all, g)
	}
}

// maxPeeked is how many documents are read to find out which entry of
// index.json is which item of manifest.json.
const maxPeeked = 256

// configs gives the digests of the configurations that entries lead to, as far
// as their documents are there.
func (b *bundle) configs(ctx context.Context, entries []v1.Descriptor) map[string]bool {
	found := map[string]bool{}
	queue := slices.Clone(entries)
	for n := 0; n < len(queue) && n < maxPeeked; n++ {
		raw, err := b.document(ctx, queue[n])
		if err != nil {
			continue
		}
		switch doc, err := parseDocument(raw, queue[n].MediaType); {
		case err != nil:
		case doc.index != nil && len(queue) < maxPeeked:
			queue = append(queue, doc.index.Manifests...)
		case doc.manifest != nil && doc.manifest.Config != nil:
			found[doc.manifest.Config.Digest.String()] = true
		}
	}
	return found
}

// load reads one image, or those of its platforms that were asked for.
func (b *bundle) load(ctx context.Context, l *listed, reference string) ([]*Image, error) {
	if len(l.entries) == 0 {
		return b.dockerImage(l.item, reference)
	}
	images, err := b.resolve(ctx, l.entries, reference)
	if err == nil || l.item == nil || ctx.Err() != nil {
		return images, err
	}
	// Docker 29 saves an index that names the manifests of all platforms, and the
	// content of some. manifest.json names what is there.
	images, itemErr := b.dockerImage(l.item, reference)
	if itemErr != nil {
		return nil, itemErr
	}
	remark := Remark{Reason: "index-unused", Detail: "index.json could not be used, manifest.json was: " + err.Error()}
	for _, img := range images {
		if errors.Is(err, fs.ErrNotExist) {
			img.Notes = AddRemark(img.Notes, remark)
		} else {
			remark.Reason = ReasonCorrupt
			img.Gaps = AddRemark(img.Gaps, remark)
		}
	}
	return images, nil
}

// resolve reads what entries of index.json lead to. Several are taken as an
// index of their own.
func (b *bundle) resolve(ctx context.Context, entries []v1.Descriptor, reference string) ([]*Image, error) {
	root := entries[0]
	docs := b.document
	if len(entries) > 1 {
		raw, err := json.Marshal(v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: entries})
		if err != nil {
			return nil, err
		}
		root = v1.Descriptor{MediaType: types.OCIImageIndex}
		docs = func(ctx context.Context, d v1.Descriptor) ([]byte, error) {
			if d.Digest == (v1.Hash{}) {
				return raw, nil
			}
			return b.document(ctx, d)
		}
	}
	images, err := resolve(ctx, root, reference, b.kind, docs, b.opts)
	if err != nil {
		return nil, err
	}
	for _, img := range images {
		readReferrers(ctx, img, b.referrers, b.document, b.opts)
	}
	return images, nil
}

// document reads a blob that is a manifest, an index or a configuration.
func (b *bundle) document(ctx context.Context, d v1.Descriptor) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	name, err := blobName(d.Digest.String())
	if err != nil {
		return nil, err
	}
	return b.read(name)
}

// read reads a file that should be small.
func (b *bundle) read(name string) ([]byte, error) {
	at, size, err := b.files.find(name)
	if err != nil {
		return nil, err
	}
	limit := documentLimit(b.opts.Limits)
	if size > limit {
		return nil, fmt.Errorf("%s has %d bytes, more than the limit of %d for a document", finding.EscapeText(name), size, limit)
	}
	r, err := b.files.open(at)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	raw, err := readDocument(r, limit)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", finding.EscapeText(name), err)
	}
	if int64(len(raw)) < size {
		return nil, fmt.Errorf("reading %s: %w", finding.EscapeText(name), io.ErrUnexpectedEOF)
	}
	return raw, nil
}

// blob opens the bytes of a layer.
func (b *bundle) blob(ctx context.Context, layer Layer) (io.ReadCloser, error) {
	name, err := memberName(layer.Key)
	if err != nil {
		return nil, err
	}
	at, _, err := b.files.find(name)
	if err != nil {
		return nil, err
	}
	r, err := b.files.open(at)
	if err != nil {
		return nil, err
	}
	return &cancelled{ctx, r}, nil
}

// cancelled is a reader that fails once its context is done.
type cancelled struct {
	ctx context.Context
	io.ReadCloser
}

func (c *cancelled) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.ReadCloser.Read(p)
}

// nothing says why there is no image in the bundle, and what to do.
func (b *bundle) nothing() error {
	has := func(name string) bool { _, _, err := b.files.find(name); return err == nil }
	names := b.files.some()
	switch {
	case b.form == dockerForm && has(ociIndex):
		return errors.New("it has no manifest.json, but an index.json: it is an OCI archive; write oci-archive:FILE")
	case b.form == ociForm && has(dockerManifest):
		return errors.New("it has no index.json, but a manifest.json: it is a docker-archive; write docker-archive:FILE")
	case b.kind == "oci-dir":
		return errors.New("it is no OCI layout: it has no index.json; to scan it as a root file system write dir:DIR")
	case len(names) == 0:
		return &inWords{"it is an archive without a file in it; did the command that wrote it fail?", ErrNoManifest}
	case slices.ContainsFunc(names, isImageFile):
		return fmt.Errorf("%w: it has layers, but neither manifest.json nor index.json; it was cut short or copied in part: save the image again", ErrNoManifest)
	case slices.ContainsFunc(names, isRootFile):
		return errRootFS
	}
	return fmt.Errorf("%w: neither manifest.json nor index.json, but %s; docker save, podman save and skopeo copy write what can be read",
		ErrNoManifest, finding.EscapeText(strings.Join(names, ", ")))
}

// errRootFS is for what docker export writes.
var errRootFS = errors.New("it is an exported root file system without layers, as docker export writes it; " +
	"save the image instead (docker save), or unpack it and scan dir:DIR")

// isRootFile reports whether a name belongs to a root file system and to no image archive.
func isRootFile(name string) bool {
	top, _, _ := strings.Cut(name, "/")
	switch top {
	case ".dockerenv", "bin", "boot", "dev", "etc", "home", "lib", "lib64", "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var":
		return true
	}
	return false
}
