package layers

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/imgaudit/imgaudit/internal/imagemake"
)

// TestImagesThatOtherToolsWrite reads what skopeo makes of an image, in every
// form that it writes. It is left out where skopeo is not installed.
func TestImagesThatOtherToolsWrite(t *testing.T) {
	skopeo, err := exec.LookPath("skopeo")
	if err != nil {
		t.Skip("skopeo is not installed")
	}
	img := imagemake.Tagged{Ref: "example.test/app:1", Built: sampleImage("a")}
	from := "oci:" + writeLayout(t, imagemake.Layout(img)) + ":1"
	dir := t.TempDir()
	for name, to := range map[string]string{
		"oci-dir":                          "oci:" + filepath.Join(dir, "layout") + ":example.test/app:1",
		"oci-archive":                      "oci-archive:" + filepath.Join(dir, "oci.tar") + ":example.test/app:1",
		"docker-archive":                   "docker-archive:" + filepath.Join(dir, "docker.tar") + ":example.test/app:1",
		"oci-archive without a name":       "oci-archive:" + filepath.Join(dir, "unnamed.tar"),
		"docker-archive without a name":    "docker-archive:" + filepath.Join(dir, "unnamed-docker.tar"),
		"docker-archive on standard input": "docker-archive:" + filepath.Join(dir, "stdin.tar") + ":example.test/app:1",
		"oci-archive on standard input":    "oci-archive:" + filepath.Join(dir, "stdin-oci.tar") + ":example.test/app:1",
	} {
		t.Run(name, func(t *testing.T) {
			out, err := exec.Command(skopeo, "copy", "--insecure-policy", "--tmpdir", t.TempDir(), from, to).CombinedOutput()
			if err != nil {
				t.Fatalf("skopeo: %v: %s", err, out)
			}
			opts := linuxAMD64
			target := to
			if path := filepath.Join(dir, map[string]string{
				"docker-archive on standard input": "stdin.tar", "oci-archive on standard input": "stdin-oci.tar"}[name]); path != dir {
				f, err := os.Open(path)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				target, opts.Stdin = "-", f
			}
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
			if len(walked.Images) != 1 || len(got.Layers) != 2 || len(got.Gaps)+len(got.Notes) > 0 {
				t.Fatalf("image %+v", got)
			}
			for i, l := range got.Layers {
				if !l.Facts.Complete() || l.Facts.DiffID != img.DiffIDs[i].String() || l.Instruction == nil {
					t.Errorf("layer %d: %+v", i, l)
				}
			}
		})
	}
}
