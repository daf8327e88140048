package layers

import (
	"iter"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// View is what the layers of an image show together: the final file system, and
// the fate of every entry of every layer.
type View struct{}

// Ref names one entry of one layer: the layer's index in the image and the
// entry's Seq.
type Ref struct{ Layer, Seq int }

// Outcome says what became of one entry by the time the last layer was laid.
type Outcome struct {
	Fate  finding.Fate
	By    finding.FateBy
	Layer int // that did it; -1 for a fate without one
}

// NewView lays the layers over each other, the base first.
func NewView(layers []Layer) *View { return &View{} }

// Outcome gives the fate of an entry.
func (v *View) Outcome(r Ref) Outcome { return Outcome{Fate: finding.Unknown, Layer: -1} }

// Entry gives the entry itself.
func (v *View) Entry(r Ref) *Entry { return nil }

// Names gives all names of the file that an entry is: itself, and every hard
// link to it in its own or a higher layer.
func (v *View) Names(r Ref) []Ref { return nil }

// Files yields the final file system in the order of its paths: each path with
// the entry that is seen there.
func (v *View) Files() iter.Seq2[string, Ref] { return func(func(string, Ref) bool) {} }

// Lookup gives the entry that is seen at a path, without following a link that
// the path itself is.
func (v *View) Lookup(path string) (Ref, bool) { return Ref{}, false }
