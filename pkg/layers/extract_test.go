package layers

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestExtract(t *testing.T) {
	m := &memory{}
	base := tarOf(t, dir("etc"), file("etc/key", "old"), file("etc/key", "new"), hardlink("etc/same", "etc/key"),
		symlink("etc/link", "key"), hardlink("x", "y"), hardlink("y", "x"), hardlink("z", "gone"))
	top := tarOf(t, file("etc/.wh.key", ""), file("other", "1"))
	img := &Image{Layers: []Layer{m.add("base", gzipped(t, base), base), m.add("top", top, top)}}
	m.images = []*Image{img}
	tests := []struct {
		name  string
		layer int
		path  string
		want  string
		err   string
	}{
		{"a file that a higher layer deletes, in its last form", 0, "etc/key", "new", ""},
		{"a path with a slash", 0, "/etc/key", "new", ""},
		{"a hard link", 0, "etc/same", "new", ""},
		{"a directory", 0, "etc", "", "is a directory; only regular files have content"},
		{"a symbolic link", 0, "etc/link", "", `is a symbolic link to "key"`},
		{"a circle of hard links", 0, "x", "", "a hard link"},
		{"a hard link to nothing", 0, "z", "", `a hard link to "gone", which the layer does not have`},
		{"a path of another layer", 0, "other", "", `layer 0 has no "other"; it is in layer 1`},
		{"a path that the layer deletes", 1, "etc/key", "", `layer 1 deletes "etc/key"; it is in layer 0`},
		{"a path of no layer", 1, "nowhere", "", `layer 1 has no "nowhere", and no other layer has it`},
		{"a layer that is not there", 2, "etc/key", "", "there is no layer 2; the image has 2, counted from 0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			e, err := Extract(context.Background(), m, img, tt.layer, tt.path, &out)
			if tt.err == "" && (err != nil || e.Path != strings.TrimPrefix(tt.path, "/")) {
				t.Fatalf("got %+v, %v", e, err)
			}
			if tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("got %v", err)
			}
			if out.String() != tt.want {
				t.Errorf("wrote %q", out.String())
			}
		})
	}
}

func TestExtractFromALayerThatDoesNotVerify(t *testing.T) {
	m := &memory{}
	plain := tarOf(t, file("a", "content"), file("b", string(noise(100_000))))
	img := &Image{Layers: []Layer{m.add("a", plain, plain)}}
	img.Layers[0].Digest = "sha256:00"
	var out bytes.Buffer
	_, err := Extract(context.Background(), m, img, 0, "a", &out)
	if !errors.Is(err, ErrUnverified) || out.String() != "content" {
		t.Errorf("got %v, wrote %q", err, out.String())
	}
	img.Layers[0] = m.add("a", plain[:50_000], plain)
	if _, err := Extract(context.Background(), m, img, 0, "b", io.Discard); err == nil || !strings.Contains(err.Error(), "truncated") {
		t.Errorf("a file that is cut: got %v", err)
	}
	img.Layers[0].Key = "gone"
	if _, err := Extract(context.Background(), m, img, 0, "b", io.Discard); err == nil || !strings.Contains(err.Error(), "missing-blob") {
		t.Errorf("a blob that is missing: got %v", err)
	}
}

func TestExtractTellsTheWritersError(t *testing.T) {
	m := &memory{}
	plain := tarOf(t, file("a", "content"))
	img := &Image{Layers: []Layer{m.add("a", plain, plain)}}
	_, err := Extract(context.Background(), m, img, 0, "a", full{})
	if !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
	if _, err := Extract(context.Background(), &pipe{}, img, 0, "a", io.Discard); err == nil || !strings.Contains(err.Error(), "save the image to a file") {
		t.Errorf("from a stream: got %v", err)
	}
}

var errFull = errors.New("no space left")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
