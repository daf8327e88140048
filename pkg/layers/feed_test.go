package layers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
)

// recorder keeps the content of every file.
type recorder struct {
	mu      sync.Mutex
	content map[string]string
	closed  int
}

func (r *recorder) Name() string                              { return "recorder" }
func (r *recorder) Layer(context.Context, Layer) LayerScanner { return r }
func (r *recorder) Facts() ScanFacts                          { return ScanFacts{Found: len(r.content)} }
func (r *recorder) Entry(e *Entry) io.WriteCloser {
	return &recording{r: r, path: e.Path}
}

type recording struct {
	r    *recorder
	path string
	bytes.Buffer
}

func (w *recording) Close() error {
	w.r.mu.Lock()
	defer w.r.mu.Unlock()
	if w.r.content == nil {
		w.r.content = map[string]string{}
	}
	w.r.content[w.path] = w.String()
	w.r.closed++
	return nil
}

// counter counts the bytes of every file.
type counter struct{ n int64 }

func (c *counter) Name() string                              { return "counter" }
func (c *counter) Layer(context.Context, Layer) LayerScanner { return c }
func (c *counter) Facts() ScanFacts                          { return ScanFacts{Found: c.n} }
func (c *counter) Entry(*Entry) io.WriteCloser               { return c }
func (c *counter) Write(p []byte) (int, error)               { c.n += int64(len(p)); return len(p), nil }
func (c *counter) Close() error                              { return nil }

// bad is a scanner that misbehaves at one path in one way.
type bad struct{ path, how string }

func (b bad) Name() string { return "bad" }
func (b bad) Layer(context.Context, Layer) LayerScanner {
	if b.how == "panics at the layer" {
		panic("at the layer")
	}
	return b
}
func (b bad) Entry(e *Entry) io.WriteCloser {
	if e.Path != b.path {
		return nil
	}
	if b.how == "panics at the entry" {
		panic("at the entry")
	}
	return b
}
func (b bad) Write(p []byte) (int, error) {
	switch b.how {
	case "fails":
		return 0, errors.New("no room")
	case "panics at the content":
		var nothing []byte
		_ = nothing[len(p)]
	}
	return len(p), nil
}
func (b bad) Close() error {
	if b.how == "fails at the end" {
		return errors.New("no end")
	}
	return nil
}
func (b bad) Facts() ScanFacts {
	if b.how == "panics at the facts" {
		panic("at the facts")
	}
	return ScanFacts{
		Gaps:  []Remark{{Reason: "own", Files: 1, Examples: []string{"x"}}, {Reason: "own", Files: 2, Examples: []string{"y", "z"}}},
		Notes: []Remark{{Reason: "nested"}},
	}
}

func TestAScannerThatFailsHarmsNoOther(t *testing.T) {
	plain := tarOf(t, file("a", "first"), file("b", string(noise(300_000))), dir("d"), file("c", "third"))
	for _, tt := range []struct{ how, want string }{
		{"does well", "own"},
		{"fails", "scanner-failed own"},
		{"fails at the end", "scanner-failed own"},
		{"panics at the layer", "scanner-failed"},
		{"panics at the entry", "scanner-failed own"},
		{"panics at the content", "scanner-failed own"},
		{"panics at the facts", "scanner-failed"},
	} {
		t.Run(tt.how, func(t *testing.T) {
			good := &recorder{}
			f := walkBytes(t, plain, WalkOptions{}, bad{"b", tt.how}, good)
			if reasons(f) != tt.want {
				t.Errorf("got gaps %+v", f.Gaps)
			}
			if len(good.content) != 4 || good.closed != 4 || good.content["b"] != string(noise(300_000)) || f.Scans["recorder"] != 4 {
				t.Errorf("the other scanner saw %d of 4 files", len(good.content))
			}
			if f.DiffID != sum(plain) {
				t.Error("the layer was not read to its end")
			}
		})
	}
}

func TestRemarksOfOneReasonAreOneLine(t *testing.T) {
	f := walkBytes(t, tarOf(t, file("b", "x")), WalkOptions{}, bad{"b", ""})
	if len(f.Gaps) != 1 || f.Gaps[0].Files != 3 || fmt.Sprint(f.Gaps[0].Examples) != "[x y z]" || len(f.Notes) != 1 {
		t.Errorf("got %+v, notes %+v", f.Gaps, f.Notes)
	}
	var l []Remark
	for i := range 9 {
		l = AddRemark(l, Remark{Reason: "r", Files: 1, Bytes: 2, Examples: []string{fmt.Sprint(i)}})
	}
	if len(l) != 1 || l[0].Files != 9 || l[0].Bytes != 18 || len(l[0].Examples) != maxExamples {
		t.Errorf("got %+v", l)
	}
}

func TestTwoScannersOfOneNameAreRefused(t *testing.T) {
	_, err := Walk(context.Background(), &memory{}, WalkOptions{}, &counter{}, &counter{})
	if err == nil || !strings.Contains(err.Error(), `"counter"`) {
		t.Errorf("got %v", err)
	}
}

func TestAFunctionSeesEveryEntryAndItsContent(t *testing.T) {
	plain := tarOf(t, dir("d"), file("d/a", "first"), file("empty", ""), file("big", string(noise(300_000))), symlink("l", "d/a"), file("z", "last"))
	got := map[string]string{}
	f := walkBytes(t, plain, WalkOptions{}, Func("mine", func(_ context.Context, l Layer, e *Entry, content io.Reader) error {
		if l.Key != "blob" {
			t.Errorf("got layer %+v", l)
		}
		switch {
		case content == nil:
			got[e.Path] = "nil"
		case e.Path == "big":
			return nil // not read at all
		default:
			b, err := io.ReadAll(content)
			got[e.Path] = string(b)
			return err
		}
		return nil
	}))
	if want := "map[d:nil d/a:first empty: l:nil z:last]"; fmt.Sprint(got) != want || !f.Complete() {
		t.Errorf("got %v, gaps %v", got, f.Gaps)
	}
}

func TestAFunctionsErrorsAndPanicsAreGaps(t *testing.T) {
	plain := tarOf(t, file("a", "first"), dir("d"), file("z", "last"))
	f := walkBytes(t, plain, WalkOptions{}, Func("mine", func(_ context.Context, _ Layer, e *Entry, _ io.Reader) error {
		return errors.New("no to " + e.Path)
	}))
	if reasons(f) != "scanner-failed" || f.Gaps[0].Files != 3 || !strings.Contains(f.Gaps[0].Detail, "no to a") {
		t.Errorf("got %+v", f.Gaps)
	}
	f = walkBytes(t, plain, WalkOptions{}, Func("mine", func(context.Context, Layer, *Entry, io.Reader) error { panic("oh") }))
	if reasons(f) != "scanner-failed" || !strings.Contains(f.Gaps[0].Detail, "oh") {
		t.Errorf("got %+v", f.Gaps)
	}
}

func TestAFunctionIsToldThatAFileIsCut(t *testing.T) {
	plain := tarOf(t, file("a", string(noise(5000))))
	var got error
	f := walkBytes(t, plain[:3000], WalkOptions{}, Func("mine", func(_ context.Context, _ Layer, _ *Entry, content io.Reader) error {
		_, got = io.Copy(io.Discard, content)
		return nil
	}))
	if !errors.Is(got, io.ErrUnexpectedEOF) || reasons(f) != "truncated" {
		t.Errorf("got %v, gaps %v", got, f.Gaps)
	}
}
