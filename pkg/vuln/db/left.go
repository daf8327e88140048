package db

import (
	"cmp"
	"slices"
)

// Left is something of the sources that is not in the database.
type Left struct {
	What    string
	Count   int64
	Example string // the first one; may be empty
}

// leftOut counts what is left out.
type leftOut map[string]*Left

func (l leftOut) add(what, example string) {
	if n, ok := l[what]; ok {
		n.Count++
		return
	}
	l[what] = &Left{what, 1, example}
}

// list gives the most frequent first.
func (l leftOut) list() []Left {
	var out []Left
	for what, n := range l {
		out = append(out, Left{what, n.Count, n.Example})
	}
	slices.SortFunc(out, func(a, b Left) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.What, b.What))
	})
	return out
}
