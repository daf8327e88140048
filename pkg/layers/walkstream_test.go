package layers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

// pipe is a stream over members in memory. It resolves its images from what the
// walk told it of each member, as real ones do.
type pipe struct {
	members []pipeMember
	claims  []Layer // of the one image, by digest
	err     error   // that Images gives
	next    int
	seen    map[string]*Facts
}

type pipeMember struct {
	key  string
	blob []byte
	err  error // the stream breaks here
	body io.Reader
}

func (p *pipe) Next(context.Context) (Layer, io.Reader, error) {
	if p.next == len(p.members) {
		return Layer{}, nil, io.EOF
	}
	m := p.members[p.next]
	p.next++
	if m.err != nil {
		return Layer{}, nil, m.err
	}
	if m.body == nil {
		m.body = bytes.NewReader(m.blob)
	}
	return Layer{Key: m.key, Size: int64(len(m.blob))}, m.body, nil
}

func (p *pipe) Seen(key string, f *Facts) {
	if p.seen == nil {
		p.seen = map[string]*Facts{}
	}
	p.seen[key] = f
}

func (p *pipe) Images(context.Context) ([]*Image, error) {
	if p.err != nil {
		return nil, p.err
	}
	img := &Image{}
	for _, l := range p.claims {
		for key, f := range p.seen {
			if l.Digest != "" && f.Digest == l.Digest {
				l.Key = key
			}
		}
		img.Layers = append(img.Layers, l)
	}
	return []*Image{img}, nil
}

func (p *pipe) Blob(context.Context, Layer) (io.ReadCloser, error) {
	return nil, errors.New("a stream has no blobs to open")
}
func (p *pipe) Close() error { return nil }

func TestAStreamsLayersAreMatchedAndTheRestIsDropped(t *testing.T) {
	one, two := tarOf(t, file("a", "1")), tarOf(t, file("b", "2"))
	gz := gzipped(t, two)
	p := &pipe{
		members: []pipeMember{{key: "blobs/1", blob: one}, {key: "blobs/2", blob: gz}, {key: "junk", blob: noise(3000)}},
		claims:  []Layer{{Digest: sum(gz), DiffID: sum(two), Size: int64(len(gz))}, {Digest: sum(one), DiffID: sum(one), Size: -1}, {Key: "gone", Digest: "sha256:00", Size: -1}},
	}
	w, err := Walk(context.Background(), p, WalkOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ls := w.Images[0].Layers
	if !ls[0].Facts.Complete() || ls[0].Facts.Entries[0].Path != "b" || !ls[1].Facts.Complete() || ls[1].Facts.Entries[0].Path != "a" {
		t.Errorf("got %+v and %+v", ls[0].Facts, ls[1].Facts)
	}
	if reasons(ls[2].Facts) != ReasonMissingBlob {
		t.Errorf("got %+v", ls[2].Facts)
	}
	if w.Dropped != 3000 || len(w.Unnamed) != 0 {
		t.Errorf("dropped %d, unnamed %d", w.Dropped, len(w.Unnamed))
	}
}

func TestAStreamWithoutAManifestGivesUnnamedFacts(t *testing.T) {
	p := &pipe{
		members: []pipeMember{{key: "1", blob: tarOf(t, file("a", "1"))}, {key: "junk", blob: noise(3000)}, {err: errors.New("broken pipe")}},
		err:     fmt.Errorf("%w: no manifest.json and no index.json", ErrNoManifest),
	}
	w, err := Walk(context.Background(), p, WalkOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(w.Images) != 0 || len(w.Unnamed) != 1 || w.Dropped != 3000 {
		t.Fatalf("got %+v", w)
	}
	f := w.Unnamed[0]
	if reasons(f) != ReasonUnnamed || f.Entries[0].Path != "a" {
		t.Errorf("got %+v", f)
	}
	if d := f.Gaps[0].Detail; !strings.Contains(d, "no manifest.json") || !strings.Contains(d, "broken pipe") {
		t.Errorf("the gap says %q", d)
	}
	p = &pipe{members: []pipeMember{{key: "junk", blob: noise(3000)}}, err: errors.New("this is a Helm chart")}
	if _, err := Walk(context.Background(), p, WalkOptions{}); err == nil || !strings.Contains(err.Error(), "Helm chart") {
		t.Errorf("a stream of nothing gives %v", err)
	}
}

func TestAStreamThatBreaksAfterItsManifest(t *testing.T) {
	one, two := tarOf(t, file("a", "1")), tarOf(t, file("b", string(noise(100_000))))
	p := &pipe{
		members: []pipeMember{
			{key: "1", blob: one},
			{key: "2", body: io.MultiReader(bytes.NewReader(two[:50_000]), failing{io.ErrUnexpectedEOF})},
			{err: io.ErrUnexpectedEOF}},
		claims: []Layer{{Key: "1", Size: -1}, {Key: "2", Size: -1}, {Key: "3", Size: -1}},
	}
	w, err := Walk(context.Background(), p, WalkOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range w.Images[0].Layers {
		got = append(got, reasons(l.Facts))
	}
	if fmt.Sprint(got) != "[ truncated truncated]" || w.Images[0].Layers[1].Facts.Entries[0].Path != "b" {
		t.Errorf("got %q", got)
	}
}

func TestAStreamThatRunsOutOfTimeOrIsCancelled(t *testing.T) {
	before := runtime.NumGoroutine()
	one := tarOf(t, file("a", "1"))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stream := func(wait context.Context) *pipe {
		return &pipe{
			members: []pipeMember{{key: "1", blob: one}, {key: "2", body: io.MultiReader(bytes.NewReader(one[:600]), waiting{wait})}, {key: "3", blob: one}},
			claims:  []Layer{{Key: "1", Size: -1}, {Key: "2", Size: -1}, {Key: "3", Size: -1}},
		}
	}
	soon, stop := context.WithTimeout(ctx, 900*time.Millisecond)
	defer stop()
	w, err := Walk(ctx, stream(soon), WalkOptions{Limits: Limits{Time: 300 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range w.Images[0].Layers {
		got = append(got, reasons(l.Facts))
	}
	if fmt.Sprint(got) != "[ deadline deadline]" {
		t.Errorf("got %q", got)
	}
	// Cancelled by a scanner when the first member has been read.
	canceller := Func("cancel", func(context.Context, Layer, *Entry, io.Reader) error { cancel(); return nil })
	if w, err := Walk(ctx, stream(ctx), WalkOptions{}, canceller); w != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v", w, err)
	}
	stop()
	goroutinesEnd(t, before)
}
