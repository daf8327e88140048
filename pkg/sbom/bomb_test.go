package sbom

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/internal/imagemake"
)

// zipped makes an archive; stored says that its members are not compressed.
func zipped(t testing.TB, stored bool, members map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, body := range members {
		h := &zip.FileHeader{Name: name, Method: zip.Deflate}
		if stored {
			h.Method = zip.Store
		}
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAnArchiveThatUnpacksToTooMuchIsABomb(t *testing.T) {
	long := strings.Repeat("A: b\n", maxText/5+10)
	manifest := func(body string) map[string]string { return map[string]string{"META-INF/MANIFEST.MF": body} }
	many := map[string]string{}
	for i := range maxTexts/maxText + 1 {
		many[fmt.Sprintf("META-INF/maven/a/%d/pom.xml", i)] = long[:maxText]
	}
	nest := func(inner string, stored bool, levels int) string {
		for range levels {
			inner = zipped(t, stored, map[string]string{"lib/inner.jar": inner})
		}
		return inner
	}
	for _, c := range []struct {
		name    string
		archive string
		is      bool
	}{
		{"an ordinary jar", zipped(t, false, manifest("Manifest-Version: 1.0\n")), false},
		{"a long class is no matter", zipped(t, false, map[string]string{"a/B.class": long}), false},
		{"a long manifest", zipped(t, false, manifest(long)), true},
		{"many poms", zipped(t, false, many), true},
		{"a long manifest in a stored jar inside", nest(zipped(t, false, manifest(long)), true, 1), true},
		{"a long manifest three compressed jars deep", nest(zipped(t, false, manifest(long)), false, 3), true},
		{"jars in jars without end", nest(zipped(t, false, manifest("x")), true, maxNestedDeep+2), true},
		{"jars in jars of a usual depth", nest(zipped(t, false, manifest("x")), true, 2), false},
		{"no archive", "PK\x03\x04 and nothing else", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := bomb(strings.NewReader(c.archive), int64(len(c.archive)))
			if errors.Is(err, errBomb) != c.is {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAListOfCratesThatUnpacksToTooMuchIsABomb(t *testing.T) {
	list := `{"packages":[{"name":"a","version":"1.0.0","source":"local","root":true}]}`
	for name, c := range map[string]struct {
		program string
		is      bool
	}{
		"an ordinary list": {imagemake.RustProgram(list), false},
		"a long list":      {imagemake.RustProgram(strings.Repeat(" ", maxText) + list), true},
		"no list":          {imagemake.ELF(map[string][]byte{".text": {0x90}}), false},
		"garbage":          {imagemake.ELF(map[string][]byte{".dep-v0": []byte("no zlib")}), false},
		"no program":       {"\x7fELF and nothing else", false},
	} {
		if got := programBomb(strings.NewReader(c.program)); got != c.is {
			t.Errorf("%s: a bomb %v", name, got)
		}
	}
}
