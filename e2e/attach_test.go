package e2e

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/internal/tooltest"
	"github.com/imgaudit/imgaudit/pkg/finding"
)

// TestAttachToARegistryWithoutReferrers attaches an SBOM to an image in CNCF's distribution, as
// Debian has it, which keeps no list of referrers, and finds it there again.
func TestAttachToARegistryWithoutReferrers(t *testing.T) {
	tooltest.Need(t, "skopeo")
	layout := filepath.Join(t.TempDir(), "layout")
	built := imagemake.Image{Layers: []imagemake.Layer{
		{Entries: []imagemake.Entry{
			imagemake.File("etc/os-release", "ID=alpine\nVERSION_ID=3.20.1\n"),
			imagemake.File("lib/apk/db/installed", "P:musl\nV:1.2.5-r0\nA:x86_64\n\n"),
		}, CreatedBy: "ADD rootfs / # buildkit"},
		{Entries: []imagemake.Entry{imagemake.File("app/node_modules/left/package.json", `{"name":"left","version":"1.2.3"}`)}, CreatedBy: "COPY app /app # buildkit"},
	}}.Build()
	if err := imagemake.WriteFiles(layout, imagemake.Layout(imagemake.Tagged{Ref: "app", Built: built})); err != nil {
		t.Fatal(err)
	}

	plain := startRegistry(t, registryOptions{})
	ref := plain.push(t, layout+":app", "team/app:1")
	first := attached(t, ref)
	if !strings.Contains(first.stderr, "so the tag sha256-"+built.Desc.Digest.Hex+" does") {
		t.Errorf("it says %q", first.stderr)
	}
	if again := attached(t, ref); again.stdout != first.stdout || !strings.Contains(again.stderr, "already") {
		t.Errorf("attached again: %q %q", again.stdout, again.stderr)
	}
	attached(t, ref, "--format", "cyclonedx-json")

	// What another program sees.
	index := fetch[v1.IndexManifest](t, "http://"+plain.host+"/v2/team/app/manifests/sha256-"+built.Desc.Digest.Hex)
	if len(index.Manifests) != 2 {
		t.Fatalf("listed are %+v", index.Manifests)
	}
	kinds := map[string]string{}
	for _, d := range index.Manifests {
		m := fetch[struct {
			ArtifactType string          `json:"artifactType"`
			Subject      v1.Descriptor   `json:"subject"`
			Layers       []v1.Descriptor `json:"layers"`
		}](t, "http://"+plain.host+"/v2/team/app/manifests/"+d.Digest.String())
		if m.Subject.Digest != built.Desc.Digest || m.ArtifactType != d.ArtifactType || len(m.Layers) != 1 {
			t.Errorf("manifest %+v of %+v", m, d)
			continue
		}
		doc := fetch[map[string]any](t, "http://"+plain.host+"/v2/team/app/blobs/"+m.Layers[0].Digest.String())
		raw, _ := json.Marshal(doc)
		kinds[m.ArtifactType] = string(raw)
	}
	for _, kind := range []string{"application/spdx+json", "application/vnd.cyclonedx+json"} {
		for _, want := range []string{"pkg:npm/left@1.2.3", "pkg:apk/alpine/musl@1.2.5-r0", "COPY app /app"} {
			if !strings.Contains(kinds[kind], want) {
				t.Errorf("%s lacks %s", kind, want)
			}
		}
	}

	// What a later scan makes of it.
	if rep := scan(t, nil, "registry:"+ref); len(rep.SBOM) != 1 || len(claims(rep.Findings)) > 0 {
		t.Errorf("findings %v", claims(rep.Findings))
	}
	other := attached(t, ref, "--file", file(t, strings.ReplaceAll(kinds["application/spdx+json"], "1.2.5-r0", "1.2.4-r9")))
	rep := scan(t, nil, "registry:"+ref)
	if got := claims(rep.Findings); len(got) != 1 || !strings.Contains(strings.Join(got, " "), "apk musl 1.2.4-r9 (the image has 1.2.5-r0)") {
		t.Errorf("after %s: findings %q", other.stdout, got)
	}

	closed := startRegistry(t, registryOptions{tls: true, auth: true})
	ref = closed.push(t, layout+":app", "team/app:1")
	login := []string{"sbom", "attach", ref, "--ca-file", closed.caFile, "--username", closed.user, "--password-stdin"}
	if a := imgaudit(t, []byte(closed.password+"\n"), login...); a.status != 0 || !strings.HasPrefix(a.stdout, closed.host+"/team/app@sha256:") {
		t.Errorf("with TLS and htpasswd: status %d, %q\n%s", a.status, a.stdout, a.stderr)
	}
	if a := imgaudit(t, []byte("wrong\n"), login...); a.status != 2 || !strings.Contains(a.stderr, "refused") || a.stdout != "" {
		t.Errorf("with a wrong password: status %d, %q\n%s", a.status, a.stdout, a.stderr)
	}
}

func attached(t *testing.T, ref string, flags ...string) answer {
	t.Helper()
	a := imgaudit(t, nil, append([]string{"sbom", "attach", ref}, flags...)...)
	if a.status != 0 {
		t.Fatalf("attach: status %d\n%s", a.status, a.stderr)
	}
	return a
}

// file writes a document and says where.
func file(t *testing.T, body string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "doc.json", body)
	return filepath.Join(dir, "doc.json")
}

// claims are the descriptions of the findings about other bills of materials.
func claims(findings []finding.Finding) (all []string) {
	for _, f := range findings {
		if strings.HasPrefix(f.Rule, "sbom-") {
			all = append(all, f.Rule+": "+f.Description)
		}
	}
	return all
}

// fetch reads JSON that a registry has.
func fetch[T any](t *testing.T, url string) (doc T) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", url, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	return doc
}
