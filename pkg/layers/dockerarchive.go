package layers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// archiveItem is one image of a docker-archive's manifest.json.
type archiveItem struct {
	Config       string
	RepoTags     bounded[string]
	Layers       bounded[string]
	LayerSources map[string]layerSource // by diffID; Docker writes it for layers that lie elsewhere
}

type layerSource struct {
	MediaType string   `json:"mediaType"`
	URLs      []string `json:"urls"`
}

// configDigest is the digest that the name of the configuration tells: Docker
// calls it DIGEST.json, or it is a blob of a layout.
func (i *archiveItem) configDigest() string {
	name := cleanName(i.Config)
	if digest := digestOfName(name); digest != "" {
		return digest
	}
	hex, ok := strings.CutSuffix(name, ".json")
	if !ok {
		hex = name
	}
	if h, err := v1.NewHash("sha256:" + hex); err == nil {
		return h.String()
	}
	return ""
}

// dockerItems reads manifest.json; nil if there is none, or if it is not to be read.
func (b *bundle) dockerItems() ([]archiveItem, error) {
	if b.form == ociForm {
		return nil, nil
	}
	raw, err := b.read(dockerManifest)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	items := bounded[archiveItem]{}
	if err := json.Unmarshal(raw, &items); err != nil {
		return nil, damagedJSON(dockerManifest, err)
	}
	if items == nil {
		items = bounded[archiveItem]{}
	}
	return items, nil
}

// dockerImage reads an image as manifest.json describes it.
func (b *bundle) dockerImage(item *archiveItem, reference string) ([]*Image, error) {
	img := &Image{Reference: reference, Source: b.kind}
	for i, name := range item.Layers {
		img.Layers = append(img.Layers, b.dockerLayer(i, cleanName(name)))
	}
	raw, err := b.read(cleanName(item.Config))
	if err != nil {
		img.Gaps = AddRemark(img.Gaps, Remark{Reason: ReasonBadConfig, Detail: "the configuration could not be read: " + err.Error()})
		return []*Image{img}, nil
	}
	id, err := digestOf("sha256", raw)
	if err != nil {
		return nil, err
	}
	img.ID = id.String()
	if claimed := item.configDigest(); claimed != "" && claimed != img.ID {
		img.Gaps = AddRemark(img.Gaps, Remark{Reason: ReasonDigestMismatch,
			Detail: fmt.Sprintf("the configuration is called %s, but its digest is %s", claimed, img.ID)})
	}
	applyConfig(img, raw)
	for i := range img.Layers {
		l := &img.Layers[i]
		if s, ok := item.LayerSources[l.DiffID]; ok && l.DiffID != "" {
			l.Annots, l.MediaType, l.URLs = nil, s.MediaType, s.URLs
			described := describeLayer(i, v1.Descriptor{MediaType: types.MediaType(s.MediaType), Size: l.Size})
			// What is there is read, whatever it is called.
			if l.Size < 0 {
				l.Unreadable = described.Unreadable
			}
		}
	}
	wish, err := parsePlatform(b.opts.Platform)
	if err != nil {
		return nil, err
	}
	if err := checkPlatform(img, wish, b.opts); err != nil {
		return nil, err
	}
	return []*Image{img}, nil
}

// dockerLayer describes a layer by the member that manifest.json names.
func (b *bundle) dockerLayer(index int, name string) Layer {
	l := Layer{Index: index, Key: memberKey(name), Size: -1}
	if at, size, err := b.files.find(name); err == nil {
		l.Key, l.Size = memberKey(at), size
		name = at
	}
	l.Digest = digestOfName(name)
	return l
}

func mediaType(s string) types.MediaType { return types.MediaType(s) }
