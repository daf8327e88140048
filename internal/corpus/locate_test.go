package corpus

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/bodgit/sevenzip"
	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/internal/imagemake"
)

// locator reads the image back, with other code than what wrote it.
type locator struct {
	t       *testing.T
	config  v1.ConfigFile
	layers  []map[string][]byte          // regular files by path
	inner   map[string]map[string][]byte // members of containers by layer and path
	gitDirs map[string]*git.Repository
}

func newLocator(t *testing.T, img *imagemake.Built) *locator {
	t.Helper()
	l := &locator{t: t, inner: map[string]map[string][]byte{}, gitDirs: map[string]*git.Repository{}}
	if err := json.Unmarshal(img.Config, &l.config); err != nil {
		t.Fatal(err)
	}
	for i, raw := range img.Tars {
		files, repeated := tarFiles(t, raw)
		if repeated != "" {
			t.Errorf("layer %d holds %s twice", i, repeated)
		}
		l.layers = append(l.layers, files)
	}
	return l
}

// content is what stands at the plant's path, decoded by its place.
func (l *locator) content(p Plant) ([]byte, error) {
	if p.Layer == NoLayer {
		return l.configured(p.Path)
	}
	parts := strings.Split(p.Path, "!/")
	body, ok := l.layers[p.Layer][parts[0]]
	if !ok && strings.HasSuffix(parts[0], "/.git") {
		return l.committed(p.Layer, parts[0], parts[1])
	}
	if !ok {
		return nil, fmt.Errorf("layer %d has no file %s", p.Layer, parts[0])
	}
	for i, name := range parts[1:] {
		at := fmt.Sprint(p.Layer, "/", strings.Join(parts[:i+1], "!/"))
		if l.inner[at] == nil {
			members, err := openArchive(l.t, body)
			if err != nil {
				return nil, fmt.Errorf("opening %s: %w", at, err)
			}
			l.inner[at] = members
		}
		if body, ok = l.inner[at][name]; !ok {
			return nil, fmt.Errorf("%s has no member %s", at, name)
		}
	}
	return decoded(p.Place, body)
}

func (l *locator) configured(path string) ([]byte, error) {
	where, rest, _ := strings.Cut(path, "!/")
	section, name, _ := strings.Cut(rest, "/")
	if where == "history" {
		n, err := strconv.Atoi(rest)
		if err != nil || n >= len(l.config.History) {
			return nil, fmt.Errorf("no history %q", rest)
		}
		return []byte(l.config.History[n].CreatedBy), nil
	}
	c := l.config.Config
	switch section {
	case "env":
		for _, e := range c.Env {
			if value, ok := strings.CutPrefix(e, name+"="); ok {
				return []byte(value), nil
			}
		}
	case "labels":
		return []byte(c.Labels[name]), nil
	case "cmd":
		return []byte(strings.Join(c.Cmd, "\n")), nil
	case "entrypoint":
		return []byte(strings.Join(c.Entrypoint, "\n")), nil
	case "healthcheck":
		return []byte(strings.Join(c.Healthcheck.Test, "\n")), nil
	case "onbuild":
		n, err := strconv.Atoi(name)
		if err == nil && n < len(c.OnBuild) {
			return []byte(c.OnBuild[n]), nil
		}
	}
	return nil, fmt.Errorf("no %s in the configuration", path)
}

// committed asks go-git for COMMIT:PATH of a repository.
func (l *locator) committed(layer int, dir, object string) ([]byte, error) {
	if l.gitDirs[dir] == nil {
		repo, err := git.PlainOpen(l.checkout(layer, dir))
		if err != nil {
			return nil, err
		}
		l.gitDirs[dir] = repo
	}
	commit, path, _ := strings.Cut(object, ":")
	c, err := l.gitDirs[dir].CommitObject(plumbing.NewHash(commit))
	if err != nil {
		return nil, err
	}
	f, err := c.File(path)
	if err != nil {
		return nil, err
	}
	text, err := f.Contents()
	return []byte(text), err
}

// checkout writes a .git directory to disk and gives its parent.
func (l *locator) checkout(layer int, dir string) string {
	l.t.Helper()
	root := l.t.TempDir()
	for name, body := range l.layers[layer] {
		rest, ok := strings.CutPrefix(name, dir+"/")
		if !ok {
			continue
		}
		path := filepath.Join(root, ".git", filepath.FromSlash(rest))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			l.t.Fatal(err)
		}
		if err := os.WriteFile(path, body, 0o644); err != nil {
			l.t.Fatal(err)
		}
	}
	return root
}

func tarFiles(t *testing.T, raw []byte) (files map[string][]byte, repeated string) {
	t.Helper()
	files = map[string][]byte{}
	for r := tar.NewReader(bytes.NewReader(raw)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return files, repeated
		}
		if err != nil {
			t.Fatalf("reading a tar: %v", err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("reading %s: %v", h.Name, err)
		}
		name := strings.TrimPrefix(h.Name, "./")
		if _, ok := files[name]; ok {
			repeated = name
		}
		files[name] = body
	}
}

// openArchive gives the members of any archive, told by its first bytes.
func openArchive(t *testing.T, b []byte) (map[string][]byte, error) {
	t.Helper()
	switch {
	case bytes.HasPrefix(b, []byte("PK\x03\x04")), bytes.HasPrefix(b, []byte("#!/bin/bash")):
		return zipFiles(b)
	case bytes.HasPrefix(b, []byte("7z\xbc\xaf\x27\x1c")):
		return sevenZipFiles(b)
	case bytes.HasPrefix(b, []byte("!<arch>\n")):
		return arFiles(b)
	case bytes.HasPrefix(b, []byte("070701")):
		return cpioFiles(b)
	case bytes.HasPrefix(b, []byte{0xed, 0xab, 0xee, 0xdb}):
		return rpmFiles(b)
	}
	if plain, err := uncompressed(b); err != nil {
		return nil, err
	} else if plain != nil {
		if bytes.HasPrefix(plain, []byte("070701")) {
			return cpioFiles(plain)
		}
		b = plain
	}
	files, _ := tarFiles(t, b)
	return files, nil
}

// uncompressed gives nil for what is not compressed.
func uncompressed(b []byte) ([]byte, error) {
	var r io.Reader
	var err error
	in := bytes.NewReader(b)
	switch {
	case bytes.HasPrefix(b, []byte{0x1f, 0x8b}):
		r, err = gzip.NewReader(in)
	case bytes.HasPrefix(b, []byte("BZh")):
		r = bzip2.NewReader(in)
	case bytes.HasPrefix(b, []byte("\xfd7zXZ")):
		r, err = xz.NewReader(in)
	case bytes.HasPrefix(b, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		r, err = zstd.NewReader(in)
	case len(b) > 2 && b[0] == 0x78 && binary.BigEndian.Uint16(b)%31 == 0:
		r, err = zlib.NewReader(in)
	default:
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func zipFiles(b []byte) (map[string][]byte, error) {
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, f := range r.File {
		rc, err := f.Open()
		if err != nil {
			return nil, err
		}
		if files[f.Name], err = io.ReadAll(rc); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func sevenZipFiles(b []byte) (map[string][]byte, error) {
	r, err := sevenzip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, f := range r.File {
		rc, err := f.Open()
		if err != nil {
			return nil, err
		}
		if files[f.Name], err = io.ReadAll(rc); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func arFiles(b []byte) (map[string][]byte, error) {
	files := map[string][]byte{}
	for b = b[8:]; len(b) >= 60; {
		size, err := strconv.Atoi(strings.TrimSpace(string(b[48:58])))
		if err != nil {
			return nil, err
		}
		files[strings.TrimSpace(string(b[:16]))] = b[60 : 60+size]
		b = b[60+size+size%2:]
	}
	return files, nil
}

func cpioFiles(b []byte) (map[string][]byte, error) {
	files := map[string][]byte{}
	field := func(i int) int {
		n, err := strconv.ParseInt(string(b[6+8*i:14+8*i]), 16, 64)
		if err != nil {
			panic(err)
		}
		return int(n)
	}
	round := func(n int) int { return (n + 3) &^ 3 }
	for {
		size, name := field(6), field(11)
		path := string(b[110 : 110+name-1])
		if path == "TRAILER!!!" {
			return files, nil
		}
		body := round(110 + name)
		files[strings.TrimPrefix(path, "./")] = b[body : body+size]
		b = b[round(body+size):]
	}
}

// rpmFiles skips the lead and both headers by their counts.
func rpmFiles(b []byte) (map[string][]byte, error) {
	at := 96
	for i := range 2 {
		if !bytes.Equal(b[at:at+3], []byte{0x8e, 0xad, 0xe8}) {
			return nil, fmt.Errorf("no header at %d", at)
		}
		at += 16 + 16*int(binary.BigEndian.Uint32(b[at+8:])) + int(binary.BigEndian.Uint32(b[at+12:]))
		if i == 0 {
			at = (at + 7) &^ 7
		}
	}
	plain, err := uncompressed(b[at:])
	if err != nil {
		return nil, err
	}
	return cpioFiles(plain)
}

// decoded undoes the encoding of a place; other places are as they are.
func decoded(place string, b []byte) ([]byte, error) {
	between := func(after, before string) string {
		_, s, _ := strings.Cut(string(b), after)
		if i := strings.LastIndex(s, before); before != "" && i >= 0 {
			s = s[:i]
		}
		return strings.Join(strings.Fields(s), "")
	}
	std := base64.StdEncoding.DecodeString
	switch place {
	case "utf-16le-bom", "utf-16le":
		return fromUTF16(b, binary.LittleEndian), nil
	case "utf-16be-bom", "utf-16be":
		return fromUTF16(b, binary.BigEndian), nil
	case "utf-32le-bom":
		return fromUTF32(b, binary.LittleEndian), nil
	case "utf-32be-bom":
		return fromUTF32(b, binary.BigEndian), nil
	case "base64-line":
		return std(strings.TrimSpace(string(b)))
	case "base64-yaml":
		return std(between("content: ", ""))
	case "base64-wrapped-64":
		return std(between("payload: |", ""))
	case "base64-wrapped-76":
		return std(between("\r\n\r\n", ""))
	case "base64-url":
		return base64.RawURLEncoding.DecodeString(between("body=", "&v=1"))
	case "base64-twice":
		once, err := std(between("data=", ""))
		if err != nil {
			return nil, err
		}
		return std(string(once))
	case "base64-gzip":
		zipped, err := std(between(`"release":"`, `"`))
		if err != nil {
			return nil, err
		}
		return uncompressed(zipped)
	case "powershell-encoded-command":
		wide, err := std(between("-EncodedCommand ", ""))
		return fromUTF16(wide, binary.LittleEndian), err
	case "hex":
		return hex.DecodeString(strings.TrimSpace(string(b)))
	case "hex-escapes":
		return hex.DecodeString(strings.ReplaceAll(between(`"`, `"`), `\x`, ""))
	case "percent-encoded":
		s, err := url.PathUnescape(between("body=", "&end=1"))
		return []byte(s), err
	case "html-entities":
		return []byte(html.UnescapeString(string(b))), nil
	case "json-string", "json-unicode-escapes":
		var v struct{ Content string }
		err := json.Unmarshal(b, &v)
		return []byte(v.Content), err
	case "gzip-odd-name", "zlib-odd-name", "zstd-odd-name", "xz-odd-name", "bzip2-odd-name":
		return uncompressed(b)
	case "k8s-secret-data":
		m := regexp.MustCompile(`\ndata:\n  [^\n]+: (\S+)\n`).FindSubmatch(b)
		return std(string(m[1]))
	}
	return b, nil
}

func fromUTF16(b []byte, order binary.ByteOrder) []byte {
	var units []uint16
	for ; len(b) >= 2; b = b[2:] {
		units = append(units, order.Uint16(b))
	}
	return []byte(string(utf16.Decode(units)))
}

func fromUTF32(b []byte, order binary.ByteOrder) []byte {
	var runes []rune
	for ; len(b) >= 4; b = b[4:] {
		runes = append(runes, rune(order.Uint32(b)))
	}
	return []byte(string(runes))
}
