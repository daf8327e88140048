package layers

import (
	"context"
	"io"
	"time"
)

// Scanner looks at the content of layers. Layers are walked side by side, so
// Layer is called from many goroutines.
type Scanner interface {
	// Name is the key of the scanner's facts in [Facts.Scans].
	Name() string

	// Layer begins a layer. What l says is what manifest and configuration
	// claim of one image that has it; on a stream only its Key is known.
	// Findings must not depend on it: facts belong to the layer's bytes.
	Layer(ctx context.Context, l Layer) LayerScanner
}

// LayerScanner looks at one layer. Its methods are called from one goroutine.
type LayerScanner interface {
	// Entry sees each entry in the order of the tar; it may keep e, which all
	// scanners share, but not change it. Content of a regular file is written
	// to the returned writer, if that is not nil, in pieces of any size, and
	// then closed; the pieces are valid only during the call. Less than
	// e.Size is written of a file that the layer cuts short. An error from
	// the writer stops the content for this scanner alone and becomes a gap.
	Entry(e *Entry) io.WriteCloser

	// Facts gives what was found. It is called once, also for a layer that was
	// cut short. What takes more time than the walk should wait is left to
	// [ScanFacts.Rest].
	Facts() ScanFacts
}

// ScanFacts is what a scanner found in a layer.
type ScanFacts struct {
	Found any
	Gaps  []Remark
	Notes []Remark

	// Rest, if it is not nil, waits for work that still runs and gives the facts
	// instead of these. It is called once, from a goroutine of its own, and its
	// own Rest is not looked at.
	Rest func() ScanFacts
}

// Limits bound what a stranger's image may cost. A zero field means its
// default, a negative one no limit.
type Limits struct {
	Entries     int64         // entries of one layer; default 5,000,000
	Bytes       int64         // uncompressed bytes of one layer; default 64 GiB
	Ratio       float64       // uncompressed to stored bytes, beyond the first 256 MiB; default 250
	NameLength  int           // bytes of a path or link; default 64 KiB
	HeaderBytes int64         // bytes of one entry's headers; default 1 MiB, which is also the most for each of its extended headers
	IndexBytes  int64         // memory that the file indexes of all layers take together; default 1 GiB, enough for four million files
	Document    int64         // bytes of one manifest, index or configuration; default 8 MiB
	Time        time.Duration // for the whole walk; default none
}

// WalkOptions say how layers are walked. The zero value works.
type WalkOptions struct {
	Limits   Limits
	Workers  int         // layers read at once; 0 means one for each processor
	Progress func(Event) // called from many goroutines; must return soon

	// Beside, if it is not nil, is called once with what the walk will return,
	// when all layers were read, while scanners go on with the rest of their
	// work; their facts are not in it yet, and what they leave out is not among
	// the gaps. An error of it is the walk's.
	Beside func(*Walked) error
}

// Event tells how far the walk of one blob is.
type Event struct {
	Key   string // of the layer
	Layer Layer  // as known
	Stage Stage
	Read  int64 // stored bytes read so far
	Out   int64 // uncompressed bytes so far
}

// Stage is what an Event is about.
type Stage int

// The stages of one blob.
const (
	Started Stage = iota
	Reading
	Finished
)

// Walked is the result of a walk.
type Walked struct {
	Images []*Image // with facts in their layers

	// Unnamed are the facts of blobs of a stream that no manifest names,
	// because the stream was cut before it or because they belong to nothing.
	// They are kept only if no manifest was found at all.
	Unnamed []*Facts
	Dropped int64 // bytes of blobs that no manifest names
}
