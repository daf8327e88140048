package layers

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/internal/imagemake"
)

// besideIn gives what lies beside the one image of a target, as "from kind raw".
func besideIn(t *testing.T, target string, opts Options) ([]string, []Remark) {
	t.Helper()
	s, err := Open(t.Context(), target, opts)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, stream := s.(Stream); stream {
		walked, err := Walk(t.Context(), s, WalkOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return shownBeside(walked.Images[0]), walked.Images[0].Notes
	}
	img := firstImage(t, s)
	return shownBeside(img), img.Notes
}

func shownBeside(img *Image) []string {
	var all []string
	for _, d := range img.Beside {
		all = append(all, fmt.Sprintf("%s %s %s", d.From, d.Kind, d.Raw))
	}
	slices.Sort(all)
	return all
}

func TestDocumentsBesideAnImageOfALayoutAreRead(t *testing.T) {
	built := imagemake.Image{Layers: []imagemake.Layer{{Entries: []imagemake.Entry{imagemake.File("a", "b")}}}}.Build()
	other := imagemake.Image{Layers: []imagemake.Layer{{Entries: []imagemake.Entry{imagemake.File("c", "d")}}}}.Build()
	big := `{"spdxVersion":"` + strings.Repeat("x", maxPlainHeld) + `"}`
	files := imagemake.Layout(imagemake.Tagged{Ref: "example.test/app:1", Built: built})
	imagemake.Refer(files, built.Desc, "application/spdx+json", []byte(big), true)
	imagemake.Refer(files, built.Desc, "application/vnd.cyclonedx+json", []byte(`{"bomFormat":1}`), false)
	imagemake.Refer(files, other.Desc, "application/spdx+json", []byte(`{"spdxVersion":"another's"}`), true)
	imagemake.Refer(files, built.Desc, "application/vnd.dev.cosign.artifact.sig.v1+json", []byte(`{"signature":1}`), true)
	imagemake.Attest(files, "https://spdx.dev/Document", []byte(`{"n":1}`))
	dir := filepath.Join(t.TempDir(), "layout")
	if err := imagemake.WriteFiles(dir, files); err != nil {
		t.Fatal(err)
	}
	tar := filepath.Join(t.TempDir(), "a.tar")
	archive := imagemake.Archive(files, imagemake.ArchiveOptions{})
	if err := os.WriteFile(tar, archive, 0o600); err != nil {
		t.Fatal(err)
	}
	var statement string
	for _, raw := range files {
		if bytes.Contains(raw, []byte(`"predicateType"`)) {
			statement = string(raw)
		}
	}
	want := []string{
		"attestation https://spdx.dev/Document " + statement,
		"referrer application/spdx+json " + big,
		`referrer application/vnd.cyclonedx+json {"bomFormat":1}`,
	}
	for form, target := range map[string]string{"directory": "oci-dir:" + dir, "archive": "oci-archive:" + tar, "stream": "-"} {
		t.Run(form, func(t *testing.T) {
			if got, notes := besideIn(t, target, Options{Beside: true, Stdin: bytes.NewReader(archive)}); !slices.Equal(got, want) {
				t.Errorf("got  %.300q\nwant %.300q\nnotes %+v", got, want, notes)
			}
			if got, _ := besideIn(t, target, Options{Stdin: bytes.NewReader(archive)}); len(got) != 0 {
				t.Errorf("not asked for, but got %.300q", got)
			}
		})
	}
}

func TestHostileDocumentsBesideAnImageAreNoted(t *testing.T) {
	built := imagemake.Image{Layers: []imagemake.Layer{{Entries: []imagemake.Entry{imagemake.File("a", "b")}}}}.Build()
	for name, tc := range map[string]struct {
		spoil func(map[string][]byte)
		docs  int
		note  string
	}{
		"too many": {func(files map[string][]byte) {
			for i := range maxReferrers + 10 {
				imagemake.Refer(files, built.Desc, "application/spdx+json", fmt.Appendf(nil, `{"n":%d}`, i), true)
			}
		}, maxBeside, "more than 32 documents"},
		"manifests that refer to nothing": {func(files map[string][]byte) {
			for i := range maxReferrers + 10 {
				imagemake.Refer(files, v1.Descriptor{Digest: hashOf(fmt.Sprint(i))}, "application/spdx+json", []byte("{}"), true)
			}
		}, 0, "more than 64 manifests"},
		"a document that is too large": {func(files map[string][]byte) {
			imagemake.Refer(files, built.Desc, "application/spdx+json", bytes.Repeat([]byte("x"), 5000), true)
		}, 0, "more than the limit of 4000"},
		"a document that is not there": {func(files map[string][]byte) {
			imagemake.Refer(files, built.Desc, "application/spdx+json", []byte("gone"), true)
			delete(files, "blobs/sha256/"+imagemake.Digest([]byte("gone")).Hex)
		}, 0, "could not be read: reading the document sha256:"},
		"a document of another digest": {func(files map[string][]byte) {
			imagemake.Refer(files, built.Desc, "application/spdx+json", []byte("true"), true)
			files["blobs/sha256/"+imagemake.Digest([]byte("true")).Hex] = []byte("fals")
		}, 0, "its digest is"},
	} {
		t.Run(name, func(t *testing.T) {
			files := imagemake.Layout(imagemake.Tagged{Ref: "app:1", Built: built})
			tc.spoil(files)
			dir := t.TempDir()
			if err := imagemake.WriteFiles(dir, files); err != nil {
				t.Fatal(err)
			}
			limits := Limits{Document: 4000}
			if len(files["index.json"]) > 4000 {
				limits.Document = 1 << 20
			}
			got, notes := besideIn(t, "oci-dir:"+dir+":app:1", Options{Beside: true, Limits: limits})
			if len(got) != tc.docs || !slices.ContainsFunc(notes, func(n Remark) bool { return n.Reason == ReasonBeside && strings.Contains(n.Detail, tc.note) }) {
				t.Errorf("%d documents, notes %+v", len(got), notes)
			}
		})
	}
}
