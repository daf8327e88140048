package sbom

import (
	"archive/zip"
	"strings"
	"testing"
)

func TestOfAnArchiveThatIsKeptWhichDescribesPackages(t *testing.T) {
	s := &store{memory: 1 << 20, disk: 1 << 30, dir: t.TempDir()}
	defer s.Close()
	keep := func(body string) (*content, bool) {
		j, _ := openJar(strings.NewReader(body), int64(len(body)))
		return s.slimJar(j)
	}
	body := zipped(t, false, map[string]string{
		"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n", "META-INF/NOTICE.txt": "made up", "a/B.class": strings.Repeat("x", 1000),
		"META-INF/maven/g/a/pom.xml": "<project/>", "BOOT-INF/lib/x.jar": "PK", "version.properties": "tag=1", "a/picture.png": "x",
	})
	slim, ok := keep(body)
	if !ok {
		t.Fatal("it is not kept in part")
	}
	z, err := zip.NewReader(slim, slim.size)
	if err != nil {
		t.Fatal(err)
	}
	if len(z.File) != 5 {
		t.Errorf("%d members are kept", len(z.File))
	}
	for _, f := range z.File {
		if strings.HasPrefix(f.Name, "a/") {
			t.Errorf("%s is kept", f.Name)
		}
		if in, err := f.Open(); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		} else {
			in.Close()
		}
	}
	if _, ok := keep(body[:len(body)/2]); ok {
		t.Error("a damaged archive is kept in part")
	}
}
