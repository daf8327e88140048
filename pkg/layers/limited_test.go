package layers

import (
	"bytes"
	"context"
	"io"
	"reflect"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// contextScanner notes whether its context had ended when it was asked for facts.
type contextScanner struct{}

type contextScan struct {
	ctx  context.Context
	seen int64
}

func (contextScanner) Name() string { return "context" }
func (contextScanner) Layer(ctx context.Context, _ Layer) LayerScanner {
	return &contextScan{ctx: ctx}
}
func (s *contextScan) Entry(*Entry) io.WriteCloser { return s }
func (s *contextScan) Close() error                { return nil }

func (s *contextScan) Write(p []byte) (int, error) {
	s.seen += int64(len(p))
	return len(p), nil
}

func (s *contextScan) Facts() ScanFacts {
	if s.ctx.Err() != nil {
		return ScanFacts{Found: "cancelled"}
	}
	return ScanFacts{Found: s.seen}
}

func TestALayerThatALimitEndsHasTheSameFactsInEveryRun(t *testing.T) {
	stored, err := io.ReadAll(bomb(t, 1<<30, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	run := func() *Facts {
		m := &memory{}
		layer := m.addStream("bomb", func(context.Context) io.Reader { return bytes.NewReader(stored) })
		return oneLayer(t, m, layer, WalkOptions{Limits: Limits{Ratio: 50}}, contextScanner{})
	}
	first := run()
	if seen, ok := first.Scans["context"].(int64); !ok || seen != first.FileBytes || seen == 0 {
		t.Errorf("the scanner saw %v of %d bytes", first.Scans["context"], first.FileBytes)
	}
	for range 8 {
		if again := run(); !reflect.DeepEqual(first, again) {
			t.Fatalf("another run differs:\n%+v\n%+v", first, again)
		}
	}
}
