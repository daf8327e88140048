package secrets

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

func TestWhatAPackageManagerShippedIsDoubted(t *testing.T) {
	s := mustScanner(t)
	p := githubToken(t, 51)
	content := "TOKEN=" + p.Value + "\n"
	m, h, h256 := md5.Sum([]byte(content)), sha1.Sum([]byte(content)), sha256.Sum256([]byte(content))
	for name, c := range map[string]struct{ list, entry, file, vendor string }{
		"dpkg": {
			"var/lib/dpkg/info/curl:amd64.md5sums", hex.EncodeToString(m[:]) + "  etc/example\n", "etc/example", "Debian package curl",
		},
		"apk": {
			"lib/apk/db/installed", "P:curl\nV:1\nF:etc\nR:other\nZ:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nR:example\na:0:0:644\nZ:Q1" + base64.StdEncoding.EncodeToString(h[:]) + "\n\n", "etc/example", "Alpine package curl",
		},
		"a Python package": {
			"opt/venv/lib/python3.11/site-packages/left-1.2.dist-info/RECORD",
			fmt.Sprintf("left/x.py,sha256=%s,40\nleft/y.py,,\n", base64.RawURLEncoding.EncodeToString(h256[:])), "opt/venv/lib/python3.11/site-packages/left/x.py", "Python package left",
		},
		"a file that was changed": {"var/lib/dpkg/info/curl.md5sums", "00000000000000000000000000000000  etc/example\n", "etc/example", ""},
		"a list of no manager":    {"home/me/curl.md5sums", hex.EncodeToString(m[:]) + "  etc/example\n", "etc/example", ""},
	} {
		t.Run(name, func(t *testing.T) {
			img, view := built(t, s, nil, v1.Config{}, []layers.Entry{{Path: c.file, RawName: content}, {Path: c.list, RawName: c.entry}})
			f := find(t, s.Findings([]*layers.Image{img}, []*layers.View{view}), p.Value)
			l := f.Locations[0]
			want := finding.Sure
			if c.vendor != "" {
				want = finding.Unsure
			}
			if l.Vendor != c.vendor || l.Confidence != want || f.Confidence != want {
				t.Errorf("vendor %q, confidence %s", l.Vendor, l.Confidence)
			}
			said := slices.ContainsFunc(f.Secret.Proof, func(fact string) bool { return fact == "the file is as the "+c.vendor+" shipped it" })
			if said != (c.vendor != "") {
				t.Errorf("proof %q", f.Secret.Proof)
			}
		})
	}
}

func FuzzRecords(f *testing.F) {
	f.Add([]byte("P:a\nF:b\nR:c\nZ:Q1AAAA\n00000000000000000000000000000000  x\na,sha256=AAAA,1\n"))
	f.Fuzz(func(_ *testing.T, content []byte) {
		dpkgFiles(content, func(string, string) {})
		apkFiles(content, func(string, string, string) {})
		pythonFiles(content, func(string, string) {})
	})
}
