package sbom

import (
	"testing"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

func TestNamesOfImages(t *testing.T) {
	const digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	for _, c := range []struct{ source, reference, name, version string }{
		{"registry", "registry.test:5000/acme/app:1.4", "registry.test:5000/acme/app", "1.4"},
		{"registry", "registry.test:5000/acme/app", "registry.test:5000/acme/app", ""},
		{"registry", "acme/app@" + digest, "acme/app", digest},
		{"docker", "acme/app:1.4@" + digest, "acme/app", "1.4"},
		{"oci-dir", "/srv/build:1.4", "/srv/build:1.4", ""},
	} {
		name, version := nameOf(&layers.Image{Source: c.source, Reference: c.reference})
		if name != c.name || version != c.version {
			t.Errorf("%s %s: %q and %q, not %q and %q", c.source, c.reference, name, version, c.name, c.version)
		}
	}
}
