package report

import (
	"strings"
	"testing"
)

func TestBillsThatAgreeAreListedToo(t *testing.T) {
	n := func(n int) *int { return &n }
	r := vulnerableImage()
	r.SBOM = []SBOM{{Packages: 3, Complete: true, Documents: []Document{
		{Path: "attestation!/0", Format: "spdx-json", Whole: true, Packages: 3, Missing: n(0), Omitted: n(0)},
		{Path: "opt/app/.spdx-app.spdx", Format: "spdx-json", Layer: n(2), Packages: 2, Missing: n(0)},
		{Path: "referrer!/0", Format: "cyclonedx-json", Whole: true, Packages: 4, Missing: n(2), Omitted: n(1)},
		{Path: "usr/share/sbom/x.spdx.json", Format: "spdx-json", Layer: n(0), Packages: 1},
	}}}
	out := write(t, "text", r, WriterOptions{Text: TextOptions{Width: 100}})
	text := strings.Join(strings.Fields(out), " ")
	for _, want := range []string{
		"4 bills of materials in or beside the image, of which 3 agree with its packages",
		"attestation!/0 (spdx-json): 3 packages, all in the image ",
		"opt/app/.spdx-app.spdx (spdx-json): 2 packages, all in the image; about a part of it",
		"referrer!/0 (cyclonedx-json): 4 packages, 2 not in the image; 1 of the image left out",
		"usr/share/sbom/x.spdx.json (spdx-json): 1 package, not judged; about a part of it",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing says %q:\n%s", want, out)
		}
	}
}
