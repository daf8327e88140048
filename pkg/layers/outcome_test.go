package layers

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"testing"
)

// late is bad, which gives its facts later, once it may.
type late struct {
	bad
	may <-chan struct{}
}

func (l late) Layer(context.Context, Layer) LayerScanner { return l }
func (l late) Facts() ScanFacts {
	return ScanFacts{Rest: func() ScanFacts {
		<-l.may
		found := l.bad.Facts()
		found.Found = "late"
		return found
	}}
}

func TestWhatScannersFindLateComesIntoTheWalksFacts(t *testing.T) {
	plain := tarOf(t, file("a", "first"), file("b", "second"))
	gz := gzipped(t, plain)
	lie := sum([]byte("x"))
	for _, tt := range []struct {
		name, how, during, want string
		diffID                  string
		stream                  bool
	}{
		{name: "of an image", during: "", want: "own"},
		{name: "of an image whose claims do not hold", diffID: lie, during: "diffid-mismatch", want: "own diffid-mismatch"},
		{name: "of a stream", stream: true, during: "", want: "own"},
		{name: "of a scanner that failed on a file", how: "fails", during: "", want: "scanner-failed own"},
		{name: "of a scanner that breaks down", how: "panics at the facts", during: "", want: "scanner-failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := &memory{}
			l := m.add("blob", gz, plain)
			if tt.diffID != "" {
				l.DiffID = tt.diffID
			}
			m.images = []*Image{{Layers: []Layer{l}}}
			var src Source = m
			if tt.stream {
				src = &pipe{members: []pipeMember{{key: "blob", blob: gz}}, claims: []Layer{{Digest: sum(gz), DiffID: sum(plain), Size: -1}}}
			}
			may := make(chan struct{})
			calls := 0
			opts := WalkOptions{Beside: func(w *Walked) error {
				calls++
				f := w.Images[0].Layers[0].Facts
				if _, there := f.Scans["bad"]; there || f.Scans["counter"] == nil || len(f.Entries) != 2 || reasons(f) != tt.during {
					t.Errorf("beside the walk there are gaps %q and facts of %v", reasons(f), f.Scans)
				}
				close(may)
				return nil
			}}
			w, err := Walk(context.Background(), src, opts, late{bad{"b", tt.how}, may}, &counter{})
			if err != nil {
				t.Fatal(err)
			}
			f := w.Images[0].Layers[0].Facts
			if calls != 1 || reasons(f) != tt.want || f.Scans["bad"] == nil != (tt.how == "panics at the facts") {
				t.Errorf("called %d times; got gaps %q and facts of %v", calls, reasons(f), f.Scans)
			}
		})
	}
}

func TestLateFactsAreThoseThatCameAtOnce(t *testing.T) {
	plain := tarOf(t, file("a", "first"), file("b", "second"))
	may := make(chan struct{})
	close(may)
	for _, how := range []string{"does well", "fails", "fails at the end", "panics at the entry"} {
		soon := walkBytes(t, plain[:len(plain)-700], WalkOptions{}, bad{"b", how}, &counter{})
		later := walkBytes(t, plain[:len(plain)-700], WalkOptions{}, late{bad{"b", how}, may}, &counter{})
		soon.Scans["bad"], later.Scans["bad"] = nil, nil
		if !reflect.DeepEqual(soon, later) {
			t.Errorf("a scanner that %s gives\n%+v at once, and later\n%+v", how, soon, later)
		}
	}
}

func TestAnErrorBesideTheWalkIsTheWalksAndNothingIsLeftRunning(t *testing.T) {
	before := runtime.NumGoroutine()
	noPackages := errors.New("no packages")
	for _, src := range []Source{
		&memory{},
		&pipe{members: []pipeMember{{key: "blob", blob: tarOf(t, file("a", "b"))}}, err: fmt.Errorf("%w: none", ErrNoManifest)},
	} {
		if m, ok := src.(*memory); ok {
			plain := tarOf(t, file("a", "b"))
			m.images = []*Image{{Layers: []Layer{m.add("blob", plain, plain)}}}
		}
		may := make(chan struct{})
		if _, stream := src.(Stream); stream {
			close(may) // what no manifest names is waited for before
		}
		w, err := Walk(context.Background(), src, WalkOptions{Beside: func(*Walked) error {
			if _, stream := src.(Stream); !stream {
				close(may)
			}
			return noPackages
		}}, late{bad{}, may})
		if w != nil || !errors.Is(err, noPackages) {
			t.Errorf("got %v, %v", w, err)
		}
	}
	goroutinesEnd(t, before)
}

func TestAStreamWithoutAManifestHasItsLateFactsBeside(t *testing.T) {
	may := make(chan struct{})
	close(may)
	p := &pipe{members: []pipeMember{{key: "1", blob: tarOf(t, file("a", "b"))}}, err: fmt.Errorf("%w: none", ErrNoManifest)}
	beside := ""
	w, err := Walk(context.Background(), p, WalkOptions{Beside: func(w *Walked) error {
		beside = reasons(w.Unnamed[0])
		return nil
	}}, late{bad{}, may})
	if err != nil {
		t.Fatal(err)
	}
	if want := "own " + ReasonUnnamed; beside != want || reasons(w.Unnamed[0]) != want {
		t.Errorf("got %q beside and %q in the end", beside, reasons(w.Unnamed[0]))
	}
}
