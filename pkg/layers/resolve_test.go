package layers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// store is a source of documents in memory.
type store map[v1.Hash][]byte

func (s store) docs(_ context.Context, d v1.Descriptor) ([]byte, error) {
	raw, ok := s[d.Digest]
	if !ok {
		return nil, fmt.Errorf("blob %s: %w", d.Digest, fs.ErrNotExist)
	}
	return raw, nil
}

// add stores a document and gives its descriptor.
func (s store) add(t testing.TB, mediaType types.MediaType, doc any) v1.Descriptor {
	t.Helper()
	raw, ok := doc.([]byte)
	if !ok {
		var err error
		if raw, err = json.Marshal(doc); err != nil {
			t.Fatal(err)
		}
	}
	h, err := digestOf("sha256", raw)
	if err != nil {
		t.Fatal(err)
	}
	s[h] = raw
	return v1.Descriptor{MediaType: mediaType, Digest: h, Size: int64(len(raw))}
}

type obj = map[string]any

func hashOf(s string) v1.Hash {
	h, _ := digestOf("sha256", []byte(s))
	return h
}

// layersOf are n layer descriptors of one type.
func layersOf(n int, mediaType string) []v1.Descriptor {
	var list []v1.Descriptor
	for i := range n {
		list = append(list, v1.Descriptor{MediaType: types.MediaType(mediaType), Digest: hashOf(fmt.Sprint("layer", i)), Size: 100})
	}
	return list
}

func configFor(os, arch, variant string, diffIDs int) obj {
	ids, history := []string{}, []obj{}
	for i := range diffIDs {
		ids = append(ids, hashOf(fmt.Sprint("diff", i)).String())
		history = append(history, obj{"created_by": fmt.Sprint("RUN step ", i)})
	}
	c := obj{"os": os, "architecture": arch, "history": history, "rootfs": obj{"type": "layers", "diff_ids": ids}}
	if variant != "" {
		c["variant"] = variant
	}
	return c
}

// image stores an image for os/arch/variant with two layers.
func (s store) image(t testing.TB, os, arch, variant string) v1.Descriptor {
	cfg := s.add(t, types.OCIConfigJSON, configFor(os, arch, variant, 2))
	d := s.add(t, types.OCIManifestSchema1, obj{"schemaVersion": 2, "mediaType": types.OCIManifestSchema1,
		"config": cfg, "layers": layersOf(2, string(types.OCILayer))})
	d.Platform = &v1.Platform{OS: os, Architecture: arch, Variant: variant}
	return d
}

func (s store) index(t testing.TB, list ...v1.Descriptor) v1.Descriptor {
	return s.add(t, types.OCIImageIndex, obj{"schemaVersion": 2, "mediaType": types.OCIImageIndex, "manifests": list})
}

func attestation(d v1.Descriptor) v1.Descriptor {
	d.Platform = &v1.Platform{OS: "unknown", Architecture: "unknown"}
	d.Annotations = map[string]string{"vnd.docker.reference.type": "attestation-manifest"}
	return d
}

func platformsOf(images []*Image) string {
	var list []string
	for _, img := range images {
		p := img.Platform
		for _, g := range img.Gaps {
			p += " gap:" + g.Reason
		}
		for _, n := range img.Notes {
			p += " note:" + n.Reason
		}
		list = append(list, p)
	}
	return strings.Join(list, ", ")
}

// otherArch is an architecture that this machine has not.
func otherArch() string {
	if runtime.GOARCH == "s390x" {
		return "ppc64le"
	}
	return "s390x"
}

func TestResolveChoosesPlatform(t *testing.T) {
	s := store{}
	mine := s.image(t, "linux", runtime.GOARCH, "")
	other := s.image(t, "linux", otherArch(), "")
	v6, v7 := s.image(t, "linux", "arm", "v6"), s.image(t, "linux", "arm", "v7")
	mips := s.image(t, "linux", "mips64le", "")
	win := s.image(t, "windows", "amd64", "")
	gone := s.image(t, "linux", "riscv64", "")
	delete(s, gone.Digest)
	myGone := mine
	myGone.Digest, myGone.Size = hashOf("gone"), 7
	nameless := mips
	nameless.Platform = nil
	lying := mips
	lying.Platform = &v1.Platform{OS: "linux", Architecture: "mips"}
	att := attestation(s.add(t, types.OCIManifestSchema1, obj{"schemaVersion": 2}))
	chart := s.add(t, types.OCIManifestSchema1, obj{"config": obj{"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": hashOf("x"), "size": 1}})

	for name, tc := range map[string]struct {
		root     v1.Descriptor
		platform string
		all      bool
		want     string // platforms, with their gaps and notes
		wantErr  string
	}{
		"a single image needs no choice":                  {root: mips, want: "linux/mips64le"},
		"a single image of the wrong platform":            {root: mips, platform: "linux/arm64", wantErr: "it is a single image for linux/mips64le"},
		"this machine's is the default":                   {root: s.index(t, other, win, mine), want: "linux/" + runtime.GOARCH},
		"a platform is asked for":                         {root: s.index(t, mine, win), platform: "windows/x86_64", want: "windows/amd64"},
		"armhf is arm/v7":                                 {root: s.index(t, v6, v7), platform: "linux/armhf", want: "linux/arm/v7"},
		"arm without a variant prefers v7":                {root: s.index(t, v6, v7), platform: "linux/arm", want: "linux/arm/v7 note:platform"},
		"arm v5 is not v6":                                {root: s.index(t, v6, v7), platform: "linux/arm/v5", wantErr: "has linux/arm/v6, linux/arm/v7"},
		"the only image is taken with a note":             {root: s.index(t, mips), want: "linux/mips64le note:platform"},
		"the only image is not taken when asked for":      {root: s.index(t, mips), platform: "linux/s390x", wantErr: "no image for linux/s390x; it has linux/mips64le"},
		"several others, none of them mine":               {root: s.index(t, mips, win), wantErr: "has linux/mips64le, windows/amd64"},
		"an attestation is noted":                         {root: s.index(t, mine, att), want: "linux/" + runtime.GOARCH + " note:attestation"},
		"an attestation does not count as an image":       {root: s.index(t, mips, att), want: "linux/mips64le note:platform note:attestation"},
		"a chart in the index is noted":                   {root: s.index(t, mine, v6, chart), platform: "linux/arm/v6", want: "linux/arm/v6 note:artifact"},
		"nothing but attestations":                        {root: s.index(t, att), wantErr: "is an index of attestations, not an image"},
		"an empty index":                                  {root: s.index(t), wantErr: "is an empty index"},
		"a nested index":                                  {root: s.index(t, s.index(t, s.index(t, mips, win))), platform: "windows/amd64", want: "windows/amd64"},
		"an index that is nested too deep":                {root: s.index(t, s.index(t, s.index(t, s.index(t, s.index(t, mips))))), wantErr: "more than 4 indexes"},
		"an index of which all but one were left out":     {root: s.index(t, myGone, gone, mips), want: "linux/mips64le note:platform"},
		"the chosen image was left out":                   {root: s.index(t, gone, mine), platform: "linux/riscv64", wantErr: "names an image for linux/riscv64, but does not hold it"},
		"all platforms, one of them left out":             {root: s.index(t, mips, gone, win), all: true, want: "linux/mips64le, linux/riscv64 gap:missing-blob, windows/amd64"},
		"all platforms in order, each once":               {root: s.index(t, win, mips, s.index(t, win, v6)), all: true, want: "windows/amd64, linux/mips64le, linux/arm/v6"},
		"all platforms, all of them left out":             {root: s.index(t, gone), all: true, wantErr: "holds no image that can be read"},
		"the configuration knows what the index does not": {root: s.index(t, nameless, s.image(t, "linux", "loong64", "")), platform: "linux/mips64le", want: "linux/mips64le"},
		"index and configuration differ":                  {root: s.index(t, lying), platform: "linux/mips", want: "linux/mips64le note:platform"},
		"a nested index that is missing":                  {root: s.index(t, mine, v1.Descriptor{MediaType: types.OCIImageIndex, Digest: hashOf("no"), Size: 3}), want: "linux/" + runtime.GOARCH + " gap:missing-blob"},
		"no platform at all":                              {root: mips, platform: "amd64", wantErr: "not of the form os/arch[/variant]"},
		"a platform with control characters":              {root: mips, platform: "linux/\x1b[31m", wantErr: "not of the form"},
	} {
		t.Run(name, func(t *testing.T) {
			images, err := resolve(context.Background(), tc.root, "example.com/app:1", "test", s.docs, Options{Platform: tc.platform, AllPlatforms: tc.all})
			checkErr(t, err, tc.wantErr)
			if got := platformsOf(images); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func checkErr(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("unexpected error: %v", err)
	case want != "" && err == nil:
		t.Errorf("no error, want %q", want)
	case want != "" && !strings.Contains(err.Error(), want):
		t.Errorf("error is\n%q, want\n%q in it", err, want)
	}
}

func TestResolveRefusesWhatIsNoImage(t *testing.T) {
	cfg := func(mt string) obj { return obj{"mediaType": mt, "digest": hashOf("c"), "size": 2} }
	oci, docker := string(types.OCIConfigJSON), string(types.DockerConfigJSON)
	for name, tc := range map[string]struct {
		doc  any
		want string
	}{
		"Helm":            {obj{"config": cfg("application/vnd.cncf.helm.config.v1+json"), "layers": layersOf(1, "application/vnd.cncf.helm.chart.content.v1.tar+gzip")}, "is a Helm chart, not an image"},
		"WASM":            {obj{"config": cfg("application/vnd.wasm.config.v0+json"), "layers": layersOf(1, "application/wasm")}, "is a WebAssembly module"},
		"BuildKit":        {obj{"config": cfg(oci), "layers": layersOf(2, "application/vnd.in-toto+json")}, "is an attestation"},
		"cosign":          {obj{"config": cfg(oci), "layers": layersOf(1, "application/vnd.dev.cosign.simplesigning.v1+json")}, "is a cosign signature"},
		"ORAS":            {obj{"artifactType": "application/vnd.acme.rocket", "config": cfg("application/vnd.oci.empty.v1+json"), "layers": layersOf(1, "text/plain")}, "is an artifact of type application/vnd.acme.rocket"},
		"ORAS with tars":  {obj{"artifactType": "application/vnd.acme.rocket", "config": cfg("application/vnd.oci.empty.v1+json"), "layers": layersOf(1, string(types.OCILayer))}, "is an artifact of type application/vnd.acme.rocket"},
		"Docker plugin":   {obj{"config": cfg(string(types.DockerPluginConfig)), "layers": layersOf(1, string(types.DockerLayer))}, "is a Docker plugin"},
		"Ollama":          {obj{"config": cfg(docker), "layers": layersOf(1, "application/vnd.ollama.image.model")}, "is an AI model"},
		"artifact":        {obj{"mediaType": "application/vnd.oci.artifact.manifest.v1+json", "artifactType": "application/spdx+json", "blobs": []obj{}}, "is an SBOM"},
		"escape in type":  {obj{"config": cfg("application/\x1b[2J"), "layers": layersOf(1, "text/plain")}, `is an artifact of type application/\x1b[2J`},
		"schema 1":        {obj{"schemaVersion": 1, "fsLayers": []obj{}}, "schema 1"},
		"no JSON":         {[]byte("<html>"), "parsing it as JSON"},
		"something else":  {obj{"hello": 1}, "neither a manifest nor an index"},
		"both":            {obj{"manifests": []obj{}, "layers": []obj{}}, "ambiguous"},
		"bad digest":      {[]byte(`{"layers":[{"digest":"sha256:../../etc/passwd"}]}`), "parsing the manifest"},
		"digest of ESC":   {[]byte(`{"layers":[{"digest":"sha256:\u001b"}]}`), `character in hash: \x1b`},
		"no digest":       {obj{"config": cfg(oci), "layers": []obj{{"mediaType": types.OCILayer, "size": 1}}}, "layer 0 has no digest"},
		"too many layers": {[]byte(`{"layers":[` + strings.Repeat("{},", maxDescriptors) + `{}]}`), "more than 10000 items"},
	} {
		t.Run(name, func(t *testing.T) {
			s := store{}
			_, err := resolve(context.Background(), s.add(t, "", tc.doc), "ref", "test", s.docs, Options{})
			checkErr(t, err, tc.want)
		})
	}
	var n *NotImageError
	s := store{}
	_, err := resolve(context.Background(), s.add(t, "", obj{"config": cfg("application/vnd.cncf.helm.config.v1+json")}), "ref", "test", s.docs, Options{})
	if !errors.As(err, &n) || n.Kind != "a Helm chart" {
		t.Errorf("error %v is no NotImageError for a Helm chart", err)
	}
}

func TestResolveVerifies(t *testing.T) {
	ctx := context.Background()
	fresh := func() (store, v1.Descriptor) {
		s := store{}
		return s, s.image(t, "linux", "amd64", "")
	}
	s, d := fresh()
	s[d.Digest] = append([]byte(" "), s[d.Digest]...)
	_, err := resolve(ctx, d, "ref", "test", s.docs, Options{})
	checkErr(t, err, "should have")

	s, d = fresh()
	s[d.Digest] = bytes.Replace(s[d.Digest], []byte("schemaVersion"), []byte("schemaversion"), 1)
	_, err = resolve(ctx, d, "ref", "test", s.docs, Options{})
	checkErr(t, err, "its digest is sha256:")

	s, d = fresh()
	_, err = resolve(ctx, d, "ref", "test", s.docs, Options{Limits: Limits{Document: 50}})
	checkErr(t, err, "more than the limit of 50")

	// An index whose one image is wrong: a gap with all platforms, an error without.
	s, d = fresh()
	good := s.image(t, "linux", "mips", "")
	root := s.index(t, d, good)
	s[d.Digest] = []byte("{}")
	images, err := resolve(ctx, root, "ref", "test", s.docs, Options{AllPlatforms: true})
	checkErr(t, err, "")
	if got := platformsOf(images); got != "linux/amd64 gap:size-mismatch, linux/mips" {
		t.Errorf("got %q", got)
	}
	_, err = resolve(ctx, root, "ref", "test", s.docs, Options{Platform: "linux/amd64"})
	checkErr(t, err, "should have")

	// sha512 is a digest as well.
	s, d = fresh()
	raw := s[d.Digest]
	d.Digest, _ = digestOf("sha512", raw)
	s[d.Digest] = raw
	images, err = resolve(ctx, d, "ref", "test", s.docs, Options{})
	checkErr(t, err, "")
	if len(images) != 1 || images[0].ManifestDigest != d.Digest.String() {
		t.Errorf("sha512: got %v", images)
	}
	s[d.Digest] = bytes.ToUpper(raw)
	_, err = resolve(ctx, d, "ref", "test", s.docs, Options{})
	checkErr(t, err, "its digest is sha512:")
}

func TestResolveConfiguration(t *testing.T) {
	for name, tc := range map[string]struct {
		config  any
		missing bool
		gap     string
		diffID  bool
	}{
		"a good one":           {config: configFor("linux", "amd64", "", 2), diffID: true},
		"one diffID too few":   {config: configFor("linux", "amd64", "", 1), gap: "1 diffID for 2 layers"},
		"no JSON":              {config: []byte("{{"), gap: "could not be parsed"},
		"a wrong type":         {config: []byte(`{"os":1}`), gap: "could not be parsed"},
		"missing":              {config: obj{}, missing: true, gap: "not exist"},
		"endless history":      {config: []byte(`{"history":[` + strings.Repeat("{},", maxDescriptors) + `{}]}`), gap: "more than 10000"},
		"escape sequences":     {config: obj{"os": "\x1b[31m", "architecture": "a"}, gap: "diffID"},
		"trailing data, as in": {config: []byte(`{} {}`), gap: "could not be parsed"},
	} {
		t.Run(name, func(t *testing.T) {
			s := store{}
			cfg := s.add(t, types.DockerConfigJSON, tc.config)
			if tc.missing {
				delete(s, cfg.Digest)
			}
			d := s.add(t, types.DockerManifestSchema2, obj{"schemaVersion": 2, "config": cfg, "layers": layersOf(2, string(types.DockerLayer))})
			images, err := resolve(context.Background(), d, "ref", "test", s.docs, Options{})
			checkErr(t, err, "")
			img := images[0]
			if len(img.Layers) != 2 || img.ID != cfg.Digest.String() || img.ManifestDigest != d.Digest.String() {
				t.Errorf("got %+v", img)
			}
			if (img.Layers[1].DiffID != "") != tc.diffID {
				t.Errorf("diffID is %q", img.Layers[1].DiffID)
			}
			if strings.Contains(img.Platform, "\x1b") {
				t.Errorf("raw control character in platform %q", img.Platform)
			}
			switch {
			case tc.gap == "" && len(img.Gaps) > 0:
				t.Errorf("gaps %v", img.Gaps)
			case tc.gap != "" && (len(img.Gaps) != 1 || img.Gaps[0].Reason != ReasonBadConfig || !strings.Contains(img.Gaps[0].Detail, tc.gap)):
				t.Errorf("gaps %v, want one with %q", img.Gaps, tc.gap)
			}
		})
	}
}

func TestResolveTellsUnreadableLayers(t *testing.T) {
	for mediaType, want := range map[string]string{
		string(types.OCILayer):                              "",
		string(types.OCILayerZStd):                          "",
		string(types.OCIUncompressedLayer):                  "",
		string(types.DockerLayer):                           "",
		string(types.DockerUncompressedLayer):               "",
		"application/vnd.docker.image.rootfs.diff.tar.zstd": "",
		"":                               "",
		string(types.DockerForeignLayer): ReasonForeign,
		string(types.OCIRestrictedLayer): ReasonForeign,
		"application/vnd.oci.image.layer.v1.tar+gzip+encrypted":     ReasonEncrypted,
		"application/vnd.oci.image.layer.squashfs":                  ReasonUnknownType,
		"application/vnd.oci.image.layer.nydus.blob.v1":             ReasonUnknownType,
		"application/vnd.docker.image.rootfs.diff.tar.gz+encrypted": ReasonEncrypted,
	} {
		t.Run(mediaType, func(t *testing.T) {
			s := store{}
			list := layersOf(2, mediaType)
			list[0].URLs = []string{"https://example.com/layer"}
			cfg := s.add(t, types.OCIConfigJSON, configFor("windows", "amd64", "", 2))
			d := s.add(t, types.OCIManifestSchema1, obj{"schemaVersion": 2, "config": cfg, "layers": list})
			images, err := resolve(context.Background(), d, "ref", "test", s.docs, Options{})
			checkErr(t, err, "")
			l := images[0].Layers[0]
			if len(l.URLs) != 1 || l.Key != list[0].Digest.String() || l.Size != 100 {
				t.Errorf("layer %+v", l)
			}
			got := ""
			if l.Unreadable != nil {
				got = l.Unreadable.Reason
			}
			if got != want {
				t.Errorf("unreadable for %q, want %q", got, want)
			}
		})
	}
}

func TestResolveEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := store{}
	root := s.index(t, s.image(t, "linux", "mips", ""), s.image(t, "linux", "mips64", ""))
	docs := func(ctx context.Context, d v1.Descriptor) ([]byte, error) {
		if d.Digest != root.Digest {
			cancel()
			return nil, ctx.Err()
		}
		return s.docs(ctx, d)
	}
	for _, opts := range []Options{{AllPlatforms: true}, {Platform: "linux/mips"}, {}} {
		if _, err := resolve(ctx, root, "ref", "test", docs, opts); !errors.Is(err, context.Canceled) {
			t.Errorf("with %+v: got %v", opts, err)
		}
	}
}

// The documents that a fuzzer makes cannot contain each other's digests, so
// "@M" and "@C" stand for digest and size of the next ones.
func FuzzResolve(f *testing.F) {
	f.Add([]byte(`{"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",@M,"platform":{"os":"linux","architecture":"amd64"}}]}`),
		[]byte(`{"config":{"mediaType":"application/vnd.oci.image.config.v1+json",@C},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar",@C}]}`),
		[]byte(`{"os":"linux","rootfs":{"diff_ids":[]},"history":[{"created_by":"x","empty_layer":true}]}`), "linux/amd64", true)
	f.Add([]byte(`{"manifests":[{@M},{@C},{@M,"platform":{"os":"unknown","architecture":"unknown"}}]}`), []byte(`{"manifests":[{@C}]}`), []byte(`{"layers":[]}`), "", false)
	f.Add([]byte(`{"schemaVersion":1}`), []byte(`{}`), []byte(`null`), "linux/arm/v7", false)
	f.Fuzz(func(t *testing.T, root, manifest, config []byte, platform string, all bool) {
		s := store{}
		c := s.add(t, "", config)
		place := func(doc []byte, mark string, d v1.Descriptor) []byte {
			return bytes.ReplaceAll(doc, []byte(mark), fmt.Appendf(nil, `"digest":%q,"size":%d`, d.Digest, d.Size))
		}
		m := s.add(t, "", place(manifest, "@C", c))
		r := s.add(t, "", place(place(root, "@C", c), "@M", m))
		images, err := resolve(context.Background(), r, "ref", "test", s.docs, Options{Platform: platform, AllPlatforms: all, Limits: Limits{Document: 1 << 16}})
		if err == nil && len(images) == 0 {
			t.Error("neither an image nor an error")
		}
		for _, img := range images {
			for i, l := range img.Layers {
				if l.Index != i || l.Key == "" {
					t.Errorf("layer %d is %+v", i, l)
				}
			}
		}
	})
}

func TestProvenanceOfTheImageThatIsTakenIsRead(t *testing.T) {
	s := store{}
	mine, other := s.image(t, "linux", runtime.GOARCH, ""), s.image(t, "linux", otherArch(), "")
	statement := func(of v1.Descriptor, predicate, text string) v1.Descriptor {
		blob := s.add(t, "application/vnd.in-toto+json", obj{"predicateType": predicate, "predicate": text})
		blob.Annotations = map[string]string{"in-toto.io/predicate-type": predicate}
		d := attestation(s.add(t, types.OCIManifestSchema1, obj{"schemaVersion": 2, "config": obj{"mediaType": "application/vnd.oci.image.config.v1+json", "digest": hashOf("x"), "size": 1}, "layers": []v1.Descriptor{blob}}))
		d.Annotations["vnd.docker.reference.digest"] = of.Digest.String()
		return d
	}
	const provenance = "https://slsa.dev/provenance/v0.2"
	gone := statement(mine, provenance, "gone")
	delete(s, gone.Digest)
	root := s.index(t, mine, other, statement(other, provenance, "another's"), statement(mine, "https://spdx.dev/Document", "a bill"), statement(mine, provenance, "mine"), gone)
	images, err := resolve(t.Context(), root, "x", "oci-dir", s.docs, Options{})
	if err != nil {
		t.Fatal(err)
	}
	a := images[0].Attestations
	if len(a) != 1 || a[0].Predicate != provenance || !strings.Contains(string(a[0].Statement), `"mine"`) {
		t.Errorf("%+v", a)
	}
	notes := 0
	for _, n := range images[0].Notes {
		if n.Reason == ReasonAttestation {
			notes++
		}
	}
	if notes != 2 { // that there are some, and that one could not be read
		t.Errorf("%+v", images[0].Notes)
	}
}
