package layers

import (
	"context"
	"io"
)

// Visit is called with one entry of one layer. Content is nil for what is no
// regular file and for a whiteout; it need not be read to its end, and ends with
// [io.ErrUnexpectedEOF] if the layer cuts the file short. Layer says what was
// known of the layer when it was opened: on a [Stream] its Key alone.
type Visit func(ctx context.Context, layer Layer, e *Entry, content io.Reader) error

// Func makes a [Scanner] of a function. Layers are walked side by side, so visit
// is called from many goroutines, but for one layer only once at a time. An error
// becomes a gap and does not end the walk; to end it cancel its context.
func Func(name string, visit Visit) Scanner { return funcScanner{name, visit} }

type funcScanner struct {
	name  string
	visit Visit
}

func (s funcScanner) Name() string { return s.name }

func (s funcScanner) Layer(ctx context.Context, l Layer) LayerScanner {
	return &funcLayer{ctx: ctx, layer: l, visit: s.visit}
}

type funcLayer struct {
	ctx   context.Context
	layer Layer
	visit Visit
}

func (f *funcLayer) Entry(e *Entry) io.WriteCloser {
	if e.Type != Regular || e.Whiteout != NoWhiteout && e.Size == 0 {
		return funcError{f.visit(f.ctx, f.layer, e, nil)}
	}
	r, w := io.Pipe()
	v := &funcVisit{pipe: w, want: e.Size, done: make(chan struct{})}
	go func() {
		defer func() {
			if p := recover(); p != nil {
				v.panicked = p
			}
			_ = r.Close() // what was not read is passed over
			close(v.done)
		}()
		v.err = f.visit(f.ctx, f.layer, e, r)
	}()
	return v
}

func (f *funcLayer) Facts() ScanFacts { return ScanFacts{} }

// funcVisit is one call of the function, which reads while the walk writes.
type funcVisit struct {
	pipe      *io.PipeWriter
	want, got int64
	done      chan struct{}
	err       error
	panicked  any
}

func (v *funcVisit) Write(p []byte) (int, error) {
	v.got += int64(len(p))
	_, _ = v.pipe.Write(p) // it fails only when the function has returned
	return len(p), nil
}

func (v *funcVisit) Close() error {
	if v.got < v.want {
		_ = v.pipe.CloseWithError(io.ErrUnexpectedEOF)
	} else {
		_ = v.pipe.Close()
	}
	<-v.done
	if v.panicked != nil {
		panic(v.panicked) // on the walk's goroutine, where it is caught
	}
	return v.err
}

// funcError tells the error of a call without content.
type funcError struct{ err error }

func (e funcError) Write(p []byte) (int, error) { return len(p), nil }
func (e funcError) Close() error                { return e.err }
