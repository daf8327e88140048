package corpus

import (
	"math/big"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/internal/imagemake"
)

// The layers of the image.
const (
	baseLayer = iota
	settingsLayer
	sourcesLayer
	encodedLayer
	archivesLayer
	packagesLayer
	bulkLayer
	repositoriesLayer
	lostLayer
	losingLayer
	lookAlikeLayer
	lastLayer
	layerCount
)

// builder collects the image and the truth about it.
type builder struct {
	seed    uint64
	prime   *big.Int
	entries [layerCount][]imagemake.Entry
	config  v1.Config
	history []v1.History
	plants  []Plant
}

// Build makes the image and its ground truth. Secrets come first, then look-alikes.
func Build(seed uint64) (*imagemake.Built, []Plant) {
	b := &builder{seed: seed, prime: rsaPrime(newRandom(seed, "prime"))}
	b.addFile(baseLayer, "etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n")
	b.addFile(baseLayer, "etc/passwd", "root:x:0:0:root:/root:/bin/sh\nops:x:1000:1000::/home/ops:/bin/sh\n")
	secrets, lookAlikes := secretKinds(), lookAlikeKinds()
	b.plantFiles(secrets, lookAlikes)
	b.plantEncoded(secrets, lookAlikes)
	b.plantArchives(secrets, lookAlikes)
	b.plantLines(secrets, lookAlikes)
	b.plantRepositories(secrets)
	b.plantLost(secrets)
	b.plantConfiguration(secrets, lookAlikes)
	return b.image().Build(), b.sorted()
}

func (b *builder) image() imagemake.Image {
	img := imagemake.Image{Config: b.config, History: b.history}
	for i, entries := range b.entries {
		img.Layers = append(img.Layers, imagemake.Layer{
			Entries: entries,
			// Builders use all three.
			Compression: []string{"gzip", "zstd", "none"}[i%3],
		})
	}
	return img
}

// sorted puts secrets before look-alikes, else in the order of planting.
func (b *builder) sorted() []Plant {
	var secrets, lookAlikes []Plant
	for _, p := range b.plants {
		if p.True {
			secrets = append(secrets, p)
		} else {
			lookAlikes = append(lookAlikes, p)
		}
	}
	return append(secrets, lookAlikes...)
}

func (b *builder) addFile(layer int, path, body string) {
	b.entries[layer] = append(b.entries[layer], imagemake.File(path, body))
}

// sample makes the one secret of a kind for a place.
func (b *builder) sample(k kind, place string) sample {
	r := newRandom(b.seed, k.name+"/"+place)
	r.prime = b.prime
	return k.make(r)
}

// target says where in the image a plant goes.
type target struct {
	place string
	layer int
	path  string
	fate  string // Present if empty
	real  bool
}

func (b *builder) plant(k kind, s sample, t target) {
	if t.fate == "" {
		t.fate = Present
	}
	b.plants = append(b.plants, Plant{
		ID: k.name + "/" + t.place + "/" + t.fate, Kind: k.name, Value: s.value, Place: t.place, Layer: t.layer,
		Path: t.path, Fate: t.fate, True: t.real, Note: s.note, Forms: s.forms, Beside: s.beside,
	})
}

// share gives every kind whose turn it is: of n places, each kind gets count, and each place
// about the same number of kinds.
func share(kinds []kind, place, n, count int) []kind {
	var out []kind
	for i, k := range kinds {
		for c := range count {
			if (i+c*(n/count))%n == place {
				out = append(out, k)
			}
		}
	}
	return out
}

// inLines keeps the kinds that can stand in a line.
func inLines(kinds []kind) []kind {
	var out []kind
	for _, k := range kinds {
		if k.variable != "" {
			out = append(out, k)
		}
	}
	return out
}

// shaped reports whether the value tells by itself what it is: it begins with letters that
// its issuer chose.
func (k kind) shaped() bool {
	return k.template != "" && strings.IndexByte(k.template, '{') >= 4 && !strings.Contains(k.template, "<<")
}
