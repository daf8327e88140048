package secrets

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
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
		"RPM with SHA-256":        {"usr/lib/sysimage/rpm/Packages.db", rpmDatabase("curl", "/etc/", "example", hex.EncodeToString(h256[:]), 0), "etc/example", "RPM package curl"},
		"RPM with MD5":            {"var/lib/rpm/Packages.db", rpmDatabase("curl", "/etc/", "example", hex.EncodeToString(m[:]), 0), "etc/example", "RPM package curl"},
		"a large database of RPM": {"var/lib/rpm/Packages.db", rpmDatabase("curl", "/etc/", "example", hex.EncodeToString(h256[:]), 5<<20), "etc/example", "RPM package curl"},
		"RPM, of another file":    {"var/lib/rpm/Packages.db", rpmDatabase("curl", "/etc/", "other", hex.EncodeToString(h256[:]), 0), "etc/example", ""},
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

// rpmDatabase is a database of RPM's own form with one package of one file, behind some padding.
func rpmDatabase(name, dir, base, digest string, padding int) string {
	be, le := binary.BigEndian, binary.LittleEndian
	var entries, data []byte
	add := func(tag, kind uint32, value string) {
		for _, n := range []uint32{tag, kind, uint32(len(data)), 1} {
			entries = be.AppendUint32(entries, n)
		}
		data = append(data, value...)
	}
	add(1116, 4, "\x00\x00\x00\x00")
	add(1000, 6, name+"\x00")
	add(1118, 8, dir+"\x00")
	add(1117, 8, base+"\x00")
	add(1035, 8, digest+"\x00")
	header := append(append(be.AppendUint32(be.AppendUint32(nil, uint32(len(entries)/16)), uint32(len(data))), entries...), data...)
	b := append([]byte("RpmP"), make([]byte, 4096+padding-4)...)
	le.PutUint32(b[12:], 1)
	copy(b[32:], "Slot")
	le.PutUint32(b[36:], 1)
	le.PutUint32(b[40:], uint32(len(b)/16))
	b = append(b, "BlbS\x01\x00\x00\x00\x00\x00\x00\x00"...)
	return string(append(le.AppendUint32(b, uint32(len(header))), header...))
}

func TestAnOldDatabaseOfRPMIsANote(t *testing.T) {
	s := mustScanner(t)
	token := githubToken(t, 52)
	for name, c := range map[string]struct {
		content string
		notes   int
	}{"beside a finding": {"TOKEN=" + token.Value + "\n", 1}, "where nothing was found": {"TOKEN=\n", 0}} {
		facts := scanLayer(t, s, 100, member{"etc/example", []byte(c.content)}, member{"var/lib/rpm/Packages", []byte("\x00\x00\x00\x00\x61\x15\x06\x00")})
		if len(facts.Notes) != c.notes {
			t.Errorf("%s: %+v", name, facts.Notes)
		}
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
